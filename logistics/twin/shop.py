"""The shop of the twin: each buyer asks for an offer, and most of them order.

A buyer who wants it within six hours or not at all leaves when it is not offered. Where nothing can
be offered, some take a sibling of the product and the rest leave. All are remembered, for who was wanted and not served is what a
policy is judged by.
"""

from dataclasses import dataclass, field
from datetime import datetime

from logistics.errors import Refused
from logistics.orders import Line, ServiceLevel
from logistics.promise.board import Board, Holds, build_board
from logistics.promise.quote import Quoted, QuoteRequest, make_quote
from logistics.twin.eligible import Eligibility
from logistics.twin.luck import luck
from logistics.twin.truth import Buyer
from logistics.twin.world import World
from logistics.workflows.intake import OrderRequest, keep_quotes, place_order
from logistics.workflows.means import Means


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What became of one buyer: whether six hours could be kept, and the order, if there is one."""

    at: datetime
    market: str
    eligible: bool
    offered: ServiceLevel | None
    order: str | None


@dataclass(slots=True)
class Shop:
    """Sells to every buyer of the world through quotes and orders."""

    world: World
    judge: Eligibility
    client: str = "demo-shop"
    visits: list[Visit] = field(default_factory=list)
    holds: Holds = field(default_factory=Holds)
    _number: int = 0

    def sell(self, means: Means, buyers: tuple[Buyer, ...], now: datetime) -> None:
        """Let the buyers come, one after the other, with a board that is fresh at the first."""
        if not buyers:
            return
        with means.store.read() as seen:
            board = build_board(seen, means.policy, buyers[0].at)
        asked: list[Quoted] = []
        for buyer in buyers:
            self._number += 1
            quoted = self._ask(means, board, buyer, buyer.product)
            asked.append(quoted)
            if quoted.quote.offer is None:
                for sibling in self._instead(buyer):
                    other = self._ask(means, board, buyer, sibling)
                    asked.append(other)
                    if other.quote.offer is not None:
                        quoted = other
                        break
            self.visits.append(self._visit(means, buyer, quoted))
        keep_quotes(means, tuple(asked), now=now)

    def _instead(self, buyer: Buyer) -> tuple[str, ...]:
        """The siblings that this buyer would take when the product is sold out."""
        law = self.world.family_of(buyer.product)
        if law is None or not law.substitution:
            return ()
        takes = luck(self.world.seed, "substitute", self._number).random() < law.substitution
        return self.world.siblings(buyer.product) if takes else ()

    def _ask(self, means: Means, board: Board, buyer: Buyer, product: str) -> Quoted:
        request = QuoteRequest(
            client=self.client,
            market=buyer.market,
            lat=buyer.lat,
            lon=buyer.lon,
            lines=(Line(product=product, units=buyer.units),),
        )
        return make_quote(board, self.holds, means.policy, means.ids, request, buyer.at)

    def _visit(self, means: Means, buyer: Buyer, quoted: Quoted) -> Visit:
        quote = quoted.quote
        level = quote.offer.service_level if quote.offer else None
        stays = level is not None and (level is ServiceLevel.SIX_HOUR or not buyer.only_six)
        order = self._order(means, buyer, quoted) if stays else None
        return Visit(
            at=buyer.at,
            market=buyer.market,
            eligible=self.judge(buyer.market, buyer.at),
            offered=level,
            order=order,
        )

    def _order(self, means: Means, buyer: Buyer, quoted: Quoted) -> str | None:
        request = OrderRequest(
            client=self.client,
            external_id=f"web-{self._number:07d}",
            buyer=f"buyer-{self._number:07d}",
            quoted=quoted,
            contact=self._contact() if means.writes else None,
        )
        try:
            return place_order(means, request, now=buyer.at).id
        except Refused:
            return None

    def _contact(self) -> dict[str, str]:
        """Whom the courier would ring."""
        return {"name": f"Buyer {self._number}", "phone": f"+1-555-{self._number:07d}"}

"""Who drives a route: offered to one carrier at a time, until one takes it or a person must.

The first asked is the carrier whose van the plan chose, then those that took and kept most lately,
then by rank; a decline or silence goes to the next in the same deed. Silence is no acceptance. A
carrier is asked with a van of its own that is free for the route, and not asked where it has none.
"""

from datetime import datetime, timedelta
from typing import Literal

from logistics.carriers import Carrier, Vehicle
from logistics.dispatch import ROUTE, TENDER, Route, RouteStep, Tender, TenderState, TenderStep
from logistics.errors import StaleVersion, TenderClosed, Unknown, require
from logistics.exceptions import CaseKind
from logistics.policy import Policy
from logistics.promise.calibration import Calibration, trust_in
from logistics.ranges import Range
from logistics.store import Deed
from logistics.workflows.cases import open_case
from logistics.workflows.means import Means
from logistics.workflows.moves import move, tell
from logistics.workflows.route import pay
from logistics.workflows.vans import van_that_drives, van_to_offer


def offer_next(deed: Deed, means: Means, route: Route, *, cause: str, now: datetime) -> None:
    """Ask the next carrier that was not asked for this route yet; after the last, a person."""
    asked = {tender.carrier for tender in deed.find(Tender, route=route.id)}
    left = [one for one in _ranked(deed, means.policy, route) if one.id not in asked]
    could = ((one, van_to_offer(deed, means, route, one.id)) for one in left)
    carrier, van = next((pair for pair in could if pair[1] is not None), (None, None))
    if carrier is None or van is None:
        full = f"; {len(left)} more have no van free for it" if left else ""
        open_case(
            deed,
            means.ids,
            CaseKind.NO_CARRIER,
            market=route.market,
            subject=route.id,
            detail=f"{len(asked)} carriers were asked and none drives {route.stop_count} stops{full}",
            money=route.stop_count * means.policy.prices.broken_promise,
            act_by=route.departs_at,
            cause=cause,
            now=now,
        )
        return
    _offer(deed, means, route, carrier, van, cause, now)


def _ranked(deed: Deed, policy: Policy, route: Route) -> list[Carrier]:
    """Carriers of the market: the one whose van was planned, then by trust, then by rank."""
    van = deed.maybe(Vehicle, route.vehicle)
    own = van.carrier if van else ""
    serving = [c for c in deed.find(Carrier) if c.active and route.market in c.markets]
    trust = trust_in(deed.maybe(Calibration, route.market), policy)
    return sorted(serving, key=lambda carrier: (carrier.id != own, *trust.asked_first(carrier)))


def _offer(
    deed: Deed, means: Means, route: Route, carrier: Carrier, van: str, cause: str, now: datetime
) -> None:
    tender = deed.add(
        Tender(
            id=means.ids.new("tnd", now),
            route=route.id,
            market=route.market,
            carrier=carrier.id,
            state=TenderState.OFFERED,
            pay=pay(carrier, route.stop_count, route.distance_m),
            offered_at=now,
            respond_by=now + timedelta(seconds=means.policy.tendering.respond_within),
        )
    )
    told = {"route": route.id, "pay": tender.pay, "respond_by": tender.respond_by.isoformat()}
    parties = (carrier.id,)
    tell(
        deed,
        means.ids,
        "tender.offered",
        tender.id,
        now=now,
        cause=cause,
        audience=parties,
        data=told,
    )
    move(
        deed,
        means.ids,
        ROUTE,
        route,
        RouteStep.TENDER,
        now=now,
        cause=tender.id,
        audience=parties,
        tender=tender.id,
        vehicle=van,
        updated_at=now,
    )


def answer_tender(
    means: Means,
    id: str,
    answer: Literal["accept", "decline"],
    *,
    carrier: str,
    reason: str | None = None,
    driver: str | None = None,
    vehicle: str | None = None,
    expected_version: int | None = None,
    now: datetime,
) -> Tender:
    """What a carrier says to an offer.

    Raises TenderClosed where it was answered, ran out or was withdrawn; StaleVersion where the
    carrier answers to an older version of it; Unknown for another carrier's offer or van; Nonsense
    for a van that drives another route then.
    """
    require(answer in {"accept", "decline"}, "answer", "is accept or decline")
    with means.store.begin() as deed:
        tender = deed.lock(Tender, id)
        if tender.carrier != carrier:
            raise Unknown("route-tender", id)
        if tender.state is TenderState.OFFERED and now > tender.respond_by:
            tender = _lost(deed, means, tender, TenderStep.EXPIRE, None, now)
        elif tender.state is TenderState.OFFERED:
            if expected_version is not None and tender.version != expected_version:
                raise StaleVersion("route-tender", id, tender.version)
            if answer == "accept":
                return _accepted(deed, means, tender, driver, vehicle, now)
            return _lost(deed, means, tender, TenderStep.DECLINE, reason, now)
    raise TenderClosed(id, tender.state, tender.closed_at.isoformat() if tender.closed_at else None)


def _accepted(
    deed: Deed,
    means: Means,
    tender: Tender,
    driver: str | None,
    vehicle: str | None,
    now: datetime,
) -> Tender:
    route = deed.lock(Route, tender.route)
    van = van_that_drives(deed, means, route, tender.carrier, vehicle)
    accepted = move(
        deed,
        means.ids,
        TENDER,
        tender,
        TenderStep.ACCEPT,
        now=now,
        cause=tender.carrier,
        audience=(tender.carrier,),
        closed_at=now,
        driver=driver,
        vehicle=van,
    )
    move(
        deed,
        means.ids,
        ROUTE,
        route,
        RouteStep.ACCEPT,
        now=now,
        cause=tender.id,
        audience=(tender.carrier,),
        carrier=tender.carrier,
        driver=driver,
        vehicle=van,
        cost=tender.pay,
        updated_at=now,
    )
    return accepted


def _lost(
    deed: Deed, means: Means, tender: Tender, step: TenderStep, reason: str | None, now: datetime
) -> Tender:
    """Declined or silent: the route goes to the next carrier in the same deed."""
    closed = move(
        deed,
        means.ids,
        TENDER,
        tender,
        step,
        now=now,
        cause=tender.carrier,
        audience=(tender.carrier,),
        closed_at=now,
        decline_reason=reason,
    )
    route = move(
        deed,
        means.ids,
        ROUTE,
        deed.lock(Route, tender.route),
        RouteStep.LOSE_CARRIER,
        now=now,
        cause=tender.id,
        tender=None,
        updated_at=now,
    )
    offer_next(deed, means, route, cause=tender.id, now=now)
    return closed


def expire_tenders(means: Means, *, now: datetime) -> int:
    """Close the offers whose time is over; how many there were."""
    with means.store.read() as reading:
        over = reading.find(Tender, state=TenderState.OFFERED, respond_by=Range(below=now))
    for one in over:
        with means.store.begin() as deed:
            tender = deed.lock(Tender, one.id)
            if tender.state is TenderState.OFFERED:
                _lost(deed, means, tender, TenderStep.EXPIRE, None, now)
    return len(over)

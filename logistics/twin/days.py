"""A life hour by hour, as far as a picture needs it: who came, which nodes stood, what was spent."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from logistics.ledger import Entry, EntryKind
from logistics.network import Node, NodeState
from logistics.orders import Order
from logistics.policy import SiteType
from logistics.store import Reading
from logistics.twin.shop import Visit
from logistics.twin.truth import Truth
from logistics.twin.world import World
from logistics.units import Cents

HOUR = timedelta(hours=1)
SIX_HOURS = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A temporary node from its going live to its close, in hours of the world."""

    site: str
    type: str
    live: float
    closed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Blocks of six hours from the world's start."""

    demanded: tuple[int, ...]
    eligible: tuple[int, ...]
    within_six: tuple[int, ...]
    """Of the eligible, those that were delivered within six hours."""
    spent: tuple[Cents, ...]
    """Cash that went out, without refunds."""
    by_product: tuple[tuple[str, tuple[int, ...]], ...]
    """Who wanted what; a product is named once."""
    stays: tuple[Stay, ...]


def days_of(world: World, truth: Truth, reading: Reading, visits: list[Visit]) -> Days:
    """The blocks of a life that has been lived."""
    blocks = -(-world.hours // 6)
    made = {order.id: order for order in reading.find(Order)}
    demanded, eligible, met, spent = ([0] * blocks for _ in range(4))

    def block(at: datetime) -> int:
        return min(blocks - 1, max(0, int((at - world.starts_at) / SIX_HOURS)))

    for visit in visits:
        n = block(visit.at)
        demanded[n] += 1
        eligible[n] += visit.eligible
        order = made[visit.order] if visit.order else None
        if visit.eligible and order is not None and order.delivered_at is not None:
            met[n] += order.delivered_at - order.accepted_at <= SIX_HOURS
    for entry in reading.find(Entry):
        if entry.amount < 0 and entry.kind is not EntryKind.BROKEN_PROMISE:
            spent[block(entry.at)] -= entry.amount
    wanted: dict[str, Counter[int]] = {product.id: Counter() for product in world.products}
    for buyer in truth.buyers:
        wanted[buyer.product][block(buyer.at)] += 1
    return Days(
        demanded=tuple(demanded),
        eligible=tuple(eligible),
        within_six=tuple(met),
        spent=tuple(spent),
        by_product=tuple(
            (id, tuple(came[n] for n in range(blocks))) for id, came in wanted.items()
        ),
        stays=tuple(_stays(world, reading)),
    )


def _stays(world: World, reading: Reading) -> list[Stay]:
    never = (NodeState.PLANNED, NodeState.RAMPING, NodeState.CANCELLED)
    end = world.starts_at + world.hours * HOUR
    return [
        Stay(
            site=node.site,
            type=node.type.value,
            live=round((node.live_from - world.starts_at) / HOUR, 2),
            closed=round(((node.closed_at or end) - world.starts_at) / HOUR, 2),
        )
        for node in reading.find(Node)
        if node.type is not SiteType.CENTRE
        and node.state not in never
        and node.live_from is not None
    ]

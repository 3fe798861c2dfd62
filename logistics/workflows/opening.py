"""Ask for a space: the node that shall stand there, the lease, and the trucks that shall fill it.

Nothing moves yet. The node is planned, the lease requested and the truck loads proposed; goods are
released when whoever runs the space confirms. Where a site is refused, the best runner-up that is
nearly as good stands in for it, if the approval allows that.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from logistics.catalogue import Market
from logistics.clocks import local_day
from logistics.decisions import Recommendation, StockLine
from logistics.inventory import (
    REPLENISHMENT,
    Load,
    Replenishment,
    ReplenishmentState,
    ReplenishmentStep,
)
from logistics.network import NODE, STANDING, Lease, LeaseState, Node, NodeState, NodeStep, Site
from logistics.policy import SiteType
from logistics.reach import truck_cost, way
from logistics.store import Deed
from logistics.workflows.goods import nearest_centre
from logistics.workflows.means import Means
from logistics.workflows.moves import move, tell

UNSENT = (ReplenishmentState.PROPOSED, ReplenishmentState.RELEASED)
MOST_DAYS = 7
"""What a space cannot put away within so many days is not sent at all."""


def in_use(deed: Deed, site: str) -> bool:
    """Whether a node stands at the site, or is about to."""
    return deed.count(Node, site=site, state=STANDING) > 0


def ask_for_space(
    means: Means, deed: Deed, asked: Recommendation, site: Site, *, now: datetime
) -> Lease:
    """Plan the node that was approved at a site, request its lease, propose its truck loads."""
    wanted = asked.proposal
    soonest = now + timedelta(seconds=site.terms.lead)
    delay = max(timedelta(), soonest - wanted.starts_at)
    starts, live = wanted.starts_at + delay, wanted.live_from + delay
    least = starts + timedelta(seconds=site.terms.shortest_term)
    node, lease = means.ids.new("nod", now), means.ids.new("lse", now)
    deed.add(
        Node(
            id=node,
            site=site.id,
            market=site.market,
            type=site.type,
            state=NodeState.PLANNED,
            lat=site.lat,
            lon=site.lon,
            planned_at=now,
            live_from=live,
            drain_from=max(wanted.exit.drain_from, live),
            closes_at=max(wanted.exit.closes_at, least),
            orders_per_day=site.terms.orders_per_day,
            space=site.terms.space,
            recommendation=asked.id,
            lease=lease,
        )
    )
    kept = deed.add(
        Lease(
            id=lease,
            site=site.id,
            node=node,
            market=site.market,
            provider=site.provider,
            recommendation=asked.id,
            state=LeaseState.REQUESTED,
            requested_at=now,
            respond_by=now + timedelta(seconds=means.policy.leasing.respond_within),
            starts_at=starts,
            ends_at=max(wanted.ends_at, least),
            set_up=site.terms.set_up,
            per_day=site.terms.per_day,
            per_order=site.terms.per_order,
        )
    )
    told = {"site": site.id, "node": node, "respond_by": kept.respond_by.isoformat()}
    audience = (site.provider,)
    tell(
        deed,
        means.ids,
        "lease.requested",
        lease,
        now=now,
        cause=asked.id,
        audience=audience,
        data=told,
    )
    propose_loads(means, deed, asked, node, wanted.stock, now=now)
    return kept


def propose_loads(
    means: Means,
    deed: Deed,
    asked: Recommendation,
    node: str,
    stock: tuple[StockLine, ...],
    *,
    now: datetime,
) -> tuple[Replenishment, ...]:
    """One truck load for each centre and departure; what should have left by now leaves now."""
    target = deed.lock(Node, node)
    grouped: dict[tuple[str, datetime], list[StockLine]] = defaultdict(list)
    for line in _within_intake(means, deed, target, stock, now):
        grouped[line.from_node, line.departs_at].append(line)
    return tuple(
        _load(means, deed, asked, target, lines, now) for _, lines in sorted(grouped.items())
    )


def _within_intake(
    means: Means, deed: Deed, target: Node, stock: tuple[StockLine, ...], now: datetime
) -> Iterator[StockLine]:
    """The lines as the space can put them away: what a day has no room for comes on the next one
    that has. The node is locked, so that no two proposals are given the same room."""
    limit = deed.get(Site, target.site).terms.intake_per_day
    zone = deed.get(Market, target.market).zone
    booked: Counter[date] = Counter()
    for load in deed.find(Replenishment, to_node=target.id):
        if limit is not None and load.state is not ReplenishmentState.CANCELLED:
            booked[local_day(zone, load.arrives_at)] += sum(one.units for one in load.loads)
    for line in stock:
        left, takes = line.units, _ride(means, deed, line.from_node, target)
        for days in range(1 if limit is None else MOST_DAYS):
            departs = max(now, line.departs_at) + timedelta(days=days)
            day = local_day(zone, departs + takes)
            part = left if limit is None else min(left, limit - booked[day])
            if part > 0:
                yield replace(line, units=part, departs_at=departs, arrives_at=departs + takes)
                booked[day] += part
                left -= part


def _ride(means: Means, deed: Deed, origin: str, target: Node) -> timedelta:
    home = deed.get(Node, origin)
    drive = way((home.lat, home.lon), (target.lat, target.lon))
    return timedelta(seconds=drive.seconds + means.policy.promising.loading)


def _load(
    means: Means,
    deed: Deed,
    asked: Recommendation,
    target: Node,
    lines: list[StockLine],
    now: datetime,
) -> Replenishment:
    origin = deed.get(Node, lines[0].from_node)
    drive = way((origin.lat, origin.lon), (target.lat, target.lon))
    departs, units = max(now, lines[0].departs_at), sum(line.units for line in lines)
    home = target.type is SiteType.CENTRE
    kept = deed.add(
        Replenishment(
            id=means.ids.new("rep", now),
            from_node=origin.id,
            to_node=target.id,
            market=target.market,
            state=ReplenishmentState.PROPOSED,
            loads=tuple(Load(product=line.product, units=line.units) for line in lines),
            departs_at=departs,
            arrives_at=departs + timedelta(seconds=drive.seconds + means.policy.promising.loading),
            cost=0 if home else truck_cost(means.policy.prices, drive.metres, units),
            recommendation=asked.id,
        )
    )
    told = {"from": origin.id, "to": target.id, "units": units}
    tell(deed, means.ids, "replenishment.proposed", kept.id, now=now, cause=asked.id, data=told)
    return kept


def plan_ride_home(
    means: Means, deed: Deed, asked: Recommendation, node: str, *, now: datetime
) -> None:
    """Release what a proposal takes home from a node, to leave when its stock comes there."""
    lines, source = asked.proposal.takes_home, deed.get(Node, node)
    home = nearest_centre(deed, source)
    if not lines or home is None:
        return
    kept = _load(means, deed, asked, home, list(lines), now)
    step = ReplenishmentStep.RELEASE
    move(deed, means.ids, REPLENISHMENT, kept, step, now=now, cause=asked.id)


def drop_loads(means: Means, deed: Deed, node: str, *, now: datetime, cause: str) -> None:
    """Cancel what has not left for a node."""
    for one in deed.find(Replenishment, to_node=node, state=UNSENT):
        kept = deed.lock(Replenishment, one.id)
        move(deed, means.ids, REPLENISHMENT, kept, ReplenishmentStep.CANCEL, now=now, cause=cause)


def give_up_node(means: Means, deed: Deed, node: str, *, now: datetime, cause: str) -> Node:
    """Cancel a node that never went live, with what has not left for it."""
    drop_loads(means, deed, node, now=now, cause=cause)
    kept = deed.lock(Node, node)
    audience = (deed.get(Site, kept.site).provider,)
    return move(
        deed, means.ids, NODE, kept, NodeStep.CANCEL, now=now, cause=cause, audience=audience
    )


def stand_in(means: Means, deed: Deed, refused: Lease, *, now: datetime) -> Lease | None:
    """Ask the best runner-up in the refused site's stead; None where none is nearly as good.

    A runner-up counts when its gain is at most the policy's share smaller, nobody stands there and
    it was not asked for this recommendation before.
    """
    asked = deed.get(Recommendation, refused.recommendation)
    if not asked.substitutes:
        return None
    tried = {lease.site for lease in deed.find(Lease, recommendation=asked.id)}
    least = asked.expected_gain * (1 - means.policy.leasing.substitute_within)
    for second in sorted(asked.proposal.runners_up, key=lambda one: -one.expected_gain):
        site = deed.maybe(Site, second.site)
        if site is None or not site.active or second.expected_gain < least:
            continue
        if site.id in tried or in_use(deed, site.id):
            continue
        return ask_for_space(means, deed, replace(asked, site=site.id), site, now=now)
    return None

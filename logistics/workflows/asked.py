"""The question of a market's next routes, in the routing library's words; second 0 is now.

A stop is aimed for ahead of its promised edge, and lateness costs what it breaks. Vans are paid by
route, stop and kilometre; their hours are priced for what they are missed for by later departures.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from logistics.carriers import Vehicle
from logistics.clocks import local_day, local_instant, spans
from logistics.network import Node
from logistics.orders import Order
from logistics.policy import HOUR, Promising
from logistics.units import Cents, Seconds
from logistics.workflows.due import Facts
from logistics.workflows.futures import Expected
from logistics.workflows.means import Means
from routing import problem as ask
from routing.errors import NoTravelTimes
from routing.geography import Place
from routing.travel import GreatCircle, Travel

LEFT_OUT: Cents = 20_000
"""What leaving an order out costs beside its margin and all lateness: above any detour in a metro."""
LATE_PER_HOUR = 6
"""An hour past its mark costs so many broken promises: ten minutes cost one."""
BROKEN_PER_HOUR = 0.2
"""The same for a promise that is broken already: it may wait for those that can still be kept."""
VAN_HOUR: Cents = 1_250
"""What an hour of a van is missed for by the departures after it, beside its pay: without it every
departure would take all the vans there are, and vans would wait at doors for windows to open."""
TRIPS = 2


def routing_problem(
    means: Means, facts: Facts, now: datetime, *, drawn: tuple[Expected, ...] = ()
) -> ask.RoutingProblem:
    """The question in the routing library's words; second 0 is now.

    With orders that may come, their places follow the known ones, and drives are great circles.
    """
    nodes = tuple(facts.nodes.values())
    places = [Place(lat=node.lat, lon=node.lon) for node in nodes]
    places += [Place(lat=order.lat, lon=order.lon) for order in facts.orders]
    places += [Place(lat=one.lat, lon=one.lon) for one in drawn]
    zone = facts.market.zone
    midnight = local_instant(zone, local_day(zone, now), 0)
    return ask.RoutingProblem(
        stops=tuple(
            _asked_stop(means, facts, order, len(nodes) + n, now)
            for n, order in enumerate(facts.orders)
        ),
        depots=tuple(ask.Depot(name=node.id, place=n) for n, node in enumerate(nodes)),
        vehicles=tuple(_asked_vans(means, facts, nodes, now)),
        travel=facts.roads.table(tuple(places)) if drawn else _travel(means, facts, tuple(places)),
        origin=now,
        midnight=_second(midnight, now),
    )


def _travel(means: Means, facts: Facts, places: tuple[Place, ...]) -> Travel:
    """By the road engine, or by great circles with what the market's drives have taught."""
    if means.roads is None:
        return facts.roads.table(places)
    try:
        return means.roads.table(places)
    except NoTravelTimes as fault:
        known = facts.roads.table(places)
        return replace(known, source=f"{known.source} ({fault.source}: {fault.fault})")


def _second(at: datetime, origin: datetime) -> Seconds:
    return round((at - origin).total_seconds())


def _asked_stop(means: Means, facts: Facts, order: Order, place: int, now: datetime) -> ask.Stop:
    """The order as a stop. What lateness it has already is nobody's choice any more: it counts from
    now on, and leaving the order out costs more than bringing it at the last moment.
    """
    promising = means.policy.promising
    hourly = LATE_PER_HOUR if order.due_at > now else BROKEN_PER_HOUR
    late_per_hour = round(hourly * means.policy.prices.broken_promise)
    mark = order.due_at - timedelta(seconds=slack(facts.roads, promising))
    windows, due = tuple(_windows(facts, order, now)), _second(max(mark, now), now)
    latest = max([window.closes for window in windows], default=due)
    ready = max(now, order.ready_at or now) + timedelta(seconds=promising.loading)
    weight = sum(facts.products[x.product].weight_grams * x.units for x in order.lines)
    volume = sum(facts.products[x.product].volume_cm3 * x.units for x in order.lines)
    margin = sum(facts.products[x.product].margin * x.units for x in order.lines)
    return ask.Stop(
        name=order.id,
        place=place,
        price=LEFT_OUT + max(0, margin) + late_per_hour * max(0, latest - due) // HOUR,
        service=promising.service_at_stop,
        release=_second(ready, now),
        windows=windows,
        due=due,
        late_per_hour=late_per_hour,
        load=ask.Load(weight=weight, volume=volume, parcels=1),
        units=(ask.Unit(at=order.node or ""),),
    )


def drawn_stop(
    means: Means, facts: Facts, name: str, one: Expected, place: int, now: datetime
) -> ask.Stop:
    """An order that may come, as a stop: packed and promised as orders usually are."""
    promising = means.policy.promising
    packed = one.at + timedelta(seconds=promising.pick_and_pack + promising.loading)
    due = one.at + timedelta(seconds=promising.target - slack(facts.roads, promising))
    return ask.Stop(
        name=name,
        place=place,
        price=LEFT_OUT,
        service=promising.service_at_stop,
        release=_second(packed, now),
        due=_second(due, now),
        late_per_hour=LATE_PER_HOUR * means.policy.prices.broken_promise,
        load=ask.Load(parcels=1),
        units=(ask.Unit(at=one.node),),
    )


def slack(roads: GreatCircle, promising: Promising) -> Seconds:
    """How long before the promised edge a stop is aimed for.

    Plans count median drives; a plan that spends all of the window on a shorter tour breaks its
    last promises on every slow day. So much is what the drives up to the middle of a usual route
    take longer at P90.
    """
    before = promising.ideal_drive + promising.between_drops * promising.drops_per_route // 2
    return round((roads.p90_factor - 1.0) * before)


def _windows(facts: Facts, order: Order, now: datetime) -> Iterator[ask.Window]:
    """The delivery hours from now on, the first not before the promised window opens."""
    market = facts.market
    hours = (market.deliver_from_hour, market.deliver_until_hour)
    opening = facts.earliest.get(order.id, now)
    for start, end in spans(market.zone, hours, now, days=2):
        opens = max(start, opening) if opening < end else start
        if opens < end and (opening < end or start > opening):
            yield ask.Window(opens=_second(opens, now), closes=_second(end, now))


def _asked_vans(
    means: Means, facts: Facts, nodes: tuple[Node, ...], now: datetime
) -> Iterator[ask.Vehicle]:
    """Every van that can still set out, each at the node that lacks vans the most."""
    first = now + timedelta(seconds=means.policy.tendering.respond_within)
    lacking = Counter(order.node for order in facts.orders)
    place = {node.id: n for n, node in enumerate(nodes)}
    for van in sorted(facts.vans, key=lambda van: _turn(facts, van, now)):
        shift = _shift(facts, van, max(first, facts.free_from.get(van.id, first)))
        if shift is None:
            continue
        stands = facts.standing.get(van.id, ("",))[0]
        depot = stands if stands in place else max(place, key=lambda name: (lacking[name], name))
        lacking[depot] -= means.policy.promising.drops_per_route
        carrier = facts.carriers[van.carrier]
        yield ask.Vehicle(
            name=van.id,
            start=place[depot],
            end=place[depot],
            depot=depot,
            shift=ask.Window(opens=_second(shift[0], now), closes=_second(shift[1], now)),
            capacity=ask.Load(weight=van.weight_grams, volume=van.volume_cm3, parcels=van.parcels),
            carrier=van.carrier,
            reloads=tuple(place),
            trips=TRIPS,
            turnaround=means.policy.promising.loading,
            max_duration=van.longest_drive,
            fixed=carrier.per_route + facts.trust.doubt(carrier.id, means.policy),
            per_hour=VAN_HOUR,
            per_km=carrier.per_km,
        )


def _turn(facts: Facts, van: Vehicle, now: datetime) -> tuple[datetime, int, str]:
    return facts.free_from.get(van.id, now), facts.carriers[van.carrier].rank, van.id


def _shift(facts: Facts, van: Vehicle, first: datetime) -> tuple[datetime, datetime] | None:
    """The rest of the shift that `first` falls into, or the next one within half a day."""
    return _rest(facts.market.zone, (van.shift_from_hour, van.shift_until_hour), first)


@lru_cache(maxsize=256)
def _rest(zone: str, hours: tuple[int, int], first: datetime) -> tuple[datetime, datetime] | None:
    """The same; kept, because most vans of a market drive the same hours."""
    for start, end in spans(zone, hours, first):
        opens = max(first, start)
        return (opens, end) if opens < first + timedelta(hours=12) else None
    return None

"""The answer to a quote's question, and nothing but the question goes into it.

Levels are tried in order: six hours, next morning, a parcel of the permanent network. The first
that can be kept is the offer, the others are alternatives. A level's steps (queue, wait for the
departure, drive, place on the route, spread) are points of one distribution in time, so their
minutes add up to the window's latest edge.

A window is at most `promising.window` wide, except a parcel's, which is one delivery day. An
arrival before the window waits: the router does not serve a stop before it opens.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from logistics.clocks import after_work, is_open, local_day, local_instant, spans
from logistics.orders import Line, ServiceLevel
from logistics.policy import Prices, Promising
from logistics.promise.arrival import Arrival
from logistics.promise.calibration import KeepCurve
from logistics.promise.offers import Offer, Reason, Window
from logistics.units import Parcels, Seconds

AIMS = (0.95, 0.97, 0.985, 0.995, 0.999)
"""The chances tried for a window's latest edge, until the calibrated one is enough."""
FIRST_ARRIVAL = 0.02
QUEUE_MARGIN = 1.25
"""A pick queue may take a quarter longer than its length says."""
FEWEST_DROPS = 4
"""A route for a narrow morning is not planned shorter than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Parcels of one node that ride on a departure already."""

    at: datetime
    parcels: Parcels


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A node as one question sees it."""

    id: str
    zone: str
    hours: tuple[int, int]
    per_hour: int
    left_today: Parcels
    """Orders that its day has room for, less what open quotes hold."""
    ahead: int
    """Open quotes that would be picked before."""
    busy_until: datetime
    free: Parcels
    """Whole orders of these lines that are free to promise, less what open quotes hold."""
    spare: Parcels | None = None
    """Those of them that are not kept for orders of six hours; None where nothing is kept."""
    drive: Seconds
    keeps: KeepCurve
    company: tuple[Company, ...] = ()

    def free_for(self, level: ServiceLevel) -> Parcels:
        """Whole orders that may still be promised at a level."""
        if self.spare is None or level is ServiceLevel.SIX_HOUR:
            return self.free
        return min(self.free, self.spare)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """A departure and its room, less what open quotes hold."""

    at: datetime
    places: Parcels


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that an answer depends on; places only as drives."""

    at: datetime
    lines: tuple[Line, ...]
    market: str
    zone: str
    cell: str
    deliver_hours: tuple[int, int]
    node_hours: tuple[int, int]
    waves: tuple[Wave, ...]
    nodes: tuple[Source, ...]
    """Live nodes of the market, the nearest first."""
    centres: tuple[Source, ...]
    """Nodes of the permanent network, the nearest first."""
    promising: Promising
    prices: Prices
    lead: Seconds
    """What planning and tendering a route take before its departure."""
    p90_factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What can be offered; the reasons are those of the offer, or why there is none."""

    eligible: bool
    offer: Offer | None
    alternatives: tuple[Offer, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    offer: Offer
    reasons: tuple[Reason, ...]


_Ride: TypeAlias = tuple[Wave, Arrival, Window]
"""A departure, when the parcel would arrive with it, and the window that can be promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    """A stretch of delivery hours: nothing arrives before it opens or after `by`."""

    opens: datetime
    by: datetime


def answer(question: Question) -> Answer:
    """The best level that can be kept, the levels below it, and why."""
    tried = [_six_hour(question), _next_morning(question), _parcel(question)]
    ways = [way for way in tried if isinstance(way, _Way)]
    refusals = []
    for way in tried:
        if isinstance(way, _Way):
            break
        refusals.append(way)
    return Answer(
        eligible=isinstance(tried[0], _Way) or eligible(question),
        offer=ways[0].offer if ways else None,
        alternatives=tuple(way.offer for way in ways[1:]),
        reasons=(*(ways[0].reasons if ways else ()), *refusals),
    )


def eligible(question: Question) -> bool:
    """Whether an idle node next door, with stock and room on every van, could keep six hours.

    What a real node nearer than that can keep is eligible as well.
    """
    ideal = Source(
        id="ideal",
        zone=question.zone,
        hours=question.node_hours,
        per_hour=3600,
        left_today=1,
        ahead=0,
        busy_until=question.at,
        free=1,
        drive=question.promising.ideal_drive,
        keeps=KeepCurve(),
    )
    deadline = six_hours_after(question.at, question.promising)
    room = tuple(Wave(at=w.at, places=1) for w in question.waves if w.at < deadline)
    return isinstance(_six_hour(replace(question, nodes=(ideal,), waves=room)), _Way)


def six_hours_after(accepted_at: datetime, promising: Promising) -> datetime:
    """The latest arrival of a six-hour order: elapsed time, whatever the clock on the wall does."""
    return accepted_at + timedelta(seconds=promising.target)


def _six_hour(question: Question) -> _Way | Reason:
    deadline = six_hours_after(question.at, question.promising)
    open_spans = tuple(
        _Span(opens=opens, by=min(deadline, closes))
        for opens, closes in spans(question.zone, question.deliver_hours, question.at)
        if opens < deadline
    )
    return _ride(question, ServiceLevel.SIX_HOUR, open_spans, question.prices.six_hour_fee)


def _next_morning(question: Question) -> _Way | Reason:
    promising = question.promising
    cut_off = _cut_off(promising, question.zone, question.at)
    morning = local_day(question.zone, cut_off) + timedelta(days=1)
    span = _Span(
        opens=local_instant(question.zone, morning, question.deliver_hours[0] * 60),
        by=local_instant(question.zone, morning, promising.next_morning_by_hour * 60),
    )
    fee = question.prices.next_morning_fee
    way = _ride(question, ServiceLevel.NEXT_MORNING, (span,), fee)
    if isinstance(way, Reason):
        return way
    return replace(way, offer=replace(way.offer, order_by=min(way.offer.order_by, cut_off)))


def _cut_off(promising: Promising, zone: str, at: datetime) -> datetime:
    """The next daily cut-off; in an hour that a clock change skips, the first instant after it."""
    minute, day = promising.next_morning_cut_off_hour * 60, local_day(zone, at)
    today = local_instant(zone, day, minute)
    return today if at <= today else local_instant(zone, day + timedelta(days=1), minute)


def _ride(
    question: Question, level: ServiceLevel, spans: tuple[_Span, ...], price: int
) -> _Way | Reason:
    """The first way on our own vans: the nearest node that can keep it."""
    with_stock = [source for source in question.nodes if source.free_for(level) > 0]
    if not with_stock:
        if any(source.free > 0 for source in question.nodes):
            detail = f"{level}: what is free is kept for orders of six hours"
            return Reason(code="no_stock", detail=detail)
        where = f"none of {len(question.nodes)} nodes in {question.market} has it free"
        return Reason(code="no_stock", detail=f"{level}: {where}")
    refusals = []
    for source in with_stock:
        for span in spans:
            way = _from_node(question, source, level, span, price)
            if isinstance(way, _Way):
                return way
            refusals.append(way)
    return refusals[0] if refusals else _too_late(question, level)


def _from_node(
    question: Question, source: Source, level: ServiceLevel, span: _Span, price: int
) -> _Way | Reason:
    promising = question.promising
    loading, lead = timedelta(seconds=promising.loading), timedelta(seconds=question.lead)
    if source.left_today <= 0:
        detail = f"{level}: {source.id} has no order left in its day"
        return Reason(code="node_capacity", detail=detail, node=source.id)
    ready_at = _ready(question, source)
    margin = QUEUE_MARGIN * (ready_at - question.at)
    first = max(question.at + lead, question.at + margin + loading)
    full = 0
    rides: list[_Ride] = []
    for wave in _waves(question, source, first, span):
        if wave.places <= 0:
            full += 1
            continue
        ride = _on(question, source, wave, span, level)
        if ride is None or (rides and not _worth_waiting(question, rides[0], ride, span, level)):
            break
        rides.append(ride)
    if rides:
        wave, arrival, window = _best_company(source, rides)
        raw = arrival.chance_by(window.latest)
        offer = Offer(
            service_level=level,
            window=window,
            keep_probability=round(source.keeps.corrected(raw), 4),
            price=price,
            order_by=min(wave.at - lead, wave.at - loading - margin),
            node=source.id,
            raw_keep=round(raw, 4),
            ready_at=ready_at,
            wave_at=wave.at,
        )
        return _Way(offer=offer, reasons=_reasons(question, source, wave, arrival, offer))
    if full:
        detail = f"{level}: {full} departures from {source.id} in time are full"
        return Reason(code="node_capacity", detail=detail, node=source.id)
    if _beyond_reach(question, source):
        detail = f"{level}: {source.id} is a drive of {source.drive // 60} min away"
        return Reason(code="outside_reach", detail=detail, node=source.id)
    return _too_late(question, level, source.id)


def _on(
    question: Question, source: Source, wave: Wave, span: _Span, level: ServiceLevel
) -> _Ride | None:
    """A departure with what could be promised on it; None where nothing could."""
    arrival = _arrival(question, source, wave, span, level)
    window = _window(question, source, arrival, span)
    return None if window is None else (wave, arrival, window)


def _worth_waiting(
    question: Question, first: _Ride, later: _Ride, span: _Span, level: ServiceLevel
) -> bool:
    """Whether an order may wait for a later departure, so that others ride with it."""
    waits = (later[0].at - first[0].at).total_seconds()
    if level is not ServiceLevel.SIX_HOUR or waits > question.promising.pool_for:
        return False
    return later[1].by_chance(AIMS[0]) <= span.by


def _best_company(source: Source, rides: list[_Ride]) -> _Ride:
    """The departure on which most parcels of the node ride; the last one where none does yet."""
    company = {one.at: one.parcels for one in source.company}
    return max(rides, key=lambda ride: (company.get(ride[0].at, 0), ride[0].at))


def _waves(question: Question, source: Source, first: datetime, span: _Span) -> Iterator[Wave]:
    earliest = max(first, span.opens - timedelta(hours=2, seconds=source.drive))
    for wave in question.waves:
        if earliest <= wave.at < span.by and is_open(source.zone, source.hours, wave.at):
            yield wave


def _arrival(
    question: Question, source: Source, wave: Wave, span: _Span, level: ServiceLevel
) -> Arrival:
    """The distribution; a route for a narrow morning has as many drops as its hours allow."""
    promising = question.promising
    arrival = Arrival(
        departs_at=max(wave.at, span.opens - timedelta(seconds=source.drive)),
        drive=source.drive,
        between=promising.between_drops,
        service=promising.service_at_stop,
        drops=promising.drops_per_route,
        p90_factor=question.p90_factor,
    )
    if level is ServiceLevel.NEXT_MORNING:
        return arrival.with_fewer_drops(span.by, AIMS[0], FEWEST_DROPS)
    return arrival


def _beyond_reach(question: Question, source: Source) -> bool:
    driving = source.drive * question.p90_factor + question.lead
    return driving > question.promising.target


def _too_late(question: Question, level: ServiceLevel, node: str | None = None) -> Reason:
    hours = "{}-{} h".format(*question.deliver_hours)
    detail = f"{level}: no departure from now on arrives in time within {hours}"
    return Reason(code="past_cut_off", detail=detail, node=node)


def _ready(question: Question, source: Source) -> datetime:
    """When it is picked and packed, after all that is before it in the node's queue."""
    work = timedelta(seconds=3600 * (source.ahead + 1) / source.per_hour)
    return after_work(source.zone, source.hours, max(question.at, source.busy_until), work)


def _window(question: Question, source: Source, arrival: Arrival, span: _Span) -> Window | None:
    """The narrowest honest window; None where the least keep probability cannot be had."""
    least = question.promising.least_keep_probability
    aim = next((aim for aim in AIMS if source.keeps.corrected(aim) >= least), None)
    if aim is None:
        return None
    latest = _whole_minute(arrival.by_chance(aim) + timedelta(seconds=59))
    if latest > span.by:
        latest = _whole_minute(span.by)
        raw = arrival.chance_by(latest)
        if min(raw, source.keeps.corrected(raw)) < least:
            return None
    earliest = max(
        _whole_minute(arrival.by_chance(FIRST_ARRIVAL)),
        latest - timedelta(seconds=question.promising.window),
        span.opens,
    )
    return Window(earliest=earliest, latest=latest) if earliest < latest else None


def _parcel(question: Question) -> _Way | Reason:
    """A parcel from the nearest centre that has it, on the next delivery day."""
    source = next((centre for centre in question.centres if centre.free > 0), None)
    if source is None:
        return Reason(code="no_stock", detail="standard: no permanent centre has it free")
    ready_at = _ready(question, source)
    collected = _cut_off(question.promising, source.zone, ready_at)
    day = local_day(question.zone, collected) + timedelta(days=1)
    opens, closes = question.deliver_hours
    window = Window(
        earliest=local_instant(question.zone, day, opens * 60),
        latest=local_instant(question.zone, day, closes * 60),
    )
    offer = Offer(
        service_level=ServiceLevel.STANDARD,
        window=window,
        keep_probability=question.promising.parcel_keep_probability,
        price=0,
        order_by=collected - QUEUE_MARGIN * (ready_at - question.at),
        node=source.id,
        raw_keep=question.promising.parcel_keep_probability,
        ready_at=ready_at,
    )
    steps = (
        ("pick_queue", f"picked at {source.per_hour} orders an hour", ready_at),
        ("next_departure", "collected by the permanent network", collected),
        ("spread", "delivered within the hours of the next day", window.latest),
    )
    selected = Reason(code="node_selected", detail=f"{source.free} free to promise", node=source.id)
    return _Way(offer=offer, reasons=(selected, *_minutes(question.at, source.id, steps)))


def _reasons(
    question: Question, source: Source, wave: Wave, arrival: Arrival, offer: Offer
) -> tuple[Reason, ...]:
    at_first = arrival.departs_at + timedelta(seconds=source.drive)
    middle = max(at_first, arrival.by_chance(0.5))
    queue = f"{source.ahead} open quotes before it, {source.per_hour} orders an hour"
    room = f"wave leaves {_shown(wave.at)} with room for {wave.places} stops"
    place = f"about the {(arrival.drops + 1) // 2}th of {arrival.drops} drops"
    early = round((middle - offer.window.earliest).total_seconds() / 60)
    late = round((offer.window.latest - middle).total_seconds() / 60)
    steps = (
        ("pick_queue", queue, offer.ready_at or question.at),
        ("next_departure", room, arrival.departs_at),
        ("drive", f"{source.drive // 60} min to the first drop", at_first),
        ("route_position", place, middle),
        ("spread", f"window from {early} min before to {late} min after", offer.window.latest),
    )
    selected = Reason(
        code="node_selected",
        detail=f"{source.free} free to promise; {source.drive // 60} min drive",
        node=source.id,
    )
    return (selected, *_minutes(question.at, source.id, steps))


def _minutes(
    start: datetime, node: str, steps: tuple[tuple[str, str, datetime], ...]
) -> Iterator[Reason]:
    """Each step with its minutes, rounded so that they add up to the whole."""
    before = 0
    for code, detail, at in steps:
        until = -int(-(at - start).total_seconds() // 60)
        yield Reason(code=code, detail=detail, node=node, minutes=until - before)
        before = until


def _whole_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _shown(at: datetime) -> str:
    return f"{at:%H:%M} UTC"

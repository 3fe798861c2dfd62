"""What every plan must keep, whoever made it: each rule yields what is wrong, in words.

The rules work from the problem and the plan's own numbers alone, not from the code that made the
plan. A late stop breaks no rule (its due time has a price); a stop past its hard deadline does.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from routing.plan import Costs, Route, RoutePlan
from routing.problem import Load, RoutingProblem, clock_time
from routing.timetable import Book, ready_for, round_up
from routing.travel import NO_ROAD, Seconds, arrival

Rule = Callable[[Book, RoutePlan], Iterator[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One thing that is wrong with a plan: the name of the rule, and what it says."""

    rule: str
    words: str


def every_stop_once(book: Book, plan: RoutePlan) -> Iterator[str]:
    """Each stop is visited once or left out once, and nothing else is."""
    count = Counter([v.stop for _, v in plan.visits()] + [left.stop for left in plan.left_out])
    for name in book.stops:
        if count[name] != 1:
            yield f"{name} is in the plan {count[name]} times"
    for name in count.keys() - book.stops.keys():
        yield f"{name} is in the plan and not in the problem"


def each_vehicle_once(book: Book, plan: RoutePlan) -> Iterator[str]:
    """A route belongs to a vehicle of the problem, and no vehicle has two."""
    for name, count in Counter(route.vehicle for route in plan.routes).items():
        if name not in book.vehicles:
            yield f"there is no vehicle {name}"
        elif count > 1:
            yield f"{name} has {count} routes"


def locks_kept(book: Book, plan: RoutePlan) -> Iterator[str]:
    """Locked stops are the first visits of their vehicle, in their order."""
    first = {route.vehicle: route.stops for route in plan.routes}
    for vehicle in book.problem.vehicles:
        if vehicle.locked and first.get(vehicle.name, ())[: len(vehicle.locked)] != vehicle.locked:
            begins = ", ".join(first.get(vehicle.name, ())[: len(vehicle.locked)]) or "nothing"
            yield f"{vehicle.name} is locked to {', '.join(vehicle.locked)} and begins with {begins}"


def trips_allowed(book: Book, plan: RoutePlan) -> Iterator[str]:
    """The first trip begins where the vehicle loads, the others at its reload depots."""
    for route in _known(book, plan):
        vehicle = book.vehicles[route.vehicle]
        loads = [trip for trip in route.trips if trip.visits]
        if len(loads) > vehicle.trips:
            yield f"{vehicle.name} makes {len(loads)} trips of at most {vehicle.trips}"
        if route.trips and route.trips[0].depot != vehicle.depot:
            yield f"{vehicle.name} begins at {route.trips[0].depot}, not at {vehicle.depot}"
        for trip in route.trips[1:]:
            if trip.depot not in vehicle.reloads:
                yield f"{vehicle.name} may not load at {trip.depot}"


def goods_have_a_place(book: Book, plan: RoutePlan) -> Iterator[str]:
    """A stop is on a trip that was loaded where its goods are."""
    for route in _known(book, plan):
        locked = book.vehicles[route.vehicle].locked
        for number, trip in enumerate(route.trips):
            source = route.vehicle if trip.depot is None else trip.depot
            for name in trip.stops:
                unit = book.stops[name].unit_at(source, is_depot=trip.depot is not None)
                if unit is None and not (number == 0 and name in locked):
                    yield f"{name} is on a trip from {source}, where its goods are not"


def goods_are_ready(book: Book, plan: RoutePlan) -> Iterator[str]:
    """No trip leaves before what it carries, nor outside its depot's hours."""
    for route in _known(book, plan):
        vehicle = book.vehicles[route.vehicle]
        for trip in route.trips:
            leaves = clock_time(book.problem, trip.departure)
            for name in trip.stops:
                ready = ready_for(book, vehicle, trip.depot, book.stops[name])
                if trip.departure < ready:
                    since = clock_time(book.problem, ready)
                    yield f"{name} is ready at {since} and its trip leaves at {leaves}"
            if trip.depot is not None:
                depot = book.depots[trip.depot]
                if not depot.opens <= trip.departure <= depot.closes:
                    hours = _span(book, depot.opens, depot.closes)
                    yield f"{vehicle.name} leaves {depot.name} at {leaves}, open {hours}"


def within_piles(book: Book, plan: RoutePlan) -> Iterator[str]:
    """No pile gives more parcels than it has."""
    taken: Counter[str] = Counter()
    for route in _known(book, plan):
        for trip in route.trips:
            source = route.vehicle if trip.depot is None else trip.depot
            for name in trip.stops:
                stop = book.stops[name]
                unit = stop.unit_at(source, is_depot=trip.depot is not None)
                if unit is not None and unit.pile is not None:
                    taken[unit.pile] += stop.load.parcels
    for pile in book.problem.piles:
        if taken[pile.name] > pile.parcels:
            yield f"pile {pile.name} has {pile.parcels} parcels and gives {taken[pile.name]}"


def within_capacity(book: Book, plan: RoutePlan) -> Iterator[str]:
    """Each trip's load fits its vehicle, the float stock on board counted in the first."""
    for route in _known(book, plan):
        vehicle = book.vehicles[route.vehicle]
        for number, trip in enumerate(route.trips):
            load = vehicle.aboard if number == 0 else Load()
            for name in trip.stops:
                load += book.stops[name].load
            if trip.visits and not load.fits(vehicle.capacity):
                yield f"trip {number + 1} of {vehicle.name} carries {load} of {vehicle.capacity}"


def skilled(book: Book, plan: RoutePlan) -> Iterator[str]:
    """Whoever serves a stop has the skills it asks for (chilled, say)."""
    for route in _known(book, plan):
        for name in route.stops:
            lacking = book.stops[name].skills - book.vehicles[route.vehicle].skills
            if lacking:
                yield f"{name} asks for {', '.join(sorted(lacking))}, which {route.vehicle} lacks"


def drives_take_their_time(book: Book, plan: RoutePlan) -> Iterator[str]:
    """Nobody arrives before the drive, and the rests on the way, can be over."""
    travel, midnight = book.problem.travel, book.problem.midnight
    for route in _known(book, plan):
        for leaving, origin, reaching, goal, name in _legs(book, route):
            drive = int(travel.seconds[origin, goal])
            if drive >= NO_ROAD:
                yield f"{route.vehicle}: no road leads to {name}"
                continue
            resting = sum(
                max(0, min(rest.end, reaching) - max(rest.start, leaving)) for rest in route.rests
            )
            if reaching < arrival(leaving, drive, travel.hours, midnight) + resting:
                since, until = (clock_time(book.problem, at) for at in (leaving, reaching))
                yield (
                    f"{route.vehicle} leaves at {since} for {name}, drives {drive} s,"
                    f" rests {resting} s and arrives at {until}"
                )


def within_windows(book: Book, plan: RoutePlan) -> Iterator[str]:
    """Service begins inside a window, not before arrival, not past the hard deadline."""
    for _, visit in plan.visits():
        stop = book.stops.get(visit.stop)
        if stop is None:
            continue
        begun = clock_time(book.problem, visit.start)
        if visit.start < visit.arrival or visit.departure < visit.start + stop.service:
            yield f"{stop.name} is served before arrival or in less than {stop.service} s"
        if stop.windows and not any(w.opens <= visit.start <= w.closes for w in stop.windows):
            windows = ", ".join(_span(book, w.opens, w.closes) for w in stop.windows)
            yield f"{stop.name} is served at {begun}, outside its windows ({windows})"
        if stop.latest is not None and visit.start > stop.latest:
            yield f"{stop.name} is served at {begun}, past {clock_time(book.problem, stop.latest)}"


def within_shift(book: Book, plan: RoutePlan) -> Iterator[str]:
    """A route lies in its vehicle's shift and is no longer than allowed."""
    for route in _known(book, plan):
        vehicle = book.vehicles[route.vehicle]
        if route.start < vehicle.shift.opens or route.end > vehicle.shift.closes:
            shift = _span(book, vehicle.shift.opens, vehicle.shift.closes)
            out = _span(book, route.start, route.end)
            yield f"{vehicle.name} is out from {out}, its shift is {shift}"
        length = route.end - route.start
        if vehicle.max_duration is not None and length > vehicle.max_duration:
            yield f"{vehicle.name} is out for {length} s of at most {vehicle.max_duration}"


def rests_taken(book: Book, plan: RoutePlan) -> Iterator[str]:
    """Each break that falls into the route is taken, once, in its window, not while serving."""
    for route in _known(book, plan):
        free = list(route.rests)
        for wanted in sorted(book.vehicles[route.vehicle].breaks, key=lambda b: b.window.closes):
            if not route.start < wanted.window.closes < route.end:
                continue
            taken = next(
                (
                    rest
                    for rest in free
                    if wanted.window.opens <= rest.start <= wanted.window.closes
                    and rest.end - rest.start >= wanted.length
                ),
                None,
            )
            if taken is None:
                window = _span(book, wanted.window.opens, wanted.window.closes)
                yield f"{route.vehicle} has no rest of {wanted.length} s that begins {window}"
            else:
                free.remove(taken)
        for rest in route.rests:
            for visit in route.visits:
                if rest.start < visit.departure and rest.end > visit.start:
                    yield f"{route.vehicle} rests while it serves {visit.stop}"


def costs_add_up(book: Book, plan: RoutePlan) -> Iterator[str]:
    """Every cost is what the routes and the stops left out say it is."""
    total = Costs(
        left_out=sum(book.stops[x.stop].price for x in plan.left_out if x.stop in book.stops)
    )
    for route in _known(book, plan):
        vehicle = book.vehicles[route.vehicle]
        metres = sum(
            int(book.problem.travel.metres[origin, goal])
            for _, origin, _, goal, _ in _legs(book, route)
        )
        late = sum(
            book.stops[v.stop].late_per_hour * max(0, v.start - due)
            for v in route.visits
            if (due := book.stops[v.stop].due) is not None
        )
        costs = Costs(
            fixed=vehicle.fixed,
            hours=round_up(vehicle.per_hour * (route.end - route.start), 3600),
            kilometres=round_up(vehicle.per_km * metres, 1000),
            late=round_up(late, 3600),
        )
        if costs != route.costs:
            yield f"the route of {vehicle.name} says {route.costs} and costs {costs}"
        total += costs
    if total != plan.costs:
        yield f"the plan says {plan.costs} and costs {total}"


RULES: tuple[Rule, ...] = (
    every_stop_once,
    each_vehicle_once,
    locks_kept,
    trips_allowed,
    goods_have_a_place,
    goods_are_ready,
    within_piles,
    within_capacity,
    skilled,
    drives_take_their_time,
    within_windows,
    within_shift,
    rests_taken,
    costs_add_up,
)


def broken(problem: RoutingProblem, plan: RoutePlan) -> tuple[str, ...]:
    """Everything that is wrong with the plan, in words; empty when all rules are kept."""
    return tuple(breach.words for breach in breaches(problem, plan))


def breaches(problem: RoutingProblem, plan: RoutePlan) -> tuple[Breach, ...]:
    """As `broken`, each with the name of the rule that says so."""
    book = Book.of(problem)
    return tuple(
        Breach(rule=rule.__name__, words=words) for rule in RULES for words in rule(book, plan)
    )


def _span(book: Book, since: Seconds, until: Seconds) -> str:
    return f"{clock_time(book.problem, since)} to {clock_time(book.problem, until)}"


def _known(book: Book, plan: RoutePlan) -> Iterator[Route]:
    """The routes that the other rules can speak about: vehicles, depots and stops all exist."""
    for route in plan.routes:
        depots = {trip.depot for trip in route.trips} - {None}
        if (
            route.vehicle in book.vehicles
            and depots <= book.depots.keys()
            and all(name in book.stops for name in route.stops)
        ):
            yield route


def _legs(book: Book, route: Route) -> Iterator[tuple[int, int, int, int, str]]:
    """Each drive: leaving when and where, reaching when and where, and what it leads to."""
    vehicle = book.vehicles[route.vehicle]
    leaving, here = route.start, vehicle.start
    for number, trip in enumerate(route.trips):
        if number and trip.depot is not None:
            place = book.depots[trip.depot].place
            yield leaving, here, trip.departure - vehicle.turnaround, place, trip.depot
            here = place
        leaving = trip.departure
        for visit in trip.visits:
            place = book.stops[visit.stop].place
            yield leaving, here, visit.arrival, place, visit.stop
            leaving, here = visit.departure, place
    if vehicle.end is not None:
        yield leaving, here, route.end, vehicle.end, "its end"

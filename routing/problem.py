"""The question of one plan: which van brings which order, when, and in which order.

Everything that the answer depends on is in the problem, so a problem can be written to a file,
sent in a bug report and solved again. The values that callers build are `Stop`, `Depot`,
`Vehicle`, `Pile` and `RoutingProblem`; everything refers to everything by name.

- *Time* is whole seconds from `RoutingProblem.origin`, an aware UTC instant.
- *Places* are indexes into the travel tables (`Travel`), which the caller makes from any source.
- *Goods have a place.* A `Stop` lists where its unit is: at which depots, ready from when (a wave
  that has yet to arrive is a later `ready`), or on board which van. No units listed means that
  every depot has it. A declared float stock is a `Pile` on a van; a planned hand-over between
  vans is a `Depot` at the meeting place whose unit is ready at the meeting time.
- *Six hours*: `due` is soft and costs `late_per_hour`; `latest` is hard.
- *No is an answer*: every stop may be left out at its `price`, so a problem always has a plan.
- A *trip* begins by loading at a depot. A van under way has `depot=None`: its first trip is what
  is on board, and it takes new goods only when it passes one of its `reloads`.
- *Locked* stops are the first visits of their van, in their order; their goods go with its first
  load, whatever their units say.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

from routing.errors import BadProblem, RoutingError, UnknownName
from routing.geography import Place
from routing.travel import DAY, Metres, Seconds, Travel

Cents: TypeAlias = int
Grams: TypeAlias = int
CubicCm: TypeAlias = int
Parcels: TypeAlias = int
PlaceIndex: TypeAlias = int

_Named = TypeVar("_Named", "Stop", "Vehicle", "Depot")

START_OF_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""The origin of a problem that is of no day in particular."""

HORIZON: Seconds = 10_000_000
"""No instant of a problem is further than this from its origin (115 days)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What goods weigh, fill and count; also what a van can carry."""

    weight: Grams = 0
    volume: CubicCm = 0
    parcels: Parcels = 0

    def __post_init__(self) -> None:
        """Refuse a load below nothing."""
        if min(self.weight, self.volume, self.parcels) < 0:
            raise BadProblem(subject="load", fault=f"{self} is less than nothing")

    def __add__(self, other: "Load") -> "Load":
        return Load(
            weight=self.weight + other.weight,
            volume=self.volume + other.volume,
            parcels=self.parcels + other.parcels,
        )

    def fits(self, capacity: "Load") -> bool:
        """True where no part of the load is above the capacity's."""
        return (
            self.weight <= capacity.weight
            and self.volume <= capacity.volume
            and self.parcels <= capacity.parcels
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `opens` to `closes`, both included, in seconds from the origin."""

    opens: Seconds
    closes: Seconds

    def __post_init__(self) -> None:
        """Refuse a window that ends before it begins."""
        if self.closes < self.opens:
            raise BadProblem(
                subject="window", fault=f"closes at {self.closes} before it opens at {self.opens}"
            )
        if max(abs(self.opens), abs(self.closes)) > HORIZON:
            raise BadProblem(subject="window", fault=f"{self} is beyond the horizon")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One place where a stop's goods are: a depot or a van, by name, and ready from when."""

    at: str
    ready: Seconds = -HORIZON
    pile: str | None = None
    """The pile it would be taken from, where several stops share one; None: it is set aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """So many parcels of one kind of goods at one depot or on one van, for whoever comes first."""

    name: str
    at: str
    parcels: Parcels


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One visit that is asked for."""

    name: str
    place: PlaceIndex
    price: Cents
    """What it costs to leave the stop out."""
    service: Seconds = 0
    release: Seconds = -HORIZON
    """No trip that carries it leaves a depot before."""
    windows: tuple[Window, ...] = ()
    """Service begins within one of them; none means at any time."""
    due: Seconds | None = None
    """The soft deadline (six hours after acceptance) for the beginning of service."""
    late_per_hour: Cents = 0
    latest: Seconds | None = None
    """The hard deadline for the beginning of service."""
    load: Load = field(default_factory=Load)
    skills: frozenset[str] = frozenset()
    units: tuple[Unit, ...] = ()
    """Where its goods are; none means that every depot has them."""

    def __post_init__(self) -> None:
        """Refuse what no stop can be."""
        if min(self.price, self.service, self.late_per_hour) < 0:
            raise BadProblem(subject=f"stop {self.name}", fault="a price or service below zero")
        if any(b.opens <= a.closes for a, b in zip(self.windows, self.windows[1:], strict=False)):
            raise BadProblem(subject=f"stop {self.name}", fault="windows overlap or are unordered")

    def unit_at(self, source: str, *, is_depot: bool) -> Unit | None:
        """The unit that a trip loaded at that depot, or carried by that van, would bring."""
        if not self.units:
            return Unit(at=source, ready=self.release) if is_depot else None
        return next((unit for unit in self.units if unit.at == source), None)

    def ready_at(self, unit: Unit) -> Seconds:
        """When a trip may leave with the unit."""
        return max(self.release, unit.ready)


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """A node where trips are loaded, while it is open."""

    name: str
    place: PlaceIndex
    opens: Seconds = -HORIZON
    closes: Seconds = HORIZON

    def __post_init__(self) -> None:
        """Refuse hours that end before they begin."""
        if self.closes < self.opens:
            raise BadProblem(subject=f"depot {self.name}", fault="closes before it opens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A rest that begins within the window, unless the route has not begun or has ended by then.

    It is due on a route that starts before `closes` and ends after it. It may interrupt a drive,
    never a service or a loading.
    """

    window: Window
    length: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """One van (or bicycle) of one carrier, for one shift."""

    name: str
    start: PlaceIndex
    end: PlaceIndex | None
    """Where the route ends; None: wherever its last stop is."""
    depot: str | None
    """Where the first trip is loaded; None for a van under way, which has only what is on board."""
    shift: Window
    capacity: Load
    carrier: str = ""
    aboard: Load = field(default_factory=Load)
    """Float stock that fills the van on its first trip, beside the loads of the stops."""
    reloads: tuple[str, ...] = ()
    """Depots where it may load again."""
    trips: int = 1
    """Most trips, the first included."""
    turnaround: Seconds = 0
    """From the arrival at a depot for reloading to the earliest departure."""
    max_duration: Seconds | None = None
    """Most seconds from the route's start to its end."""
    breaks: tuple[Break, ...] = ()
    fixed: Cents = 0
    """Paid once the vehicle moves."""
    per_hour: Cents = 0
    """Paid for every hour from the route's start to its end."""
    per_km: Cents = 0
    skills: frozenset[str] = frozenset()
    locked: tuple[str, ...] = ()
    """Stops that are its first visits, in this order."""

    def __post_init__(self) -> None:
        """Refuse what no vehicle can be."""
        if self.trips < 1 or min(self.turnaround, self.fixed, self.per_hour, self.per_km) < 0:
            raise BadProblem(subject=f"vehicle {self.name}", fault="trips or costs below the least")
        if self.depot is None and self.trips > 1 and not self.reloads:
            raise BadProblem(subject=f"vehicle {self.name}", fault="several trips and no reloads")
        if any(b.length < 0 for b in self.breaks):
            raise BadProblem(subject=f"vehicle {self.name}", fault="a break of less than nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingProblem:
    """Stops, depots and vehicles, and how long the ways between them are."""

    stops: tuple[Stop, ...]
    depots: tuple[Depot, ...]
    vehicles: tuple[Vehicle, ...]
    travel: Travel
    piles: tuple[Pile, ...] = ()
    origin: datetime = START_OF_TIME
    """The instant of second 0."""
    midnight: Seconds = 0
    """Any second that is local midnight: where `travel.hours` begins."""
    places: tuple[Place, ...] = ()
    """Where each place is, for drawing alone; may be left out."""

    def __post_init__(self) -> None:
        """Refuse a question that contradicts itself, naming the part at fault."""
        if self.origin.tzinfo is None:
            raise BadProblem(subject="origin", fault=f"{self.origin} has no time zone")
        for check in (_named_twice, _off_the_map, _unknown_names):
            for fault in check(self):
                raise fault

    def stop(self, name: str) -> Stop:
        """The stop of that name; a walk over all of them, so keep `by_name` for loops."""
        return _named(self.stops, "stop", name)

    def vehicle(self, name: str) -> Vehicle:
        """The vehicle of that name."""
        return _named(self.vehicles, "vehicle", name)

    def depot(self, name: str) -> Depot:
        """The depot of that name."""
        return _named(self.depots, "depot", name)

    @property
    def locked(self) -> frozenset[str]:
        """Every stop that is locked to a vehicle."""
        return frozenset(name for vehicle in self.vehicles for name in vehicle.locked)

    def metres(self, one: PlaceIndex, other: PlaceIndex) -> Metres:
        """Road metres from one place to the other."""
        return int(self.travel.metres[one, other])


def can_carry(vehicle: Vehicle, stop: Stop) -> bool:
    """True where the vehicle has the skills and the room for the stop by itself."""
    return stop.skills <= vehicle.skills and stop.load.fits(vehicle.capacity)


def local_hour(problem: RoutingProblem, second: Seconds) -> int:
    """The local hour of the day, 0-23, of a second of the problem."""
    return (second - problem.midnight) % DAY // 3600


def clock_time(problem: RoutingProblem, second: Seconds) -> str:
    """A second in words: the local clock where the problem stands in real time, else the second."""
    if problem.origin == START_OF_TIME:
        return f"{second} s"
    days, rest = divmod(second - problem.midnight, DAY)
    shown = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return shown if not days else f"{shown} ({days:+} d)"


def _named(values: Iterable[_Named], kind: str, name: str) -> _Named:
    for value in values:
        if value.name == name:
            return value
    raise UnknownName(kind=kind, name=name)


def _named_twice(problem: RoutingProblem) -> Iterator[RoutingError]:
    kinds = {
        "stop": [s.name for s in problem.stops],
        "depot or vehicle": [d.name for d in problem.depots] + [v.name for v in problem.vehicles],
        "pile": [p.name for p in problem.piles],
        "lock of stop": [name for v in problem.vehicles for name in v.locked],
    }
    for kind, names in kinds.items():
        if len(set(names)) < len(names):
            name, count = Counter(names).most_common(1)[0]
            yield BadProblem(subject=f"{kind} {name}", fault=f"is there {count} times")


def _off_the_map(problem: RoutingProblem) -> Iterator[RoutingError]:
    size = len(problem.travel)
    if problem.places and len(problem.places) != size:
        fault = f"{len(problem.places)} places for a travel table of {size}"
        yield BadProblem(subject="places", fault=fault)
    spots = [(f"stop {s.name}", s.place) for s in problem.stops]
    spots += [(f"depot {d.name}", d.place) for d in problem.depots]
    spots += [(f"vehicle {v.name}", v.start) for v in problem.vehicles]
    spots += [(f"vehicle {v.name}", v.end) for v in problem.vehicles if v.end is not None]
    for subject, place in spots:
        if not 0 <= place < size:
            yield BadProblem(
                subject=subject, fault=f"place {place} is not among the {size} of the travel table"
            )


def _unknown_names(problem: RoutingProblem) -> Iterator[RoutingError]:
    stops = {s.name for s in problem.stops}
    depots = {d.name for d in problem.depots}
    sources = depots | {v.name for v in problem.vehicles}
    piles = {p.name for p in problem.piles}
    for vehicle in problem.vehicles:
        wanted = [*vehicle.reloads] + ([vehicle.depot] if vehicle.depot is not None else [])
        yield from (UnknownName(kind="depot", name=n) for n in wanted if n not in depots)
        yield from (UnknownName(kind="stop", name=n) for n in vehicle.locked if n not in stops)
    for stop in problem.stops:
        for unit in stop.units:
            if unit.at not in sources:
                yield UnknownName(kind="depot or vehicle", name=unit.at)
            if unit.pile is not None and unit.pile not in piles:
                yield UnknownName(kind="pile", name=unit.pile)
    for pile in problem.piles:
        if pile.at not in sources:
            yield UnknownName(kind="depot or vehicle", name=pile.at)

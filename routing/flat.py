"""A routing problem as arrays, which compiled search can read.

Nodes are numbered: the stops first (0 to n-1), then for each vehicle its start and its end, then
the loadings that its further trips may use. Places are numbered anew: stop i is at place i, so
that tables are read without detour; the last place is nowhere, free to reach, for open ends.
Money is in cents as floating point here; `timetable` has the last word on what a plan costs.
"""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from routing.problem import HORIZON, Load, Stop, Vehicle
from routing.timetable import Book, ready_for

Ints = NDArray[np.int64]
Shorts = NDArray[np.int32]
Floats = NDArray[np.float64]
Records: TypeAlias = Any
"""An array of records, whose fields the type checker cannot know."""
Marks = NDArray[np.uint8]

NEVER = 10 * HORIZON
"""A second that no problem reaches."""

_WAITED, _WARPED = 0.05, 0.3
"""How many seconds of drive a second of waiting, and one that comes too late, count for when stops are
called near (the measure of Vidal et al. 2013)."""

_TENTH = 10
"""The way to the tenth nearest stop is what moving a stop costs."""

ABOARD = 2
DEPOTS = 1


SECONDS, SECONDS_TO, METRES, METRES_TO = 0, 1, 2, 3
"""The layers of `Flat.travel`: from row to column, and transposed."""

LOAD = ("weight", "volume", "parcels")

STOP = np.dtype(
    [
        *((name, np.int64) for name in ("service", "due", "opens", "closes", *LOAD)),
        ("late", np.float64),  # cents per second
        ("price", np.float64),
        ("window_from", np.int64),  # its rows of `windows`
        ("window_to", np.int64),
        ("fixed", np.int64),  # 1 where a lock holds it, 2 where it may only shift, not leave
    ],
    align=True,
)
VAN = np.dtype(
    [
        *((name, np.float64) for name in ("fixed", "per_second", "per_metre")),
        *(
            (name, np.int64)
            for name in ("opens", "closes", "longest", "turnaround", "trips", *LOAD)
        ),
        *((f"aboard_{name}", np.int64) for name in LOAD),
        ("start", np.int64),  # place
        ("end", np.int64),
        ("home", np.int64),  # depot of the first trip; d where it is what is on board
        ("kind", np.int64),  # idle vehicles of one kind are alike
        ("loading_from", np.int64),  # its further loadings among all
        ("loading_to", np.int64),
        ("rest_from", np.int64),  # its rows of `rests`
        ("rest_to", np.int64),
    ],
    align=True,
)
GOODS = np.dtype([("ready", np.int64), ("pile", np.int64)], align=True)
WAY = np.dtype([("way", np.int64), ("pile", np.int64)], align=True)


class Flat(NamedTuple):
    """n stops, v vehicles, d depots, p places; times in seconds, money in cents.

    Few arrays with many fields, because every array that a compiled call passes on costs time.
    """

    travel: Shorts
    """4 x p x p: see SECONDS and its neighbours."""
    near: Shorts
    """n x k: the stops near each stop, nearest first, itself before all."""
    stops: Records
    """n of STOP."""
    windows: Ints
    """w x 2: opens, closes."""
    ways: Records
    """n x kinds of WAY: DEPOTS and ABOARD, how a vehicle of the kind could bring it; its pile on board or -1."""
    goods: Records
    """n x (d + 1) of GOODS: when each depot has its goods, from which pile; last, on board."""
    pile: Ints
    """Parcels in each pile."""
    vans: Records
    """v of VAN."""
    reloads: Marks
    """v x d: where each may load again."""
    depots: Ints
    """d x 3: place, opens, closes."""
    rests: Ints
    """r x 3: opens, closes, length."""
    hop: float
    """Cents of a typical way from a stop to the tenth nearest."""
    clock: Ints
    """27: 1 where travel is level, local midnight, 1 where a route's length matters, 24 permille."""


def flattened(book: Book, near: int = 250) -> Flat:
    """The arrays of the problem; each stop knows its `near` nearest neighbours."""
    problem = book.problem
    seconds, metres, spot = _tables(book)
    stops, windows = _stops(book)
    vans, rests = _vans(book, spot)
    timed = any(x.per_hour or x.max_duration is not None for x in problem.vehicles)
    n, goods = len(stops), _goods(book)
    ready = goods["ready"][:, :-1].min(axis=1, initial=NEVER)
    ready[ready >= NEVER] = -HORIZON
    return Flat(
        travel=np.stack((seconds, seconds.T, metres, metres.T)),
        near=_nearest(seconds[:n, :n], stops, ready, near),
        stops=stops,
        windows=windows,
        ways=_ways(book, vans["kind"]),
        goods=goods,
        pile=_ints([p.parcels for p in problem.piles]),
        vans=vans,
        reloads=np.array(
            [[d.name in x.reloads for d in problem.depots] for x in problem.vehicles],
            dtype=np.uint8,
        ).reshape(len(vans), len(problem.depots)),
        depots=_ints([(spot[d.place], d.opens, d.closes) for d in problem.depots]).reshape(-1, 3),
        rests=rests,
        hop=_hop(seconds[:n, :n], metres[:n, :n], vans),
        clock=_ints([problem.travel.is_level, problem.midnight, timed, *problem.travel.hours]),
    )


def _stops(book: Book) -> tuple[Records, Ints]:
    stops = book.problem.stops
    windows = [_windows(stop) for stop in stops]
    table = np.zeros(len(stops), STOP)
    bounds = _offsets([len(w) for w in windows])
    table["window_from"], table["window_to"] = bounds[:-1], bounds[1:]
    table["opens"] = [w[0][0] for w in windows]
    table["closes"] = [w[-1][1] for w in windows]
    table["service"] = [s.service for s in stops]
    table["due"] = [NEVER if s.due is None else s.due for s in stops]
    table["late"] = [s.late_per_hour / 3600 for s in stops]
    table["price"] = [s.price for s in stops]
    table["fixed"] = [s.name in book.locked for s in stops]
    for name in LOAD:
        table[name] = [getattr(s.load, name) for s in stops]
    return table, _ints([w for ws in windows for w in ws]).reshape(-1, 2)


def _vans(book: Book, spot: dict[int, int]) -> tuple[Records, Ints]:
    vehicles, n = book.problem.vehicles, len(book.problem.stops)
    nowhere = len(spot) + n
    table = np.zeros(len(vehicles), VAN)
    table["fixed"] = [x.fixed for x in vehicles]
    table["per_second"] = [x.per_hour / 3600 for x in vehicles]
    table["per_metre"] = [x.per_km / 1000 for x in vehicles]
    table["opens"] = [x.shift.opens for x in vehicles]
    table["closes"] = [x.shift.closes for x in vehicles]
    table["longest"] = [NEVER if x.max_duration is None else x.max_duration for x in vehicles]
    table["turnaround"] = [x.turnaround for x in vehicles]
    table["trips"] = [_most_trips(x, n) for x in vehicles]
    for name in LOAD:
        table[name] = [getattr(x.capacity, name) for x in vehicles]
        table[f"aboard_{name}"] = [getattr(x.aboard, name) for x in vehicles]
    table["start"] = [spot[x.start] for x in vehicles]
    table["end"] = [nowhere if x.end is None else spot[x.end] for x in vehicles]
    numbers = {d.name: i for i, d in enumerate(book.problem.depots)}
    table["home"] = [len(numbers) if x.depot is None else numbers[x.depot] for x in vehicles]
    table["kind"] = kinds(book)
    loadings = _offsets([_most_trips(x, n) if x.reloads else 0 for x in vehicles])
    table["loading_from"], table["loading_to"] = loadings[:-1], loadings[1:]
    rests = [sorted(x.breaks, key=lambda b: b.window.closes) for x in vehicles]
    bounds = _offsets([len(r) for r in rests])
    table["rest_from"], table["rest_to"] = bounds[:-1], bounds[1:]
    rows = [(b.window.opens, b.window.closes, b.length) for r in rests for b in r]
    return table, _ints(rows).reshape(-1, 3)


def _ints(values: object) -> Ints:
    return np.array(values, dtype=np.int64)


def _shorts(values: object) -> Shorts:
    return np.array(values, dtype=np.int32)


def _offsets(sizes: list[int]) -> Shorts:
    return np.concatenate(([0], np.cumsum(sizes, dtype=np.int32))).astype(np.int32)


def _three(load: Load) -> tuple[int, int, int]:
    return load.weight, load.volume, load.parcels


def _most_trips(vehicle: Vehicle, stops: int) -> int:
    return min(vehicle.trips, stops + 1) if vehicle.reloads else 1


def _tables(book: Book) -> tuple[Shorts, Shorts, dict[int, int]]:
    """The travel tables over stops, then all other places, then nowhere."""
    problem = book.problem
    others = {d.place for d in problem.depots} | {v.start for v in problem.vehicles}
    others |= {v.end for v in problem.vehicles if v.end is not None}
    rest = sorted(others)
    places = np.array([s.place for s in problem.stops] + rest, dtype=np.int64)
    spot = {place: len(problem.stops) + i for i, place in enumerate(rest)}
    grid = np.ix_(places, places)
    size = len(places) + 1
    tables = []
    for whole in (problem.travel.seconds, problem.travel.metres):
        table = np.zeros((size, size), dtype=np.int32)
        table[:-1, :-1] = whole[grid]
        tables.append(table)
    return tables[0], tables[1], spot


def _nearest(seconds: Shorts, stops: Records, ready: Ints, most: int) -> Shorts:
    """The stops near each stop, by the drive there or back, what is waited and what comes too late."""
    if not len(seconds):
        return np.zeros((0, 0), dtype=np.int32)
    opens = np.maximum(np.maximum(stops["opens"], ready), -HORIZON)
    closes = np.minimum(stops["closes"], HORIZON)
    left = stops["service"][:, None] + seconds
    waited = np.maximum(0, opens[None, :] - closes[:, None] - left)
    warped = np.maximum(0, opens[:, None] + left - closes[None, :])
    apart = seconds + _WAITED * waited + _WARPED * warped
    apart = np.minimum(apart, apart.T)
    np.fill_diagonal(apart, -1)
    return np.argsort(apart, axis=1, kind="stable")[:, :most].astype(np.int32)


def _hop(seconds: Shorts, metres: Shorts, vans: Records) -> float:
    """What a van of the mean kind pays for the way to the tenth nearest stop, by the median."""
    if len(seconds) < 2 or not len(vans):
        return 0.0
    price = metres * vans["per_metre"].mean() + seconds * vans["per_second"].mean()
    np.fill_diagonal(price, np.inf)
    tenth = min(_TENTH, len(price) - 1) - 1
    return float(np.median(np.partition(price, tenth, axis=1)[:, tenth]))


def _windows(stop: Stop) -> list[tuple[int, int]]:
    latest = NEVER if stop.latest is None else stop.latest
    if not stop.windows:
        return [(-HORIZON, latest)]
    kept = [(w.opens, min(w.closes, latest)) for w in stop.windows if w.opens <= latest]
    return kept or [(0, -NEVER)]


def _goods(book: Book) -> Records:
    problem = book.problem
    goods = np.zeros((len(problem.stops), len(problem.depots) + 1), GOODS)
    goods["ready"], goods["pile"] = NEVER, -1
    goods["ready"][:, -1] = -HORIZON
    piles = {p.name: i for i, p in enumerate(problem.piles)}
    numbers = {d.name: i for i, d in enumerate(problem.depots)}
    for i, stop in enumerate(problem.stops):
        if not stop.units:
            goods["ready"][i, :-1] = stop.release
        for unit in reversed(stop.units):
            if unit.at in numbers:
                goods["ready"][i, numbers[unit.at]] = stop.ready_at(unit)
                goods["pile"][i, numbers[unit.at]] = -1 if unit.pile is None else piles[unit.pile]
    number = {s.name: i for i, s in enumerate(problem.stops)}
    for vehicle in problem.vehicles:
        for name in vehicle.locked:
            if vehicle.depot is None:
                continue
            at = number[name], numbers[vehicle.depot]
            goods["ready"][at] = ready_for(book, vehicle, vehicle.depot, book.stops[name])
    return goods


def _ways(book: Book, kind: Ints) -> Records:
    """By kind: what is on board of a van, and its locks, make it a kind of its own."""
    stops, vehicles = book.problem.stops, book.problem.vehicles
    capacity = _ints([_three(v.capacity) for v in vehicles]).reshape(len(vehicles), 3)
    loads = _ints([_three(s.load) for s in stops]).reshape(len(stops), 3)
    ways = np.zeros((len(stops), len(vehicles)), WAY)
    ways["way"] = (loads[:, None, :] <= capacity[None, :, :]).all(axis=2) * DEPOTS
    ways["pile"] = -1
    piles = {p.name: i for i, p in enumerate(book.problem.piles)}
    number = {v.name: j for j, v in enumerate(vehicles)}
    owner = {name: number[v.name] for v in vehicles for name in v.locked}
    for i, stop in enumerate(stops):
        for unit in stop.units:
            j = number.get(unit.at, -1)
            if j >= 0 and ways["way"][i, j]:
                ways["way"][i, j] |= ABOARD
                ways["pile"][i, j] = -1 if unit.pile is None else piles[unit.pile]
        if stop.skills:
            ways["way"][i] *= np.array([stop.skills <= v.skills for v in vehicles])
        if stop.name in owner:
            j = owner[stop.name]
            ways["way"][i, np.arange(len(vehicles)) != j] = 0
    return np.ascontiguousarray(ways[:, np.unique(kind, return_index=True)[1]])


def kinds(book: Book) -> Shorts:
    """Vehicles alike in all but name and carrier share a number."""
    seen: dict[tuple[object, ...], int] = {}
    special = {u.at for s in book.problem.stops for u in s.units}
    kinds = []
    for v in book.problem.vehicles:
        key = (
            v.name if v.name in special or v.locked else "",
            (v.start, v.end, v.depot, v.shift.opens, v.shift.closes, v.reloads, v.trips),
            (*_three(v.capacity), *_three(v.aboard)),
            (v.turnaround, v.max_duration, v.breaks, v.fixed, v.per_hour, v.per_km, v.skills),
        )
        kinds.append(seen.setdefault(key, len(seen)))
    return _shorts(kinds)

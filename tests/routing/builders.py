"""Small routing problems: a line or a square of places, and random ones that use every field."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from routing.problem import (
    Break,
    Depot,
    Load,
    Pile,
    RoutingProblem,
    Stop,
    Unit,
    Vehicle,
    Window,
)
from routing.travel import LEVEL_DAY, Travel

HOUR = 3600


def a_line(size, seconds=600, metres=5000, hours=LEVEL_DAY):
    """Places 0 to size-1 on a straight road, the same way between each two neighbours."""
    steps = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    return Travel(
        seconds=(steps * seconds).astype(np.int32),
        metres=(steps * metres).astype(np.int32),
        hours=hours,
    )


def a_stop(name, place, **facts):
    facts = {"price": 10_000, "service": 120, "load": Load(parcels=1), **facts}
    return Stop(name=name, place=place, **facts)


def a_depot(name="node", place=0, **facts):
    return Depot(name=name, place=place, **facts)


def a_van(name="van", **facts):
    facts = {
        "start": 0,
        "end": 0,
        "depot": "node",
        "shift": Window(opens=0, closes=8 * HOUR),
        "capacity": Load(weight=10**6, volume=10**6, parcels=20),
        "fixed": 1000,
        "per_hour": 2500,
        "per_km": 30,
        **facts,
    }
    return Vehicle(name=name, **facts)


def a_problem(stops, vehicles=None, depots=None, **facts):
    stops = tuple(stops)
    facts.setdefault("travel", a_line(1 + max([s.place for s in stops], default=0)))
    return RoutingProblem(
        stops=stops,
        vehicles=(a_van(),) if vehicles is None else tuple(vehicles),
        depots=(a_depot(),) if depots is None else tuple(depots),
        **facts,
    )


def a_random_problem(seed, stops=12, vehicles=3, depots=2):
    """A problem that uses every field: waves, piles, trips, breaks, locks, windows, rush hours."""
    rng = np.random.default_rng(seed)
    spots = rng.integers(0, 12_000, size=(depots + stops, 2))
    far = np.sqrt(((spots[:, None] - spots[None]) ** 2).sum(-1))
    bend = rng.uniform(1.0, 1.15, size=far.shape)
    travel = Travel(
        seconds=(far * bend / 8).astype(np.int32),
        metres=(far * bend).astype(np.int32),
        hours=tuple(int(x) for x in rng.integers(900, 1500, 24))
        if rng.random() < 0.4
        else LEVEL_DAY,
    )
    nodes = tuple(
        a_depot(f"node{d}", d, closes=int(rng.integers(6, 12)) * HOUR) for d in range(depots)
    )
    vans = tuple(_a_random_van(rng, k, depots) for k in range(vehicles))
    piles = (Pile(name="float", at="van0", parcels=2), Pile(name="shelf", at="node0", parcels=3))
    asked = tuple(_a_random_stop(rng, k, depots) for k in range(stops))
    return RoutingProblem(
        stops=asked,
        depots=nodes,
        vehicles=_with_locks(rng, vans, asked),
        travel=travel,
        piles=piles,
        midnight=int(rng.integers(-10, 0)) * HOUR,
    )


def _a_random_van(rng, number, depots):
    home = int(rng.integers(depots))
    under_way = number == 0
    opens = int(rng.integers(0, 2)) * HOUR
    trips = int(rng.integers(1, 4))
    return a_van(
        f"van{number}",
        start=home,
        end=home if rng.random() < 0.8 else None,
        depot=None if under_way else f"node{home}",
        reloads=(
            f"node{home}",
            *((f"node{(home + 1) % depots}",) if rng.random() < 0.3 and depots > 1 else ()),
        ),
        trips=trips,
        shift=Window(opens=opens, closes=opens + int(rng.integers(3, 9)) * HOUR),
        capacity=Load(weight=20_000, volume=10**6, parcels=int(rng.integers(3, 8))),
        aboard=Load(parcels=2) if under_way else Load(),
        turnaround=int(rng.integers(0, 900)),
        max_duration=int(rng.integers(2, 8)) * HOUR if rng.random() < 0.3 else None,
        breaks=(Break(window=Window(opens=opens + HOUR, closes=opens + 2 * HOUR), length=1800),)
        if rng.random() < 0.4
        else (),
        fixed=int(rng.integers(0, 3000)),
        per_hour=int(rng.integers(0, 4000)),
        per_km=int(rng.integers(1, 80)),
        skills=frozenset({"chilled"}) if rng.random() < 0.5 else frozenset(),
    )


def _a_random_stop(rng, number, depots):
    opens = int(rng.integers(0, 5 * HOUR))
    windows = ()
    if rng.random() < 0.3:
        windows = (Window(opens=opens, closes=opens + HOUR),)
        if rng.random() < 0.4:
            windows += (Window(opens=opens + 2 * HOUR, closes=opens + 3 * HOUR),)
    kind = rng.random()
    home = f"node{int(rng.integers(depots))}"
    units = ()
    if kind < 0.4:
        units = (Unit(at=home, ready=int(rng.integers(0, 2 * HOUR))),)
    elif kind < 0.5:
        units = (Unit(at="van0", pile="float"), Unit(at=home, ready=HOUR))
    elif kind < 0.6:
        units = (Unit(at="node0", pile="shelf"),)
    elif kind < 0.65:
        units = (Unit(at="van0"),)
    return a_stop(
        f"ord{number}",
        depots + number,
        service=int(rng.integers(0, 400)),
        release=int(rng.integers(0, HOUR)) if rng.random() < 0.4 else 0,
        windows=windows,
        due=int(rng.integers(HOUR, 5 * HOUR)) if rng.random() < 0.7 else None,
        late_per_hour=int(rng.integers(0, 5000)),
        latest=int(rng.integers(4 * HOUR, 9 * HOUR)) if rng.random() < 0.3 else None,
        units=units,
        load=Load(weight=int(rng.integers(0, 6000)), parcels=int(rng.integers(1, 3))),
        price=int(rng.integers(500, 20_000)),
        skills=frozenset({"chilled"}) if rng.random() < 0.15 else frozenset(),
    )


def _with_locks(rng, vans, asked):
    """Lock one stop to the second van, one that nothing but the van's own load can hinder."""
    if rng.random() < 0.5 or len(vans) < 2:
        return vans
    easy = [
        s
        for s in asked
        if not s.windows
        and s.latest is None
        and not s.skills
        and not s.units
        and s.load.fits(vans[1].capacity)
    ]
    free = vans[1].max_duration is None and not vans[1].breaks
    return (vans[0], replace(vans[1], locked=(easy[0].name,)), *vans[2:]) if easy and free else vans


seeds = st.integers(0, 2**20)

"""Placement instances: public formats read as placement questions, and generators of our own.

Every instance keeps its raw numbers beside the question, so that an answer can be checked without
the question, the model or the rules. Money is scaled to whole numbers of `1 / scale`.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from logistics.placement.plan import PlacementPlan
from logistics.placement.problem import (
    DAY,
    Leg,
    Period,
    PlacementProblem,
    Product,
    SamplePath,
    Series,
    Site,
    Wishes,
)

Floats = NDArray[np.float64]
EARTH_KM = 6371.0088


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """The plain one-period facts: legs by (site, cell) with the cost of a parcel, in money."""

    demand: Floats
    capacity: Floats
    fixed: Floats
    leg_site: NDArray[np.int64]
    leg_cell: NDArray[np.int64]
    leg_cost: Floats
    unserved: float | None
    most_open: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    name: str
    family: str
    problem: PlacementProblem
    scale: float
    raw: Raw | None = None


def one_period(name: str, family: str, raw: Raw, scale: float) -> Instance:
    """A one-period instance as a placement question: open for the one day or not."""
    worst = raw.unserved
    if worst is None:  # every parcel must be served: late costs more than any way could
        worst = 2.0 * float(raw.leg_cost.max()) + float(raw.fixed.max()) + 1.0
    sites = tuple(
        Site(
            name=f"s{j}",
            kind="lease",
            capacity=(int(raw.capacity[j]),),
            set_up=round(raw.fixed[j] * scale),
        )
        for j in range(len(raw.capacity))
    )
    legs = tuple(
        Leg(node=f"s{j}", cell=f"c{i}", cost=round(cost * scale))
        for j, i, cost in zip(raw.leg_site, raw.leg_cell, raw.leg_cost, strict=True)
    )
    demand = tuple(
        Series(product="p", cell=f"c{i}", parcels=(int(parcels),))
        for i, parcels in enumerate(raw.demand)
    )
    problem = PlacementProblem(
        periods=(Period(start=0, seconds=DAY),),
        products=(Product(name="p"),),
        sites=sites,
        legs=legs,
        paths=(SamplePath(name="given", demand=demand),),
        wishes=Wishes(most_open=raw.most_open),
        next_day_parcel=round(worst * scale),
    )
    return Instance(name=name, family=family, problem=problem, scale=scale, raw=raw)


def _dense(demand: Floats, costs: Floats, capacity: Floats, fixed: Floats) -> Raw:
    """`costs` is [cell, site], for all of a cell's demand."""
    cell, site = np.nonzero(np.ones_like(costs))
    cost = costs[cell, site] / demand[cell]
    return Raw(
        demand=demand,
        capacity=capacity,
        fixed=fixed,
        leg_site=site,
        leg_cell=cell,
        leg_cost=cost,
        unserved=None,
    )


def read_orlib(path: Path) -> Instance:
    numbers = np.array(path.read_text().split(), float)
    m, n = int(numbers[0]), int(numbers[1])
    sites = numbers[2 : 2 + 2 * m].reshape(m, 2)
    rows = numbers[2 + 2 * m : 2 + 2 * m + n * (m + 1)].reshape(n, m + 1)
    raw = _dense(rows[:, 0], rows[:, 1:], sites[:, 0], sites[:, 1])
    return one_period(path.stem, "orlib", raw, 1e4)


def read_holmberg(path: Path) -> Instance:
    """Holmberg's instances with cells allowed to be split: our model does not hold them whole."""
    numbers = np.array(path.read_text().split(), float)
    m, n = int(numbers[0]), int(numbers[1])
    capacity, fixed = numbers[2 : 2 + m], numbers[2 + m : 2 + 2 * m]
    demand = numbers[2 + 2 * m : 2 + 2 * m + n]
    costs = numbers[2 + 2 * m + n : 2 + 2 * m + n + m * n].reshape(n, m)
    raw = _dense(demand, costs, capacity, fixed)
    return one_period(path.stem, "holmberg (split allowed)", raw, 1e4)


def read_pmed(path: Path) -> Instance:
    numbers = np.array(path.read_text().split(), np.int64)
    n, edges, p = (int(each) for each in numbers[:3])
    away = np.full((n, n), np.inf)
    np.fill_diagonal(away, 0)
    for a, b, length in numbers[3 : 3 + 3 * edges].reshape(edges, 3):
        away[a - 1, b - 1] = away[b - 1, a - 1] = length
    for k in range(n):
        away = np.minimum(away, away[:, k, None] + away[None, k, :])
    cell, site = np.nonzero(np.isfinite(away))
    raw = Raw(
        demand=np.ones(n),
        capacity=np.full(n, float(n)),
        fixed=np.zeros(n),
        leg_site=site,
        leg_cell=cell,
        leg_cost=away[cell, site],
        unserved=None,
        most_open=p,
    )
    return one_period(path.stem, "pmed", raw, 1.0)


def kilometres(lat: Floats, lon: Floats) -> Floats:
    la, lo = np.radians(lat), np.radians(lon)
    a = np.sin((la[:, None] - la) / 2) ** 2
    a = a + np.cos(la[:, None]) * np.cos(la) * np.sin((lo[:, None] - lo) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(a))


def with_reach(
    name: str,
    family: str,
    lat: Floats,
    lon: Floats,
    demand: Floats,
    fixed: Floats,
    capacity: Floats,
) -> Instance:
    """The rules of `us/`: 150 km of reach, 3.5 + 0.045 a road km a parcel, 18 if unserved."""
    away = kilometres(lat, lon)
    cell, site = np.nonzero(away <= 150)
    raw = Raw(
        demand=demand,
        capacity=capacity,
        fixed=fixed,
        leg_site=site,
        leg_cell=cell,
        leg_cost=3.5 + 0.045 * 1.3 * away[cell, site],
        unserved=18.0,
    )
    return one_period(name, family, raw, 1e4)


def read_us(path: Path) -> Instance:
    with path.open() as file:
        rows = list(csv.DictReader(file))
    columns = ("lat", "lon", "demand", "lease_cost", "capacity")
    facts = (np.array([float(row[name]) for row in rows]) for name in columns)
    return with_reach(path.stem, "us", *facts)


READERS = {"orlib": read_orlib, "holmberg": read_holmberg, "pmed": read_pmed, "us": read_us}


def read_all(data: Path, families: list[str]) -> list[Instance]:
    return [
        READERS[family](path)
        for family in families
        if family in READERS
        for path in sorted((data / family).glob("*.*"), key=lambda p: (len(p.stem), p.stem))
    ]


def cells_3000(count: int = 3000, seed: int = 1) -> Instance:
    """Towns in clusters over a country, people by a power law, rents by size."""
    draw = np.random.default_rng(seed)
    centres = draw.uniform((30, -120), (46, -75), (60, 2))
    pick = draw.choice(60, count, p=draw.dirichlet(np.ones(60)))
    place = centres[pick] + draw.normal(0, 1.1, (count, 2))
    demand = np.maximum(3, (draw.pareto(1.1, count) + 1) * 40).clip(max=30_000).round()
    capacity = np.where(demand > 1_000, 6_000.0, 2_500.0)
    fixed = 4_000 + 2.2 * np.sqrt(demand) * draw.uniform(8, 14, count) + capacity * 0.3
    return with_reach(
        f"cells{count}", "generated", place[:, 0], place[:, 1], demand, fixed, capacity
    )


def tight(sites: int = 100, customers: int = 1000, ratio: float = 1.5, seed: int = 1) -> Instance:
    """Cornuejols, Sridharan and Thizy (1991): unit square, demand U[5, 35], capacity U[10, 160]
    scaled to `ratio` times the demand, fixed cost U[0, 90] + U[100, 110] sqrt(capacity)."""
    draw = np.random.default_rng(seed)
    customer, site = draw.random((customers, 2)), draw.random((sites, 2))
    demand = draw.integers(5, 36, customers).astype(float)
    capacity = draw.uniform(10, 160, sites)
    fixed = draw.uniform(0, 90, sites) + draw.uniform(100, 110, sites) * np.sqrt(capacity)
    capacity = np.floor(capacity * ratio * demand.sum() / capacity.sum())
    away = np.hypot(*(customer[:, None, :] - site[None, :, :]).transpose(2, 0, 1))
    raw = _dense(demand, 10 * away * demand[:, None], capacity, fixed)
    return one_period(f"tight{sites}x{customers}", "generated", raw, 1e4)


def over_days(
    cells: int, sites: int, days: int, paths: int, seed: int = 1, reach: float = 150.0
) -> Instance:
    """A burst over many cells: leases with a lead, a term and a ramp, demand that rises and falls
    at its own hour in each cell; sample paths share a country-wide and a local factor."""
    draw = np.random.default_rng(seed)
    centres = draw.uniform((30, -120), (46, -75), (max(6, cells // 25), 2))
    pick = draw.integers(0, len(centres), cells)
    place = centres[pick] + draw.normal(0, 0.8, (cells, 2))
    at = draw.choice(cells, sites, replace=sites > cells)
    away = kilometres(place[:, 0], place[:, 1])[:, at]
    people = np.maximum(3, (draw.pareto(1.2, cells) + 1) * 12).clip(max=1_500)
    periods = tuple(Period(start=DAY * t, seconds=DAY) for t in range(days))
    peak, width = draw.uniform(0.15, 0.5, cells) * days, draw.uniform(0.15, 0.35, cells) * days
    shape = np.exp(-0.5 * ((np.arange(days)[None, :] - peak[:, None]) / width[:, None]) ** 2)
    futures = []
    for s in range(paths):
        common = draw.lognormal(0, 0.35 if paths > 1 else 0.0)
        local = draw.lognormal(0, 0.35 if paths > 1 else 0.0, len(centres))[pick]
        wanted = np.round(people[:, None] * shape * common * local[:, None]).astype(int)
        rows = (
            Series(product="p", cell=f"c{i}", parcels=tuple(wanted[i].tolist()))
            for i in range(cells)
        )
        futures.append(SamplePath(name=f"path {s}", demand=tuple(rows)))
    kinds = draw.integers(0, 3, sites)
    facts = (
        {"kind": "shelf", "lead": 7_200, "shortest_term": DAY, "per_day": 15_000, "per_order": 120},
        {
            "kind": "standby",
            "lead": 18_000,
            "shortest_term": 3 * DAY,
            "set_up": 90_000,
            "per_day": 145_000,
        },
        {
            "kind": "lease",
            "lead": 3 * DAY,
            "shortest_term": 7 * DAY,
            "set_up": 800_000,
            "per_day": 120_000,
        },
    )
    capacity = (150, 600, 2_000)
    nodes = tuple(
        Site(
            name=f"s{j}",
            capacity=(capacity[k],) * days,
            ramp=0 if k == 0 else DAY,
            **facts[k],  # type: ignore[arg-type]  # a table of arguments
        )
        for j, k in enumerate(kinds)
    )
    legs = tuple(
        Leg(node=f"s{j}", cell=f"c{i}", cost=600 + round(6 * 1.3 * away[i, j]))
        for i, j in np.argwhere(away <= reach)
    )
    problem = PlacementProblem(
        periods=periods,
        products=(Product(name="p", margin=1_200),),
        sites=nodes,
        legs=legs,
        paths=tuple(futures),
        next_day_parcel=900,
        lateness_price=1_500,
        lift_permille=150,
    )
    name = f"{cells}x{sites}x{days}" + (f"x{paths}" if paths > 1 else "")
    return Instance(name=name, family="generated", problem=problem, scale=100.0)


GENERATED = {
    "cells3000": lambda seed: cells_3000(seed=seed),
    "tight": lambda seed: tight(seed=seed),
    "days": lambda seed: over_days(600, 300, 28, 1, seed=seed),
    "paths": lambda seed: over_days(300, 150, 8, 20, seed=seed),
}


def check(instance: Instance, plan: PlacementPlan) -> tuple[float, str]:
    """The plan's cost from the raw numbers alone, and what is wrong with it ("" if nothing)."""
    raw = instance.raw
    if raw is None:
        raise ValueError(f"{instance.name} has no raw numbers; its rules check it")
    cost = {(j, i): c for j, i, c in zip(raw.leg_site, raw.leg_cell, raw.leg_cost, strict=True)}
    opened = {int(each.site[1:]) for each in plan.openings}
    got, load = np.zeros(len(raw.demand)), np.zeros(len(raw.capacity))
    total = sum(float(raw.fixed[j]) for j in opened)
    for flow in plan.flows:
        j, i = int(flow.node[1:]), int(flow.cell[1:])
        if (j, i) not in cost or j not in opened:
            return np.inf, f"{flow.node} does not serve {flow.cell}"
        got[i] += flow.parcels
        load[j] += flow.parcels
        total += flow.parcels * float(cost[j, i])
    if (load > raw.capacity + 1e-9).any():
        return np.inf, "a site is overfull"
    if raw.most_open is not None and len(opened) > raw.most_open:
        return np.inf, "too many sites are open"
    missing = raw.demand - got
    if (missing < -1e-9).any():
        return np.inf, "a cell is served twice"
    if raw.unserved is None and missing.sum() > 1e-9:
        return np.inf, f"{missing.sum():.0f} parcels are not served"
    return total + float(missing.sum()) * (raw.unserved or 0.0), ""

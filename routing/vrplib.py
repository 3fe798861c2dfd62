"""Reads the public benchmark formats, Solomon and VRPLIB, as routing problems.

Money is distance: a cent is one unit of it, so the cost of a plan is its distance. Solomon files
and the DIMACS sets count Euclidean distance times 10, truncated; sets with several depots (Vidal
et al. 2013) times 1000, rounded; explicit matrices as they are. Stops have no price in these files,
so leaving one out costs more than any detour, and a plan that serves all is found first.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from routing.errors import BadProblem, UnreadableFile
from routing.problem import HORIZON, Depot, Load, RoutingProblem, Stop, Vehicle, Window
from routing.travel import Travel

Rows = list[tuple[int, list[str]]]
"""Words of each line with the line's number."""


def problem_of_benchmark(text: str) -> RoutingProblem:
    """The problem of a Solomon or VRPLIB text; UnreadableFile names the line at fault."""
    rows = _rows(text)
    try:
        if any(words[:1] == ["CUSTOMER"] for _, words in rows):
            return _solomon(rows)
        if any(words[0].endswith("_SECTION") for _, words in rows):
            return _vrplib(rows)
    except (ValueError, OverflowError, IndexError) as error:
        raise UnreadableFile(fault=f"a number is none or out of place: {error}") from error
    raise UnreadableFile(fault="neither a Solomon file (CUSTOMER) nor VRPLIB (..._SECTION)")


def spots_of_benchmark(text: str) -> tuple[tuple[float, float], ...]:
    """Where the places of such a text lie on paper (x, y), for drawing; empty where it does not say."""
    rows = _rows(text)
    if any(words[:1] == ["CUSTOMER"] for _, words in rows):
        at = next((k for k, (_, words) in enumerate(rows) if words[0] == "NUMBER"), 0)
        found = [_numbers(row, 3) for row in rows[at + 2 :] if row[1][0][0].isdigit()]
    else:
        found = [_numbers(row, 3) for row in _sections(rows)[1].get("NODE_COORD", [])]
    return tuple((x, y) for _, x, y in found)


def _rows(text: str) -> Rows:
    return [(i, line.split()) for i, line in enumerate(text.splitlines(), 1) if line.strip()]


def _solomon(rows: Rows) -> RoutingProblem:
    at = next((k for k, (_, words) in enumerate(rows) if words[0] == "NUMBER"), None)
    if at is None or at + 1 >= len(rows):
        raise UnreadableFile(fault="no line NUMBER CAPACITY with the fleet behind it")
    fleet, capacity = _numbers(rows[at + 1], 2)
    table = np.array([_numbers(row, 7) for row in rows[at + 2 :] if row[1][0][0].isdigit()])
    if len(table) < 2:
        raise UnreadableFile(fault="no customers")
    tenths = np.floor(10 * table + 1e-9).astype(np.int64)
    return _problem(
        distance=np.floor(10 * _euclid(table[:, 1:3]) + 1e-9),
        demand=table[:, 3].astype(np.int64),
        windows=tenths[:, 4:6],
        service=tenths[:, 6],
        release=np.full(len(table), -HORIZON),
        depots=[0],
        homes=[0] * int(fleet),
        capacity=int(capacity),
        reloads={},
        longest=None,
    )


def _vrplib(rows: Rows) -> RoutingProblem:
    head, parts = _sections(rows)
    size = int(_header(head, "DIMENSION"))
    explicit = head.get("EDGE_WEIGHT_TYPE") == "EXPLICIT"
    several = "MDVRPTW" in head.get("TYPE", "")
    scale = 1 if explicit else 1000 if several else 10

    def units(values: NDArray[np.float64]) -> NDArray[np.int64]:
        exact = np.asarray(values, dtype=np.float64) * scale
        return (np.rint(exact) if several or explicit else np.floor(exact + 1e-9)).astype(np.int64)

    def column(name: str, default: float) -> NDArray[np.int64]:
        if name not in parts:
            return units(np.full(size, default))
        return units(np.array([_numbers(row, 2)[1] for row in _whole(parts, name, size)]))

    if explicit:
        flat = np.array([float(x) for _, words in parts.get("EDGE_WEIGHT", []) for x in words])
        if flat.size != size * size:
            raise UnreadableFile(fault=f"{flat.size} edge weights, {size * size} expected")
        if not (np.isfinite(flat).all() and (flat >= 0).all()):
            raise UnreadableFile(fault="an edge weight is below zero or no number")
        distance = flat.reshape(size, size)
    else:
        spots = np.array([_numbers(row, 3)[1:] for row in _whole(parts, "NODE_COORD", size)])
        distance = units(_euclid(spots)).astype(np.float64)
    depots = [
        int(w) - 1 for _, words in parts.get("DEPOT", [(0, ["1"])]) for w in words if int(w) > 0
    ]
    service = column("SERVICE_TIME", float(head.get("SERVICE_TIME", "0")))
    service[depots] = 0
    windows = np.tile(np.array([0, HORIZON]), (size, 1))
    if "TIME_WINDOW" in parts:
        rows_of = _whole(parts, "TIME_WINDOW", size)
        windows = units(np.array([_numbers(row, 3)[1:] for row in rows_of]))
    fleet = int(head.get("VEHICLES", str(size - 1)))
    homes = [int(words[1]) - 1 for _, words in parts.get("VEHICLES_DEPOT", [])]
    longest = head.get("VEHICLES_MAX_DURATION")
    return _problem(
        distance=distance,
        demand=np.array([_numbers(r, 2)[1] for r in _whole(parts, "DEMAND", size)]).astype(
            np.int64
        ),
        windows=windows,
        service=service,
        release=column("RELEASE_TIME", 0),
        depots=depots,
        homes=homes or [depots[0]] * fleet,
        capacity=int(float(_header(head, "CAPACITY"))),
        reloads={
            int(words[0]) - 1: [int(w) - 1 for w in words[1:]]
            for _, words in parts.get("VEHICLES_RELOAD_DEPOT", [])
        },
        longest=None if longest is None else int(units(np.array([float(longest)]))[0]),
    )


def _problem(
    *,
    distance: NDArray[np.float64],
    demand: NDArray[np.int64],
    windows: NDArray[np.int64],
    service: NDArray[np.int64],
    release: NDArray[np.int64],
    depots: list[int],
    homes: list[int],
    capacity: int,
    reloads: dict[int, list[int]],
    longest: int | None,
) -> RoutingProblem:
    table = distance.astype(np.int32)
    for i in np.flatnonzero(windows[:, 1] < windows[:, 0]).tolist():
        raise BadProblem(subject=f"stop {i}", fault="its window closes before it opens")
    price = 4 * int(table.max()) + 1000
    return RoutingProblem(
        stops=tuple(
            Stop(
                name=str(i),
                place=i,
                price=price,
                service=int(service[i]),
                release=int(release[i]),
                windows=(Window(opens=int(windows[i, 0]), closes=int(windows[i, 1])),),
                load=Load(parcels=int(demand[i])),
            )
            for i in range(len(table))
            if i not in depots
        ),
        depots=tuple(Depot(name=f"depot {d}", place=d) for d in depots),
        vehicles=tuple(
            Vehicle(
                name=f"vehicle {k + 1}",
                start=home,
                end=home,
                depot=f"depot {home}",
                shift=Window(opens=int(windows[home, 0]), closes=int(windows[home, 1])),
                capacity=Load(parcels=capacity),
                reloads=tuple(f"depot {d}" for d in reloads.get(k, [])),
                trips=30 if reloads.get(k) else 1,
                max_duration=longest,
                per_km=1000,
            )
            for k, home in enumerate(homes)
        ),
        travel=Travel(seconds=table, metres=table, source="file"),
    )


def _euclid(spots: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.sqrt(((spots[:, None] - spots[None]) ** 2).sum(axis=-1)))


def _numbers(row: tuple[int, list[str]], count: int) -> list[float]:
    line, words = row
    try:
        numbers = [float(word) for word in words[:count]]
    except ValueError as error:
        raise UnreadableFile(fault=str(error), line=line) from error
    if len(numbers) < count or not np.isfinite(numbers).all():
        raise UnreadableFile(fault=f"{count} numbers expected", line=line)
    return numbers


def _sections(rows: Rows) -> tuple[dict[str, str], dict[str, Rows]]:
    head: dict[str, str] = {}
    parts: dict[str, Rows] = {}
    current: Rows | None = None
    for line, words in _until_end(rows):
        if words[0].endswith("_SECTION"):
            current = parts.setdefault(words[0].removesuffix("_SECTION"), [])
        elif current is None:
            name, _, value = " ".join(words).partition(":")
            head[name.strip()] = value.strip()
        else:
            current.append((line, words))
    return head, parts


def _until_end(rows: Rows) -> Iterator[tuple[int, list[str]]]:
    for row in rows:
        if row[1][0] == "EOF":
            return
        yield row


def _whole(parts: dict[str, Rows], name: str, size: int) -> Rows:
    rows = parts.get(name, [])
    if len(rows) != size:
        raise UnreadableFile(fault=f"{name}_SECTION has {len(rows)} lines, {size} expected")
    return rows


def _header(head: dict[str, str], name: str) -> str:
    if name not in head:
        raise UnreadableFile(fault=f"no line {name}")
    return head[name]

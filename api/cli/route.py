"""`route`: plan one file of stops and vans, and say what was left out and why.

Our own problem file (JSON), Solomon and VRPLIB are told apart by what they hold. The plan is the
one that the service would make with so many seconds.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from api.cli.verb import Verb
from routing.diagnosis import explained
from routing.drawing import Spot, geojson_of, page_of, spots_of, svg_of
from routing.effort import Effort
from routing.errors import UnreadableFile
from routing.files import problem_of, text_of
from routing.improve import warm
from routing.plan import Costs, LeftOut, Route, RoutePlan, Stopped
from routing.problem import RoutingProblem
from routing.solver import route
from routing.vrplib import problem_of_benchmark, spots_of_benchmark

SHOWN = 40
"""So many routes and left-out stops are printed; the JSON has all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which file, how long, and where the plan goes."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="our JSON, Solomon or VRPLIB, told apart by itself"
    )
    parser.add_argument(
        "--seconds", type=_seconds, default=10.0, metavar="N", help="how long to search"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the search")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the plan")
    parser.add_argument(
        "--geojson", type=Path, metavar="FILE", help="write a map layer; needs places in degrees"
    )
    parser.add_argument(
        "--explain", action="store_true", help="say why each stop was left out, and what would help"
    )
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="draw the routes: an .svg, or an .html page"
    )


def run(asked: argparse.Namespace) -> int:
    """Plan the file and tell the plan."""
    problem, spots = read(asked.file)
    _refuse_what_cannot_be_drawn(asked, problem, spots)
    warm()
    began = time.monotonic()
    plan = route(problem, Effort(at_most=asked.seconds, seed=asked.seed))
    took = time.monotonic() - began
    if asked.explain:
        plan = explained(problem, plan)
    for path, text in _written(asked, problem, plan, spots):
        path.write_text(text, "utf-8")
    sys.stdout.write("\n".join(_page(asked.file.name, problem, plan, took)) + "\n")
    return 0


def read(path: Path) -> tuple[RoutingProblem, tuple[Spot, ...]]:
    """The problem of a file in any of the formats, and where its places lie on paper.

    Raises UnreadableFile or BadProblem where it is none, and OSError where it cannot be opened.
    """
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableFile(fault=f"{path} is no text") from error
    if text.lstrip().startswith("{"):
        problem = problem_of(text)
        return problem, spots_of(problem)
    return problem_of_benchmark(text), spots_of_benchmark(text)


def _seconds(word: str) -> float:
    seconds = float(word)
    if not 0 < seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{word} is not above 0 and at most a day")
    return seconds


def _written(
    asked: argparse.Namespace, problem: RoutingProblem, plan: RoutePlan, spots: tuple[Spot, ...]
) -> Iterator[tuple[Path, str]]:
    if asked.json is not None:
        yield asked.json, text_of(plan) + "\n"
    if asked.geojson is not None:
        yield asked.geojson, geojson_of(problem, plan)
    if asked.picture is not None:
        drawn = page_of if asked.picture.suffix.lower() in {".html", ".htm"} else svg_of
        yield asked.picture, drawn(problem, plan, spots)


def _refuse_what_cannot_be_drawn(
    asked: argparse.Namespace, problem: RoutingProblem, spots: tuple[Spot, ...]
) -> None:
    """Raise BadProblem before the search, and before anything is written, rather than after."""
    nothing = RoutePlan(routes=(), left_out=(), costs=Costs(), stopped=Stopped.STEPS)
    for _ in _written(asked, problem, nothing, spots):
        pass


def _page(name: str, problem: RoutingProblem, plan: RoutePlan, took: float) -> Iterator[str]:
    served = sum(len(made.stops) for made in plan.routes)
    yield f"{name}: {len(problem.stops)} stops, {len(problem.vehicles)} vans"
    gap = "" if plan.gap is None else f", proven within {plan.gap:.1%}"
    yield f"cost {plan.cost:,}, stopped by {plan.stopped.value} after {took:.1f} s{gap}"
    yield f"{served} stops on {len(plan.routes)} vans, {len(plan.left_out)} left out"
    yield from (f"  {_route(made)}" for made in plan.routes[:SHOWN])
    if plan.left_out:
        yield "left out"
        yield from (f"  {_left_out(left)}" for left in plan.left_out[:SHOWN])
    more = max(0, len(plan.routes) - SHOWN) + max(0, len(plan.left_out) - SHOWN)
    if more:
        yield f"and {more} more lines, all in the JSON"


def _route(made: Route) -> str:
    late = f", {made.late} s late in all" if made.late else ""
    trips = f" in {len(made.trips)} trips" if len(made.trips) > 1 else ""
    return (
        f"{made.vehicle}: {len(made.stops)} stops{trips}, {made.start} to {made.end} s,"
        f" {made.metres:,} m, cost {made.costs.total:,}{late}"
    )


def _left_out(left: LeftOut) -> str:
    rules = ", ".join(f"{o.rule} against {o.vehicles} of {o.of} vans" for o in left.obstacles)
    why = f"{left.stop}: {left.why.value}" + (f" ({rules})" if rules else "")
    if left.insertion is not None:
        why += f", would cost {left.insertion:,} and leaving it out costs {left.price:,}"
    return f"{why}; {left.fix.words} would bring it in" if left.fix else why


VERB = Verb(
    name="route",
    help="plan a file of stops and vans: our JSON, Solomon or VRPLIB",
    run=run,
    arguments=add_arguments,
)

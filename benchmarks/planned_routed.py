"""Planned against routed: what a placement says comes within six hours, and what vans really bring.

    python -m benchmarks.planned_routed [--worlds 6] [--seed 1] [--steps 300] [--json FILE]

Drawn worlds are lived by who knows the videos' future until a plan opens something. The first whole
day of the plan then goes through the router: its flows become orders at the doors and minutes of the
market's own buyers, each at the node that the plan chose, with the market's vans. They are sent as
in `viral_days`, by futures that know the past alone. The two shares are of the same demand: parcels
that the plan brings in time, and those of them that came within six hours.
"""

import argparse
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.viral_days import (
    FUTURE_STEPS,
    LAST,
    OPENS,
    SERVICE,
    USUAL,
    Day,
    by_futures,
    lived,
    second_of,
)
from data.worlds.drawing import drawn_world
from logistics.catalogue import Market
from logistics.placement.plan import PlacementPlan
from logistics.placement.problem import DAY, PlacementProblem
from logistics.siting.question import question_of
from logistics.siting.scene import Scene, scene_of
from logistics.twin.life import COUNTED
from logistics.twin.policies import in_memory, policy_of, rehearsal, way_of
from logistics.twin.truth import Buyer, truth_of
from logistics.workflows.position import checked_plan
from routing.effort import Effort
from routing.geography import Place
from routing.improve import warm
from routing.travel import GreatCircle

LOOK = timedelta(hours=6)
LEAST = 40
"""Parcels of a day below which its share says little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A plan that opens something, and the scene that it was made for."""

    scene: Scene
    problem: PlacementProblem
    plan: PlacementPlan
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One day: all that was wanted, what the plan brings in time, and what the vans brought."""

    world: str
    market: str
    wanted: int
    planned: int
    routed: int


def plans_of(seed: int, number: int) -> tuple[str, list[Found], tuple[Buyer, ...]]:
    """The first plan of each market of a world that opens a site, and the world's buyers."""
    world = drawn_world(seed, number, 12)
    way = way_of("informed")
    policy = policy_of(world, way, COUNTED)
    means, truth = in_memory(world, policy), truth_of(world)
    life = rehearsal(world, truth, means, way)
    life.found()
    found: dict[str, Found] = {}
    now, ends = world.starts_at, world.starts_at + timedelta(days=8)
    while now < ends and len(found) < len(world.markets):
        now += LOOK
        life.run(now, lambda _: None)
        with means.store.read() as reading:
            scenes = [
                scene_of(reading, policy, market, now)
                for market in reading.find(Market)
                if market.id not in found
            ]
        for scene in scenes:
            if scene is None or not scene.sites:
                continue
            problem = question_of(scene, policy, now)
            plan = checked_plan(problem, Effort(at_most=60, steps=40))
            if plan.openings:
                found[scene.market.id] = Found(scene=scene, problem=problem, plan=plan, now=now)
    return world.name, list(found.values()), truth.buyers


def share_of(world: str, found: Found, buyers: tuple[Buyer, ...], steps: int) -> Share | None:
    """The first whole day after the openings, routed; None where it wants too little."""
    periods = found.problem.periods
    begins = max(periods[opening.start].start for opening in found.plan.openings)
    whole = [k for k, one in enumerate(periods) if one.start >= begins and one.seconds >= DAY]
    if not whole:
        return None
    day = whole[0]
    wanted = sum(series.parcels[day] for series in found.problem.paths[0].demand)
    flows = [flow for flow in found.plan.flows if flow.period == day and flow.parcels]
    planned = sum(flow.parcels for flow in flows)
    if planned < LEAST:
        return None
    met, _, _ = lived(
        _day(found, [(flow.node, flow.cell, flow.parcels) for flow in flows], buyers),
        by_futures(4, FUTURE_STEPS),
        whole=False,
        steps=steps,
    )
    return Share(
        world=world, market=found.scene.market.id, wanted=wanted, planned=planned, routed=met
    )


def _day(found: Found, flows: list[tuple[str, str, int]], buyers: tuple[Buyer, ...]) -> Day:
    """The flows as a day of orders, at doors and times of the market's own buyers."""
    market, rng = found.scene.market, np.random.default_rng(len(buyers))
    zone = ZoneInfo(market.zone)
    own = [buyer for buyer in buyers if buyer.market == market.id]
    clock = [second_of(buyer.at.astimezone(zone)) for buyer in own]
    times = [at for at in clock if OPENS <= at <= LAST]
    spaces = {site.id: (site.lat, site.lon) for site in found.scene.sites}
    stands = {one.site.id: (one.node.lat, one.node.lon) for one in found.scene.standing}
    centres = {node.id: (node.lat, node.lon) for node in found.scene.centres}
    known = {**spaces, **stands, **centres}
    nodes = sorted({node for node, _, _ in flows})
    places = [Place(lat=known[node][0], lon=known[node][1]) for node in nodes]
    orders: list[tuple[int, int, Place]] = []
    for node, cell, parcels in flows:
        doors = [buyer for buyer in own if buyer.cell == cell]
        for k in rng.integers(0, len(doors), parcels):
            door = Place(lat=doors[k].lat, lon=doors[k].lon)
            orders.append((times[int(rng.integers(0, len(times)))], nodes.index(node), door))
    orders.sort(key=lambda order: order[0])
    travel = GreatCircle().table((*places, *(door for _, _, door in orders)))
    return Day(
        travel=travel,
        nodes=len(nodes),
        at=tuple(at for at, _, _ in orders),
        home=tuple(home for _, home, _ in orders),
        vans=len(found.scene.vans),
        trip=round((USUAL - 1) * (COUNTED.promising.between_drops + SERVICE)),
    )


def main() -> None:
    """Plan and route drawn worlds, and tell both shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    warm()
    days: list[Share] = []
    for number in range(asked.worlds):
        world, found, buyers = plans_of(asked.seed, number)
        for one in found:
            share = share_of(world, one, buyers, asked.steps)
            if share is not None:
                days.append(share)
                print(share, flush=True)
    wanted = max(1, sum(day.wanted for day in days))
    planned, routed = (sum(getattr(day, name) for day in days) for name in ("planned", "routed"))
    told = {
        "days": len(days),
        "wanted": wanted,
        "planned_share": round(planned / wanted, 4),
        "routed_share": round(routed / wanted, 4),
        "points_apart": round(100 * (planned - routed) / wanted, 2),
    }
    print(json.dumps(told, indent=1))
    if asked.json is not None:
        asked.json.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

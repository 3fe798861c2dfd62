"""Many lives side by side: each policy's figures by world and pooled, and what it gained.

Shares are pooled over orders, money and counts are summed. A rule that reacts is told twice more:
the threshold that would have been cheapest, and the one that would have been fastest, which nobody
could have known before.
"""

import hashlib
import json
from collections import defaultdict
from dataclasses import asdict
from typing import Any

from logistics.errors import Nonsense
from logistics.twin.gains import Compared, gain_captured, needless
from logistics.twin.life import Lived
from logistics.twin.report import Outcomes

STATIC = "static"
REFERENCES = ("informed", "clairvoyant")
SUMMED = (
    "cash_cost_cents",
    "contribution_cents",
    "penalised_cost_cents",
    "nodes_opened",
    "flaps",
    "left_over_units",
    "demanded",
    "eligible",
    "orders",
    "six_hours",
    "six_hours_eligible",
    "nodes_closed",
    "routes",
    "stops_delivered",
)


def compared(lives: tuple[Lived, ...]) -> dict[str, Any]:
    """The whole answer as JSON, without what differs from run to run.

    Raises:
        Nonsense: where a world was not lived under every policy.
    """
    by: dict[str, dict[str, Lived]] = defaultdict(dict)
    for life in lives:
        by[life.policy][life.world] = life
    worlds = list(dict.fromkeys(life.world for life in lives))
    if any(list(own) != worlds for own in by.values()):
        raise Nonsense("/worlds", "were not lived under every policy")
    policies = {name: _told(name, by) for name in by}
    answer = {
        "policies": policies | _in_hindsight(policies),
        "gain_captured": policies.get("surgeport", {}).get("gain_captured", {}),
        "worlds": [_world(world, by) for world in worlds],
    }
    plain = json.dumps(answer, sort_keys=True, separators=(",", ":"))
    return answer | {"hash": hashlib.sha256(plain.encode()).hexdigest()}


def _told(name: str, by: dict[str, dict[str, Lived]]) -> dict[str, Any]:
    lives = tuple(by[name].values())
    told = pooled(tuple(life.outcomes for life in lives))
    told["discrepancies"] = sum(len(life.wrong) for life in lives)
    told["failed_jobs"] = sum(count for life in lives for _, count in life.failed_jobs)
    if STATIC in by and name != STATIC:
        told |= _gains(name, by)
    return told


def _gains(name: str, by: dict[str, dict[str, Lived]]) -> dict[str, Any]:
    """What the policy gained, against each reference that was lived."""
    gained: dict[str, Any] = {}
    quiet: dict[str, Any] = {}
    for reference in REFERENCES:
        if reference in by and reference != name:
            pairs = tuple(_pairs(name, reference, by))
            gained[reference] = asdict(gain_captured(pairs))
            gained[reference]["by_world"] = dict(gained[reference]["by_world"])
            quiet[reference] = asdict(needless(pairs))
    return {"gain_captured": gained, "nothing_to_gain": quiet}


def _pairs(name: str, reference: str, by: dict[str, dict[str, Lived]]) -> list[Compared]:
    return [
        Compared(
            world=world,
            static=by[STATIC][world].outcomes.penalised_cost_cents,
            policy=life.outcomes.penalised_cost_cents,
            reference=by[reference][world].outcomes.penalised_cost_cents,
            nodes_opened=life.outcomes.nodes_opened,
        )
        for world, life in by[name].items()
    ]


def pooled(many: tuple[Outcomes, ...]) -> dict[str, Any]:
    """Several worlds' figures as one: counts and money summed, shares over all orders."""

    def total(name: str) -> int:
        return sum(getattr(one, name) for one in many)

    demanded, eligible = max(total("demanded"), 1), max(total("eligible"), 1)
    judged = [one.promises_kept_share * one.promises_judged for one in many]
    return {
        "six_hour_share_eligible": round(total("six_hours_eligible") / eligible, 4),
        "six_hour_share_all": round(total("six_hours") / demanded, 4),
        "offered_share": round(sum(one.offered_share * one.demanded for one in many) / demanded, 4),
        "promises_kept_share": round(sum(judged) / max(total("promises_judged"), 1), 4),
    } | {name: total(name) for name in SUMMED}


def _in_hindsight(policies: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The best threshold of the rules that react, by cost and by speed."""
    rules = {name: told for name, told in policies.items() if name.startswith("reactive-")}
    if not rules:
        return {}
    cheapest = min(rules, key=lambda name: rules[name]["penalised_cost_cents"])
    fastest = max(rules, key=lambda name: rules[name]["six_hour_share_eligible"])
    return {
        "reactive_cheapest": {"threshold": int(cheapest.split("-")[1]), **rules[cheapest]},
        "reactive_fastest": {"threshold": int(fastest.split("-")[1]), **rules[fastest]},
    }


def _world(world: str, by: dict[str, dict[str, Lived]]) -> dict[str, Any]:
    lives = {name: own[world] for name, own in by.items()}
    return {
        "name": world,
        "seed": next(iter(lives.values())).seed,
        "policies": {name: pooled((life.outcomes,)) | _apart(life) for name, life in lives.items()},
    }


def _apart(life: Lived) -> dict[str, Any]:
    """What is told of one life alone."""
    return {
        "nodes_by_type": dict(life.outcomes.nodes_by_type),
        "forecast": {
            "wape": round(life.forecast.wape, 4),
            "naive_wape": round(life.forecast.naive_wape, 4),
            "coverage80": round(life.forecast.coverage80, 4),
            "compared": life.forecast.compared,
        },
        "discrepancies": list(life.wrong),
        "failed_jobs": dict(life.failed_jobs),
        "digest": life.digest,
    }

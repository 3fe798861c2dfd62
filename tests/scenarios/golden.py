"""A golden day: a small world, lived in steps, and a short answer to compare it with.

The same machine and the same lock give the same days, so the answer is compared to the cent where
it was approved. Elsewhere numbers differ in their last digits and days with them: there the bounds
alone are held, which say what must be true of the day on any machine.
"""

import json
import platform
import sys
from pathlib import Path
from typing import Any

import numpy as np

from data.worlds.reading import read_world
from logistics.policy import Efforts, Policy, Rhythm
from logistics.twin.life import Lived, live
from logistics.twin.policies import way_of

HERE = Path(__file__).parent
STEPS = Policy(
    efforts=Efforts(
        placement_seconds=600.0,
        placement_steps=20,
        routing_seconds=600.0,
        routing_steps=100,
        allocation_steps=20,
    ),
    rhythm=Rhythm(sense=3600, position=2 * 3600),
)
SHORT = (
    "demanded",
    "eligible",
    "orders",
    "six_hours_eligible",
    "nodes_opened",
    "left_over_units",
    "cash_cost_cents",
    "penalised_cost_cents",
)


def worlds() -> list[str]:
    """The golden worlds by name."""
    return sorted(file.stem for file in (HERE / "worlds").glob("*.toml"))


def lived(name: str, policy: str) -> Lived:
    """One golden day under one policy."""
    return live(read_world(HERE / "worlds" / f"{name}.toml"), way_of(policy), policy=STEPS)


def short(life: Lived) -> dict[str, Any]:
    """What is compared to the unit and the cent."""
    return {name: getattr(life.outcomes, name) for name in SHORT}


def machine() -> str:
    """What has to be the same for an exact comparison."""
    version = ".".join(map(str, sys.version_info[:2]))
    return f"{platform.system()} {platform.machine()} {_processor()} python {version} numpy {np.__version__}"


def _processor() -> str:
    """The processor's model, which decides on the last digits of sums."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text("utf-8").splitlines() if told.is_file() else []
    model = next((line for line in lines if line.startswith("model name")), "")
    return model.partition(":")[2].strip() or platform.processor()


def approved(name: str) -> dict[str, Any] | None:
    """The answer that was approved, where there is one."""
    file = HERE / "answers" / f"{name}.json"
    return json.loads(file.read_text("utf-8")) if file.is_file() else None


def approve(name: str, answers: dict[str, Any]) -> None:
    """Take the answers for right."""
    file = HERE / "answers" / f"{name}.json"
    written = {"machine": machine(), "policies": answers}
    file.write_text(json.dumps(written, indent=1) + "\n", "utf-8")

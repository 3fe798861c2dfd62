"""`simulate` lives worlds side by side, tells a table and JSON, and refuses what cannot be."""

import json
from dataclasses import replace

import pytest

from api.cli.__main__ import main
from api.cli.simulate import Task, in_turn
from logistics.twin.policies import way_of
from tests.builders.worlds import A_WORLD_FILE, a_world

SHORT = A_WORLD_FILE.replace("hours = 48", "hours = 10")
KEYS = {
    "six_hour_share_eligible",
    "six_hour_share_all",
    "offered_share",
    "cash_cost_cents",
    "contribution_cents",
    "penalised_cost_cents",
    "nodes_opened",
    "flaps",
    "left_over_units",
    "promises_kept_share",
}


@pytest.fixture
def world(tmp_path):
    file = tmp_path / "plain.toml"
    file.write_text(SHORT)
    return file


def simulated(folder, *asked):
    """The answer and the exit code of one command."""
    told = folder / "answer.json"
    code = main(["simulate", *map(str, asked), "--json", str(told)])
    return code, json.loads(told.read_text()) if told.is_file() else None


def test_a_world_is_lived_under_every_policy_and_told(world, tmp_path, capsys):
    picture, kept = tmp_path / "days.svg", tmp_path / "kept"
    asked = ["--world", world, "--policies", "static,reactive,surgeport,informed,clairvoyant"]
    code, answer = simulated(
        tmp_path, *asked, "--picture", picture, "--write-worlds", kept, "--processes", 1
    )
    assert code == 0
    policies = answer["policies"]
    assert policies.keys() >= {"static", "reactive-50", "surgeport", "informed", "clairvoyant"}
    assert policies.keys() >= {"reactive_cheapest", "reactive_fastest"}
    assert all(told.keys() >= KEYS for told in policies.values())
    assert answer["worlds"][0]["policies"]["surgeport"].keys() >= KEYS
    assert answer["gain_captured"].keys() == {"informed", "clairvoyant"}
    assert {"pooled", "worst_decile", "interval"} <= answer["gain_captured"]["informed"].keys()
    assert all(told["discrepancies"] == 0 for told in policies.values())
    assert (kept / "plain.toml").is_file()
    assert picture.read_text().startswith("<svg")
    page = capsys.readouterr().out
    assert answer["hash"] in page
    assert "clairvoyant" in page


def test_the_same_seed_gives_the_same_hash_in_other_processes(world, tmp_path):
    asked = ["--world", world, "--policies", "static,surgeport"]
    hashes = {simulated(tmp_path, *asked, "--processes", count)[1]["hash"] for count in (1, 2)}
    assert len(hashes) == 1


def test_in_a_database_the_same_is_lived_and_each_life_has_its_own(world, tmp_path, capsys):
    asked = ["--world", world, "--policies", "static,surgeport", "--processes", 1]
    url = f"sqlite:///{tmp_path / 'lives.db'}"
    in_memory = simulated(tmp_path, *asked)[1]
    in_sql = simulated(tmp_path, *asked, "--store", url)[1]
    assert in_sql["hash"] == in_memory["hash"]
    assert {file.name for file in tmp_path.glob("*.db")} == {
        "lives-plain-static.db",
        "lives-plain-surgeport.db",
    }
    assert main(["simulate", *map(str, asked), "--store", url]) == 1
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ((), "name a file"),
        (("--world", "absent.toml"), "absent.toml"),
        (("--worlds", "0"), "at least 1"),
        (("--policies", "wishful"), "no policy"),
        (("--ablate", "nonsense"), "cannot be taken"),
        (("--forecast-error", "-1"), "between 0 and 5"),
        (("--picture", "/nowhere/at/all.svg"), "no folder"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_lived(asked, why, capsys):
    assert main(["simulate", *asked]) == 1
    assert why in capsys.readouterr().err


def test_a_world_that_cannot_be_is_refused_with_its_line(tmp_path, capsys):
    file = tmp_path / "wrong.toml"
    file.write_text(SHORT.replace("rise_hours = 3", "rise_hours = -3"))
    assert main(["simulate", "--world", str(file)]) == 1
    line = next(n for n, row in enumerate(SHORT.splitlines(), 1) if "rise_hours" in row)
    assert f"wrong.toml:{line}" in capsys.readouterr().err


def test_lives_are_lived_world_after_world_and_the_longest_first():
    one, other = a_world(), replace(a_world(), name="other")
    ways = [way_of(name) for name in ("static", "reactive-50", "surgeport")]
    tasks = [Task(world=world, way=way) for world in (one, other) for way in ways]
    assert in_turn(tasks) == [2, 1, 0, 5, 4, 3]

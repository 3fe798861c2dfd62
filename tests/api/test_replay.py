"""`replay` lives files from the terminal, and ends with a code that scripts can read."""

import json

import pytest

from api.cli.__main__ import main
from tests.builders.replays import files_of

DAY = ("--from", "2026-11-24", "--until", "2026-11-24", "--market", "Eugene")
KEYS = {
    *("orders", "six_hour_share", "cost_per_order_cents", "penalised_cost_cents", "nodes_opened"),
    *(
        "nodes_closed",
        "routes",
        "stops_delivered",
        "seconds",
        "setup_seconds",
        "forecast",
        "static",
    ),
}


def replay(folder, *more, **texts):
    signals, orders = files_of(folder, **texts)
    return main(["replay", "--signals", str(signals), "--orders", str(orders), *more])


def test_files_are_lived_to_the_figures_of_a_run(tmp_path, capsys):
    answer = tmp_path / "answer.json"
    assert replay(tmp_path, *DAY, "--json", str(answer)) == 0
    figures = json.loads(answer.read_text())
    assert figures.keys() >= KEYS
    assert figures["hours"] == 24
    left_out = figures["read"]["orders"]["left_out"]
    assert figures["orders"] == 40 - left_out["orders drawn beyond the market's edge"] > 0
    assert figures["static"]["orders"] == figures["orders"]
    assert figures["read"]["orders"]["refused"] == [
        {"line": 4, "reason": "units: 'many' is no number"}
    ]
    assert figures["read"]["orders"]["unknown_columns"] == ["colour"]
    assert any("hour of the orders" in words for words in figures["drawn"])
    page = capsys.readouterr().out
    assert "line 4: units: 'many' is no number" in page
    assert "unknown columns: colour" in page
    assert "drawn, and not real" in page


def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(tmp_path, capsys):
    _, orders = files_of(tmp_path)
    gone = str(tmp_path / "gone.csv")
    assert main(["replay", "--signals", gone, "--orders", str(orders), *DAY]) == 1
    assert "gone.csv cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "product\nlamp\n", "colour\nred\n"])
def test_a_file_of_nothing_useful_is_refused_in_a_sentence(tmp_path, capsys, text):
    assert replay(tmp_path, *DAY, orders=text) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert said.strip()


def test_there_is_no_answer_without_a_folder_for_it(tmp_path, capsys):
    assert replay(tmp_path, *DAY, "--json", str(tmp_path / "nowhere" / "answer.json")) == 1
    assert "no folder" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [("--from", "monday"), ("--market",)])
def test_a_command_that_cannot_be_so_ends_with_two(tmp_path, capsys, wrong):
    with pytest.raises(SystemExit) as end:
        replay(tmp_path, *wrong)
    assert end.value.code == 2
    assert "usage" in capsys.readouterr().err

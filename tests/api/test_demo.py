"""The main job, a few hours of it: the days are lived, counted and told."""

import json

from api.cli.__main__ import main

KEYS = {
    "orders",
    "six_hour_share",
    "cost_per_order_cents",
    "penalised_cost_cents",
    "nodes_opened",
    "nodes_closed",
    "routes",
    "stops_delivered",
    "seconds",
    "setup_seconds",
    "forecast",
    "static",
}


def test_some_hours_of_the_demo_are_lived_and_told(tmp_path, capsys):
    written = tmp_path / "summary.json"
    asked = ["demo", "--exit", "--hours", "9", "--json", str(written)]
    code = main([*asked, "--data-dir", str(tmp_path), "--setup-seconds", "1.5"])
    told = json.loads(written.read_text())
    page = capsys.readouterr().out
    assert code == 0
    assert told.keys() >= KEYS
    assert {"wape", "naive_wape", "coverage80"} <= told["forecast"].keys()
    assert {"six_hour_share", "penalised_cost_cents"} <= told["static"].keys()
    assert told["setup_seconds"] == 1.5
    assert told["orders"] > 50
    assert "static network" in page
    assert f"{told['orders']:,}" in page

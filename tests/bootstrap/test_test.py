"""`./test` runs every check, whatever became of those before, and closes with a plain line."""

import sys

from bootstrap import test as the_command


def a_check(code: int) -> list[str]:
    return [sys.executable, "-c", f"import sys; print(sys.argv[1:]); sys.exit({code})"]


def test_a_failed_check_stops_none_after_it_and_fails_the_whole(capfd):
    checks = {"lint": a_check(1), "floors": a_check(0), "tests": a_check(0)}
    assert the_command.run_all(["-k", "promise"], "/usr/bin/chromium", checks) == 1
    said = capfd.readouterr().out.splitlines()
    assert said[-1] == "checks: 2 passed, 1 failed"
    assert [line.split()[:2] for line in said[-4:-1]] == [
        ["lint", "FAILED"],
        ["floors", "passed"],
        ["tests", "passed"],
    ]
    told = [line for line in said if line.endswith("'-k', 'promise']")]
    assert len(told) == 1, "the tests alone are told what pytest was asked"


def test_all_checks_passed_is_success(capfd):
    assert the_command.run_all([], "/usr/bin/chromium", {"lint": a_check(0)}) == 0
    assert capfd.readouterr().out.endswith("checks: 1 passed, 0 failed\n")

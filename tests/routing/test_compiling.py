"""The compiled search is kept by the state of its code."""

from pathlib import Path

import pytest

import routing
from routing.compiling import COMPILED, kept_in


@pytest.mark.parametrize("changed", COMPILED)
def test_a_change_in_any_room_of_the_search_is_compiled_anew(tmp_path, changed):
    for name in COMPILED:
        (tmp_path / name).write_text("STOPS = 40\n")
    before = kept_in(tmp_path)
    assert kept_in(tmp_path) == before
    (tmp_path / changed).write_text("STOPS = 41\n")
    assert kept_in(tmp_path) != before


def test_every_room_that_is_compiled_counts():
    rooms = Path(routing.__file__).parent
    compiled = {
        path.name
        for path in rooms.glob("*.py")
        if "from routing.compiling import" in path.read_text(encoding="utf-8")
    }
    assert compiled
    assert compiled <= set(COMPILED)

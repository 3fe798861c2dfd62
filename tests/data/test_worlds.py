"""A world file is read strictly, written again to the same world, and drawn by its seed."""

from dataclasses import replace

import pytest

from data.worlds.drawing import drawn_world, drawn_worlds
from data.worlds.lines import lines_of
from data.worlds.reading import read_world, world_of
from data.worlds.writing import text_of
from logistics.errors import Nonsense
from logistics.policy import SHELF, SiteType
from logistics.twin.truth import truth_of
from logistics.twin.world import Course
from tests.builders.worlds import A_WORLD_FILE, a_film, a_world


def refusal(old, new):
    """What is said of the plain file with one thing changed."""
    assert old in A_WORLD_FILE
    with pytest.raises(Nonsense) as refused:
        world_of(A_WORLD_FILE.replace(old, new), "w.toml")
    return str(refused.value)


def line_with(text):
    return next(n for n, row in enumerate(A_WORLD_FILE.splitlines(), 1) if text in row)


def test_a_file_tells_its_world():
    world = world_of(A_WORLD_FILE)
    assert [market.id for market in world.markets] == ["dallas"]
    assert world.hours == 48
    assert world.films[0].course is Course.SPIKE
    assert {site.type for site in world.sites} == {SiteType.SHELF, SiteType.CENTRE}
    assert [van.id for van in world.vehicles] == ["van-01", "van-02"]
    assert world.prices.pick_pack == 130
    assert world.openings[0].floor == 100


def test_what_a_file_leaves_out_of_a_site_is_the_default_of_its_type():
    site = world_of(A_WORLD_FILE).sites[0]
    assert site.terms == replace(SHELF, per_day=12_000)


def test_a_world_is_written_and_read_again_as_it_was():
    world = world_of(A_WORLD_FILE)
    assert world_of(text_of(world)) == world


@pytest.mark.parametrize("number", range(3))
def test_a_drawn_world_is_written_and_read_again_as_it_was(number):
    world = drawn_world(seed=3, number=number, days=4)
    assert world_of(text_of(world)) == world


def test_the_same_seed_draws_the_same_worlds_however_many():
    assert tuple(drawn_worlds(2, 5, 3))[1] == drawn_world(5, 1, 3)
    assert drawn_world(5, 1, 3) != drawn_world(6, 1, 3)


def test_a_drawn_world_sells_and_can_be_served():
    world = drawn_world(seed=3, number=0, days=7)
    assert truth_of(world).buyers
    assert {site.market for site in world.sites} >= {market.id for market in world.markets}
    assert sum(opening.units for opening in world.openings) > 0


@pytest.mark.parametrize(
    ("old", "new", "at", "why"),
    [
        ("[[products]]", "[[produce]]", "[[products]]", "not a key"),
        ("margin = 1200", "margin = 1200\ncolour = 'red'", "margin = 1200\n", "not a key"),
        ("per_day = 12000", "per_day = -1", "per_day = 12000", "greater than or equal to 0"),
        ("pick_pack = 130", "pick_pack = -5", "pick_pack = 130", "greater than or equal to 0"),
        ("pick_pack = 130", "pick_pck = 130", "pick_pack = 130", "not a key"),
        ('course = "spike"', 'course = "viral"', 'course = "spike"', "Input should be"),
        ('course = "spike"', 'course = "paid_push"', "[[videos]]", "push_hours"),
        ('place = "Dallas"', 'place = "Atlantis"', 'place = "Dallas"', "no town"),
        ("lamp = 1.0", "lump = 1.0", "lamp = 1.0", "not in this world"),
        ("lamp = 1.0", "lamp = 1.4", "products = { lamp", "each share"),
        ("{ dallas = 1.0 }", "{ dallas = 0.7, d = 0.7 }", "markets = { dallas", "one whole"),
        ("lamp = 100", "lamp = 9000", "floor", "between 0 and the units"),
        ("missed_stop = 0.05", "missed_stop = 1.5", "missed_stop = 0.05", "up to 1"),
        ("hours = 48", "hours = 48\ndays = 2", "hours = 48", "either hours or days"),
        ('type = "shelf"', 'type = "castle"', 'type = "shelf"', "Input should be"),
        ("rise_hours = 3", "rise_hours = 0", "rise_hours = 3", "greater than 0"),
        ("seed = 4", "seed = 'four'", "seed = 4", "valid integer"),
        ("-05:00", "", "starts_at", "UTC offset"),
    ],
)
def test_what_cannot_be_so_is_refused_with_its_line_and_the_reason(old, new, at, why):
    said = refusal(old, new)
    line = line_with(at.strip()) + new.count("\n") * ("\n" in at)
    assert f"w.toml:{line}" in said
    assert why in said


def test_a_file_without_places_is_refused():
    assert "no places where people live" in refusal(
        'place = "Dallas"\nradius_km = 30', 'zone = "America/Chicago"\nregions = []'
    )


def test_several_things_that_are_wrong_are_told_at_once():
    wrong = A_WORLD_FILE.replace("rise_hours = 3", "rise_hours = 0").replace(
        "seed = 4", "seed = -1"
    )
    with pytest.raises(Nonsense, match="2 things"):
        world_of(wrong)


def test_what_is_no_toml_is_refused_with_its_line():
    with pytest.raises(Nonsense, match=r"is no TOML.*line 1"):
        world_of("name = 'x' = 2")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    file = tmp_path / "world.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Nonsense, match="not UTF-8"):
        read_world(file)


def test_a_recorded_world_cannot_be_written():
    with pytest.raises(Nonsense, match="recorded"):
        text_of(a_world(films=(a_film(course=Course.TOLD),)))


def test_lines_are_found_behind_lists_strings_and_comments():
    text = (
        '# one\na = """\n[[no]]\n"""\nb = [\n  1, # [[no]]\n]\n[[t]]\nc = "x = ["\n[[t]]\nd = 1\n'
    )
    lines = lines_of(text)
    assert (lines["a",], lines["b",], lines["t", 0, "c"], lines["t", 1, "d"]) == (2, 5, 9, 11)
    assert ("no",) not in lines

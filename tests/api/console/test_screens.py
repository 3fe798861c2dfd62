"""The inbox lists what waits by what waiting costs; the live day shows every stop."""

from datetime import timedelta

import pytest

from logistics.exceptions import CaseKind
from logistics.workflows.cases import open_case
from tests.builders.console import press, signed_in
from tests.builders.doors import House
from tests.builders.supply import SEVEN, a_recommendation, a_world


@pytest.fixture
def house():
    return House(a_world())


def a_case(house, money, kind=CaseKind.NO_CARRIER, subject="rte_1", act_by=None):
    with house.means.store.begin() as deed:
        open_case(
            deed,
            house.means.ids,
            kind,
            market="la",
            subject=subject,
            detail=f"nobody drives {subject}",
            money=money,
            act_by=act_by,
            cause="test",
            now=SEVEN,
        )


def test_nothing_that_waits_is_a_page_too(house):
    assert "Nothing waits for you" in signed_in(house).get("/console").text


def test_what_costs_most_for_each_hour_left_stands_first(house):
    a_recommendation(house.means, "rec_late", site="shelf-a", decide_by=SEVEN + timedelta(hours=30))
    a_recommendation(house.means, "rec_soon", decide_by=SEVEN + timedelta(hours=1))
    a_case(house, 900_000, act_by=SEVEN + timedelta(hours=2))
    page = signed_in(house).get("/console").text
    places = [page.index(one) for one in ("nobody drives rte_1", "rec_soon", "rec_late")]
    assert places == sorted(places)
    assert "2 recommendations and 1 exception wait" in page


def test_a_warning_stands_on_the_recommendations_own_row(house):
    a_recommendation(house.means)
    a_case(house, 100, CaseKind.DECIDE_BY_NEAR, "rec_1", SEVEN + timedelta(minutes=100))
    page = signed_in(house).get("/console").text
    assert "1 recommendation and 0 exceptions" in page
    assert "soon" in page


def test_the_search_keeps_rows_with_all_its_words(house):
    a_recommendation(house.means)
    a_case(house, 100)
    client = signed_in(house)
    assert "nobody drives" not in client.get("/console?q=vernon").text
    assert "Nothing that waits has" in client.get("/console?q=zebra").text


def test_an_approval_in_the_inbox_can_be_undone_there(house):
    a_recommendation(house.means)
    client = signed_in(house)
    press(client, "/console", "approve")
    page = client.get("/console").text
    assert "Approved by you" in page
    press(client, "/console", "undo")
    assert "1 recommendation" in client.get("/console").text


def test_a_part_of_a_page_is_drawn_for_who_asks_for_it(house):
    client = signed_in(house)
    assert "<html" not in client.get("/console", headers={"HX-Request": "true"}).text
    assert "<html" not in client.get("/console/live", headers={"HX-Request": "true"}).text


def test_a_part_that_is_asked_for_after_the_session_leads_to_the_sign_in(house):
    answer = house.stranger().get("/console/live", headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"].startswith("/console/sign-in")


def test_a_day_without_routes_says_so(house):
    page = signed_in(house).get("/console/live").text
    assert "No route is under way" in page

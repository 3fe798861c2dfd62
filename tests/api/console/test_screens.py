"""The inbox lists what waits by what waiting costs; the live day shows every stop."""

import re
from datetime import timedelta

import pytest

from logistics.dispatch import FailureReason, Outcome, StopState
from logistics.exceptions import Case, CaseKind, CaseState
from logistics.workflows.cases import open_case
from tests.builders.console import form_with, press, signed_in
from tests.builders.days import a_route, a_stop
from tests.builders.doors import House
from tests.builders.supply import SEVEN, a_recommendation, a_world, all_of, centre_node


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


def test_an_exception_is_taken_and_settled_with_a_word_on_how(house):
    a_case(house, 9_000)
    client = signed_in(house)
    press(client, "/console", "take")
    page = client.get("/console").text
    assert '<span class="pill taken">taken</span>' in page
    assert ">ann<" in page
    assert press(client, "/console", "resolve", resolution="").status_code == 422
    press(client, "/console", "resolve", resolution="another carrier drives")
    (case,) = all_of(house.means, Case)
    assert (case.state, case.owner) == (CaseState.RESOLVED, "ann")
    assert case.resolution == "another carrier drives"
    assert "Nothing waits for you" in client.get("/console").text


def test_who_takes_an_exception_second_is_told_and_changes_nothing(house):
    a_case(house, 9_000)
    ann, bob = signed_in(house), signed_in(house, "bob")
    action, fields = form_with(bob.get("/console").text, "take")
    press(ann, "/console", "take")
    late = bob.post(action, data=fields)
    assert late.status_code == 412
    assert all_of(house.means, Case)[0].owner == "ann"


@pytest.mark.parametrize("change", [{"step": "vanish"}, {"version": "x"}, {"version": ""}])
def test_a_form_for_an_exception_that_says_nonsense_changes_nothing(house, change):
    a_case(house, 9_000)
    client = signed_in(house)
    action, fields = form_with(client.get("/console").text, "take")
    answer = client.post(action, data={**fields, **change})
    assert answer.status_code == 422
    assert "Nothing was done" in answer.text
    assert all_of(house.means, Case)[0].state is CaseState.OPEN


def test_an_exception_leads_to_what_it_is_about(house):
    with house.means.store.begin() as deed:
        deed.add(a_route(centre_node(house.means).id, 0))
    a_case(house, 9_000)
    a_case(house, 9_000, CaseKind.FORECAST_BREACH, "fct_1")
    page = signed_in(house).get("/console").text
    assert 'href="/console/live?market=la#rte_1"' in page
    assert 'id="rte_1"' in signed_in(house).get("/console/live?market=la").text


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


def test_a_part_that_is_asked_for_after_the_session_leaves_the_page_and_tells_its_script(house):
    answer = house.stranger().get("/console/live", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["hx-trigger"] == "signed-out"


def test_a_day_without_routes_says_so(house):
    page = signed_in(house).get("/console/live").text
    assert "No route is under way" in page


def test_every_stop_has_one_mark_that_says_how_it_stands(house):
    soon, past = SEVEN + timedelta(hours=1), SEVEN - timedelta(hours=1)
    closed = {"state": StopState.CLOSED, "closed_at": past}
    stops = (
        a_stop(1, soon, **closed, outcome=Outcome.SUCCEEDED),
        a_stop(2, past - timedelta(minutes=5), **closed, outcome=Outcome.SUCCEEDED),
        a_stop(3, soon, **closed, outcome=Outcome.FAILED, outcome_reason=FailureReason.NOT_HOME),
        a_stop(4, soon),
        a_stop(5, soon, projected_at=soon + timedelta(minutes=20)),
        a_stop(6, soon),
    )
    with house.means.store.begin() as deed:
        deed.add(a_route(centre_node(house.means).id, len(stops)))
        for stop in stops:
            deed.add(stop)
    page = signed_in(house).get("/console/live").text
    kinds = re.findall(r'<li class="([a-z-]+)"><i>Stop', page)
    assert kinds == ["done", "done-late", "failed", "next", "late", "planned"]
    assert "failed: not home" in page
    assert "2 of 6" in page

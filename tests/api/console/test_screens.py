"""The inbox lists what waits by what waiting costs; the live day shows every stop."""

import re
from datetime import timedelta

import pytest

from logistics.dispatch import FailureReason, Outcome, Route, RouteState, Stop, StopState
from logistics.exceptions import CaseKind
from logistics.workflows.cases import open_case
from tests.builders.console import press, signed_in
from tests.builders.doors import House
from tests.builders.supply import SEVEN, a_recommendation, a_world, centre_node


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


def a_stop(position, due, **more):
    told = {"state": StopState.PLANNED, "planned_at": due, "projected_at": due, **more}
    return Stop(
        id=f"stp_{position}",
        route="rte_1",
        order=f"ord_{position}",
        promise=None,
        market="la",
        position=position,
        lat=34.05,
        lon=-118.2 - position / 100,
        parcels=1,
        service=240,
        due_at=due,
        **told,
    )


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
    route = Route(
        id="rte_1",
        plan="pln_1",
        market="la",
        node=centre_node(house.means).id,
        vehicle="van-1",
        carrier="swift",
        state=RouteState.IN_PROGRESS,
        departs_at=past,
        returns_at=soon,
        distance_m=40_000,
        stop_count=len(stops),
        cost=9_000,
        updated_at=SEVEN,
    )
    with house.means.store.begin() as deed:
        deed.add(route)
        for stop in stops:
            deed.add(stop)
    page = signed_in(house).get("/console/live").text
    kinds = re.findall(r'<li class="([a-z-]+)" title="Stop', page)
    assert kinds == ["done", "done-late", "failed", "next", "late", "planned"]
    assert "failed: not home" in page
    assert "2 / 6" in page

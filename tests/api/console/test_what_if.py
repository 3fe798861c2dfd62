"""What if: asked by a form, answered at once by an estimate, then exactly, side by side."""

import pytest

from logistics.decisions import Recommendation, RecommendationState
from logistics.whatif import Scenario, ScenarioState
from logistics.workflows.explore import run_scenarios
from tests.builders.console import press, signed_in
from tests.builders.doors import House
from tests.builders.supply import a_recommendation, a_world, all_of, an_outlook

REC = "/console/recommendations/rec_1"
PAGE = f"{REC}/what-if"


@pytest.fixture
def house():
    made = House(a_world())
    an_outlook(made.means, 20.0)
    a_recommendation(made.means)
    return made


def ask(client, **more):
    page = client.get(PAGE).text
    word = page.partition('name="word" value="')[2].partition('"')[0]
    return client.post(PAGE, data={"word": word, "name": "careful", **more})


def test_nothing_asked_is_a_page_too(house):
    client = signed_in(house)
    assert f'href="{PAGE}"' in client.get(REC).text
    assert "Nothing was asked yet" in client.get(PAGE).text


def test_an_estimate_stands_beside_what_is_proposed_at_once(house):
    client = signed_in(house)
    assert ask(client, stock="1,900").headers["location"] == PAGE
    page = client.get(PAGE).text
    assert '<span class="pill soon">estimate</span>' in page
    assert "<strong>1,900</strong>" in page
    assert "Expected gain" in page
    assert "Target, hours" not in page
    assert "Target, hours" in client.get(f"{PAGE}?everything=true").text


def test_the_exact_answer_takes_its_place_and_can_be_proposed(house):
    client = signed_in(house)
    ask(client, stock="1900")
    run_scenarios(house.means, now=house.clock())
    assert '<span class="pill live">exact</span>' in client.get(PAGE).text
    led = press(client, PAGE, "promote").headers["location"]
    with house.means.store.read() as seen:
        assert seen.get(Recommendation, "rec_1").state is RecommendationState.SUPERSEDED
    assert "1,900" in client.get(led).text


def test_what_is_put_away_is_not_shown_and_four_are_shown_at_most(house):
    client = signed_in(house)
    for factor in ("0.5", "0.6", "0.7", "0.8", "0.9"):
        ask(client, name=f"at {factor}", demand_factor=factor)
    page = client.get(PAGE).text
    assert "at 0.5" not in page
    assert all(f"at {factor}" in page for factor in ("0.6", "0.7", "0.8", "0.9"))
    run_scenarios(house.means, now=house.clock())
    press(client, PAGE, "discard")
    assert "at 0.6" not in client.get(PAGE).text
    assert len(all_of(house.means, Scenario, state=ScenarioState.DISCARDED)) == 1


@pytest.mark.parametrize(
    "wrong", [{"demand_factor": "x"}, {"demand_factor": "9"}, {"stock": "-1"}, {"vans": "1.5"}]
)
def test_a_question_that_nobody_could_mean_is_told_and_not_kept(house, wrong):
    client = signed_in(house)
    answer = ask(client, **wrong)
    assert answer.status_code == 422
    assert "Nothing was done" in answer.text
    assert all_of(house.means, Scenario) == ()


def test_a_name_with_html_in_it_is_text(house):
    client = signed_in(house)
    ask(client, name="<b>bold</b>", stock="1900")
    assert "&lt;b&gt;bold&lt;/b&gt;" in client.get(PAGE).text

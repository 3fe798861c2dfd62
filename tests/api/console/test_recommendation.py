"""A planner reads a recommendation and decides by forms, without any script."""

from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from api.console.words import moment, money
from logistics.access import Role
from logistics.catalogue import Product
from logistics.decisions import Choice, Kind, Option, Recommendation, RecommendationState, Verdict
from logistics.network import Lease
from logistics.orders import Line
from logistics.workflows.decide import carry_out, give_verdict
from logistics.workflows.nodes import move_nodes
from logistics.workflows.stock import answer_lease
from tests.builders.console import form_with, press, signed_in
from tests.builders.doors import House
from tests.builders.orders import a_record, an_order
from tests.builders.supply import (
    SEVEN,
    a_proposal,
    a_recommendation,
    a_world,
    all_of,
    an_outlook,
)

REC = "/console/recommendations/rec_1"
LA = "America/Los_Angeles"
S = RecommendationState


@pytest.fixture
def house():
    return House(a_world())


@pytest.fixture
def asked(house):
    return a_recommendation(house.means)


def state(house, id="rec_1"):
    with house.means.store.read() as seen:
        return seen.get(Recommendation, id).state


def test_all_that_is_needed_to_decide_is_on_one_page(house, asked):
    an_outlook(house.means, 20.0)
    page = signed_in(house).get(REC).text
    gain = money(asked.expected_gain)
    for said in (
        gain,
        "2,200",
        "Exit plan",
        "Ladder of options",
        "in 1 h 40 min",
        moment(asked.decide_by, LA),
    ):
        assert said in page
    assert page.count("<svg") >= 3
    assert page.count("The same as") == 3
    assert "P10" in page


def test_what_goes_home_to_make_room_is_told_beside_the_stock(house):
    proposal = a_proposal(house.means)
    line = replace(proposal.stock[0], units=437)
    a_recommendation(house.means, proposal=replace(proposal, takes_home=(line,)))
    page = signed_in(house).get(REC).text
    assert "takes home what nobody there asks for any more, to make room: 437 of" in page


@pytest.mark.usefixtures("asked")
def test_an_approval_is_shown_and_can_be_undone(house):
    client = signed_in(house)
    done = press(client, REC, "approve")
    assert done.headers["location"] == REC
    page = client.get(REC).text
    assert "Approved by you" in page
    assert state(house) is S.APPROVED
    press(client, REC, "undo")
    assert state(house) is S.OPEN


@pytest.mark.usefixtures("asked")
def test_undo_is_gone_after_thirty_seconds(house):
    client = signed_in(house)
    press(client, REC, "approve")
    action, fields = form_with(client.get(REC).text, "undo")
    house.clock.on(seconds=31)
    assert 'value="undo"' not in client.get(REC).text
    assert client.post(action, data=fields).status_code == 409
    assert state(house) is S.APPROVED


@pytest.mark.usefixtures("asked")
def test_b4_a_form_that_is_sent_twice_asks_for_one_lease(house):
    client = signed_in(house)
    action, fields = form_with(client.get(REC).text, "approve")
    for _ in range(2):
        assert client.post(action, data=fields).headers["location"] == REC
    house.clock.on(seconds=31)
    carry_out(house.means, now=house.clock())
    assert len(all_of(house.means, Verdict)) == 1
    assert len(all_of(house.means, Lease)) == 1


@pytest.mark.usefixtures("asked")
def test_a_rejection_needs_its_reason(house):
    client = signed_in(house)
    without = press(client, REC, "reject")
    assert without.status_code == 422
    assert "reason_code" in without.text
    other = press(client, REC, "reject", reason_code="other")
    assert other.status_code == 422
    press(client, REC, "reject", reason_code="cost", reason="too dear")
    assert state(house) is S.REJECTED
    assert "too dear" in client.get(REC).text


@pytest.mark.usefixtures("asked")
def test_what_is_held_says_why_and_can_be_taken_up_again(house):
    client = signed_in(house)
    press(client, REC, "hold", reason="waiting for the landlord")
    assert "waiting for the landlord" in client.get(REC).text
    press(client, REC, "resume")
    assert state(house) is S.OPEN


def test_changed_units_make_a_successor_with_its_own_figures(house, asked):
    client = signed_in(house)
    led = press(client, REC, "amend", **{"units.lamp": "1900"})
    successor = led.headers["location"]
    assert successor != REC
    with house.means.store.read() as seen:
        kept = seen.get(Recommendation, successor.rpartition("/")[2])
    page = client.get(successor).text
    assert "1,900" in page
    assert kept.expected_gain != asked.expected_gain
    assert money(kept.expected_gain) in page
    assert successor in client.get(REC).text


@pytest.mark.parametrize("units", ["", "-1", "1.5", "many", "99999999999"])
@pytest.mark.usefixtures("asked")
def test_units_that_are_no_whole_number_change_nothing(house, units):
    client = signed_in(house)
    answer = press(client, REC, "amend", **{"units.lamp": units})
    assert answer.status_code == 422
    assert "Nothing was done" in answer.text
    assert state(house) is S.OPEN


def test_above_the_limit_the_second_planner_decides_without_the_first_ones_reason(house):
    a_recommendation(house.means, needs_two=True)
    ann, bob = signed_in(house), signed_in(house, "bob")
    press(ann, REC, "approve", reason="gain ok, risk capped")
    assert state(house) is S.AWAITING_SECOND
    assert "second planner must say the same" in ann.get(REC).text
    page = bob.get(REC).text
    assert "You are the second planner" in page
    assert "risk capped" not in page
    press(bob, REC, "approve")
    assert state(house) is S.APPROVED
    assert "risk capped" in bob.get(REC).text


@pytest.mark.usefixtures("asked")
def test_b3_who_decides_on_an_old_page_is_shown_who_was_first(house):
    ann, bob = signed_in(house), signed_in(house, "bob")
    action, fields = form_with(bob.get(REC).text, "approve")
    press(ann, REC, "reject", reason_code="cost", reason="too dear")
    late = bob.post(action, data=fields)
    assert late.status_code == 412
    assert "Changed since you looked" in late.text
    assert "ann said reject" in late.text
    assert len(all_of(house.means, Verdict)) == 1


def test_a_forecast_that_moved_stops_the_approval_and_shows_by_how_much(house):
    proposal = a_proposal(house.means)
    first = an_outlook(house.means, 20.0)
    a_recommendation(house.means, proposal=proposal, forecasts=(first.id,), forecast_units=1920.0)
    client = signed_in(house)
    action, fields = form_with(client.get(REC).text, "approve")
    house.clock.on(minutes=15)
    an_outlook(house.means, 30.0, made_at=house.clock(), id="fct_2")
    stopped = client.post(action, data=fields)
    assert stopped.status_code == 412
    assert "the forecast moved by +50%" in stopped.text
    assert "Forecast, P50 orders" in stopped.text
    assert "Approve, having read the change" in stopped.text
    assert state(house) is S.OPEN
    again, read = form_with(stopped.text, "approve")
    assert client.post(again, data=read).headers["location"] == REC
    assert state(house) is S.APPROVED


def test_names_and_reasons_are_shown_as_text(house):
    bad = "<img src=x onerror=alert(1)>"
    with house.means.store.begin() as deed:
        deed.change(replace(deed.lock(Product, "lamp"), name=bad))
    proposal = replace(a_proposal(house.means), lines=("</script><b>one</b>", "2", "3", "4", "5"))
    a_recommendation(house.means, proposal=proposal)
    client = signed_in(house)
    press(client, REC, "hold", reason="<script>alert(2)</script>")
    for path in (REC, "/console", "/console?q=%3Cb%3E"):
        page = client.get(path).text
        assert "<img src=x" not in page
        assert "<script>alert" not in page
        assert "<b>one" not in page
    assert "&lt;img src=x" in client.get(REC).text


@pytest.mark.usefixtures("asked")
def test_a_verdict_through_the_api_is_seen_on_the_page(house):
    give_verdict(
        house.means, "rec_1", Choice.APPROVE, planner="bob", expected_version=1, now=house.clock()
    )
    page = signed_in(house).get(REC).text
    assert "bob" in page
    assert "Nothing is left to decide" in page


def test_an_unknown_recommendation_is_a_page_that_leads_back(house):
    answer = signed_in(house).get("/console/recommendations/rec_none")
    assert answer.status_code == 404
    assert 'href="/console"' in answer.text


def pulse_of(page):
    """Where the page asks what came since it was read."""
    return unescape(page.partition('id="pulse" hx-get="')[2].partition('"')[0])


@pytest.mark.usefixtures("asked")
def test_a_page_that_is_as_it_was_read_is_told_nothing_new(house):
    client = signed_in(house)
    told = client.get(pulse_of(client.get(REC).text)).text
    assert "Changed since you looked" not in told
    assert "<html" not in told


@pytest.mark.usefixtures("asked")
def test_a_recommendation_that_is_decided_while_it_is_open_says_so_on_the_page(house):
    ann, bob = signed_in(house), signed_in(house, "bob")
    open_page = bob.get(REC).text
    press(ann, REC, "reject", reason_code="cost", reason="too dear")
    told = bob.get(pulse_of(open_page)).text
    assert "Changed since you looked" in told
    assert "ann said reject: too dear" in told
    assert 'id="state" hx-swap-oob="true">rejected' in told
    assert "Changed since you looked" not in ann.get(pulse_of(ann.get(REC).text)).text


def test_a_forecast_that_moves_while_the_page_is_open_is_told_with_both_figures(house):
    first = an_outlook(house.means, 20.0)
    a_recommendation(house.means, forecasts=(first.id,), forecast_units=1920.0)
    client = signed_in(house)
    open_page = client.get(REC).text
    house.clock.on(minutes=15)
    an_outlook(house.means, 22.0, made_at=house.clock(), id="fct_2")
    assert "Changed since" not in client.get(pulse_of(open_page)).text
    house.clock.on(minutes=15)
    an_outlook(house.means, 30.0, made_at=house.clock(), id="fct_3")
    told = client.get(pulse_of(open_page)).text
    assert "Forecast, P50 orders" in told
    assert "1,920" in told
    assert "2,880" in told


@pytest.mark.usefixtures("asked")
def test_the_page_follows_the_space_the_goods_and_the_node(house):
    client = signed_in(house)
    assert "What came of it" not in client.get(REC).text
    press(client, REC, "approve")
    house.clock.on(seconds=31)
    carry_out(house.means, now=house.clock())
    page = client.get(REC).text
    assert "What came of it" in page
    assert '<span class="pill requested">requested</span>' in page
    assert 'aria-current="step">Planned' in page
    (lease,) = all_of(house.means, Lease)
    answer_lease(house.means, lease.id, "confirm", provider="spaces", now=house.clock())
    told = client.get(pulse_of(page)).text
    assert '<span class="pill confirmed">confirmed</span>' in told
    assert "2,200 units" in told
    house.clock.on(hours=6)
    move_nodes(house.means, now=house.clock())
    assert 'aria-current="step">Live' in client.get(pulse_of(page)).text


@pytest.mark.usefixtures("asked")
def test_a_space_that_is_refused_says_why(house):
    client = signed_in(house)
    press(client, REC, "approve")
    house.clock.on(seconds=31)
    carry_out(house.means, now=house.clock())
    (lease,) = all_of(house.means, Lease)
    words = {"reason": "no power", "provider": "spaces", "now": house.clock()}
    answer_lease(house.means, lease.id, "refuse", **words)
    assert "no power" in client.get(REC).text


def test_the_five_lines_lead_to_their_figures_in_names_and_local_times(house):
    lines = (
        "Video: v1 rising since 24 Nov 13:10 UTC, 412,000 views.",
        "Demand: 151 orders there.",
        "Stock: 14,381 units free.",
        "Reach: six hours reach 4%.",
        "Site: vernon for 4.0 days.",
    )
    a_recommendation(house.means, proposal=replace(a_proposal(house.means), lines=lines))
    page = signed_in(house).get(REC).text
    for said in (
        '<a href="#demand">Video</a><span>“Glow!” rising since Tue 24 Nov 05:10 PST',
        '<a href="#stock">Stock</a>',
        '<a href="#where">Reach</a>',
        '<a href="#stakes">Site</a><span>Vernon for 4.0 days.',
    ):
        assert said in page
    for place in ("demand", "stock", "where", "stakes"):
        assert f'id="{place}"' in page


def test_what_came_of_it_is_told_beside_what_was_believed(house):
    believed = an_outlook(house.means, 20.0)
    a_recommendation(house.means, forecasts=(believed.id,), forecast_units=1920.0)
    client = signed_in(house)
    press(client, REC, "reject", reason_code="forecast_not_believed")
    house.clock.on(hours=10)
    six = (Line(product="lamp", units=6),)
    orders = (
        an_order("early", accepted_at=SEVEN, lines=six),
        an_order("one", accepted_at=SEVEN + timedelta(hours=6), lines=six),
        an_order(
            "two", accepted_at=SEVEN + timedelta(hours=7), lines=(Line(product="x", units=1),)
        ),
    )
    with house.means.store.begin() as deed:
        for one in orders:
            deed.add(one)
    assert "100 units would be ordered (P50); 6 were." in client.get(REC).text


def test_a_decision_shows_its_hashes_and_why_it_is_not_computed_again(house):
    a_recommendation(house.means)
    with house.means.store.begin() as deed:
        kept = deed.add(a_record("dec_1", kind="placement"))
        deed.add(a_record("dec_2", kind="placement", inputs='{"changed":1}'))
    client = signed_in(house)
    assert '<a href="/console/decisions/dec_1">' in client.get(REC).text
    page = client.get("/console/decisions/dec_1").text
    assert kept.inputs_hash in page
    assert "It came of a solver" in client.get("/console/decisions/dec_1?again=true").text
    assert "it was changed" in client.get("/console/decisions/dec_2?again=true").text
    assert client.get("/console/decisions/dec_9").status_code == 404


def test_where_nothing_is_sent_the_lines_lead_to_what_is_there(house):
    lines = ("Video: one", "Demand: none", "Stock: 126 units", "Reach: as planned", "Site: saves")
    option = Option(
        type="nothing",
        site="vernon",
        detail="stay until 26 Nov 22:00 UTC",
        expected_gain=0,
        decide_by=None,
        wait_cost_per_hour=0,
        addressable_share=0.0,
    )
    proposal = replace(
        a_proposal(house.means), lines=lines, stock=(), risk=(), stake=None, ladder=(option,)
    )
    a_recommendation(house.means, kind=Kind.DRAIN, proposal=proposal)
    page = signed_in(house).get(REC).text
    assert '<a href="#exit">Stock</a>' in page
    assert '<a href="#costs">Site</a>' in page
    assert "stay until Thu 26 Nov 14:00 PST" in page
    assert "of P50" not in page
    for gone in ("stakes", "stock", "amend"):
        assert f'id="{gone}"' not in page


@pytest.mark.usefixtures("asked")
def test_a_key_that_may_only_read_is_offered_no_verdict(house):
    client = house.stranger()
    client.follow_redirects = False
    key = house.key(Role.PLANNER, "eve", scopes=frozenset({"audit:read"}))[1]
    client.post("/console/sign-in", data={"key": key, "back": "/console"})
    page = client.get(REC).text
    assert "may read, and not decide" in page
    assert 'value="approve"' not in page
    assert 'value="approve"' not in client.get("/console").text
    word = page.partition('name="word" value="')[2].partition('"')[0]
    fields = {"word": word, "version": "1", "choice": "approve"}
    assert client.post(f"{REC}/verdict", data=fields).status_code == 403
    assert state(house) is S.OPEN


def test_the_log_tells_every_verdict_and_keeps_a_first_ones_reason(house):
    a_recommendation(house.means, needs_two=True)
    ann, bob = signed_in(house), signed_in(house, "bob")
    assert "Nobody has decided anything yet" in ann.get("/console/log").text
    press(ann, REC, "approve", reason="gain ok, risk capped")
    told = bob.get("/console/log").text
    assert "shows after your own verdict" in told
    assert "risk capped" not in told
    press(bob, REC, "reject", reason_code="cost", reason="too dear")
    told = bob.get("/console/log").text
    assert told.index("cost: too dear") < told.index("gain ok, risk capped")
    assert "in the last seven days, of 2 verdicts: cost <strong>1</strong>." in told
    assert '<span class="pill rejected">rejected</span>' in told

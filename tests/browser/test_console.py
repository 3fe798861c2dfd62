"""The console in a real Chromium: by keyboard, in both themes, without scripts, for nobody else to see."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from logistics.access import Role
from logistics.decisions import Choice, Recommendation, RecommendationState, RejectReason, Verdict
from logistics.dispatch import Outcome, Stop, StopState
from logistics.exceptions import Case, CaseKind, CaseState
from logistics.network import Lease
from logistics.workflows.amend import Amendment, NewUnits
from logistics.workflows.cases import open_case
from logistics.workflows.decide import carry_out, give_verdict, lapse
from logistics.workflows.explore import run_scenarios
from logistics.workflows.moves import tell
from logistics.workflows.nodes import move_nodes
from logistics.workflows.register import register
from logistics.workflows.stock import answer_lease
from tests.browser.axe import violations
from tests.builders.days import a_route, a_stop
from tests.builders.doors import House
from tests.builders.orders import a_record
from tests.builders.serving import served
from tests.builders.supply import (
    SEVEN,
    a_product,
    a_proposal,
    a_recommendation,
    a_site,
    a_video,
    a_world,
    all_of,
    an_outlook,
    centre_node,
)

REC = "/console/recommendations/rec_1"
RECORD = "/console/decisions/dec_1?again=true"
MAPPED = (REC, "/console/live")
SCREENS = ("/console", *MAPPED, f"{REC}/what-if", f"{REC}/regions", "/console/log", RECORD)
NOT_OURS = ("GPU stall", "GL Driver Message")
"""What a browser without a graphics card says of itself."""
S = RecommendationState


@pytest.fixture
def house() -> House:
    made = House(a_world())
    first = an_outlook(made.means, 20.0)
    a_recommendation(made.means, forecasts=(first.id,), forecast_units=1920.0)
    with made.means.store.begin() as deed:
        deed.add(a_record("dec_1", kind="placement"))
    return made


@pytest.fixture
def site(house) -> Iterator[str]:
    with served(house) as address:
        yield address


@pytest.fixture
def page(site: str, page: Page) -> Page:
    """The page; it is closed before the service that it listens to."""
    del site
    return page


@pytest.fixture
def said(page: Page) -> list[str]:
    """What the browser complained of: a break of the content policy is such a complaint too."""
    heard: list[str] = []

    def hear(text: str) -> None:
        if not any(one in text for one in NOT_OURS):
            heard.append(text)

    page.on("console", lambda one: hear(one.text) if one.type != "log" else None)
    page.on("pageerror", lambda error: hear(str(error)))
    return heard


def sign_in(page: Page, house: House, site: str, planner: str = "ann") -> None:
    """A session of the planner in the page's browser."""
    key = house.key(Role.PLANNER, planner)[1]
    told = httpx.post(f"{site}/console/sign-in", data={"key": key}, timeout=60)
    cookie = told.cookies["surgeport_session"]
    kept = {"name": "surgeport_session", "value": cookie}
    page.context.add_cookies([{**kept, "domain": "127.0.0.1", "path": "/console"}])


@contextmanager
def another(browser: Browser, house: House, site: str, planner: str = "bob") -> Iterator[Page]:
    """A page in a browser of its own, of another planner."""
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, house, site, planner)
    yield page
    context.close()


def press(page: Page, *keys: str) -> None:
    """Press keys on a page whose script has begun to listen."""
    page.wait_for_selector("body[data-ready]")
    for key in keys:
        page.keyboard.press(key)


def live(page: Page) -> None:
    """Wait until the page hears the news."""
    expect(page.locator(".beat")).to_have_text("live")


def state(house: House, id: str = "rec_1") -> RecommendationState:
    with house.means.store.read() as seen:
        return seen.get(Recommendation, id).state


def a_case(house: House, subject: str = "rte_1", kind: CaseKind = CaseKind.NO_CARRIER) -> None:
    told = {"market": "la", "detail": "nobody drives", "money": 9_000, "cause": "test"}
    with house.means.store.begin() as deed:
        open_case(deed, house.means.ids, kind, subject=subject, act_by=None, now=SEVEN, **told)


def a_day(house: House, stops: int = 4) -> None:
    with house.means.store.begin() as deed:
        deed.add(a_route(centre_node(house.means).id, stops))
        for n in range(1, stops + 1):
            deed.add(a_stop(n, SEVEN + timedelta(hours=1)))


def another_forecast(house: House, each_hour: float) -> None:
    """A forecast that is made now and told."""
    made = an_outlook(house.means, each_hour, made_at=house.clock())
    with house.means.store.begin() as deed:
        told = {"now": house.clock(), "cause": made.decision}
        tell(deed, house.means.ids, "forecast.published", made.id, **told)


def test_read_and_what_changed_amended_approved_and_followed_until_live_by_keyboard_alone(
    page: Page, house, site, said
):
    page.goto(f"{site}/console")
    page.keyboard.type(house.key(Role.PLANNER, "ann")[1])
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_have_text("Inbox")
    press(page, "j", "Enter")
    expect(page.locator("main h1")).to_contain_text("Open")
    live(page)
    house.clock.on(minutes=15)
    another_forecast(house, 30.0)
    changed = page.locator("#pulse .stale")
    expect(changed).to_contain_text(re.compile("Forecast, P50 orders.*1,920.*2,880", re.DOTALL))
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_hidden()
    press(page, "a")
    expect(page.get_by_text("now it says 2,880 (+50")).to_be_visible()
    press(page, "e")
    expect(page.locator("#units-1")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("1900")
    expect(page.locator("[data-try-says]")).to_contain_text("Estimate: gain $")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"rec_(?!1$)"))
    expect(page.locator(".figures")).to_contain_text("1,900")
    successor = page.url.rpartition("/")[2]
    press(page, "a")
    expect(page.locator("#undo")).to_contain_text(
        re.compile(r"Approved by you.*in \d+ s", re.DOTALL)
    )
    assert state(house, successor) is S.APPROVED
    live(page)
    house.clock.on(seconds=31)
    carry_out(house.means, now=house.clock())
    expect(page.locator(".came")).to_contain_text("requested")
    (lease,) = all_of(house.means, Lease)
    answer_lease(house.means, lease.id, "confirm", provider="spaces", now=house.clock())
    expect(page.locator(".road .is")).to_contain_text("Ramping")
    house.clock.on(hours=6)
    move_nodes(house.means, now=house.clock())
    expect(page.locator(".road .is")).to_contain_text("Live")
    assert said == []


def test_an_approval_is_undone_and_a_rejection_reasoned_by_keyboard_alone(
    page: Page, house, site, said
):
    sign_in(page, house, site)
    page.goto(f"{site}/console")
    press(page, "j", "a")
    expect(page.locator("#undo-1")).to_contain_text("Approved by you")
    press(page, "u")
    expect(page.locator("[data-row]")).to_have_count(1)
    assert state(house) is S.OPEN
    press(page, "j", "r")
    expect(page.locator("#reject-why")).to_be_focused()
    page.keyboard.type("cost")
    page.keyboard.press("Tab")
    page.keyboard.type("too dear")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_have_text("rejected")
    assert said == []


def test_help_places_and_the_switch_of_the_keys(page: Page, house, site, said):
    sign_in(page, house, site)
    page.goto(f"{site}/console")
    press(page, "Control+k")
    page.keyboard.type("live")
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_contain_text("Live day")
    press(page, "?")
    expect(page.locator("#help")).to_be_visible()
    page.locator("#help").get_by_role("button", name="Turn them off").click()
    press(page, "?")
    expect(page.locator("#help")).to_be_hidden()
    press(page, "j")
    expect(page.locator("tr.here")).to_have_count(0)
    assert said == []


def test_an_exception_is_taken_and_settled_by_one_key_each(page: Page, house, site, said):
    a_case(house)
    sign_in(page, house, site)
    page.goto(f"{site}/console?q=carrier")
    press(page, "j", "t")
    expect(page.locator(".pill.taken")).to_be_visible()
    page.goto(f"{site}/console?q=carrier")
    press(page, "j", "d")
    page.keyboard.type("metro vans drive it")
    page.keyboard.press("Enter")
    expect(page.locator(".pill.taken")).to_have_count(0)
    assert all_of(house.means, Case)[0].state is CaseState.RESOLVED
    assert said == []


def test_a_what_if_is_asked_by_keyboard_and_answers_without_a_reload(page: Page, house, site, said):
    sign_in(page, house, site)
    page.goto(site + REC)
    press(page, "w")
    page.locator("#demand_factor").focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("0.6")
    page.keyboard.press("Enter")
    expect(page.locator("#beside .pill")).to_have_text("estimate")
    live(page)
    run_scenarios(house.means, now=house.clock())
    expect(page.locator("#beside .pill")).to_have_text("exact")
    assert violations(page) == []
    page.goto(site + REC)
    press(page, "c")
    expect(page.locator("#beside .pill")).to_have_text("exact")
    assert said == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_screen_keeps_anybody_from_using_it(page: Page, house, site, said, theme):
    a_case(house)
    a_day(house)
    page.emulate_media(color_scheme=theme)
    assert page.goto(f"{site}/console/sign-in").ok
    found = violations(page)
    sign_in(page, house, site)
    for screen in SCREENS:
        page.goto(site + screen)
        if screen in MAPPED:
            expect(page.locator("[data-map].drawn")).to_be_visible()
        found += violations(page)
    page.goto(site + REC)
    press(page, "e")
    found += violations(page)
    press(page, "Escape", "Control+k")
    found += violations(page)
    assert said == []
    page.goto(f"{site}/console/recommendations/none")
    found += violations(page)
    assert found == []


def test_maps_and_charts_are_drawn_in_the_browser_and_on_paper(page: Page, house, site, said):
    a_day(house)
    sign_in(page, house, site)
    page.goto(site + REC)
    expect(page.locator("[data-map].drawn canvas")).to_be_visible()
    expect(page.locator("[data-fan].drawn canvas")).to_have_count(2)
    expect(page.locator("#where svg.map").first).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator("#where svg.map").first).to_be_visible()
    for left_out in ("[data-map] canvas", ".plot", ".deeds", ".bar"):
        expect(page.locator(left_out).first).to_be_hidden()
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    page.emulate_media(media="screen")
    page.goto(f"{site}/console/live")
    expect(page.locator("[data-map].drawn canvas")).to_be_visible()
    assert said == []


def test_without_webgl_the_drawing_stays(page: Page, house, site, said):
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    sign_in(page, house, site)
    page.goto(f"{site}/console/live")
    press(page, "j")
    expect(page.locator("#paper svg.map")).to_be_visible()
    assert said == []


@pytest.mark.parametrize("wide", [390, 640, 1280])
def test_no_screen_is_wider_than_its_window(page: Page, house, site, wide):
    a_case(house)
    a_day(house)
    page.set_viewport_size({"width": wide, "height": 800})
    sign_in(page, house, site)
    for screen in SCREENS:
        page.goto(site + screen)
        assert page.evaluate("document.documentElement.scrollWidth") <= wide, screen


def test_everything_is_decidable_without_scripts(browser: Browser, house, site):
    a_case(house)
    a_day(house)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/console")
    page.fill("#key", house.key(Role.PLANNER, "ann")[1])
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Open for").click()
    for drawing in ("#where svg.map", "#demand svg.draw", "#stakes svg.draw"):
        expect(page.locator(drawing).first).to_be_visible()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator("#undo")).to_contain_text("Approved by you")
    page.get_by_role("button", name="Undo").click()
    page.locator("#amend summary").click()
    page.locator("#units-1").fill("1900")
    page.get_by_role("button", name="Judge with these units").click()
    expect(page.locator(".figures")).to_contain_text("1,900")
    page.locator("#reject summary").click()
    page.locator("#reject-why").select_option("cost")
    page.locator("#reject").get_by_role("button", name="Reject").click()
    assert state(house) is S.SUPERSEDED
    expect(page.locator("#state")).to_have_text("rejected")
    page.goto(f"{site}/console/live")
    expect(page.locator("#paper svg.map")).to_be_visible()
    expect(page.locator(".routes .marks li")).to_have_count(4)
    page.goto(f"{site}/console")
    page.get_by_role("button", name="Take").click()
    page.locator("summary", has_text="Done").click()
    page.get_by_placeholder("How was it settled?").fill("metro vans drive it")
    page.get_by_role("button", name="Settled").click()
    expect(page.locator("main")).to_contain_text("Nothing waits for you.")
    context.close()


def test_two_planners_at_once_and_the_later_is_shown_what_changed(
    page: Page, browser: Browser, house, site, said
):
    sign_in(page, house, site)
    page.goto(site + REC)
    live(page)
    with another(browser, house, site) as other:
        other.goto(site + REC)
        press(other, "a")
        expect(other.locator("#undo")).to_be_visible()
    expect(page.locator("#pulse .stale")).to_contain_text("bob said approve")
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_hidden()
    press(page, "a")
    expect(page.locator("#state")).to_have_text("approved")
    expect(page.locator("#pulse .stale")).to_have_count(0)
    assert [one.planner for one in all_of(house.means, Verdict)] == ["bob"]
    assert said == []


def test_who_is_quicker_than_the_news_is_stopped_by_the_service(page: Page, house, site):
    page.route("**/console/events", lambda route: route.abort())
    sign_in(page, house, site)
    page.goto(site + REC)
    reject(house, "bob")
    press(page, "a")
    expect(page.get_by_role("alert").first).to_contain_text("bob said reject: too dear")
    assert len(all_of(house.means, Verdict)) == 1


def reject(house: House, planner: str) -> None:
    told = {"reason_code": RejectReason.COST, "reason": "too dear", "expected_version": 1}
    give_verdict(house.means, "rec_1", Choice.REJECT, planner=planner, now=house.clock(), **told)


def test_two_clicks_are_one_verdict(page: Page, house, site, said):
    sign_in(page, house, site)
    page.goto(site + REC)
    page.get_by_role("button", name="Approve", exact=True).dblclick()
    expect(page.locator("#undo")).to_be_visible()
    house.clock.on(seconds=31)
    carry_out(house.means, now=house.clock())
    assert len(all_of(house.means, Verdict)) == 1
    assert len(all_of(house.means, Lease)) == 1
    assert said == []


def lapsed(house: House) -> None:
    house.clock.on(minutes=101)
    lapse(house.means, now=house.clock())


def amended(house: House) -> None:
    fewer = Amendment(units=(NewUnits(product="lamp", units=1900),))
    told = {"amendment": fewer, "expected_version": 1, "now": house.clock()}
    give_verdict(house.means, "rec_1", Choice.AMEND, planner="bob", **told)


@pytest.mark.parametrize(("withdraw", "now_it_is"), [(lapsed, "lapsed"), (amended, "superseded")])
def test_a_recommendation_that_is_withdrawn_while_it_is_open_says_so_and_nothing_is_done(
    page: Page, house, site, said, withdraw, now_it_is
):
    sign_in(page, house, site)
    page.goto(site + REC)
    live(page)
    withdraw(house)
    expect(page.locator("#pulse .stale")).to_contain_text(
        f"It is {now_it_is} by now, so nothing is left to decide here."
    )
    expect(page.locator("#state")).to_have_text(now_it_is)
    before = all_of(house.means, Verdict)
    press(page, "a")
    expect(page.locator(".verdict")).to_contain_text("Nothing is left to decide here")
    expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    assert all_of(house.means, Verdict) == before
    assert said == []


def test_above_the_limit_two_planners_decide_and_neither_leads_the_other(
    page: Page, browser: Browser, house, site, said
):
    a_recommendation(house.means, "rec_2", needs_two=True, site="shelf-a")
    sign_in(page, house, site)
    page.goto(f"{site}/console/recommendations/rec_2")
    press(page)
    page.locator(".say summary", has_text="with a note").click()
    page.locator("#approve-why").fill("the landlord is known")
    page.locator("#approve-why").press("Enter")
    expect(page.locator("#undo")).to_contain_text("Your approval is the first of two.")
    with another(browser, house, site) as other:
        other.goto(f"{site}/console/recommendations/rec_2")
        expect(other.locator("main")).to_contain_text("You are the second planner.")
        expect(other.get_by_text("the landlord is known")).to_have_count(0)
        press(other, "a")
        expect(other.locator("#state")).to_have_text("approved")
        expect(other.get_by_text("the landlord is known")).to_be_visible()
    expect(page.locator("#state")).to_have_text("approved")
    assert said == []


def test_the_service_starts_anew_under_an_open_page(page: Page, house):
    with ExitStack() as first:
        site = first.enter_context(served(house))
        sign_in(page, house, site)
        page.goto(site + REC)
        live(page)
        press(page, "e")
        page.locator("#amend-words").fill("careful")
        first.close()
        expect(page.locator(".beat")).to_contain_text("connection lost")
        page.locator("#amend-words").press("Enter")
        expect(page.locator("#lost")).to_contain_text("Nothing was sent")
        assert all_of(house.means, Verdict) == ()
    again = House(house.means, clock=house.clock)
    with served(again, port=int(site.rpartition(":")[2])):
        live(page)
        expect(page.locator("#lost")).to_be_empty()
        expect(page.locator("#amend-words")).to_have_value("careful")
        page.locator("#amend-words").press("Enter")
        expect(page.locator("#state")).to_have_text("open")
        page.wait_for_url(re.compile(r"(?<!rec_1)$"))
        assert len(all_of(house.means, Verdict)) == 1


def test_a_session_that_is_over_says_what_to_do_and_does_nothing(page: Page, house, site):
    sign_in(page, house, site)
    page.goto(site + REC)
    press(page)
    house.clock.on(hours=12)
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("Nothing was done: sign in")
    page.fill("#key", house.key(Role.PLANNER, "ann")[1])
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_contain_text("Open Vernon")
    assert all_of(house.means, Verdict) == ()


def test_news_after_the_session_leave_the_page_as_it_is(page: Page, house, site):
    sign_in(page, house, site)
    page.goto(site + REC)
    live(page)
    press(page, "e")
    page.locator("#amend-words").fill("careful")
    house.clock.on(hours=12)
    reject(house, "bob")
    expect(page.locator("#lost")).to_contain_text("Your session is over. Nothing was done")
    expect(page.locator("#amend-words")).to_have_value("careful")


def test_a_form_of_another_site_does_nothing(page: Page, house, site):
    sign_in(page, house, site)
    page.set_content(
        f"<form method=post action='{site}{REC}/verdict'>"
        "<input name=choice value=approve><input name=version value=1><button>go</button></form>"
    )
    page.click("button")
    expect(page.locator("main")).to_contain_text(re.compile("Nothing was done|Sign in"))
    assert all_of(house.means, Verdict) == ()


BAD = "<img src=x onerror=alert(1)><b>bold</b>"


def test_names_and_reasons_with_html_in_them_are_text(page: Page, house, site, said):
    asked: list[str] = []
    page.on("dialog", lambda one: asked.append(one.message))
    for thing in (a_product(name=BAD), a_site(name=BAD), a_video(title=BAD)):
        register(house.means, thing, now=SEVEN, by="test")
    lines = (f"Video: {BAD} rising.", *("more",) * 4)
    proposal = replace(a_proposal(house.means), lines=lines)
    a_recommendation(house.means, "rec_2", proposal=proposal, site="shelf-a")
    a_case(house, BAD)
    give_verdict(
        house.means,
        "rec_2",
        Choice.HOLD,
        planner=BAD,
        reason=BAD,
        expected_version=1,
        now=house.clock(),
    )
    sign_in(page, house, site)
    for path in (
        "/console",
        REC,
        "/console/recommendations/rec_2",
        "/console/log",
        "/console/live",
    ):
        page.goto(site + path)
        if path not in ("/console", "/console/log"):
            expect(page.locator("[data-map].drawn")).to_be_visible()
        assert page.locator("main b, main img[src=x]").filter(has_text="bold").count() == 0, path
        assert path == "/console/live" or page.get_by_text(BAD).count() > 0, path
    press(page, "Control+k")
    assert asked == []
    assert said == []


def test_inbox_and_day_follow_what_happens_without_a_reload(page: Page, house, site, said):
    a_day(house)
    sign_in(page, house, site)
    page.goto(f"{site}/console")
    live(page)
    give_verdict(
        house.means,
        "rec_1",
        Choice.HOLD,
        planner="bob",
        reason="asks the landlord",
        expected_version=1,
        now=house.clock(),
    )
    expect(page.locator(".pill.held")).to_be_visible()
    a_case(house)
    expect(page.locator("#count")).to_have_text("1 recommendation and 1 exception wait")
    page.goto(f"{site}/console/live")
    live(page)
    marks = page.locator(".routes .marks li")
    expect(marks.first).to_have_class("next")
    delivered(house, "stp_1")
    expect(marks.first).to_have_class("done")
    expect(marks.nth(1)).to_have_class("next")
    marks.first.hover()
    expect(marks.first).to_have_attribute("title", re.compile(r"^Stop 1: delivered, \d\d:\d\d$"))
    leaves = page.locator(".routes time").first
    leaves.hover()
    expect(leaves).to_have_attribute("title", re.compile("where you are$"))
    assert said == []


def delivered(house: House, id: str) -> None:
    with house.means.store.begin() as deed:
        done = {"state": StopState.CLOSED, "outcome": Outcome.SUCCEEDED, "closed_at": house.clock()}
        deed.change(replace(deed.lock(Stop, id), **done))
        tell(deed, house.means.ids, "stop.closed", id, now=house.clock(), cause="test")


@pytest.mark.parametrize("path", ["/console", *MAPPED])
def test_a_first_load_is_light(page: Page, house, site, path):
    asked, sizes = list[str](), list[Callable[[], int]]()
    page.on("request", lambda one: asked.append(one.url))
    page.on("requestfinished", lambda one: sizes.append(lambda: one.sizes()["responseBodySize"]))
    sign_in(page, house, site)
    page.goto(site + path)
    live(page)
    if path in MAPPED:
        expect(page.locator("[data-map].drawn")).to_be_visible()
    assert len(asked) <= 15
    assert sum(size() for size in sizes) <= 2_500_000

"""The console in a real Chromium: by keyboard, in both themes, without scripts, for nobody else to see."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from logistics.access import Role
from logistics.decisions import Choice, Recommendation, RecommendationState
from logistics.workflows.decide import give_verdict
from tests.browser.axe import violations
from tests.builders.doors import House
from tests.builders.serving import served
from tests.builders.supply import a_recommendation, a_world, an_outlook

REC = "/console/recommendations/rec_1"
SCREENS = ("/console", REC, "/console/live")


@pytest.fixture
def house() -> House:
    made = House(a_world())
    an_outlook(made.means, 20.0)
    a_recommendation(made.means)
    return made


@pytest.fixture
def site(house) -> Iterator[str]:
    with served(house) as address:
        yield address


@pytest.fixture
def said(page: Page) -> list[str]:
    """What the browser complained of."""
    heard: list[str] = []
    page.on("console", lambda one: heard.append(one.text) if one.type != "log" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def sign_in(page: Page, house: House, site: str, planner: str = "ann") -> None:
    page.goto(f"{site}/console")
    page.fill("#key", house.key(Role.PLANNER, planner)[1])
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_have_text("Inbox")


def press(page: Page, *keys: str) -> None:
    """Press keys on a page whose script has begun to listen."""
    page.wait_for_selector("body[data-ready]")
    for key in keys:
        page.keyboard.press(key)


def state(house: House) -> RecommendationState:
    with house.means.store.read() as seen:
        return seen.get(Recommendation, "rec_1").state


def test_a_planner_opens_approves_and_undoes_by_keyboard_alone(page: Page, house, site, said):
    sign_in(page, house, site)
    press(page, "j", "Enter")
    expect(page.locator("main h1")).to_contain_text("Open")
    press(page, "a")
    expect(page.locator("#undo")).to_contain_text("Approved by you")
    assert state(house) is RecommendationState.APPROVED
    press(page, "u")
    expect(page.locator("main .pill").first).to_have_text("open")
    assert state(house) is RecommendationState.OPEN
    assert said == []


def test_units_are_changed_and_a_rejection_is_reasoned_by_keyboard_alone(
    page: Page, house, site, said
):
    sign_in(page, house, site)
    page.goto(site + REC)
    press(page, "e")
    expect(page.locator("#units-1")).to_be_focused()
    page.locator("#units-1").fill("1900")
    press(page, "Enter")
    expect(page.locator(".figures")).to_contain_text("1,900")
    press(page, "r")
    expect(page.locator("#reject-why")).to_be_focused()
    page.locator("#reject-why").select_option("cost")
    page.locator("#reject button").press("Enter")
    expect(page.locator("main .pill").first).to_have_text("rejected")
    assert said == []


def test_help_is_seen_and_single_keys_can_be_turned_off(page: Page, house, site, said):
    sign_in(page, house, site)
    press(page, "?")
    expect(page.locator("#help")).to_be_visible()
    page.locator("#help").get_by_role("button", name="Turn them off").click()
    press(page, "?")
    expect(page.locator("#help")).to_be_hidden()
    press(page, "j")
    expect(page.locator("tr.here")).to_have_count(0)
    assert said == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_screen_keeps_anybody_from_using_it(page: Page, house, site, said, theme):
    page.emulate_media(color_scheme=theme)
    assert page.goto(f"{site}/console/sign-in").ok
    found = violations(page)
    sign_in(page, house, site)
    for screen in SCREENS:
        page.goto(site + screen)
        found += violations(page)
    assert found == []
    assert said == []


@pytest.mark.parametrize("wide", [390, 640, 1280])
def test_no_screen_is_wider_than_its_window(page: Page, house, site, wide):
    page.set_viewport_size({"width": wide, "height": 800})
    sign_in(page, house, site)
    for screen in SCREENS:
        page.goto(site + screen)
        assert page.evaluate("document.documentElement.scrollWidth") <= wide, screen


def test_everything_is_decidable_without_scripts(browser: Browser, house, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, house, site)
    page.get_by_role("link", name="Open for").click()
    assert page.locator("svg.draw[role=img]").count() == 3
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#undo")).to_contain_text("Approved by you")
    page.get_by_role("button", name="Undo").click()
    page.locator("#reject summary").click()
    page.locator("#reject-why").select_option("cost")
    page.locator("#reject").get_by_role("button", name="Reject").click()
    assert state(house) is RecommendationState.REJECTED
    context.close()


def test_two_planners_at_once_and_the_later_is_shown_what_changed(
    page: Page, browser: Browser, house, site
):
    sign_in(page, house, site)
    page.goto(site + REC)
    context = browser.new_context()
    other = context.new_page()
    sign_in(other, house, site, "bob")
    other.goto(site + REC)
    press(other, "a")
    expect(other.locator("#undo")).to_be_visible()
    press(page, "a")
    expect(page.get_by_role("alert")).to_contain_text("bob said approve")
    context.close()


def test_the_inbox_follows_what_happens_without_a_reload(page: Page, house, site, said):
    sign_in(page, house, site)
    expect(page.locator(".beat")).to_have_text("live")
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
    assert said == []


def test_a_first_load_is_light(page: Page, house, site):
    asked: list[int] = []
    page.on("response", lambda one: asked.append(len(one.body())) if "events" not in one.url else 0)
    sign_in(page, house, site)
    asked.clear()
    page.goto(site + REC)
    page.wait_for_load_state("networkidle")
    assert len(asked) <= 15
    assert sum(asked) <= 2_500_000

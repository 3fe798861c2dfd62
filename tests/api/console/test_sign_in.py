"""Only planners sit at the console, and only forms of their own session do anything."""

import pytest

from logistics.access import ApiKey, Role
from logistics.decisions import Verdict
from tests.builders.console import form_with, press, signed_in
from tests.builders.doors import House
from tests.builders.supply import a_recommendation, a_world, all_of

REC = "/console/recommendations/rec_1"


@pytest.fixture
def house():
    made = House(a_world())
    a_recommendation(made.means)
    return made


def test_who_is_not_signed_in_is_led_to_the_sign_in_and_back(house):
    client = house.stranger()
    client.follow_redirects = False
    led = client.get(REC)
    assert led.headers["location"] == f"/console/sign-in?back={REC}"
    form = client.get(led.headers["location"])
    assert f'name="back" value="{REC}"' in form.text
    key = house.key(Role.PLANNER)[1]
    assert (
        client.post("/console/sign-in", data={"key": key, "back": REC}).headers["location"] == REC
    )


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/v1/events", "/console\\x"]
)
def test_the_sign_in_leads_to_no_other_place(house, back):
    client = house.stranger()
    client.follow_redirects = False
    key = house.key(Role.PLANNER)[1]
    answer = client.post("/console/sign-in", data={"key": key, "back": back})
    assert answer.headers["location"] == "/console"


def test_a_carrier_is_told_that_the_console_is_for_planners(house):
    key = house.key(Role.CARRIER)[1]
    answer = house.stranger().post("/console/sign-in", data={"key": key})
    assert answer.status_code == 403
    assert "not a planner&#39;s" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("key", ["", "spk_nothing", "spk_abcdefghijkl_" + "x" * 43])
def test_a_key_that_opens_nothing_is_told_as_a_sentence(house, key):
    answer = house.stranger().post("/console/sign-in", data={"key": key})
    assert answer.status_code == 401
    assert "is not known" in answer.text


def test_the_cookie_is_hidden_from_scripts_and_holds_no_secret(house):
    client = house.stranger()
    client.follow_redirects = False
    key = house.key(Role.PLANNER)[1]
    cookie = client.post("/console/sign-in", data={"key": key}).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/console" in cookie
    assert key not in cookie


def test_a_session_ends_after_twelve_hours_and_a_late_form_does_nothing(house):
    client = signed_in(house)
    action, fields = form_with(client.get(REC).text, "approve")
    house.clock.on(hours=12)
    late = client.post(action, data=fields)
    assert late.status_code == 401
    assert "Nothing was done" in late.text
    assert all_of(house.means, Verdict) == ()
    assert client.get("/console").headers["location"].startswith("/console/sign-in")


def test_revoking_a_key_ends_its_session(house):
    client = signed_in(house)
    (key,) = [one for one in all_of(house.means, ApiKey) if one.party == "ann"]
    assert house.caller(Role.OPERATOR).delete(f"/v1/api-keys/{key.id}").is_success
    assert client.get("/console").headers["location"].startswith("/console/sign-in")


def test_a_forged_cookie_opens_nothing(house):
    client = house.stranger()
    client.follow_redirects = False
    client.cookies.set("surgeport_session", "AAAA" * 20, path="/console")
    assert client.get("/console").headers["location"].startswith("/console/sign-in")


@pytest.mark.parametrize("change", [{"word": ""}, {"word": "x" * 32}])
def test_a_form_without_the_sessions_word_is_refused(house, change):
    client = signed_in(house)
    answer = press(client, REC, "approve", **change)
    assert answer.status_code == 403
    assert "Nothing was done" in answer.text
    assert all_of(house.means, Verdict) == ()


@pytest.mark.parametrize(
    "header", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]
)
def test_a_form_from_another_site_is_refused(house, header):
    client = signed_in(house)
    action, fields = form_with(client.get(REC).text, "approve")
    assert client.post(action, data=fields, headers=header).status_code == 403
    assert all_of(house.means, Verdict) == ()


def test_one_planners_word_is_no_other_planners(house):
    ann, bob = signed_in(house), signed_in(house, "bob")
    action, fields = form_with(ann.get(REC).text, "approve")
    assert bob.post(action, data=fields).status_code == 403


def test_signing_out_ends_it_in_this_browser(house):
    client = signed_in(house)
    page = client.get("/console").text
    word = page.partition('name="word" value="')[2].partition('"')[0]
    client.post("/console/sign-out", data={"word": word})
    assert client.get("/console").headers["location"].startswith("/console/sign-in")


def test_pages_run_no_code_but_their_own_and_are_not_kept(house):
    answer = signed_in(house).get("/console")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert " style=" not in answer.text
    assert "<script>" not in answer.text


def test_the_look_is_kept_for_the_browser(house):
    client = signed_in(house)
    client.post("/console/looks", data={"theme": "dark", "keys": "off", "back": "/console"})
    page = client.get("/console").text
    assert 'data-theme="dark"' in page
    assert 'data-keys="off"' in page

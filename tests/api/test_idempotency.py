"""A creating request that comes twice is carried out once."""

import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import APIRouter

from api.idempotency import BrokenApart, Made, Once, UnderKey, forget_old
from api.schemas import Shown
from logistics.access import KeptAnswer, Role
from logistics.catalogue import Category
from logistics.errors import NotAllowedNow, QuoteWithdrawn, StaleVersion, Unready
from tests.builders.doors import House, problem, under_key
from tests.builders.supply import all_of

ASKED = {"name": "n", "role": "carrier", "party": "swift"}


class Thing(Shown):
    id: str


def once(house, deed, key="k"):
    return Once(service=house.service, id=key, fingerprint="f", now=house.clock()).answer(deed)


def keep_category(means, id="home"):
    with means.store.begin() as deed:
        deed.add(Category(id=id, name="Home"))
    return Made(body=Thing(id=id))


@pytest.fixture
def house():
    return House()


def test_a_creating_request_without_a_key_is_told_to_bring_one(house):
    problem(house.caller(Role.OPERATOR).post("/v1/api-keys", json=ASKED), "idempotency-key-missing")


def test_the_same_key_with_another_body_is_refused(house):
    operator = house.caller(Role.OPERATOR)
    operator.post("/v1/api-keys", json=ASKED, headers=under_key("one"))
    answer = operator.post("/v1/api-keys", json={**ASKED, "name": "m"}, headers=under_key("one"))
    told = problem(answer, "idempotency-key-reused")
    assert told["first_at"] == house.clock().isoformat()


def test_two_callers_may_use_the_same_key(house):
    first = house.caller(Role.OPERATOR).post("/v1/api-keys", json=ASKED, headers=under_key("one"))
    other = house.caller(Role.OPERATOR, "ops2")
    second = other.post("/v1/api-keys", json=ASKED, headers=under_key("one"))
    assert first.json()["id"] != second.json()["id"]


def test_the_answer_is_kept_with_the_deed_or_not_at_all(house):
    def failing(means):
        keep_category(means)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        once(house, failing)
    assert all_of(house.means, Category) == ()
    assert all_of(house.means, KeptAnswer) == ()
    assert once(house, keep_category).status_code == 201
    assert len(all_of(house.means, Category)) == 1


def test_a_repeat_gets_the_first_answer_and_does_nothing(house):
    first = once(house, keep_category)
    again = once(house, keep_category)
    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"
    assert len(all_of(house.means, Category)) == 1


def test_a_refusal_is_repeated_too(house):
    calls = []

    def refusing(means):
        calls.append(1)
        with means.store.begin() as deed:
            deed.add(Category(id="home", name="Home"))
            raise NotAllowedNow("order", "cancel", "delivered")

    assert once(house, refusing).status_code == 409
    again = once(house, refusing)
    assert (again.status_code, len(calls)) == (409, 1)
    assert again.headers["content-type"] == "application/problem+json"
    assert all_of(house.means, Category) == ()


def test_what_a_deed_wrote_down_before_it_refused_stays_written(house):
    def withdrawing(means):
        keep_category(means)
        raise QuoteWithdrawn("qte_1", "no_stock")

    assert once(house, withdrawing).status_code == 409
    assert len(all_of(house.means, Category)) == 1


def test_a_fault_of_ours_may_be_tried_again(house):
    answers = iter([Unready("the database"), None])

    def shaky(means):
        if (error := next(answers)) is not None:
            raise error
        return keep_category(means)

    with pytest.raises(Unready):
        once(house, shaky)
    assert once(house, shaky).status_code == 201


def test_a_part_that_failed_silently_spoils_the_whole(house):
    def swallowing(means):
        with suppress(StaleVersion), means.store.begin() as deed:
            deed.change(replace(deed.add(Category(id="home", name="Home")), version=9))
        return Made(body=Thing(id="home"))

    with pytest.raises(BrokenApart):
        once(house, swallowing)
    assert all_of(house.means, Category) == ()


def test_c3_a_request_that_comes_while_the_first_with_its_key_runs_is_told_so(house):
    entered, leave = threading.Event(), threading.Event()
    router = APIRouter()

    @router.post("/v1/slow")
    def slow(once: UnderKey):
        def deed(means):
            entered.set()
            leave.wait(10)
            return keep_category(means)

        return once.answer(deed)

    house.app.include_router(router)
    caller, answers = house.caller(Role.OPERATOR), []
    first = threading.Thread(
        target=lambda: answers.append(caller.post("/v1/slow", headers=under_key("one")))
    )
    first.start()
    assert entered.wait(10)
    problem(
        house.caller(Role.OPERATOR).post("/v1/slow", headers=under_key("one")),
        "idempotency-key-in-progress",
    )
    leave.set()
    first.join(10)
    assert answers[0].status_code == 201


def test_an_answer_is_forgotten_after_a_day(house):
    once(house, keep_category)
    assert forget_old(house.means.store, house.clock() + timedelta(hours=23)) == 0
    house.clock.on(hours=24)
    assert once(house, lambda means: keep_category(means, "toys")).status_code == 201
    house.clock.on(hours=25)
    assert forget_old(house.means.store, house.clock()) == 1

"""A carrier is trusted by what it took of its offers and brought in time."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.carriers import Carrier
from logistics.policy import Policy, Tendering
from logistics.promise.trust import CarrierRecord, trust_of

POLICY = Policy()
BY_RANK = replace(POLICY, tendering=Tendering(trust=0.0))
GOOD = CarrierRecord(carrier="swift", offered=40, taken=40, delivered=200, in_time=198)
POOR = CarrierRecord(carrier="metro", offered=40, taken=28, declined=8, silent=4, delivered=90, in_time=60)  # fmt: skip


def a_carrier(id, rank):
    pay = {"per_route": 1_500, "per_stop": 450, "per_km": 6}
    return Carrier(id=id, name=id, markets=("la",), rank=rank, **pay)


def asked(records, policy=POLICY):
    trust = trust_of(records, policy)
    return [c.id for c in sorted((a_carrier("metro", 1), a_carrier("swift", 2)), key=trust.asked_first)]  # fmt: skip


def test_who_declines_and_comes_late_is_asked_later():
    assert asked((GOOD, POOR)) == ["swift", "metro"]


def test_without_a_record_the_rank_decides():
    assert asked(()) == ["metro", "swift"]


def test_a_policy_that_goes_by_rank_alone_does():
    assert asked((GOOD, POOR), BY_RANK) == ["metro", "swift"]


def test_a_little_less_is_no_reason():
    assert asked((GOOD, replace(GOOD, carrier="metro", in_time=196))) == ["metro", "swift"]


def test_a_van_of_the_poor_one_costs_what_it_is_expected_to_break():
    trust = trust_of((GOOD, POOR), POLICY)
    assert trust.doubt("swift", POLICY) == 0
    assert trust.doubt("metro", POLICY) > POLICY.prices.broken_promise
    assert trust_of((GOOD, POOR), BY_RANK).doubt("metro", BY_RANK) == 0


def test_where_all_are_alike_nobody_is_charged():
    trust = trust_of((POOR, replace(POOR, carrier="swift")), POLICY)
    assert trust.doubt("metro", POLICY) == trust.doubt("swift", POLICY) == 0


@given(taken=st.integers(0, 500), lost=st.integers(0, 500), late=st.integers(0, 500))
def test_trust_is_a_share_and_falls_with_each_fault(taken, lost, late):
    record = CarrierRecord(
        carrier="c", offered=taken + lost, taken=taken, delivered=taken + late, in_time=taken
    )
    worse = replace(record, offered=record.offered + 1)
    assert 0 <= worse.takes <= record.takes <= 1
    assert 0 < record.keeps <= 1


def test_one_bad_day_does_not_ruin_a_name():
    assert CarrierRecord(carrier="c", offered=2, declined=2).takes == pytest.approx(20 / 22)

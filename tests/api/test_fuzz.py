"""Requests that nobody thought of: drawn from the description, and held to it by every check.

A bounded number of cases for each operation and each kind of caller that may use it. `make fuzz`
draws for as long as one likes (`FUZZ_CASES`). The stream of events is left out: it does not end.
"""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logistics.access import SCOPES, Role
from tests.builders.demand import TEN, a_world
from tests.builders.doors import Clock, House

GOOD, BAD = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
CASES = int(os.environ.get("FUZZ_CASES", "4"))
HOUSE = House(a_world(), clock=Clock(TEN), requests_per_minute=10_000_000)
CHECKS = {
    # A request of the right shape may name things that are not there, or say what cannot be so.
    "positive_data_acceptance": {
        "expected-statuses": ["2xx", "401", "403", "404", "409", "410", "412", "422"]
    },
    # A change without If-Match is told 428, as RFC 6585 says.
    "missing_required_header": {"expected-statuses": ["400", "401", "403", "422", "428"]},
}
CONFIG = schemathesis.Config.from_dict({"checks": CHECKS})
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", HOUSE.app, config=CONFIG).exclude(
    path="/v1/events/stream"
)


def allowed(role):
    """The operations that a kind of caller may use."""
    for result in SCHEMA.get_all_operations():
        operation = result.ok()
        needed = operation.definition.raw.get("security", [])
        scopes = {scope for one in needed for names in one.values() for scope in names}
        if not scopes or scopes & set(SCOPES[role]):
            yield operation


PAIRS = [
    pytest.param(role, operation, id=f"{role.value} {operation.label}")
    for role in Role
    for operation in allowed(role)
]


@pytest.mark.parametrize(("role", "operation"), PAIRS)
def test_no_request_breaks_the_service_or_its_description(role, operation):
    key = HOUSE.key(role)[1]

    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(operation.as_strategy(GOOD), operation.as_strategy(BAD)))
    def holds(case):
        case.call_and_validate(headers={"Authorization": f"Bearer {key}"})

    holds()


NEGATIVE = schemathesis.GenerationMode.NEGATIVE

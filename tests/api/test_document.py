"""The interface's description is committed: a change of it is shown and looked at."""

import json
from pathlib import Path

from api.cli.describe import description

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"
DRAWN = description()
OPERATIONS = [
    (path, method, operation)
    for path, operations in json.loads(DRAWN)["paths"].items()
    for method, operation in operations.items()
]


def test_the_committed_description_is_that_of_the_code():
    assert COMMITTED.read_text("utf-8") == DRAWN, "run `make openapi` and look at what changed"


def test_every_operation_says_which_errors_it_answers():
    for path, method, operation in OPERATIONS:
        if path.startswith("/v1/"):
            assert {"401", "403", "429"} <= set(operation["responses"]), (method, path)
            assert operation["security"], (method, path)


def test_every_operation_has_a_sentence_and_a_name_of_its_own():
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert all(operation["description"].endswith(".") for _, _, operation in OPERATIONS)


def test_a_creating_request_needs_its_key_and_a_verdict_its_version():
    needed = {
        (method, path): {
            p["name"].lower() for p in operation.get("parameters", ()) if p["required"]
        }
        for path, method, operation in OPERATIONS
    }
    assert "idempotency-key" in needed["post", "/v1/orders"]
    assert "idempotency-key" not in needed["post", "/v1/delivery-quotes"]
    for path in (
        "/v1/node-recommendations/{id}/decision",
        "/v1/plans/{id}/publication",
        "/v1/route-tenders/{id}/response",
    ):
        assert "if-match" in needed["put", path]

"""The interface's own description (OpenAPI 3.1), with every error that an operation can answer.

What an operation may answer follows from what it asks for: a body can be too large, an id can be
unknown, a key can come twice. So the errors are read off the operation itself, and none has to be
remembered by whoever writes a door.
"""

from collections.abc import Iterator
from typing import Any, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import CREATED, NOT_MODIFIED, OK, PAGES, Problem, declared

ABOUT = """Logistics orchestration for viral products.

Every error is `application/problem+json` (RFC 9457) with a `type` that leads to a page about it.
Creating requests carry an `Idempotency-Key`; changes that rest on what was read carry `If-Match`.
Lists come in pages with an opaque cursor and a `Link` header. Times carry their UTC offset, money
is whole hundredths of its currency. `RateLimit` fields follow an IETF draft and may change with it.
"""
GENERIC = {str(PAGES["validation-failed"].status.value)}
"""What the framework declares by itself, in a form that is not ours."""
NEEDED = {"idempotency-key", "if-match"}
"""Headers whose absence has a problem of its own, so they are no required argument."""
METHODS = ("get", "put", "post", "delete", "patch")


def describe(app: FastAPI) -> dict[str, Any]:
    """The description of an application; made once and kept with it."""
    if app.openapi_schema is None:
        drawn = get_openapi(
            title="Surgeport",
            version="1",
            openapi_version="3.1.0",
            summary="Stock near a viral video's buyers, and a promise that can be kept.",
            description=ABOUT,
            routes=app.routes,
        )
        _add_problem(drawn)
        answers: dict[str, Any] = drawn["components"].setdefault("responses", {})
        for path, operations in drawn["paths"].items():
            for method in METHODS:
                if method in operations:
                    _complete(path, operations[method], answers)
        app.openapi_schema = drawn
    return app.openapi_schema


def queries(app: FastAPI) -> dict[tuple[str, str], frozenset[str]]:
    """The names of the query parameters of each method and path, as described."""
    if not hasattr(app.state, "queries"):
        app.state.queries = {
            (method.upper(), path): frozenset(
                parameter["name"]
                for parameter in operation.get("parameters", ())
                if parameter["in"] == "query"
            )
            for path, operations in describe(app)["paths"].items()
            for method, operation in operations.items()
        }
    return cast("dict[tuple[str, str], frozenset[str]]", app.state.queries)


def _add_problem(drawn: dict[str, Any]) -> None:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = drawn.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(schema.pop("$defs", {}))
    schemas["Problem"] = schema
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)


def _complete(path: str, operation: dict[str, Any], answers: dict[str, Any]) -> None:
    """Say what an operation can answer; what many answer alike is said once, in `answers`."""
    said = {code: told for code, told in operation["responses"].items() if code not in GENERIC}
    if str(OK) in said and str(CREATED) in said:
        said[str(CREATED)]["content"] = said[str(OK)]["content"]
    for name in operation.get("requestBody", {}).get("content", {}).keys() & {"text/csv"}:
        operation["requestBody"]["content"][name]["schema"] = {"description": "CSV, any text."}
    if "if-none-match" in _names(operation):
        said[str(NOT_MODIFIED)] = {"description": "It is as you hold it."}
    for status, (name, response) in declared(_slugs(path, operation)).items():
        answers[name] = response
        said[status] = {"$ref": f"#/components/responses/{name}"}
    operation["responses"] = said
    for parameter in operation.get("parameters", ()):
        _plain(parameter)


def _plain(parameter: dict[str, Any]) -> None:
    """A header or query is there or not, it is never null; some headers must be there."""
    schema = parameter["schema"]
    kinds = [kind for kind in schema.pop("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        schema.update(kinds[0])
    elif kinds:
        schema["anyOf"] = kinds
    parameter["required"] = parameter["required"] or parameter["name"].lower() in NEEDED


def _names(operation: dict[str, Any]) -> set[str]:
    return {parameter["name"].lower() for parameter in operation.get("parameters", ())}


def _slugs(path: str, operation: dict[str, Any]) -> Iterator[str]:
    """The problems that an operation can answer, from what it asks for."""
    names = _names(operation)
    guarded = path.startswith("/v1/")
    if guarded:
        yield from ("unauthenticated", "rate-limited", "dependency-unavailable", "forbidden-scope")
    if operation.get("parameters") or "requestBody" in operation:
        yield from ("validation-failed", "not-found")
    if "requestBody" in operation:
        yield from ("body-too-large", "unsupported-media-type", "not-found", "residency-violation")
        yield from ("state-conflict", "changed-meanwhile")
    if "idempotency-key" in names:
        yield from ("idempotency-key-missing", "idempotency-key-in-progress")
        yield from ("idempotency-key-reused", "duplicate-external-id")
    if "if-match" in names:
        yield from ("stale-version", "precondition-required")
    if names & {"cursor", "after"}:
        yield "gone"
    if path == "/v1/delivery-quotes":
        yield "over-capacity"
    if path == "/readyz":
        yield "dependency-unavailable"

"""The interface's own description (OpenAPI 3.1), with every error that an operation can answer.

What an operation may answer follows from what it asks for: a body can be too large, an id can be
unknown, a key can come twice. So the errors are read off the operation itself, and none has to be
remembered by whoever writes a door.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import NOT_MODIFIED, Problem, declared

ABOUT = """Logistics orchestration for viral products.

Every error is `application/problem+json` (RFC 9457) with a `type` that leads to a page about it.
Creating requests carry an `Idempotency-Key`; changes that rest on what was read carry `If-Match`.
Lists come in pages with an opaque cursor and a `Link` header. Times carry their UTC offset, money
is whole hundredths of its currency. `RateLimit` fields follow an IETF draft and may change with it.
"""
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
        for path, operations in drawn["paths"].items():
            for method in METHODS:
                if method in operations:
                    _complete(path, operations[method])
        app.openapi_schema = drawn
    return app.openapi_schema


def _add_problem(drawn: dict[str, Any]) -> None:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = drawn.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(schema.pop("$defs", {}))
    schemas["Problem"] = schema
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)


def _complete(path: str, operation: dict[str, Any]) -> None:
    said = {code: told for code, told in operation["responses"].items() if code != "422"}
    if "if-none-match" in _names(operation):
        said[str(NOT_MODIFIED)] = {"description": "It is as you hold it."}
    operation["responses"] = {**said, **declared(_slugs(path, operation))}


def _names(operation: dict[str, Any]) -> set[str]:
    return {parameter["name"].lower() for parameter in operation.get("parameters", ())}


def _slugs(path: str, operation: dict[str, Any]) -> Iterator[str]:
    """The problems that an operation can answer, from what it asks for."""
    names = _names(operation)
    guarded = path.startswith("/v1/")
    if guarded:
        yield from ("unauthenticated", "rate-limited", "dependency-unavailable", "forbidden-scope")
    if operation.get("parameters") or "requestBody" in operation:
        yield "validation-failed"
    if "requestBody" in operation:
        yield from ("body-too-large", "unsupported-media-type", "not-found", "residency-violation")
        yield from ("state-conflict", "changed-meanwhile")
    if "{" in path:
        yield "not-found"
    if "idempotency-key" in names:
        yield from ("idempotency-key-missing", "idempotency-key-in-progress")
        yield from ("idempotency-key-reused", "duplicate-external-id")
    if "if-match" in names:
        yield from ("stale-version", "precondition-required")
    if names & {"cursor", "after"}:
        yield "gone"
    if path == "/readyz":
        yield "dependency-unavailable"

"""Every error as a caller sees it: one table from error to status, name and facts (RFC 9457).

HTTP status numbers live in this room alone. A row says what an error is called, what to do about
it, and which of its facts go beside the sentence; the nearest class in the error's ancestry that
has a row wins, and the first row of it whose `when` holds.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from api import errors as door
from forecasting.errors import ForecastingError
from logistics import errors as business
from routing.errors import RoutingError

OK = HTTPStatus.OK.value
CREATED = HTTPStatus.CREATED.value
ACCEPTED = HTTPStatus.ACCEPTED.value
NO_CONTENT = HTTPStatus.NO_CONTENT.value
SEE_OTHER = HTTPStatus.SEE_OTHER.value
NOT_MODIFIED = HTTPStatus.NOT_MODIFIED.value
SERVER_FAULTS = HTTPStatus.INTERNAL_SERVER_ERROR.value
"""Answers from this number on are faults of ours, and are not kept for repeats."""
MEDIA_TYPE = "application/problem+json"
WAIT_SECONDS = 5
"""How long a caller is asked to wait for something that does not answer."""
KEYS_EXPLAINED = {"Link": '</problems/idempotency-key-missing>; rel="describedby"'}
"""Where the use of an `Idempotency-Key` is explained."""


def _nothing(_: Exception) -> Mapping[str, Any]:
    return {}


def _always(_: Exception) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A kind of problem, and what to do about it."""

    slug: str
    status: HTTPStatus
    title: str
    advice: str
    """What a caller should do about it; the text of the page `/problems/{slug}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Named):
    """How one class of errors is told."""

    error: type[Exception]
    facts: Callable[[Any], Mapping[str, Any]] = _nothing
    headers: Callable[[Any], Mapping[str, str]] = _nothing
    when: Callable[[Any], bool] = _always


def _field(error: business.Nonsense) -> Mapping[str, Any]:
    fault = {"pointer": error.field, "in": "body", "code": error.code, "detail": error.detail}
    return {"errors": [fault]}


def _fields(error: door.Invalid) -> Mapping[str, Any]:
    return {
        "errors": [
            {"pointer": fault.at, "in": fault.place, "code": fault.code, "detail": fault.detail}
            for fault in error.faults
        ]
    }


def _stale(error: business.StaleVersion) -> Mapping[str, Any]:
    return {
        "current_etag": f'"{error.current}"',
        "changed_fields": list(error.changed_fields),
        "changed_by": error.changed_by,
    }


def _candidates(error: business.NotLocated) -> Mapping[str, Any]:
    return {"candidates": [{"label": label, "score": score} for label, score in error.candidates]}


def _requote(error: business.QuoteExpired | business.QuoteWithdrawn) -> Mapping[str, Any]:
    why = getattr(error, "reason", "its time is over")
    return {"quote": error.quote, "requote": "/v1/delivery-quotes", "reason": why}


ROWS = (
    Row(
        error=door.Unauthenticated,
        slug="unauthenticated",
        status=HTTPStatus.UNAUTHORIZED,
        title="No key, or one that opens nothing",
        advice="Send `Authorization: Bearer <key>` with a key that is neither revoked nor over.",
        headers=lambda _: {"WWW-Authenticate": 'Bearer realm="surgeport"'},
    ),
    Row(
        error=door.ForbiddenScope,
        slug="forbidden-scope",
        status=HTTPStatus.FORBIDDEN,
        title="The key may not do this",
        advice="Ask the operator for a key with one of the scopes named in `scope`.",
        facts=lambda error: {"scope": " ".join(error.scopes)},
    ),
    Row(
        error=door.ForeignForm,
        slug="foreign-form",
        status=HTTPStatus.FORBIDDEN,
        title="A form from elsewhere",
        advice="Open the console's page anew and send its own form.",
    ),
    Row(
        error=door.NoSuchPath,
        slug="not-found",
        status=HTTPStatus.NOT_FOUND,
        title="There is no such thing",
        advice="Check the id; what belongs to another party is not told apart from nothing.",
    ),
    Row(
        error=business.Unknown,
        slug="not-found",
        status=HTTPStatus.NOT_FOUND,
        title="There is no such thing",
        advice="Check the id; what belongs to another party is not told apart from nothing.",
        facts=lambda error: {"kind": error.kind, "id": error.id},
    ),
    Row(
        error=business.CursorLost,
        slug="gone",
        status=HTTPStatus.GONE,
        title="The cursor points at what is no more",
        advice="Read the feed again from the link in `resync`, and compare with what you know.",
        facts=lambda _: {"resync": "/v1/events"},
    ),
    Row(
        error=door.CursorSpent,
        slug="gone",
        status=HTTPStatus.GONE,
        title="The cursor points at what is no more",
        advice="A page cursor lives for 24 hours; begin again at the first page.",
    ),
    Row(
        error=door.NoSuchMethod,
        slug="method-not-allowed",
        status=HTTPStatus.METHOD_NOT_ALLOWED,
        title="Not by this method",
        advice="Use one of the methods in the `Allow` header.",
        headers=lambda error: {"Allow": ", ".join(error.allowed)},
    ),
    Row(
        error=door.BodyTooLarge,
        slug="body-too-large",
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        title="The body is too large",
        advice="Split it; `limit` is the number of bytes that are read here.",
        facts=lambda error: {"limit": error.limit},
    ),
    Row(
        error=door.UnsupportedMedia,
        slug="unsupported-media-type",
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        title="A body of another kind",
        advice="Send the kind of body named in `wanted`.",
        facts=lambda error: {"wanted": error.wanted},
    ),
    Row(
        error=door.Invalid,
        slug="validation-failed",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title="A field cannot be so",
        advice="Each entry of `errors` points at a field and says what is wrong with it.",
        facts=_fields,
    ),
    Row(
        error=business.Nonsense,
        slug="validation-failed",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title="A field cannot be so",
        advice="Each entry of `errors` points at a field and says what is wrong with it.",
        facts=_field,
    ),
    Row(
        error=door.ForbiddenAddress,
        slug="forbidden-address",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title="The address leads inside",
        advice="Register an https address that is reachable from the public internet.",
    ),
    Row(
        error=door.KeyMissing,
        slug="idempotency-key-missing",
        status=HTTPStatus.BAD_REQUEST,
        title="A creating request needs an Idempotency-Key",
        advice="Send a fresh random `Idempotency-Key` with each new request, and the same with a repeat.",
        headers=lambda _: KEYS_EXPLAINED,
    ),
    Row(
        error=door.KeyReused,
        slug="idempotency-key-reused",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title="The Idempotency-Key came with another request",
        advice="A new request needs a new key; the first one came at `first_at`.",
        facts=lambda error: {"first_at": error.first_at.isoformat()},
        headers=lambda _: KEYS_EXPLAINED,
    ),
    Row(
        error=door.KeyInProgress,
        slug="idempotency-key-in-progress",
        status=HTTPStatus.CONFLICT,
        title="The first request with this key still runs",
        advice="Send the same request again in a moment; it will get the first one's answer.",
        headers=lambda _: {**KEYS_EXPLAINED, "Retry-After": "1"},
    ),
    Row(
        error=business.Duplicate,
        slug="duplicate-external-id",
        status=HTTPStatus.CONFLICT,
        title="The outside id is taken",
        advice="`existing` is the id of what you made before under the same outside id.",
        facts=lambda error: {"existing": error.existing},
    ),
    Row(
        error=business.StaleVersion,
        slug="stale-version",
        status=HTTPStatus.PRECONDITION_FAILED,
        title="It changed since you read it",
        advice="Read it again, look at what changed, and decide anew.",
        facts=_stale,
    ),
    Row(
        error=door.PreconditionRequired,
        slug="precondition-required",
        status=HTTPStatus.PRECONDITION_REQUIRED,
        title="Say which version you decided on",
        advice="Send `If-Match` with the `ETag` of the answer that you read.",
    ),
    Row(
        error=business.NotAllowedNow,
        slug="state-conflict",
        status=HTTPStatus.CONFLICT,
        title="Its state does not allow the step",
        advice="`allowed` names the steps that the state in `from` does allow.",
        facts=lambda error: {
            "from": error.state,
            "to": error.step,
            "allowed": list(error.allowed),
        },
    ),
    Row(
        error=business.SamePlanner,
        slug="second-planner-needed",
        status=HTTPStatus.CONFLICT,
        title="A second planner must decide",
        advice="Above the money limit two different planners give a verdict each.",
        facts=lambda error: {"first_by": error.planner},
    ),
    Row(
        error=business.QuoteExpired,
        slug="quote-expired",
        status=HTTPStatus.CONFLICT,
        title="The offer's time is over",
        advice="Ask for a fresh quote at `requote`; it is one call.",
        facts=_requote,
    ),
    Row(
        error=business.QuoteWithdrawn,
        slug="quote-withdrawn",
        status=HTTPStatus.CONFLICT,
        title="The offer lost its stock or node",
        advice="Ask for a fresh quote at `requote`; `reason` says what was lost.",
        facts=_requote,
    ),
    Row(
        error=business.NotLocated,
        slug="address-ambiguous",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title="The address may mean several places",
        advice="Choose one of `candidates` and send its coordinates.",
        facts=_candidates,
        when=lambda error: error.ambiguous,
    ),
    Row(
        error=business.NotLocated,
        slug="address-not-located",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title="The address is no place that we know",
        advice="Send a fuller address, or coordinates.",
        facts=_candidates,
    ),
    Row(
        error=business.TenderClosed,
        slug="tender-closed",
        status=HTTPStatus.CONFLICT,
        title="The tender is closed",
        advice="It was answered, ran out or was withdrawn; a new tender is a new offer.",
        facts=lambda error: {"tender_state": error.state, "closed_at": error.closed_at},
    ),
    Row(
        error=business.Refused,
        slug="not-allowed-now",
        status=HTTPStatus.CONFLICT,
        title="Not allowed now",
        advice="The request is understood; the detail says what stands in its way.",
    ),
    Row(
        error=business.ChangedMeanwhile,
        slug="changed-meanwhile",
        status=HTTPStatus.CONFLICT,
        title="It changed while the answer was made",
        advice="Send the request again.",
        facts=lambda error: {"kind": error.kind, "id": error.id},
    ),
    Row(
        error=business.ForeignZone,
        slug="residency-violation",
        status=HTTPStatus.FORBIDDEN,
        title="Data of another residency zone",
        advice="Send the data to the deployment of its own zone.",
        facts=lambda error: {"region": error.zone, "allowed_regions": list(error.allowed)},
    ),
    Row(
        error=door.RateLimited,
        slug="rate-limited",
        status=HTTPStatus.TOO_MANY_REQUESTS,
        title="Too many requests",
        advice="Wait for the seconds in `Retry-After`.",
        headers=lambda error: {**error.told, "Retry-After": str(error.wait)},
    ),
    Row(
        error=door.Overloaded,
        slug="over-capacity",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        title="More than can be taken on just now",
        advice="Try again after the seconds in `Retry-After`, or ask another process.",
        facts=lambda error: {"waiting": error.what},
        headers=lambda _: {"Retry-After": str(WAIT_SECONDS)},
    ),
    Row(
        error=business.Unready,
        slug="dependency-unavailable",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        title="Something that we depend on does not answer",
        advice="Try again after the seconds in `Retry-After`.",
        facts=lambda error: {"dependency": error.dependency, "cached_answer": False},
        headers=lambda _: {"Retry-After": str(WAIT_SECONDS)},
    ),
    Row(
        error=business.BrokenPlan,
        slug="broken-plan",
        status=HTTPStatus.CONFLICT,
        title="The plan breaks a rule",
        advice="`breaches` are the rules that it breaks; such a plan is never released.",
        facts=lambda error: {"breaches": list(error.breaches)},
    ),
    *(
        Row(
            error=error,
            slug="internal-error",
            status=HTTPStatus.INTERNAL_SERVER_ERROR,
            title="A fault of ours",
            advice="Try again; the request id finds the fault in our log.",
        )
        for error in (door.Broken, business.SurgeportError, RoutingError, ForecastingError)
    ),
)
"""The one table. A test holds that every error class of the house has a row."""

_BY_ERROR: dict[type[Exception], tuple[Row, ...]] = {
    row.error: tuple(other for other in ROWS if other.error is row.error) for row in ROWS
}
TOLD = tuple(_BY_ERROR)
"""The error classes that the application answers with a problem."""
OF_ITEMS = (
    Named(
        slug="signal-too-late",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title="The signal comes too late",
        advice="Send buckets within `limit_seconds` of their end; this row alone was refused.",
    ),
    Named(
        slug="signal-from-future",
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title="The signal lies in the future",
        advice="Set your clock right; this row alone was refused, others are kept with their skew.",
    ),
)
"""Problems of single items of a batch: no error is raised, the item's answer names them."""
PAGES: dict[str, Named] = {row.slug: row for row in (*reversed(ROWS), *OF_ITEMS)}
"""What explains each slug."""


def row_of(error: Exception) -> Row:
    """The row of the nearest ancestor that has one; a fault of ours where none has."""
    for ancestor in type(error).__mro__:
        for row in _BY_ERROR.get(cast("type[Exception]", ancestor), ()):
            if row.when(error):
                return row
    return _BY_ERROR[door.Broken][0]


def document(error: Exception, instance: str | None = None) -> dict[str, Any]:
    """The problem as JSON: type, title, status, detail, and the error's own facts."""
    row = row_of(error)
    ours = row.slug == "internal-error"
    said = {
        "type": f"/problems/{row.slug}",
        "title": row.title,
        "status": row.status.value,
        "detail": str(door.Broken()) if ours else str(error),
    }
    return {**said, **({"instance": instance} if instance else {}), **row.facts(error)}


def answer(error: Exception, instance: str | None = None) -> Response:
    """The problem as a response."""
    row = row_of(error)
    return JSONResponse(
        document(error, instance),
        status_code=row.status.value,
        headers=dict(row.headers(error)),
        media_type=MEDIA_TYPE,
    )


class FaultShown(BaseModel):
    """One field that cannot be so."""

    model_config = ConfigDict(extra="allow")

    pointer: str = Field(description="A JSON Pointer into the body, or into the parameters.")
    code: str
    detail: str


class Problem(BaseModel):
    """The one body of every error (RFC 9457), with members of its own type beside."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "type": "/problems/state-conflict",
                "title": "Its state does not allow the step",
                "status": HTTPStatus.CONFLICT.value,
                "detail": "a order that is out_for_delivery cannot cancel; it allows return",
                "from": "out_for_delivery",
                "to": "cancel",
                "allowed": ["return"],
            }
        },
    )

    type: str = Field(description="Address of the page that explains this kind of problem.")
    title: str
    status: int
    detail: str
    instance: str | None = None
    errors: list[FaultShown] | None = None


def declared(slugs: Iterable[str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """The responses of the interface's document for these problems, by status, each with a name."""
    by_status: dict[str, list[Named]] = {}
    for slug in sorted(set(slugs)):
        by_status.setdefault(str(PAGES[slug].status.value), []).append(PAGES[slug])
    schema = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: (
            ".".join(row.slug for row in rows),
            {
                "description": "; ".join(f"{row.title} (`/problems/{row.slug}`)" for row in rows),
                "content": schema,
            },
        )
        for status, rows in sorted(by_status.items())
    }

"""What can be wrong with a request before the business hears of it.

DoorError
├── Unauthenticated      no key, or one that is not known, revoked or over
├── ForbiddenScope       the key may not do this
├── ForeignForm          a form that none of our pages sent
├── Invalid              fields that cannot be so, each with its place
├── UnsupportedMedia     a body of another kind
├── BodyTooLarge         a body beyond the limit
├── KeyMissing           a creating request without `Idempotency-Key`
├── KeyReused            the same key with another request
├── KeyInProgress        the first request with the key still runs
├── PreconditionRequired a change without `If-Match`
├── CursorSpent          a page cursor older than a day
├── RateLimited          more requests than the key may send
├── Overloaded           more is waiting than this process can write down
├── ForbiddenAddress     a webhook address inside our own network
├── NoSuchPath           nothing is served there
├── NoSuchMethod         something is, but not this method
└── Broken               a fault of ours
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong: where (a JSON Pointer into the body, or a parameter), and what."""

    at: str
    code: str
    detail: str
    place: str = "body"
    """`body`, `query`, `path` or `header`."""


class DoorError(Exception):
    """The root: every error that a door raises on purpose."""


class Unauthenticated(DoorError):
    """No key, or one that opens nothing."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)


class ForbiddenScope(DoorError):
    """The key lacks the scopes, any of which would do."""

    def __init__(self, scopes: Iterable[str]) -> None:
        self.scopes = tuple(scopes)
        super().__init__(f"this needs a key with {' or '.join(self.scopes)}")


class ForeignForm(DoorError):
    """A form of the console that none of its pages in this session sent."""

    def __init__(self) -> None:
        super().__init__("this form is not one of your session's")


class Invalid(DoorError):
    """Fields that cannot be so."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(_said, self.faults)))


def _said(fault: Fault) -> str:
    return f"{fault.at}: {fault.detail}" if fault.at else f"the body {fault.detail}"


class UnsupportedMedia(DoorError):
    """A body of a kind that is not read here."""

    def __init__(self, got: str, wanted: str) -> None:
        self.got, self.wanted = got, wanted
        super().__init__(f"the body is {got or 'of no kind'}, and {wanted} is read here")


class BodyTooLarge(DoorError):
    """A body beyond the limit, in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"a body may have {limit} bytes here")


class KeyMissing(DoorError):
    """A creating request without the header that makes it safe to repeat."""

    def __init__(self) -> None:
        super().__init__("send an Idempotency-Key, so that a repeat does nothing twice")


class KeyReused(DoorError):
    """The key came before with another request."""

    def __init__(self, first_at: datetime) -> None:
        self.first_at = first_at
        super().__init__(
            f"this Idempotency-Key came with another request at {first_at.isoformat()}"
        )


class KeyInProgress(DoorError):
    """The first request with the key is not answered yet."""

    def __init__(self) -> None:
        super().__init__("the first request with this Idempotency-Key is not answered yet")


class PreconditionRequired(DoorError):
    """A change that must say which version it was decided on."""

    def __init__(self) -> None:
        super().__init__("send If-Match with the ETag that you read")


class CursorSpent(DoorError):
    """A page cursor whose day is over."""

    def __init__(self) -> None:
        super().__init__("this cursor is older than 24 hours; begin at the first page")


class RateLimited(DoorError):
    """More requests than the key may send; `wait` seconds until the next one."""

    def __init__(self, wait: int, told: Mapping[str, str]) -> None:
        self.wait, self.told = wait, dict(told)
        super().__init__(f"too many requests; the next one is welcome in {wait} s")


class Overloaded(DoorError):
    """More is waiting here than can be taken on; `what` says of which."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"too many {what} wait here; try again in a moment")


class ForbiddenAddress(DoorError):
    """A webhook address that leads inside."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)


class NoSuchPath(DoorError):
    """Nothing is served there."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"nothing is served at {path}")


class NoSuchMethod(DoorError):
    """Something is served there, but not by this method."""

    def __init__(self, method: str, allowed: Iterable[str]) -> None:
        self.method, self.allowed = method, tuple(allowed)
        super().__init__(f"{method} is not answered here; {', '.join(self.allowed)} is")


class Broken(DoorError):
    """A fault of ours; the log has it under the request's id."""

    def __init__(self) -> None:
        super().__init__("a fault of ours; the request id finds it in the log")

"""What can be wrong with a question, and the facts that go with it.

A "no" that is an answer (no reach, no stock, a stop left out) is part of a result and never an
error. An error is a question that contradicts itself, a step not allowed now, or a thing unknown::

    SurgeportError
    ├── Nonsense                a field that cannot be so
    ├── Unknown                 no such thing
    ├── Refused                 understood, and not allowed now
    │   ├── NotAllowedNow       the state does not allow the step
    │   ├── StaleVersion        somebody changed it since it was read
    │   ├── Duplicate           the same outside id is taken
    │   ├── QuoteExpired        the offer's time is over
    │   ├── QuoteWithdrawn      the offer lost its stock or node
    │   ├── TenderClosed        the tender is answered, expired or withdrawn
    │   ├── SamePlanner         two different planners are needed
    │   └── CursorLost          the feed was restored to an earlier time
    ├── NotLocated              an address without a place
    ├── ForeignZone             data of another residency zone
    ├── Unready                 something we depend on does not answer
    ├── BrokenPlan              a plan that breaks a rule, which is never shown
    └── ChangedMeanwhile        what a heavy deed read has moved; the next tick tries again
"""

from collections.abc import Iterable


class SurgeportError(Exception):
    """The root: every error that the business raises on purpose."""


class Nonsense(SurgeportError, ValueError):
    """A field that cannot be so; `field` is a JSON Pointer below the body, like `/lines/0/units`."""

    def __init__(self, field: str, detail: str, code: str = "nonsense") -> None:
        super().__init__(f"{field}: {detail}")
        self.field, self.detail, self.code = field, detail, code


class Unknown(SurgeportError, LookupError):
    """There is no such thing, or the caller may not know of it."""

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(f"there is no {kind} {id}")
        self.kind, self.id = kind, id


class Refused(SurgeportError):
    """The question is understood, and it is not allowed now."""


class NotAllowedNow(Refused):
    """The state of a thing does not allow the step; `allowed` are the steps that it does allow."""

    def __init__(self, resource: str, step: str, state: str, allowed: Iterable[str] = ()) -> None:
        self.resource, self.step, self.state = resource, step, state
        self.allowed = tuple(allowed)
        can = ", ".join(self.allowed) or "nothing"
        super().__init__(f"a {resource} that is {state} cannot {step}; it allows {can}")


class StaleVersion(Refused):
    """Somebody changed the thing since the caller read it."""

    def __init__(
        self,
        kind: str,
        id: str,
        current: int,
        changed_by: str | None = None,
        changed_fields: Iterable[str] = (),
        detail: str | None = None,
    ) -> None:
        self.kind, self.id, self.current, self.changed_by = kind, id, current, changed_by
        self.changed_fields = tuple(changed_fields)
        super().__init__(detail or f"{kind} {id} is now at version {current}")


class Duplicate(Refused):
    """The outside id is taken; `existing` is the id of the twin."""

    def __init__(self, kind: str, external_id: str, existing: str) -> None:
        super().__init__(f"{kind} {external_id} exists as {existing}")
        self.kind, self.external_id, self.existing = kind, external_id, existing


class QuoteExpired(Refused):
    """The offer's time is over; a fresh quote is one call."""

    def __init__(self, quote: str, expired_at: str) -> None:
        super().__init__(f"quote {quote} expired at {expired_at}")
        self.quote, self.expired_at = quote, expired_at


class QuoteWithdrawn(Refused):
    """What was offered is no longer there; `reason` says what was lost."""

    def __init__(self, quote: str, reason: str) -> None:
        super().__init__(f"quote {quote} is withdrawn: {reason}")
        self.quote, self.reason = quote, reason


class TenderClosed(Refused):
    """The tender was answered, ran out or was withdrawn before this answer came."""

    def __init__(self, tender: str, state: str, closed_at: str | None) -> None:
        super().__init__(f"tender {tender} is {state} since {closed_at}")
        self.tender, self.state, self.closed_at = tender, state, closed_at


class SamePlanner(Refused):
    """Above the money limit the second verdict comes from a second planner."""

    def __init__(self, recommendation: str, planner: str) -> None:
        super().__init__(f"{planner} has given the first verdict on {recommendation}")
        self.recommendation, self.planner = recommendation, planner


class CursorLost(Refused):
    """A feed cursor that points behind what a restore has kept."""

    def __init__(self, cursor: str) -> None:
        super().__init__(f"cursor {cursor} is from before a restore; read the feed from its start")
        self.cursor = cursor


class NotLocated(SurgeportError):
    """An address that cannot be placed, with the candidates there are (label, score)."""

    def __init__(self, address: str, candidates: Iterable[tuple[str, float]] = ()) -> None:
        self.candidates = tuple(candidates)
        self.ambiguous = len(self.candidates) > 1
        super().__init__(f"{address!r} is {'several places' if self.ambiguous else 'no place'}")


class ForeignZone(SurgeportError):
    """Data of one residency zone brought to a store of another."""

    def __init__(self, zone: str, allowed: Iterable[str]) -> None:
        self.zone, self.allowed = zone, tuple(allowed)
        super().__init__(f"data of zone {zone} may not be kept here ({', '.join(self.allowed)})")


class Unready(SurgeportError):
    """Something that we depend on does not answer."""

    def __init__(self, dependency: str) -> None:
        super().__init__(f"{dependency} does not answer")
        self.dependency = dependency


class BrokenPlan(SurgeportError):
    """A plan that breaks a rule; it is reported and never shown."""

    def __init__(self, breaches: Iterable[str]) -> None:
        self.breaches = tuple(breaches)
        super().__init__("; ".join(self.breaches))


class ChangedMeanwhile(SurgeportError):
    """What a heavy deed read has moved before it could write."""

    def __init__(self, kind: str, id: str) -> None:
        super().__init__(f"{kind} {id} changed while the answer was computed")
        self.kind, self.id = kind, id


def require(condition: bool, field: str, detail: str) -> None:  # noqa: FBT001  reads as a sentence
    """Refuse a field that cannot be so: `require(units > 0, "units", "must be at least 1")`."""
    if not condition:
        raise Nonsense(f"/{field}", detail)

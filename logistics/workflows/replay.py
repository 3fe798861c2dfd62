"""Compute a decision again from its kept inputs, and say whether the same came out.

Only what is a quick function of its inputs is computed here: a quote. What was made by a fit or a
solver, or by other code than is here now, is named as such and never passed over in silence.
"""

from collections.abc import Callable
from dataclasses import dataclass

from logistics.promise.answers import Question, answer
from logistics.records import DecisionRecord, canonical, fingerprint, shape
from logistics.store import Reading
from logistics.workflows.quoting import CODE_VERSION, Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What came of computing a decision again."""

    decision: str
    same: bool | None
    """Whether the result has the same hash; None where it could not be computed."""
    result_hash: str | None
    reason: str | None
    """Why it could not: `code_version_missing`, `needs_a_solver`, `inputs_changed`."""


def replay(reading: Reading, id: str) -> Replay:
    """Compute one decision again.

    Raises:
        Unknown: where there is no such decision.
    """
    record = reading.get(DecisionRecord, id)
    if fingerprint(record.inputs) != record.inputs_hash:
        return _cannot(record, "inputs_changed")
    if (known := AGAIN.get(record.kind)) is None:
        return _cannot(record, "needs_a_solver")
    code_version, compute = known
    if record.code_version != code_version:
        return _cannot(record, "code_version_missing")
    hashed = fingerprint(compute(record))
    return Replay(decision=id, same=hashed == record.result_hash, result_hash=hashed, reason=None)


def _quote(record: DecisionRecord) -> str:
    """The quote's answer, from its question alone; only its name is read from what is kept."""
    found = answer(shape(Question).validate_json(record.inputs))
    quote: str = shape(Answered).validate_json(record.result).quote
    kept = Answered(quote=quote, offer=found.offer, alternatives=found.alternatives)
    return canonical(kept)


AGAIN: dict[str, tuple[str, Callable[[DecisionRecord], str]]] = {"quote": (CODE_VERSION, _quote)}
"""By the kind of a decision: the version of the code that is here, and how it is computed."""


def _cannot(record: DecisionRecord, reason: str) -> Replay:
    return Replay(decision=record.id, same=None, result_hash=None, reason=reason)

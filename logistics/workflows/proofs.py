"""Proofs of delivery: what a courier can show for a stop, known by the hash of its content."""

from datetime import datetime

from logistics.dispatch import Proof, Route, Stop
from logistics.errors import Unknown, require
from logistics.workflows.means import Means


def add_proof(
    means: Means,
    stop: str,
    *,
    carrier: str,
    kind: str,
    sha256: str,
    size: int,
    taken_at: datetime,
    now: datetime,
) -> Proof:
    """Keep a proof of delivery; a second that differs is kept too, and the first stays the proof.

    The same content again is the same proof.
    """
    hexes = len(sha256) == 64 and all(digit in "0123456789abcdef" for digit in sha256)
    require(hexes, "sha256", "is 64 lower-case hex digits")
    require(size > 0, "size", "must be positive")
    with means.store.begin() as deed:
        owner = deed.lock(Stop, stop)
        if deed.get(Route, owner.route).carrier != carrier:
            raise Unknown("stop", stop)
        known = deed.find(Proof, stop=stop)
        for same in known:
            if same.sha256 == sha256:
                return same
        proof = Proof(
            id=means.ids.new("prf", now),
            stop=stop,
            carrier=carrier,
            kind=kind,
            sha256=sha256,
            size=size,
            taken_at=taken_at,
            received_at=now,
            first=not known,
        )
        return deed.add(proof)

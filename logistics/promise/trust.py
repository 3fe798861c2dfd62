"""How far a carrier's word is worth a route: what it took of what it was offered, and kept.

Each market counts over the last days what it offered to a carrier, what was taken, declined or met
with silence, and how many parcels came in time. A carrier without a record is trusted; twenty cases
weigh as much as that. Trust says who is asked first, what a van is charged for in a plan, and how
many of a carrier's places on a departure a promise may count on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from logistics.carriers import Carrier
from logistics.policy import Policy
from logistics.units import Cents

PRIOR_CASES = 20
"""As many good cases as a carrier's good name is worth before it has done anything."""
STEPS = 20
"""Carriers whose trust is within a twentieth are asked by their rank."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierRecord:
    """What one carrier did in one market lately."""

    carrier: str
    offered: int = 0
    """Offers of routes that were answered or ran out."""
    taken: int = 0
    declined: int = 0
    silent: int = 0
    delivered: int = 0
    in_time: int = 0
    """Parcels that came by the promised hour, of those delivered."""

    @property
    def takes(self) -> float:
        """The share of offers that it takes."""
        return (self.taken + PRIOR_CASES) / (self.offered + PRIOR_CASES)

    @property
    def keeps(self) -> float:
        """The share of its parcels that come in time."""
        return (self.in_time + PRIOR_CASES) / (self.delivered + PRIOR_CASES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """The trust in each carrier of a market, from 0 to 1; 1 for who has no record."""

    takes: Mapping[str, float]
    worth: Mapping[str, float]
    """Of what it takes, what it keeps."""

    def asked_first(self, carrier: Carrier) -> tuple[int, int, str]:
        """The place of a carrier among those that may be asked: trust, then rank."""
        return -round(STEPS * self.worth.get(carrier.id, 1.0)), carrier.rank, carrier.id

    def doubt(self, carrier: str, policy: Policy) -> Cents:
        """What a full route of the carrier is expected to break more than the most trusted one's."""
        lacking = max(self.worth.values(), default=1.0) - self.worth.get(carrier, 1.0)
        at_stake = policy.promising.drops_per_route * policy.prices.broken_promise
        return max(0, round(lacking * at_stake))


def trust_of(records: Iterable[CarrierRecord], policy: Policy) -> Trust:
    """The trust that records give, as far as the policy goes by them."""
    by, known = policy.tendering.trust, tuple(records)
    return Trust(
        takes={one.carrier: 1 - by * (1 - one.takes) for one in known},
        worth={one.carrier: 1 - by * (1 - one.takes * one.keeps) for one in known},
    )

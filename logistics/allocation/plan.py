"""The answer of allocation: a node, or the network and why, for every order."""

from dataclasses import dataclass

from logistics.units import Cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """One order's node (None: the permanent network), its expected cost, and why.

    `in_time` says whether the P90 from door to door fits the time that the order has left.
    """

    order: str
    node: str | None
    cost: Cents
    in_time: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationPlan:
    """The whole answer; no answer costs less than `bound`."""

    allocations: tuple[Allocation, ...] = ()
    cost: Cents = 0
    bound: float = 0.0

    @property
    def gap(self) -> float:
        """Share of the cost that is not proven to be needed."""
        return max(0.0, self.cost - self.bound) / max(1, self.cost)

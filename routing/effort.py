"""How hard a solver may try: seconds in production, counted steps in tests.

A step budget gives the same plan on any run of one machine; a wall clock does not. `steps`
therefore wins where both are set to bind, and tests set only `steps`. What one step is belongs
to the solver (an iteration of the search, a branch-and-bound node) and is said in its docstring.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """A budget for one solve: at most so many seconds, at most so many steps, from one seed."""

    at_most: float = 3600.0
    """Wall-clock seconds after which the best answer so far is returned."""
    steps: int | None = None
    """Steps after which the best answer so far is returned; None leaves only the clock."""
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a budget that is no budget."""
        if not self.at_most > 0:
            raise ValueError(f"an effort of {self.at_most} seconds is none")
        if self.steps is not None and self.steps < 1:
            raise ValueError(f"an effort of {self.steps} steps is none")

"""Where pure work is computed: here, on a Dask cluster of this machine, or on one elsewhere.

One setting chooses. Work and answers travel pickled; state never does. Dask gives a lost worker's
task to another one, so a kill costs time and no answer; only work that kills worker after worker
is given up, and then the deed that asked is tried again by the next tick.
"""

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar, cast

from distributed import Client, LocalCluster
from distributed.scheduler import KilledWorker

from logistics.errors import Unready
from logistics.sources import Compute, Inline

P = ParamSpec("P")
R = TypeVar("R")

REMOTE = ("tcp://", "tls://")
WAIT_SECONDS = 30
HERE = "127.0.0.1:0"
"""Any free port of loopback."""


class OnDask:
    """Computes on the workers of a Dask scheduler."""

    def __init__(self, client: Client, cluster: LocalCluster | None = None) -> None:
        self.client, self._cluster = client, cluster

    def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The answer of one work.

        Raises:
            Unready: where the scheduler is away, or the work kills worker after worker.
        """
        return cast("R", self._answers([self.client.submit(work, *args, pure=False, **kwargs)])[0])

    def map(self, work: Callable[..., R], jobs: Sequence[tuple[Any, ...]]) -> tuple[R, ...]:
        """The answers of many works, in the order of their jobs."""
        return tuple(self._answers([self.client.submit(work, *job, pure=False) for job in jobs]))

    def close(self) -> None:
        """Let the workers go."""
        self.client.close()
        if self._cluster is not None:
            self._cluster.close()

    def _answers(self, futures: list[Any]) -> list[Any]:
        try:
            return cast("list[Any]", self.client.gather(futures))
        except (KilledWorker, OSError) as error:
            raise Unready(f"the workers ({type(error).__name__})") from None


def local(workers: int) -> OnDask:
    """A cluster of worker processes on this machine, which no other machine can reach."""
    cluster = LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        # Left alone, the scheduler's pages ask for port 8787, which another may have.
        scheduler_kwargs={"dashboard_address": HERE},
        dashboard_address=None,
        worker_dashboard_address=None,
        silence_logs="ERROR",
    )
    return OnDask(Client(cluster), cluster)


def remote(address: str) -> OnDask:
    """The scheduler at an address.

    Raises:
        Unready: where none answers there.
    """
    try:
        return OnDask(Client(address, timeout=WAIT_SECONDS))
    except (OSError, ValueError):
        raise Unready(f"the Dask scheduler at {address}") from None


def compute_of(setting: str, workers: int) -> Compute:
    """What the setting names: `inline`, `local`, or the address of a scheduler."""
    if setting == "inline":
        return Inline()
    if setting == "local":
        return local(workers)
    return remote(setting)

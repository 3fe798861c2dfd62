"""What a monitor reads at `/metrics`: requests, how long they took, and how the service stands."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST as CONTENT_TYPE

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0)

__all__ = ["CONTENT_TYPE", "Telemetry"]


class Telemetry:
    """The figures of one process; each application has its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "surgeport_requests_total",
            "Requests by path and answer.",
            ("method", "path", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "surgeport_request_seconds",
            "How long requests took.",
            ("method", "path"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._quotes = Counter(
            "surgeport_quotes_total",
            "Quotes by the service level that they offer.",
            ("service_level",),
            registry=self.registry,
        )
        self._position = Gauge(
            "surgeport_feed_position", "Place of the last event.", registry=self.registry
        )
        self._leads = Gauge(
            "surgeport_clock_leads", "1 while this process leads the clock.", registry=self.registry
        )

    def answered(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one request; `path` is the template, never the ids in it."""
        self._requests.labels(method, path, str(status)).inc()
        self._seconds.labels(method, path).observe(seconds)

    def quoted(self, service_level: str) -> None:
        """Count one quote."""
        self._quotes.labels(service_level).inc()

    def moved(self, position: int) -> None:
        """Tell how far the feed has come."""
        self._position.set(position)

    def leading(self, *, leads: bool) -> None:
        """Tell whether this process is the clock."""
        self._leads.set(int(leads))

    def text(self) -> bytes:
        """All figures in the text format of Prometheus."""
        return generate_latest(self.registry)

"""Counts and timings of the running server, for Prometheus and for /api/realtime/stats."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_BATCH = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


class Readings(msgspec.Struct, frozen=True):
    """What is read at the moment of asking, because its owner keeps it anyway."""

    sockets: int
    """Open now."""
    joined: int
    """Of those, joined to `sync`."""
    deliveries: int
    """Frames handed to sockets by fan-out, ever."""
    slow_readers_cut: int
    """Sockets closed because they did not read, ever."""
    head: int
    floor: int
    """Newest and oldest kept number of the feed."""


class Metrics:
    """Everything counted. The registry is handed in: one per server, none per process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._requests = Counter(
            "fieldline_http_requests", "HTTP requests answered.", ("method", "route", "status"), registry=registry
        )
        self._request_seconds = Histogram(
            "fieldline_http_request_seconds", "Time to answer.", ("route",), registry=registry, buckets=_SECONDS
        )
        self._operations = Counter(
            "fieldline_operations", "Operations judged, repeats included.", ("kind", "verdict"), registry=registry
        )
        self._commit_operations = Histogram(
            "fieldline_commit_jobs", "Jobs in one group commit.", registry=registry, buckets=_BATCH
        )
        self._commit_seconds = Histogram(
            "fieldline_commit_seconds", "From a commit's first job to its fsync.", registry=registry, buckets=_SECONDS
        )

        self._audits = Counter(
            "fieldline_audits",
            "What devices hold, compared with what they should hold. `diverged` is an alarm.",
            ("outcome",),
            registry=registry,
        )

    def request_done(self, method: str, route: str, status: int, seconds: float) -> None:
        """`route` is a pattern, never a path: paths would make a series each, and some hold secrets."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def operation_done(self, kind: str, verdict: str) -> None:
        self._operations.labels(kind, verdict).inc()

    def audit_done(self, outcome: str) -> None:
        self._audits.labels(outcome).inc()

    def commit_done(self, jobs: int, seconds: float) -> None:
        self._commit_operations.observe(jobs)
        self._commit_seconds.observe(seconds)

    def watch(self, read: Callable[[], Readings]) -> None:
        """Adds what `read` returns to every later look."""
        self.registry.register(_ReadingsCollector(read))

    def figures(self) -> dict[str, Any]:
        """Every sample without buckets: {name: value}, or {name: {"label=value,…": value}} where there are labels."""
        found: dict[str, Any] = {}
        for metric in self.registry.collect():
            for sample in metric.samples:
                if sample.name.endswith(("_bucket", "_created")):
                    continue
                name = sample.name.removeprefix("fieldline_")
                if sample.labels:
                    labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
                    found.setdefault(name, {})[labels] = sample.value
                else:
                    found[name] = sample.value
        return found


_METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS")


class _ReadingsCollector(Collector):
    def __init__(self, read: Callable[[], Readings]) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        now = self._read()
        yield GaugeMetricFamily("fieldline_sockets", "Sockets open.", now.sockets)
        yield GaugeMetricFamily("fieldline_sockets_joined", "Sockets joined to sync.", now.joined)
        yield CounterMetricFamily("fieldline_deliveries", "Frames handed to sockets by fan-out.", now.deliveries)
        yield CounterMetricFamily("fieldline_slow_readers_cut", "Sockets closed for not reading.", now.slow_readers_cut)
        yield GaugeMetricFamily("fieldline_feed_head", "Newest number of the feed.", now.head)
        yield GaugeMetricFamily("fieldline_feed_floor", "Oldest number the feed still holds.", now.floor)

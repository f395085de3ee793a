"""Tests of what is counted, and that no path or person becomes a series."""

from prometheus_client import CollectorRegistry, generate_latest

from server.doors.monitoring.metrics import Metrics, Readings


def counted() -> Metrics:
    metrics = Metrics(CollectorRegistry())
    metrics.watch(lambda: Readings(sockets=3, joined=2, deliveries=40, slow_readers_cut=1, head=9, floor=4))
    metrics.request_done("GET", "/c/{link_token}", 200, 0.01)
    metrics.request_done("BREW", "unmatched", 405, 0.01)
    metrics.operation_done("message.send", "applied")
    metrics.operation_done("message.send", "applied")
    metrics.commit_done(5, 0.002)
    return metrics


def test_that_prometheus_reads_every_figure() -> None:
    text = generate_latest(counted().registry).decode()
    for line in (
        'fieldline_http_requests_total{method="GET",route="/c/{link_token}",status="200"} 1.0',
        'fieldline_http_requests_total{method="other",route="unmatched",status="405"} 1.0',
        'fieldline_operations_total{kind="message.send",verdict="applied"} 2.0',
        "fieldline_commit_jobs_sum 5.0",
        "fieldline_sockets 3.0",
        "fieldline_sockets_joined 2.0",
        "fieldline_deliveries_total 40.0",
        "fieldline_slow_readers_cut_total 1.0",
        "fieldline_feed_head 9.0",
    ):
        assert line in text.splitlines()


def test_that_the_figures_for_people_leave_the_buckets_out() -> None:
    figures = counted().figures()
    assert figures["operations_total"] == {"kind=message.send,verdict=applied": 2.0}
    assert figures["sockets"] == 3
    assert figures["commit_jobs_count"] == 1.0
    assert not any("bucket" in name or "created" in name for name in figures)


def test_that_two_servers_in_one_process_count_apart() -> None:
    assert counted().figures() == counted().figures()

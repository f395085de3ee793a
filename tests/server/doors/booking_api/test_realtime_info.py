"""How the realtime side is doing: for anyone, for the signed in, for administrators."""

from tests.server.doors.booking_api.rest_desk import Desk
from tests.support.phoenix_client import PhoenixClient


def test_that_health_is_public_and_counts_with_the_feed(desk: Desk) -> None:
    before = desk.server.get("/api/realtime/health").json()
    desk.booking()
    after = desk.server.get("/api/realtime/health").json()
    assert (after["status"], after["database"], after["epoch"]) == ("ok", "ok", before["epoch"])
    assert after["head"] == desk.head() > before["head"]


def test_that_status_says_where_the_feed_stands_for_whom(desk: Desk) -> None:
    status = desk.ann.get("/api/realtime/status").json()
    assert (status["user_id"], status["role"], status["head"]) == (desk.ids["ann"], "customer", desk.head())
    assert status["expires_at"] * 1000 > status["server_ts"]


def test_that_stats_count_sockets_and_operations(desk: Desk) -> None:
    def applied() -> float:
        figures = desk.adam.get("/api/realtime/stats").json()["figures"]
        return float(figures.get("operations_total", {}).get("kind=message.send,verdict=applied", 0))

    booking, before = desk.booking(), applied()
    desk.ann.post("/api/messages", json={"bookingId": booking["id"], "message": "count me"})
    assert applied() == before + 1
    figures = desk.adam.get("/api/realtime/stats").json()["figures"]
    assert figures["commit_jobs_sum"] >= figures["commit_jobs_count"] >= 1
    assert 0 < figures["commit_seconds_sum"] < 60
    with PhoenixClient(desk.server.url) as socket:
        socket.heartbeat()
        assert desk.adam.get("/api/realtime/stats").json()["sockets"] == 1


def test_that_prometheus_reads_the_same_figures(desk: Desk) -> None:
    text = desk.server.get("/metrics").text
    assert f"fieldline_feed_head {float(desk.head())}" in text.splitlines()
    assert 'route="/api/messages"' in text
    assert "REQ" not in text


def test_that_the_server_says_it_is_healthy(desk: Desk) -> None:
    assert desk.server.get("/healthz").json() == {"status": "ok"}

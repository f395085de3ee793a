"""The seeds' booking addresses: the room opens, a status brings its system message, repeats change nothing."""

import pytest

from contract.ids import new_id
from tests.server.doors.booking_api.rest_desk import Desk

ACCEPTED = "✅ Your booking has been accepted by our team"


def test_that_making_a_booking_opens_its_room_with_the_welcome(desk: Desk) -> None:
    answer = desk.ann.post("/api/bookings", json={"workflow": "protection", "title": "Airport", "message": "Two cars"})
    made = answer.json()
    assert answer.status_code == 201
    assert made["message"]["message"].startswith("⏳ Your booking request has been received")
    booking = made["booking"]
    assert (booking["status"], booking["version"], booking["customer_id"]) == ("pending", 1, desk.ids["ann"])
    assert (booking["bookingId"], booking["booking_id"], booking["booking_code"]) == (
        booking["id"], booking["id"], booking["code"],
    )  # fmt: skip
    assert booking["code"].startswith("REQ")
    assert desk.said(desk.olga, booking["code"]) == ["Two cars"]
    assert desk.ann.get(f"/api/bookings/{booking['code'].lower()}").json()["booking"] == booking


def test_that_making_it_again_with_its_id_makes_no_second(desk: Desk) -> None:
    body = {"workflow": "protection", "id": new_id()}
    first, second = (desk.ann.post("/api/bookings", json=body).json() for _ in range(2))
    assert first == second
    assert first["id"] == body["id"]


@pytest.mark.parametrize("method", ["PATCH", "POST"])
@pytest.mark.parametrize("name", ["bookingId", "booking_id", "id"])
@pytest.mark.parametrize("status", ["accepted", "ACCEPTED"])
def test_that_a_status_set_posts_its_system_message_exactly_once(
    desk: Desk, method: str, name: str, status: str
) -> None:
    booking = desk.booking()
    body = {name: booking["code"], "status": status}
    first = desk.olga.request(method, "/api/bookings/status", json=body)
    again = desk.olga.request(method, "/api/bookings/status", json=body)
    assert first.status_code == again.status_code == 200
    assert first.json()["booking"]["status"] == "accepted"
    assert first.json()["message"]["message"].startswith(ACCEPTED)
    assert (first.json()["changed"], again.json()["changed"]) == (True, False)
    assert (again.json()["booking"], again.json()["message"]) == (first.json()["booking"], first.json()["message"])
    [line] = desk.said(desk.ann, booking["id"])
    assert line.startswith(ACCEPTED)


def test_that_a_repeat_with_the_same_id_hears_the_same(desk: Desk) -> None:
    booking = desk.booking()
    body = {"bookingId": booking["id"], "status": "accepted", "op_id": new_id()}
    first, again = (desk.olga.patch("/api/bookings/status", json=body).json() for _ in range(2))
    assert first == again
    assert first["changed"] is True


def test_that_the_step_asks_for_what_the_workflow_asks(desk: Desk) -> None:
    booking = desk.booking()
    body = {"bookingId": booking["id"], "status": "cancelled"}
    refused = desk.ann.patch("/api/bookings/status", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "value_missing")
    assert refused.json()["details"]["values"] == ["reason"]
    done = desk.ann.patch("/api/bookings/status", json=body | {"reason": "Rain"}).json()
    assert done["message"]["message"].endswith("Rain")


def test_that_an_illegal_step_is_told_what_stands_instead(desk: Desk) -> None:
    booking = desk.booking()
    head = desk.head()
    answer = desk.olga.patch("/api/bookings/status", json={"bookingId": booking["code"], "status": "completed"})
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
    details = answer.json()["details"]
    assert (details["status"], details["wanted"], details["version"]) == ("pending", "completed", 1)
    assert desk.head() == head


def test_that_somebody_elses_step_in_between_is_noticed_when_asked_to(desk: Desk) -> None:
    booking = desk.booking()
    desk.olga.patch("/api/bookings/status", json={"bookingId": booking["id"], "status": "accepted"})
    late = {"bookingId": booking["id"], "status": "deployed", "expected_status": "PENDING"}
    answer = desk.adam.patch("/api/bookings/status", json=late)
    assert (answer.status_code, answer.json()["code"]) == (409, "stale")
    assert answer.json()["details"]["by_name"] == "Person olga"


def test_that_the_list_is_filtered_paged_and_latest_first(desk: Desk) -> None:
    made = [desk.booking()["id"] for _ in range(3)]
    desk.olga.patch("/api/bookings/status", json={"bookingId": made[0], "status": "accepted"})
    listed = desk.olga.get("/api/bookings", params={"limit": 3}).json()
    assert [row["id"] for row in listed["bookings"]] == [made[0], made[2], made[1]]
    assert listed["more"] is True
    second = desk.olga.get("/api/bookings", params={"limit": 1, "offset": 1}).json()
    assert [row["id"] for row in second["bookings"]] == [made[2]]
    accepted = desk.olga.get("/api/bookings", params={"status": "ACCEPTED", "limit": 200}).json()["bookings"]
    assert {row["status"] for row in accepted} == {"accepted"}
    assert made[0] in {row["id"] for row in accepted}
    assert desk.olga.get("/api/bookings", params={"workflow": "dental"}).json()["bookings"] == []


def test_that_a_link_is_unguessable_and_leads_to_the_page(desk: Desk) -> None:
    booking = desk.booking()
    links = [desk.olga.post(f"/api/bookings/{booking['code']}/link").json() for _ in range(2)]
    assert links[0]["token"] != links[1]["token"]
    assert all(len(link["token"]) >= 43 for link in links)
    assert links[0]["url"] == f"{desk.server.url}/c/{links[0]['token']}"
    for link in links:
        session = desk.olga.post("/auth/v1/token?grant_type=booking_link", json={"link_token": link["token"]}).json()
        assert session["user"]["id"] == desk.ids["ann"]

"""What the story needs standing: the server, two breakable links, the desktop, the page, and one booking of its own."""

from dataclasses import dataclass
from pathlib import Path

import httpx

from demo.desk_door import DeskDoor
from demo.desk_window import DeskWindow
from demo.page import Page
from demo.people import Person
from demo.report import Report
from tests.support.flaky_link import FlakyLink

NORA = Person("Nora Lindqvist", "en", "protection", "Two people for a book signing", (), (), ())
MEASURED = Person("Measured Conversation", "en", "chat", "What the figures are taken on", (), (), ())


@dataclass
class Stage:
    """Handed from scene to scene."""

    folder: Path
    """Where pictures and the report go."""
    server_url: str
    staff: DeskDoor
    http: httpx.Client
    desk: DeskWindow
    desk_link: FlakyLink
    page: Page
    page_link: FlakyLink
    report: Report
    booking_id: str
    """Nora's booking, in front on both screens."""
    measured_id: str

    def picture(self, name: str, caption: str, of_page: bool = False) -> None:
        path = self.folder / f"{name}.png"
        if of_page:
            self.page.picture(path)
        else:
            self.desk.picture(path)
        self.report.pictures.append((path.name, caption))

    def history(self) -> list[dict[str, object]]:
        """The lines of Nora's booking as the server has them, in its order."""
        tables = self.http.get(f"/sync/v1/bookings/{self.booking_id}").raise_for_status().json()["tables"]
        return sorted(tables["messages"], key=lambda row: row["position"])

    def status_moments(self, booking_id: str) -> dict[str, str]:
        """When each status was reached, by the server's clock."""
        tables = self.http.get(f"/sync/v1/bookings/{booking_id}").raise_for_status().json()["tables"]
        return {row["to_status"]: row["at"] for row in tables["status_history"]}

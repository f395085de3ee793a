"""Joins the honesty furniture to the desk: badge, banners, outbox count, the server's clock."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal

from desktop.state.lines import LinkState
from desktop.widgets.banner_bar import BannerBar
from desktop.widgets.link_words import LinkWords
from desktop.widgets.status_bar import StatusBar
from desktop.windows.surroundings import Surroundings


class LinkSide(QObject):
    outbox_wanted = Signal()
    review_wanted = Signal()
    sign_in_wanted = Signal()

    def __init__(self, around: Surroundings, bar: StatusBar, banners: BannerBar) -> None:
        super().__init__(bar)
        self._around, self._bar, self._banners = around, bar, banners
        self._said = LinkWords(around.words, around.moments)
        bar.outbox_pressed.connect(self.outbox_wanted)
        bar.badge.pressed.connect(around.desk.try_now)
        banners.action_pressed.connect(self._act)

    def link_changed(self, link: LinkState) -> None:
        self._bar.badge.show_state(link.phase, self._said.badge(link), self._said.tooltip(link))
        self._bar.show_outbox(link.queued + link.decisions)
        self._banners.show_banners(self._said.banners(link))

    def tick(self) -> None:
        """A second has passed: ages and countdowns moved on."""
        now = datetime.fromtimestamp(self._around.moments.now(), tz=UTC).astimezone()
        self._bar.show_clock(self._around.words.left_to_right(f"{now:%H:%M:%S}"))
        if self._around.desk.link.phase != "live":
            self.link_changed(self._around.desk.link)

    def _act(self, name: str) -> None:
        desk = self._around.desk
        actions: dict[str, Callable[[], None]] = {
            "try_now": desk.try_now,
            "outbox": self.outbox_wanted.emit,
            "go_offline": lambda: desk.set_work_offline(True),
            "go_online": lambda: desk.set_work_offline(False),
            "sign_in": self.sign_in_wanted.emit,
            "review": self.review_wanted.emit,
        }
        actions[name]()

"""Joins the rail and the list to the desk: which view, which order, what an empty list means."""

from array import array

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.item_models.bookings_model import BookingsModel
from desktop.item_models.rail_rows import rail_rows
from desktop.state.lines import ViewCount
from desktop.widgets.booking_list import BookingList
from desktop.widgets.link_words import is_online
from desktop.widgets.view_rail import ViewRail
from desktop.windows.surroundings import Surroundings

SETTLE_MS = 60
"""Changes that come together are ordered once."""
FIRST_VIEW = "needs_answer"


class BookingsSide(QObject):
    listed = Signal()
    """The list shows an order: the first paint is done."""

    def __init__(self, around: Surroundings, rail: ViewRail, shown: BookingList, model: BookingsModel) -> None:
        super().__init__(shown)
        self._around, self._rail, self._list, self._model = around, rail, shown, model
        self.view_key = FIRST_VIEW
        self._views: list[ViewCount] = []
        self._reading = self._again = self._closed = self._counts = False
        self._shown = self._everything = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        rail.view_chosen.connect(self.choose_view)
        shown.filter_typed.connect(lambda _: self.refresh(counts=False))

    def bookings_changed(self, ids: frozenset[str] | None) -> None:
        """Rows say the new thing at once; their order and the counts follow."""
        if ids is None:
            self._everything = True
            self.refresh()
            return
        self._model.reread(ids)
        self._settle.start()

    def choose_view(self, key: str) -> None:
        if key != self.view_key:
            self.view_key = key
            self._list.view.scrollToTop()
        self.refresh()

    def refresh(self, counts: bool = True) -> None:
        """Asks for the order anew; while an answer is under way it only remembers to ask once more. Typing in the
        filter changes no counts of the rail, so then they are not asked for."""
        self._counts = self._counts or counts
        if self._reading:
            self._again = True
            return
        self._reading = True
        self._around.spawn(self._read())

    def close(self) -> None:
        """The window goes: an answer that comes now has nowhere to be shown."""
        self._closed = True
        self._settle.stop()

    def tick(self) -> None:
        """A second has passed: waiting times moved on."""
        self._list.view.viewport().update()
        if self._model.total == 0:
            self._say_empty()

    async def _read(self) -> None:
        try:
            if self._closed:
                return
            key, text = self.view_key, self._list.filter.text().strip()
            order = await self._around.desk.order(key, text)
            if not self._closed:
                self._show(key, order)
            if self._counts and not self._closed:
                self._counts = False
                self._show_views(await self._around.desk.views())
        finally:
            self._reading = False
        if self._again and not self._closed:
            self._again = False
            self.refresh(counts=False)

    def _show_views(self, views: list[ViewCount]) -> None:
        """The rail comes after the list: counting everything takes longer than the first page."""
        if self._closed:
            return
        self._views = views
        self._rail.show_rows(rail_rows(views, self._around.statuses.title))
        self._rail.choose(self.view_key)
        if self._model.total == 0:
            self._say_empty()

    def _show(self, key: str, order: "array[int]") -> None:
        current, anchor = self._list.current_id(), self._list.anchor()
        self._model.set_order(order)
        if self._everything:
            self._everything = False
            self._model.reread()
        number = self._around.desk.row_number(current) if current else None
        row = self._model.row_of(number) if number is not None else None
        if row is not None:
            self._list.set_current(row, reveal=False)
        self._list.hold(anchor)
        self._list.show_view(self._around.sentences.view(ViewCount(key, key, 0)), len(order))
        if len(order):
            self._list.show_rows()
        else:
            self._say_empty()
        if not self._shown:
            self._shown = True
            self.listed.emit()

    def _say_empty(self) -> None:
        """An empty list says why it is empty, and one key that leads on."""
        words, link, text = self._around.words, self._around.desk.link, self._list.filter.text().strip()
        total = next((view.count for view in self._views if view.key == "all"), 0)
        if link.snapshot_total and link.snapshot_done < link.snapshot_total:
            done = words("list.first_sync_hint", done=f"{link.snapshot_done:,}", total=f"{link.snapshot_total:,}")
            self._list.show_empty(words("list.first_sync"), done)
        elif link.as_of is None:
            self._list.show_empty(words("list.no_data"), words("list.no_data_hint"))
        elif text:
            title = words("list.nothing_found", text=text)
            self._list.show_empty(title, words("list.nothing_found_hint", count=f"{total:,}"))
        else:
            view = self._around.sentences.view(ViewCount(self.view_key, "", 0))
            key = "list.empty_hint" if is_online(link) else "list.empty_hint_offline"
            place = next((place for place, view in enumerate(self._views, 1) if view.key == "all"), 1)
            hint = words(key, time=self._around.moments.when(link.as_of), keys=f"Ctrl+{place}")
            self._list.show_empty(words("list.empty_title", view=view), hint)

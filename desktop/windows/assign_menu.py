"""The menu that gives a booking to someone at the desk, or back to the queue."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from desktop.windows.surroundings import Surroundings


class AssignMenu:
    def __init__(self, around: Surroundings, window: QWidget) -> None:
        self._around = around
        self._window = window

    def open(self, booking_id: str, at: QPoint) -> None:
        self.build(booking_id).popup(at)

    def open_at(self, booking_id: str, widget: QWidget) -> None:
        self.open(booking_id, widget.mapToGlobal(QPoint(0, widget.height())))

    def build(self, booking_id: str) -> QMenu:
        """Me first, then the others by name, then nobody; whoever has it is marked."""
        menu, words, desk = QMenu(self._window), self._around.words, self._around.desk
        menu.aboutToHide.connect(menu.deleteLater)
        detail, me = desk.detail(booking_id), desk.me
        holder = detail.booking.assignee_id if detail else None
        if me is not None:
            self._entry(menu, words("facts.assign_to_me"), booking_id, me.user_id, holder)
            menu.addSeparator()
        for person in sorted(desk.people(), key=lambda person: person.name.casefold()):
            if me is None or person.user_id != me.user_id:
                self._entry(menu, person.name, booking_id, person.user_id, holder)
        menu.addSeparator()
        self._entry(menu, words("facts.give_back"), booking_id, None, holder)
        return menu

    def assign(self, booking_id: str, user_id: str | None) -> None:
        """Does it and says so."""
        desk, words = self._around.desk, self._around.words
        if not self._around.attempt(lambda: desk.assign(booking_id, user_id)):
            return
        detail = desk.detail(booking_id)
        code = self._around.sentences.named(detail.booking) if detail else ""
        me = desk.me
        if user_id is None:
            self._around.toast.say(words("toast.unassigned", code=code))
        elif me is not None and me.user_id == user_id:
            self._around.toast.say(words("toast.taken", code=code))
        else:
            name = next((person.name for person in desk.people() if person.user_id == user_id), "")
            self._around.toast.say(words("toast.assigned", code=code, name=name))

    def _entry(self, menu: QMenu, text: str, booking_id: str, user_id: str | None, holder: str | None) -> None:
        entry = menu.addAction(text, lambda: self.assign(booking_id, user_id))
        entry.setCheckable(True)
        entry.setChecked(user_id == holder)
        entry.setEnabled(user_id != holder)

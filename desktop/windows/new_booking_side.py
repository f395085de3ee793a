"""Joins the new booking's dialog to the desk: which kinds there are, and the booking, opened once it is on disk."""

from typing import Literal, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from contract.operations import CreateBooking
from contract.permissions import may
from desktop.state.lines import BookingDetail
from desktop.widgets.new_booking_dialog import NewBookingDialog, NewBookingValues
from desktop.windows.surroundings import Surroundings


class NewBookingSide(QObject):
    opened = Signal(str)
    """The new booking's id."""

    def __init__(self, around: Surroundings, parent: QWidget) -> None:
        super().__init__(parent)
        self._around, self._parent = around, parent
        self.dialog: NewBookingDialog | None = None
        self._in_front = ""

    def in_front(self, detail: BookingDetail | None) -> None:
        """A new booking is most often of the kind that is being worked on."""
        self._in_front = detail.booking.workflow if detail else self._in_front

    def open(self) -> None:
        kinds = self._kinds()
        if not kinds:
            self._around.toast.say(self._around.words("refused.forbidden"))
        elif self.dialog is None:
            self.dialog = NewBookingDialog(self._around.look, self._around.words, kinds, self._parent)
            self.dialog.kind.setCurrentIndex(max(0, self.dialog.kind.findData(self._in_front)))
            self.dialog.agreed.connect(self._create)
            self.dialog.finished.connect(self._finished)
            self.dialog.open()

    def _kinds(self) -> list[tuple[str, str]]:
        me = self._around.desk.me
        if me is None or not may(me.role, "booking.create"):
            return []
        mine = [name for name, workflow in self._around.desk.workflows.items() if me.role in workflow.create_by]
        return [(name, self._around.statuses.title(name)) for name in sorted(mine)]

    def _create(self, values: NewBookingValues) -> None:
        """The dialog stays, with all that was written, until it is on disk."""
        made: list[str] = []
        if self._around.attempt(lambda: made.append(self._around.desk.create_booking(_asked(values)))) and self.dialog:
            self.dialog.accept()
            self.opened.emit(made[0])

    def _finished(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None


def _asked(values: NewBookingValues) -> CreateBooking:
    return CreateBooking(
        workflow=values.workflow,
        customer_name=values.name,
        customer_phone=values.phone or None,
        title=values.about,
        place=values.where or None,
        lang=cast(Literal["en", "ar"], values.lang),
        message=values.message or None,
    )

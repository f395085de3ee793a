"""Signs out, and asks first where work would stay behind or the disk does not take it."""

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtWidgets import QMessageBox, QWidget

from desktop.intents.desk_port import NotPossible, UnsentWork
from desktop.windows.surroundings import Surroundings


class SignOutSide(QObject):
    def __init__(self, around: Surroundings, window: QWidget, signed_out: SignalInstance) -> None:
        """`signed_out` is emitted once nobody is here any more."""
        super().__init__(window)
        self._around, self._window, self._signed_out = around, window, signed_out

    def begin(self) -> None:
        self._around.spawn(self._sign_out(force=False))

    async def _sign_out(self, *, force: bool) -> None:
        words = self._around.words
        try:
            await self._around.desk.sign_out(force)
        except UnsentWork as error:
            text = words("sign_out.text", count=error.count)
            self._ask(words("sign_out.title"), text, words("sign_out.leave"), force=True)
        except NotPossible:
            self._ask(words("sign_out.no_room_title"), words("sign_out.no_room"), words("sign_out.again"), force=force)
        else:
            self._signed_out.emit()

    def _ask(self, title: str, text: str, leaving: str, *, force: bool) -> None:
        """One of the few questions that stop everything."""
        words, box = self._around.words, QMessageBox(self._window)
        box.setWindowTitle(words("app.name"))
        box.setText(title)
        box.setInformativeText(text)
        stay = box.addButton(words("sign_out.stay"), QMessageBox.ButtonRole.RejectRole)
        leave = box.addButton(leaving, QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(stay)
        leave.clicked.connect(lambda: self._around.spawn(self._sign_out(force=force)))
        box.finished.connect(box.deleteLater)
        box.open()

"""The first window where nobody is signed in: joins the form to whatever signs in."""

from collections.abc import Awaitable, Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.intents.desk_port import SignInFailed
from desktop.widgets.icons import Icons
from desktop.widgets.look import Look
from desktop.widgets.sign_in_form import SignInForm
from desktop.widgets.words import Words
from desktop.windows.surroundings import Spawn

SignIn = Callable[[str, str, str], Awaitable[None]]
"""Takes server, email and password; raises SignInFailed."""


class SignInWindow(QWidget):
    signed_in = Signal()
    offline_wanted = Signal()
    closed = Signal()

    def __init__(self, look: Look, icons: Icons, words: Words, spawn: Spawn, sign_in: SignIn, has_cache: bool) -> None:
        super().__init__()
        self._words, self._spawn, self._sign_in, self._has_cache = words, spawn, sign_in, has_cache
        self.setWindowTitle(words("app.name"))
        self.setObjectName("signIn")
        self.resize(look.px(900), look.px(680))
        self.form = SignInForm(look, icons, words)
        layout = QVBoxLayout(self)
        layout.addWidget(self.form)
        self.form.submitted.connect(self._try)
        self.form.offline_wanted.connect(self.offline_wanted)

    def say(self, key: str) -> None:
        """Why the window is there at all: the session has ended, say."""
        self.form.show_trouble(self._words(key), self._has_cache)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)

    def _try(self, server: str, email: str, password: str) -> None:
        self.form.show_working(True)
        self._spawn(self._attempt(server, email, password))

    async def _attempt(self, server: str, email: str, password: str) -> None:
        try:
            await self._sign_in(server, email, password)
        except SignInFailed as error:
            self.form.show_working(False)
            self._explain(error)
        else:
            self.form.password.clear()
            self.signed_in.emit()
        finally:  # whatever it was: the last chance tells of it, and it can be tried again
            self.form.show_working(False)

    def _explain(self, error: SignInFailed) -> None:
        if error.trouble == "wrong_password":
            self.form.show_wrong_password()
        elif error.trouble == "unreachable":
            text = self._words("sign_in.unreachable_cached" if self._has_cache else "sign_in.unreachable")
            text = text if self._has_cache else f"{text} {self._words('sign_in.no_data')}"
            self.form.show_trouble(text, self._has_cache)
        elif error.trouble == "unsent_elsewhere":
            text = self._words("sign_in.unsent_elsewhere", count=error.count, server=str(error))
            self.form.show_trouble(text, self._has_cache)
        elif error.trouble in {"disk_full", "outbox_damaged"}:
            self.form.show_trouble(self._words(f"sign_in.{error.trouble}"), self._has_cache)
        else:
            self.form.show_trouble(self._words("sign_in.refused", message=str(error)), False)

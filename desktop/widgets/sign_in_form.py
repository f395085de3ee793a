"""Server, email, password, and what went wrong in plain words beside them."""

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.widgets.icons import Icons
from desktop.widgets.labels import label
from desktop.widgets.look import Look
from desktop.widgets.words import Words


class SignInForm(QWidget):
    submitted = Signal(str, str, str)
    """Server, email and password."""
    offline_wanted = Signal()

    def __init__(self, look: Look, icons: Icons, words: Words) -> None:
        super().__init__()
        self._look, self._icons, self._words = look, icons, words
        self.server, self.email, self.password = QLineEdit(), QLineEdit(), QLineEdit()
        self._errors = {field: label("error", wraps=True) for field in (self.server, self.email, self.password)}
        self._trouble = label("error", wraps=True)
        self._button = QPushButton(words("sign_in.button"))
        self._offline = QPushButton(words("sign_in.start_offline"))
        self._brand = QLabel()
        self._build()
        look.changed.connect(self._draw)
        self._draw()

    def _build(self) -> None:
        card = QFrame()
        card.setProperty("kind", "card")
        card.setFixedWidth(self._look.px(420))
        layout = QVBoxLayout(card)
        layout.setContentsMargins(36, 32, 36, 30)
        layout.setSpacing(4)
        self._brand.setFixedHeight(self._look.px(46))
        layout.addWidget(self._brand)
        layout.addSpacing(10)
        layout.addWidget(label("display", self._words("sign_in.title"), wraps=True))
        layout.addWidget(label("secondary", self._words("sign_in.hint"), wraps=True))
        layout.addSpacing(14)
        self._add_fields(layout)
        layout.addWidget(self._trouble)
        layout.addSpacing(6)
        self._button.setProperty("kind", "primary")
        self._button.clicked.connect(self._submit)
        self._offline.clicked.connect(self.offline_wanted)
        layout.addWidget(self._button)
        layout.addSpacing(4)
        layout.addWidget(self._offline)
        for part in (*self._errors.values(), self._trouble, self._offline):
            part.hide()
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(card)
        middle.addStretch(1)
        outer = QVBoxLayout(self)
        outer.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(1)

    def _add_fields(self, layout: QVBoxLayout) -> None:
        for field, key in ((self.server, "server"), (self.email, "email"), (self.password, "password")):
            field.setAccessibleName(self._words(f"sign_in.{key}"))
            field.returnPressed.connect(self._submit)
            field.textEdited.connect(lambda _, field=field: self._mark(field, ""))
            field.setMinimumHeight(self._look.px(36))
            layout.addWidget(label("field", self._words(f"sign_in.{key}")))
            layout.addWidget(field)
            layout.addWidget(self._errors[field])
            layout.addSpacing(6)
        self.server.setPlaceholderText(self._words("sign_in.server_example"))
        for field in (self.server, self.email):
            field.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye = self.password.addAction(self._eye_icon(), QLineEdit.ActionPosition.TrailingPosition)
        self._eye.setToolTip(self._words("sign_in.show_password"))
        self._eye.triggered.connect(self._toggle_password)

    def fill(self, server: str, email: str) -> None:
        """What is known already; the focus goes to the first empty field."""
        self.server.setText(server)
        self.email.setText(email)
        fields = (self.server, self.email, self.password)
        next((field for field in fields if not field.text()), self.password).setFocus()

    def show_working(self, working: bool) -> None:
        self._button.setText(self._words("sign_in.working" if working else "sign_in.button"))
        for part in (self._button, self.server, self.email, self.password):
            part.setEnabled(not working)

    def show_trouble(self, text: str, offer_offline: bool) -> None:
        """Why it did not work. What was typed stays."""
        self._trouble.setText(text)
        self._trouble.setVisible(bool(text))
        self._offline.setVisible(offer_offline)

    def show_wrong_password(self) -> None:
        self._mark(self.password, self._words("sign_in.wrong_password"))
        self.password.setFocus()
        self.password.selectAll()

    def _submit(self) -> None:
        server, email = self.server.text().strip().rstrip("/"), self.email.text().strip()
        if "://" not in server and server:
            server = f"https://{server}"
        url = QUrl(server)
        good = url.isValid() and url.scheme() in ("http", "https") and bool(url.host())
        self._mark(self.server, "" if good else self._words("sign_in.server_wrong"))
        self._mark(self.email, "" if email else self._words("sign_in.email_missing"))
        self._mark(self.password, "" if self.password.text() else self._words("sign_in.password_missing"))
        self.show_trouble("", False)
        wrong = next((field for field, said in self._errors.items() if said.text()), None)
        if wrong is not None:
            wrong.setFocus()
            return
        self.submitted.emit(server, email, self.password.text())

    def _mark(self, field: QLineEdit, text: str) -> None:
        error = self._errors[field]
        error.setText(text)
        error.setVisible(bool(text))
        field.setProperty("wrong", bool(text))
        field.setAccessibleDescription(text)
        field.style().unpolish(field)
        field.style().polish(field)

    def _eye_icon(self) -> QIcon:
        return self._icons.icon("eye", self._look.colours.secondary)

    def _toggle_password(self) -> None:
        hidden = self.password.echoMode() == QLineEdit.EchoMode.Password
        self.password.setEchoMode(QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password)
        self._eye.setToolTip(self._words("sign_in.hide_password" if hidden else "sign_in.show_password"))

    def _draw(self) -> None:
        self._eye.setIcon(self._eye_icon())
        ratio = self.devicePixelRatioF()
        self._brand.setPixmap(self._icons.pixmap("fieldline", self._look.colours.accent, self._look.px(44), ratio))

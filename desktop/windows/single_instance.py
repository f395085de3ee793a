"""One window a profile: a second start brings the first one's window to the front and ends."""

import hashlib
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_WAIT_MS = 1_000


class SingleInstance(QObject):
    """Take it before anything of the profile is opened."""

    raised = Signal()
    """Someone started the program again."""

    def __init__(self, profile_dir: Path) -> None:
        super().__init__()
        profile_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = QLockFile(str(profile_dir / "window.lock"))
        self._lock.setStaleLockTime(0)
        self._name = f"fieldline-{hashlib.sha256(str(profile_dir).encode()).hexdigest()[:20]}"
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._called)

    def take(self) -> bool:
        """True for the first; for any other the first is called, and False."""
        if not self._lock.tryLock(0):
            self._call()
            return False
        QLocalServer.removeServer(self._name)
        self._server.listen(self._name)
        return True

    def release(self) -> None:
        self._server.close()
        self._lock.unlock()

    def _call(self) -> None:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if socket.waitForConnected(_WAIT_MS):
            socket.disconnectFromServer()

    def _called(self) -> None:
        connection = self._server.nextPendingConnection()
        connection.disconnected.connect(connection.deleteLater)
        self.raised.emit()

"""What the desk's windows look like on a full disk, built from plain values."""

from typing import Any

from PySide6.QtWidgets import QMessageBox, QWidget

from desktop.intents.desk_port import NotPossible
from tests.support.desk_scenes import Scene, console, paper, sign_in


def at_work(**how: Any) -> QWidget:
    desk = paper()
    window = console(desk, **how)
    desk.become(disk_full=True)
    desk.changes.notice("disk_low")
    return window


def sign_out(**how: Any) -> QWidget:
    desk = paper()
    window = console(desk, **how)
    desk.refuse = NotPossible("disk_full", "no space")
    window.signing_out.begin()
    box = window.findChild(QMessageBox)
    assert box is not None
    return box


FULL_DISK_SCENES: dict[str, Scene] = {
    "full-disk-light": at_work,
    "full-disk-arabic": lambda: at_work(lang="ar"),
    "full-disk-sign-in-light": lambda: sign_in("disk_full"),
    "full-disk-sign-in-arabic": lambda: sign_in("disk_full", lang="ar"),
    "full-disk-sign-out-light": sign_out,
    "full-disk-sign-out-arabic": lambda: sign_out(lang="ar"),
}

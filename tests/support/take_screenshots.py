"""Renders the desk's states into a folder: `python -m tests.support.take_screenshots FOLDER [NAME …]`."""

import os
import subprocess
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from tests.support.desk_scenes import SCALED, SCENES, settle
from tests.support.full_disk_scenes import FULL_DISK_SCENES
from tests.support.out_of_sight_scenes import OUT_OF_SIGHT_SCENES
from tests.support.paper_console import families


def main(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication.instance() or QApplication(["screenshots"])
    assert isinstance(app, QApplication)
    app.setStyle("Fusion")
    families()
    scenes = SCENES | FULL_DISK_SCENES | OUT_OF_SIGHT_SCENES
    for name in names or scenes:
        widget = scenes[name]()
        settle()
        widget.grab().save(str(folder / f"{name}.png"))
        for window in app.topLevelWidgets():
            window.close()
            window.deleteLater()
        settle()
    if not names:
        for name, scene in SCALED.items():
            factor = name.split("-")[1]
            env = {**os.environ, "QT_SCALE_FACTOR": str(int(factor) / 100)}
            subprocess.run([sys.executable, "-m", __spec__.name, str(folder), scene], env=env, check=True)
            (folder / f"{scene}.png").rename(folder / f"{name}.png")
        main(folder, sorted(set(SCALED.values())))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])

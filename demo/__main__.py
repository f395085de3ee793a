"""`make demo`: with a screen it stays up until Ctrl+C; without one it tells the story under Xvfb and reports."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from demo.pictures import keep_for_readme
from demo.stay import stay
from demo.story import tell

ROOT = Path(__file__).resolve().parents[1]
SCREEN = "1600x1000x24"


@click.command()
@click.option("--output", default="demo-output", show_default=True, help="Folder for data, pictures and the report.")
@click.option("--story", is_flag=True, help="Tell the story even where there is a screen.")
@click.option("--screenshots", metavar="DIR", help="Tell the story and keep its best pictures there, made small.")
def main(output: str, story: bool, screenshots: str | None) -> None:
    """Server, scripted customers, desktop and page, all at work."""
    folder = Path(output).absolute()
    if not has_screen():
        sys.exit(again_under_xvfb())
    _start_clean(folder)
    if not story and not screenshots and "FIELDLINE_HEADLESS" not in os.environ:
        stay(folder)
        return
    click.echo("The story plays by itself: server, desktop, customers. A minute; then what was seen, and pictures.")
    holds = tell(folder)
    click.echo((folder / "report.md").read_text(encoding="utf-8").split("\n![", 1)[0])
    click.echo(f"Report and pictures: {folder / 'report.html'}")
    if screenshots:
        keep_for_readme(folder, Path(screenshots))
    sys.exit(0 if holds else 1)


def has_screen() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def again_under_xvfb() -> int:
    """The same command on a screen that nobody sees; its exit code."""
    if shutil.which("xvfb-run") is None:
        raise click.ClickException("there is no screen here and no xvfb-run; scripts/setup.sh --system installs it")
    command = ["xvfb-run", "-a", "-s", f"-screen 0 {SCREEN}", sys.executable, "-m", "demo", *sys.argv[1:]]
    environment = os.environ | {"FIELDLINE_HEADLESS": "1", "QT_QPA_PLATFORM": "xcb"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _start_clean(folder: Path) -> None:
    """What an earlier demo left goes; nothing else in the folder does."""
    for name in ("data", "profile"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for old in [*folder.glob("*.png"), *folder.glob("report.*"), *folder.glob("*.log")]:
        old.unlink()
    folder.mkdir(parents=True, exist_ok=True)


if __name__ == "__main__":
    main()

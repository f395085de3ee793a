"""A small copy of the house to plant faults in: every folder the rules speak of, and nothing else."""

from pathlib import Path

HOUSE = (
    "contract/ids",
    *(
        f"server/{name}"
        for name in (
            "__main__",
            "app",
            "config",
            "commands/keys",
            "doors/sync/http",
            "doors/monitoring/health",
            "demo/people",
        )
    ),
    *(f"server/{name}" for name in ("realtime/socket", "actions/perform", "access/visibility", "store/feed")),
    *(
        f"desktop/{name}"
        for name in ("__main__", "app", "config", "resource_paths", "windows/console", "widgets/composer")
    ),
    *(f"desktop/{name}" for name in ("item_models/bookings", "intents/send_message", "sync/desk", "store/cache")),
    *(f"desktop/{name}" for name in ("network/socket", "state/lines", "handover/door", "commands/app")),
)


def build_house(root: Path, pyproject: Path) -> None:
    """Empty modules under `root`, and this project's own settings for the tools."""
    (root / "pyproject.toml").write_text(pyproject.read_text(encoding="utf-8"), encoding="utf-8")
    for name in HOUSE:
        plant(root, name, "")


def plant(root: Path, name: str, line: str) -> None:
    """Adds `line` to the module `name` (slashes, no suffix), made with its packages where it is missing."""
    path = root / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in path.relative_to(root).parents:
        if folder.name:
            (root / folder / "__init__.py").touch()
    if not path.exists():
        path.write_text('"""Stands here to be looked at."""\n', encoding="utf-8")
    with path.open("a", encoding="utf-8") as module:
        module.write(f"{line}\n" if line else "")

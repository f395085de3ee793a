"""Writes docs/configuration.md from both programs' tables of settings: `python -m tests.support.configuration_page`."""

from pathlib import Path

from desktop.config import SETTINGS
from server.config import settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"

_TOP = """# Settings

Each setting is an environment variable, or a line in one TOML file that both programs may share: the server reads its
table `[server]`, the desktop `[desktop]`. The file is named by `FIELDLINE_CONFIG` (the server also takes
`--config FILE`). The command line wins over variables, variables win over the file. What cannot be used is refused at
the start, by name and with what is allowed.

```toml
[server]
data = "/var/lib/fieldline"
host = "0.0.0.0"

[desktop]
server = "https://desk.example.org"
```

(This page is written by `python -m tests.support.configuration_page`; a test holds it to the tables in
`server/config.py` and `desktop/config.py`, the only two files that read the environment.)
"""


def configuration_page() -> str:
    """The page as it should be."""
    server = []
    for one in settings():
        otherwise = f"`{one.default}`" if one.default else "none"
        server.append(f"| `{one.variable}` | `{one.key}` | {one.allowed} | {otherwise} | {one.meaning} |")
    desktop = [f"| `{one.variable}` | `{one.key}` | {one.meaning} |" for one in SETTINGS]
    return "\n".join(
        [
            _TOP,
            "## The server",
            "",
            "| variable | in `[server]` | allowed | otherwise | meaning |",
            "|---|---|---|---|---|",
            *server,
            "",
            "## The desktop",
            "",
            "| variable | in `[desktop]` | meaning |",
            "|---|---|---|",
            *desktop,
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(configuration_page(), encoding="utf-8")

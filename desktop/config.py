"""The desktop's settings: one frozen value, read once from options, FIELDLINE_ variables and one TOML file."""

import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

Theme = Literal["system", "light", "dark"]


class ConfigError(ValueError):
    """A setting that cannot be used; the text names it and says what is wanted."""


class SyncTimes(msgspec.Struct, frozen=True):
    """Seconds. Tests shorten them; nobody else should."""

    heartbeat: float = 15.0
    dead_after: float = 30.0
    """A heartbeat unanswered this long means that the socket is dead (protocol: two missed)."""
    request: float = 20.0
    undo: float = 5.0
    """How long a pressed status button is held back for undo."""
    poll_chat: float = 2.0
    poll_lists: float = 30.0
    acknowledge: float = 1.0
    """Least time between two cursor acknowledgements."""
    wake_tick: float = 1.0
    listen_after: float = 3.0
    """From the start, and from the loss of the system's bus, until it is asked for word of sleep."""
    typing_idle: float = 6.0
    backoff_first: float = 0.5
    backoff_cap: float = 60.0
    disk_retry: float = 5.0
    rehearse_after: float = 180.0
    """Age at which a press that was never sent is rehearsed before it is."""
    audit: float = 600.0
    """Between two looks at whether the cache is what the server holds."""
    audit_rest: float = 15.0
    """Between a look that differs and the second that makes sure."""


class DesktopConfig(msgspec.Struct, frozen=True):
    profile_dir: Path
    server_url: str | None = None
    email: str | None = None
    password: str | None = None
    theme: Theme = "system"
    lang: Literal["en", "ar"] | None = None
    """None: the language of the signed-in person's profile."""
    screenshot: Path | None = None
    selftest: bool = False
    system_bus: str | None = None
    """Address of the bus on which logind tells of sleep; None where there can be none."""
    times: SyncTimes = SyncTimes()

    def __repr__(self) -> str:
        return f"DesktopConfig(profile_dir={str(self.profile_dir)!r}, server_url={self.server_url!r})"


class Options(msgspec.Struct, frozen=True):
    """What the command line gave; None where it gave nothing."""

    server: str | None = None
    profile: str | None = None
    screenshot: str | None = None
    selftest: bool = False


class Setting(msgspec.Struct, frozen=True):
    """One line of the table of settings."""

    key: str
    """In the TOML file's [desktop] table."""
    variable: str
    meaning: str


SETTINGS: tuple[Setting, ...] = (
    Setting("server", "FIELDLINE_SERVER", "Address of the server, such as https://desk.example.org. Also --server."),
    Setting("profile", "FIELDLINE_PROFILE", "Folder for this desktop's data. Also --profile."),
    Setting("email", "FIELDLINE_EMAIL", "Signs in with this address when no session is saved."),
    Setting("password", "FIELDLINE_PASSWORD", "The password to it. Only as a variable, never in the file."),
    Setting("theme", "FIELDLINE_THEME", "system, light or dark."),
    Setting(
        "lang",
        "FIELDLINE_LANG",
        "en or ar at each start; else as last chosen in the menu, or the signed-in person's language.",
    ),
)
CONFIG_FILE_VARIABLE = "FIELDLINE_CONFIG"


def load_config(options: Options, env: Mapping[str, str] | None = None) -> DesktopConfig:
    """Options win over variables, variables over the TOML file that FIELDLINE_CONFIG names. Raises ConfigError."""
    env = os.environ if env is None else env
    given = _read_file(env.get(CONFIG_FILE_VARIABLE))
    for setting in SETTINGS:
        if env.get(setting.variable):
            given[setting.key] = env[setting.variable]
    if options.server:
        given["server"] = options.server
    if options.profile:
        given["profile"] = options.profile
    profile = given.get("profile")
    return DesktopConfig(
        profile_dir=(Path(profile) if profile else default_profile_dir(env)).expanduser().absolute(),
        server_url=_server_url(given["server"]) if given.get("server") else None,
        email=given.get("email"),
        password=given.get("password"),
        theme=_one_of("theme", given.get("theme", "system"), Theme),
        lang=_one_of("lang", given.get("lang"), Literal["en", "ar"] | None),
        screenshot=Path(options.screenshot).absolute() if options.screenshot else None,
        selftest=options.selftest,
        system_bus=_system_bus(env),
    )


def default_profile_dir(env: Mapping[str, str]) -> Path:
    """The platform's folder for a program's local data. Never a roaming one: SQLite must not live on a share."""
    if sys.platform == "win32":
        root = Path(env.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Application Support"
    else:
        root = Path(env.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return root / "fieldline"


def _system_bus(env: Mapping[str, str]) -> str | None:
    """By D-Bus' own variable, or where its specification has it."""
    if sys.platform != "linux":
        return None
    return env.get("DBUS_SYSTEM_BUS_ADDRESS") or "unix:path=/var/run/dbus/system_bus_socket"


def _read_file(name: str | None) -> dict[str, str]:
    if not name:
        return {}
    try:
        found = tomllib.loads(Path(name).read_text(encoding="utf-8")).get("desktop", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{CONFIG_FILE_VARIABLE}: cannot read {name}: {error}") from error
    known = {setting.key for setting in SETTINGS} - {"password"}
    if not isinstance(found, dict) or set(found) - known:
        raise ConfigError(f"{name}: [desktop] may hold {', '.join(sorted(known))} and nothing else.")
    return {key: str(value) for key, value in found.items()}


def _server_url(text: str) -> str:
    """The address without a trailing slash. Credentials in it would end up in logs, so they are refused."""
    parts = urlsplit(text.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ConfigError(f"server: {parts.scheme or 'this'} is no http:// or https:// address of a server alone.")
    return text.strip().rstrip("/")


def _one_of(name: str, value: object, wanted: Any) -> Any:
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{name}: {error}") from error

"""The server's settings: one frozen value, read once from options, FIELDLINE_ variables and one TOML file."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta

PREFIX = "FIELDLINE_"
FILE_VARIABLE = "FIELDLINE_CONFIG"
TABLE = "server"
"""The TOML file's table; `desktop` in the same file is the desktop's."""

Count = Annotated[int, Meta(ge=1)]
Bytes = Annotated[int, Meta(ge=1024)]
Positive = Annotated[float, Meta(gt=0)]
Port = Annotated[int, Meta(ge=0, le=65535)]
Interval = Annotated[float, Meta(gt=0, le=0.1)]
Url = Annotated[str, Meta(pattern=r"^https?://[^/?#@]+(/[^?#]*)?$")]
DatabaseUrl = Annotated[str, Meta(pattern=r"^postgres(ql)?://")]
Rate = Annotated[str, Meta(pattern=r"^\d+ ?(/|per) ?\d* ?(second|minute|hour|day)s?$")]
"""In the `limits` library's words: `20/minute`, `5 per 2 second`."""


class ConfigError(ValueError):
    """A setting that cannot be used; the text names it and says what is allowed."""


def _says(meaning: str) -> Meta:
    """What a setting is for; read on here and in the table of docs/configuration.md."""
    return Meta(description=meaning)


class ServerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Each field is FIELDLINE_ and its name in capitals, or its name in the file's [server] table."""

    data: Annotated[Path | None, _says("Folder of the database, its keys and backups. Also `--data`.")] = None
    host: Annotated[
        str, _says("Address to listen on; `0.0.0.0` for every one the machine has (A-23). Also `--host`.")
    ] = "127.0.0.1"
    port: Annotated[Port, _says("Port to listen on; 0 takes a free one. Also `--port`.")] = 8420
    database: Annotated[
        DatabaseUrl | None, _says("A PostgreSQL database for several servers; without it, SQLite in the data folder.")
    ] = None
    demo: Annotated[bool, _says("Whether to add the demo's people and bookings. Also `--demo`.")] = False
    public_url: Annotated[
        Url | None, _says("What customers' links begin with; without it, the address they were asked for at.")
    ] = None
    tls_cert: Annotated[
        Path | None, _says("Certificate chain in PEM; with `tls_key`, https and wss only (E-36). Also `--tls-cert`.")
    ] = None
    tls_key: Annotated[Path | None, _says("Its private key. Also `--tls-key`.")] = None
    origins: Annotated[tuple[str, ...], _says("Web origins that browsers may call from, separated by commas.")] = ("*",)
    metrics_token: Annotated[
        str | None, _says("What /metrics asks for as bearer; without it, anyone may read them.")
    ] = None
    log_format: Annotated[
        Literal["auto", "console", "json"], _says("`auto`: for people on a terminal, JSON lines elsewhere.")
    ] = "auto"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], _says("The least level that is logged.")] = (
        "info"
    )
    keep_days: Annotated[Count, _says("Days that the feed is kept; clients away for longer take a snapshot.")] = 30
    keep_lines: Annotated[Count, _says("Lines of the feed that are kept, if those are more.")] = 200_000
    keep_anonymous_days: Annotated[
        Count, _says("Days after which those who came in without an account, and opened no booking, are removed.")
    ] = 30
    drain_seconds: Annotated[Positive, _says("Seconds that stopping waits for requests and sockets to end.")] = 8.0
    max_body: Annotated[Bytes, _says("Bytes in a request's body.")] = 2 * 1024 * 1024
    max_frame: Annotated[Bytes, _says("Bytes in a message on a socket; a longer one closes it with 1009.")] = (
        1024 * 1024
    )
    max_backlog: Annotated[
        Bytes, _says("Unsent bytes beyond which a slow reader is cut off, besides talk; it resumes by cursor.")
    ] = 1024 * 1024
    max_sockets: Annotated[Count, _says("Open sockets; further ones are answered 503.")] = 12_000
    max_topics: Annotated[Count, _says("Topics that one socket may join.")] = 100
    frames_per_second: Annotated[Positive, _says("Frames that one socket may send, with bursts of twice as many.")] = (
        200.0
    )
    joins_per_second: Annotated[Positive, _says("Joins that one socket may ask for, with bursts of twice as many.")] = (
        20.0
    )
    max_broadcast: Annotated[Bytes, _says("Bytes of one broadcast's payload (docs/supabase.md).")] = 256 * 1024
    max_presence: Annotated[Bytes, _says("Bytes that a member of a channel may say of itself.")] = 4_096
    presence_per_second: Annotated[
        Positive, _says("Presence calls that one channel may make, with five seconds' worth at once.")
    ] = 2.0
    socket_silence: Annotated[Positive, _says("Seconds without a frame after which a socket counts as dead.")] = 60.0
    token_grace: Annotated[
        Positive, _says("Seconds that a socket outlives its access token, for a new one to come.")
    ] = 60.0
    supabase_resume: Annotated[
        bool, _says("Whether supabase-js apps are told what they missed, without asking for it (docs/supabase.md).")
    ] = False
    sign_up: Annotated[
        bool, _says("Whether people may make themselves an account as customers (docs/supabase.md).")
    ] = False
    anonymous: Annotated[bool, _says("Whether customers are let in without an account (docs/supabase.md).")] = False
    shortest_password: Annotated[Count, _says("Characters that a password has at least, if its owner chooses it.")] = 8
    rate_sign_in: Annotated[Rate, _says("Sign-in attempts per email address.")] = "20/minute"
    rate_sign_in_address: Annotated[Rate, _says("Sign-in attempts per network address.")] = "300/minute"
    rate_sign_up: Annotated[
        Rate, _says("Accounts that may be asked for per network address, or addresses for them.")
    ] = "30/hour"
    rate_public: Annotated[Rate, _says("Requests without identity, per network address.")] = "1200/minute"
    rate_read: Annotated[Rate, _says("Reading requests per person.")] = "1200/minute"
    rate_write: Annotated[Rate, _says("Writing requests per person; one may carry 50 operations.")] = "1200/minute"
    switch_interval: Annotated[
        Interval, _says("Seconds after which a thread that computes must let another; see docs/decisions.")
    ] = 0.0005


class Setting(msgspec.Struct, frozen=True):
    """One line of the table of settings."""

    key: str
    variable: str
    allowed: str
    default: str
    meaning: str


def settings() -> list[Setting]:
    """The table, in the order of the fields."""
    hints = get_type_hints(ServerConfig, include_extras=True)
    return [
        Setting(key, PREFIX + key.upper(), _allowed(hints[key]), _written(default), _meaning(hints[key]))
        for key, default in zip(ServerConfig.__struct_fields__, ServerConfig.__struct_defaults__, strict=True)
    ]


def load_config(given: Mapping[str, Any], env: Mapping[str, str] | None = None) -> ServerConfig:
    """What was `given` on the command line (None: was not) wins over variables, those over the TOML file.

    Raises ConfigError."""
    env = os.environ if env is None else env
    values = _read_file(given.get("config") or env.get(FILE_VARIABLE))
    for setting in settings():
        if env.get(setting.variable):
            values[setting.key] = env[setting.variable]
        if given.get(setting.key) is not None:
            values[setting.key] = given[setting.key]
    if not values.get("database"):
        values.pop("database", None)
    if isinstance(values.get("origins"), str):
        values["origins"] = [origin.strip() for origin in values["origins"].split(",")]
    config = _converted(values)
    if (config.tls_cert is None) != (config.tls_key is None):
        raise ConfigError("tls_cert and tls_key go together: give both or neither.")
    return config


_SECRETS = ("database", "metrics_token")
"""Settings whose values are told nobody, not even when they are wrong."""


def _converted(values: Mapping[str, Any]) -> ServerConfig:
    try:
        return msgspec.convert(values, ServerConfig, strict=False, dec_hook=_as_path)
    except msgspec.ValidationError as error:
        place = re.search(r"`\$\.(\w+)", str(error))
        setting = next((known for known in settings() if place and known.key == place[1]), None)
        if setting is None:
            known = ", ".join(ServerConfig.__struct_fields__)
            raise ConfigError(f"[{TABLE}]: {error}. Known settings: {known}.") from error
        said = "(not shown)" if setting.key in _SECRETS else values[setting.key]
        raise ConfigError(
            f"{setting.variable} (or `{setting.key}` in [{TABLE}]) is {said!r}; allowed: {setting.allowed}."
        ) from error


def _read_file(name: str | Path | None) -> dict[str, Any]:
    if not name:
        return {}
    try:
        found = tomllib.loads(Path(name).read_text(encoding="utf-8")).get(TABLE, {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{FILE_VARIABLE} (or --config): cannot read {name}: {error}") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{name}: [{TABLE}] must be a table.")
    return found


def _as_path(wanted: type, value: Any) -> Any:
    if wanted is Path and isinstance(value, str | Path):
        return Path(value).expanduser().absolute()
    raise TypeError(f"no {wanted.__name__}")


_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", Path: "a path"}


_PATTERNS = {
    get_args(Url)[1].pattern: "an http:// or https:// address",
    get_args(DatabaseUrl)[1].pattern: "a postgresql:// address",
    get_args(Rate)[1].pattern: "a rate such as `20/minute`",
}


def _allowed(hint: Any) -> str:
    """A type, in words."""
    if get_origin(hint) is Literal:
        *others, last = get_args(hint)
        return f"{', '.join(others)} or {last}"
    if get_origin(hint) is tuple:
        return "texts"
    if type(None) in get_args(hint):
        return _allowed(get_args(hint)[0])
    if get_origin(hint) is not Annotated:
        return _WORDS[hint]
    kind, *metas = get_args(hint)
    patterns = [meta.pattern for meta in metas if meta.pattern is not None]
    if patterns:
        return _PATTERNS[patterns[0]]
    bounds = [pair for meta in metas for pair in (("above", meta.gt), ("from", meta.ge), ("to", meta.le))]
    return " ".join([_allowed(kind), *(f"{word} {value:,}" for word, value in bounds if value is not None)])


def _meaning(hint: Any) -> str:
    return "".join(meta.description or "" for meta in get_args(hint)[1:])


def _written(default: Any) -> str:
    if isinstance(default, tuple):
        return ",".join(default)
    return "" if default is None else str(default).lower() if isinstance(default, bool) else str(default)

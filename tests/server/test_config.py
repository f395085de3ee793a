"""The server's settings: where they come from, which wins, and what a wrong one is told."""

from pathlib import Path

import pytest

from server.config import ConfigError, ServerConfig, load_config, settings
from tests.support.configuration_page import PAGE, configuration_page


def test_that_the_page_of_settings_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == configuration_page()


def test_that_nothing_given_means_the_defaults() -> None:
    assert load_config({}, {}) == ServerConfig()


def test_that_every_setting_can_be_a_variable_and_a_line_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "fieldline.toml"
    texts = {
        "tls_cert": "cert.pem",
        "tls_key": "key.pem",
        "public_url": "https://a.example",
        "database": "postgresql://a@b/c",
    }
    for setting in settings():
        value = setting.default or texts.get(setting.key, "a text")
        more = {"FIELDLINE_TLS_KEY": "k", "FIELDLINE_TLS_CERT": "c"} if setting.key.startswith("tls") else {}
        by_variable = load_config({}, more | {setting.variable: value})
        file.write_text(f'[server]\n{setting.key} = "{value}"\n')
        by_file = load_config({}, {name: text for name, text in more.items() if name != setting.variable} | {
            "FIELDLINE_CONFIG": str(file)
        })  # fmt: skip
        assert getattr(by_variable, setting.key) == getattr(by_file, setting.key), setting.key


def test_that_options_win_over_variables_and_variables_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "fieldline.toml"
    file.write_text('[server]\nport = 1\nhost = "file"\nlog_level = "error"\n\n[desktop]\nserver = "http://x"\n')
    env = {"FIELDLINE_CONFIG": str(file), "FIELDLINE_PORT": "2", "FIELDLINE_HOST": "variable"}
    config = load_config({"port": 3, "host": None, "demo": None}, env)
    assert (config.port, config.host, config.log_level) == (3, "variable", "error")
    other = tmp_path / "other.toml"
    other.write_text("[server]\nport = 9\n")
    assert load_config({"config": other}, {"FIELDLINE_CONFIG": str(file)}).port == 9


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("FIELDLINE_PORT", "http", "a whole number from 0 to 65,535"),
        ("FIELDLINE_PORT", "65536", "a whole number from 0 to 65,535"),
        ("FIELDLINE_LOG_FORMAT", "xml", "auto, console or json"),
        ("FIELDLINE_RATE_READ", "often", "a rate such as `20/minute`"),
        ("FIELDLINE_FRAMES_PER_SECOND", "0", "a number above 0"),
        ("FIELDLINE_PUBLIC_URL", "desk.example.org", "an http:// or https:// address"),
        ("FIELDLINE_DEMO", "perhaps", "true or false"),
        ("FIELDLINE_MAX_FRAME", "10", "a whole number from 1,024"),
    ],
)
def test_that_a_wrong_value_is_named_with_what_is_allowed(variable: str, value: str, allowed: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_config({}, {variable: value})
    said = str(refused.value)
    assert variable in said
    assert repr(value) in said
    assert f"allowed: {allowed}." in said


def test_that_half_a_certificate_is_refused() -> None:
    with pytest.raises(ConfigError, match="tls_cert and tls_key go together"):
        load_config({}, {"FIELDLINE_TLS_CERT": "cert.pem"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\nprot = 1\n", "Known settings: data, host, port"),
        ("[server\n", "cannot read"),
        ("server = 3\n", "must be a table"),
    ],
)
def test_that_a_file_that_cannot_be_used_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "fieldline.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=said):
        load_config({}, {"FIELDLINE_CONFIG": str(file)})


def test_that_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read"):
        load_config({}, {"FIELDLINE_CONFIG": str(tmp_path / "none.toml")})


def test_that_a_wrong_database_address_is_refused_without_being_told() -> None:
    with pytest.raises(ConfigError) as refused:
        load_config({}, {"FIELDLINE_DATABASE": "mysql://me:geheim@db/x"})
    assert "FIELDLINE_DATABASE" in str(refused.value)
    assert "allowed: a postgresql:// address." in str(refused.value)
    assert "geheim" not in str(refused.value)

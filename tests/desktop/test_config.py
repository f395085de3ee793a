"""Settings: options before variables before the file; refused in words; secrets never shown."""

from pathlib import Path

import pytest

from desktop.config import SETTINGS, ConfigError, Options, load_config


def test_that_options_win_over_variables_and_variables_over_the_file(tmp_path):
    file = tmp_path / "fieldline.toml"
    file.write_text('[desktop]\nserver = "https://file.test"\ntheme = "dark"\nlang = "ar"\n')
    env = {"FIELDLINE_CONFIG": str(file), "FIELDLINE_SERVER": "https://variable.test", "FIELDLINE_LANG": "en"}
    found = load_config(Options(), env)
    assert (found.server_url, found.theme, found.lang) == ("https://variable.test", "dark", "en")
    assert load_config(Options(server="http://option.test:8080/"), env).server_url == "http://option.test:8080"


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"FIELDLINE_SERVER": "ftp://desk.test"}, "server"),
        ({"FIELDLINE_SERVER": "http://user:secret@desk.test"}, "server"),
        ({"FIELDLINE_THEME": "pink"}, "theme"),
        ({"FIELDLINE_LANG": "fr"}, "lang"),
        ({"FIELDLINE_CONFIG": "/no/such/file"}, "FIELDLINE_CONFIG"),
    ],
)
def test_that_a_setting_that_cannot_be_used_is_named_and_no_secret_repeated(env, said):
    with pytest.raises(ConfigError, match=said) as caught:
        load_config(Options(), env)
    assert "secret" not in str(caught.value)


def test_that_a_password_in_the_file_is_refused(tmp_path):
    file = tmp_path / "fieldline.toml"
    file.write_text('[desktop]\npassword = "x"\n')
    with pytest.raises(ConfigError, match="nothing else"):
        load_config(Options(), {"FIELDLINE_CONFIG": str(file)})


def test_that_a_password_never_shows_in_what_is_printed():
    found = load_config(Options(), {"FIELDLINE_EMAIL": "a@desk.test", "FIELDLINE_PASSWORD": "hunter2"})
    assert found.password == "hunter2"
    assert "hunter2" not in repr(found)
    assert "hunter2" not in f"{found}"


def test_that_without_a_profile_the_platforms_own_folder_is_taken(tmp_path):
    assert load_config(Options(), {"XDG_DATA_HOME": str(tmp_path)}).profile_dir == tmp_path / "fieldline"
    assert load_config(Options(profile="~/desk"), {}).profile_dir == Path.home() / "desk"


def test_that_every_setting_has_its_variable_and_its_words():
    assert len({setting.variable for setting in SETTINGS}) == len(SETTINGS)
    assert all(setting.variable.startswith("FIELDLINE_") and setting.meaning.endswith(".") for setting in SETTINGS)

"""Settings from file, environment and options; each mistake is one line with the key and the fix."""

from pathlib import Path

import pytest

from hongyan.runtime.config_text import effective_text, example_text, masked_url
from hongyan.runtime.configuration import environment_of, load_settings, setting_keys
from hongyan.runtime.errors import ConfigurationInvalid
from hongyan.runtime.settings import Settings


def a_file(directory: Path, text: str) -> Path:
    path = directory / "hongyan.toml"
    path.write_text(text)
    return path


def loaded(path: Path | None = None, **environment: str) -> Settings:
    return load_settings(config_file=path, environment=environment)


def test_without_anything_it_is_loopback_and_the_embedded_server(tmp_path: Path) -> None:
    settings = loaded(HONGYAN_DATA_DIR=str(tmp_path))
    assert (settings.http.host, settings.http.port, settings.database.url) == ("127.0.0.1", 8080, "")
    assert settings.simulator.host == "127.0.0.1"


def test_the_environment_goes_over_the_file_and_options_over_both(tmp_path: Path) -> None:
    path = a_file(tmp_path, '[http]\nhost = "::1"\nport = 1\napi_workers = 2\nkeep_alive = "1min"')
    settings = load_settings(
        config_file=path,
        environment={"HONGYAN_HTTP__PORT": "2", "HONGYAN_HTTP__API_WORKERS": "3"},
        options={"http.api_workers": "4"},
    )
    http = settings.http
    assert (http.host, http.port, http.api_workers, http.keep_alive) == ("::1", 2, 4, 60.0)


def test_the_file_in_the_data_directory_is_found(tmp_path: Path) -> None:
    a_file(tmp_path, "[http]\nport = 81")
    assert loaded(HONGYAN_DATA_DIR=str(tmp_path)).http.port == 81


def test_the_file_that_the_environment_names_is_read(tmp_path: Path) -> None:
    path = a_file(tmp_path, "[http]\nport = 82")
    assert loaded(HONGYAN_CONFIG=str(path)).http.port == 82


def test_a_relative_data_directory_of_a_file_is_beside_it(tmp_path: Path) -> None:
    assert loaded(a_file(tmp_path, 'data_dir = "data"')).data_dir == tmp_path / "data"


def test_a_secret_may_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("postgresql://a:b@c/d\n")
    assert loaded(a_file(tmp_path, f'[database]\nurl = "file:{tmp_path}/url"')).database.url == "postgresql://a:b@c/d"
    monkeypatch.setenv("SOME_URL", "postgresql://e@f/g")
    assert loaded(HONGYAN_DATABASE__URL="env:SOME_URL").database.url == "postgresql://e@f/g"


MISTAKES = [
    ("[http]\nprot = 1", "http.prot is not a setting; did you mean http.port?"),
    ("[htpp]\nport = 1", "htpp.port is not a setting; did you mean http.port?"),
    ("colour = 1", "colour is not a setting; remove it"),
    ("http = 4", "http is not a setting"),
    ("[http]\nport = 0", "http.port must be a whole number from 1 to 65535"),
    ("[http]\nport = 65536", "http.port must be a whole number from 1 to 65535"),
    ('[http]\nport = "80"', "http.port must be a whole number from 1 to 65535"),
    ("[http]\nport = true", "http.port must be a whole number from 1 to 65535"),
    ("[http]\nhost = 1", "http.host must be text in quotes"),
    ("[http]\nkeep_alive = 3", "http.keep_alive must be text with a unit"),
    ('[http]\nkeep_alive = "3 weeks"', 'http.keep_alive must be a duration such as "30s"'),
    ('[http]\nbody_size = "1MB"', 'http.body_size must be a size such as "64KiB"'),
    ('[logs]\nlevel = "loud"', "logs.level must be one of debug, info, warning, error"),
    ('[database]\nurl = "file:/nowhere"', "database.url cannot be read: No such file or directory"),
    ('[database]\nurl = "env:NOWHERE"', "database.url names the variable NOWHERE, which is not set"),
    ('data_dir = ""', "data_dir must be the path of a directory"),
    ("[http", "is not a TOML file"),
]


@pytest.mark.parametrize("text, told", MISTAKES, ids=[told for _, told in MISTAKES])
def test_a_mistake_in_the_file_is_one_line_with_file_key_and_fix(tmp_path: Path, text: str, told: str) -> None:
    path = a_file(tmp_path, text)
    with pytest.raises(ConfigurationInvalid) as refusal:
        loaded(path)
    assert told in refusal.value.message
    assert str(path) in refusal.value.message
    assert len(refusal.value.message.splitlines()) == 1


@pytest.mark.parametrize(
    "name, value, told",
    [
        ("HONGYAN_HTTP__PROT", "1", "did you mean HONGYAN_HTTP__PORT?"),
        ("HONGYAN_DATADIR", "x", "did you mean HONGYAN_DATA_DIR?"),
        ("HONGYAN_HTTP__PORT", "many", "http.port must be a whole number"),
        ("HONGYAN_LOGS__LEVEL", "", "logs.level must be one of"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(name: str, value: str, told: str) -> None:
    with pytest.raises(ConfigurationInvalid) as refusal:
        load_settings(environment={name: value})
    assert told in refusal.value.message
    assert f"the variable {name}" in refusal.value.message


@pytest.mark.parametrize(
    "name", ["HONGYAN_SECRET_KEY", "HONGYAN_SIMULATOR_PASSWORD", "HONGYAN_SIMULATOR_URL", "HONGYAN_URL"]
)
def test_variables_that_stand_for_an_option_are_no_settings(name: str, tmp_path: Path) -> None:
    variables = {"HONGYAN_DATA_DIR": str(tmp_path)}
    assert load_settings(environment={**variables, name: "x"}) == load_settings(environment=variables)


def test_a_settings_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match="No such file"):
        loaded(tmp_path / "nowhere.toml")


def test_every_setting_is_explained_and_the_example_is_the_defaults(tmp_path: Path) -> None:
    text = example_text()
    assert [key for key in setting_keys() if next(iter(environment_of({key: ""}))) not in text] == []
    assert loaded(a_file(tmp_path, text), HONGYAN_DATA_DIR=str(tmp_path)) == Settings(data_dir=tmp_path)


def test_what_is_shown_can_be_read_back_and_hides_the_password(tmp_path: Path) -> None:
    settings = loaded(HONGYAN_DATA_DIR=str(tmp_path), HONGYAN_DATABASE__URL="postgresql://me:secret@host/db")
    shown = effective_text(settings)
    assert "secret" not in shown
    assert loaded(a_file(tmp_path, shown)).http == settings.http


@pytest.mark.parametrize(
    "url, shown",
    [
        ("postgresql://me:a@b@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me@host/db", "postgresql://me@host/db"),
        ("", ""),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert masked_url(url) == shown

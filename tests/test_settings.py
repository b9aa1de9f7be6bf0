"""Settings: read once, typed, a wrong one refuses start-up."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from reseau.settings import Settings, SettingsError, is_private_listener, load

SECRET = "0123456789abcdef0123456789abcdef"


def test_the_environment_wins_over_the_file() -> None:
    ini = {"reseau.secret": SECRET, "reseau.site_name": "ini", "other": "ignored"}
    assert load(ini, {}).site_name == "ini"
    assert load(ini, {"RESEAU_SITE_NAME": "env"}).site_name == "env"


def test_values_are_typed() -> None:
    settings = load(
        {"reseau.secret": SECRET, "reseau.demo": "oui", "reseau.threads": "8", "reseau.sources": "cartographie, finess\nlocal",
         "reseau.data_dir": "/srv/x", "reseau.search_interval": "0.5"},
        {},
    )  # fmt: skip
    assert (settings.demo, settings.threads, settings.search_interval) == (True, 8, 0.5)
    assert settings.sources == ("cartographie", "finess", "local")
    assert settings.data_dir == Path("/srv/x")
    assert settings.database_url == "sqlite:////srv/x/reseau.sqlite3"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"reseau.secret": ""}, "secret"),
        ({"reseau.secret": "short"}, "secret"),
        ({"reseau.demo": "peut-être"}, "demo"),
        ({"reseau.threads": "many"}, "threads"),
        ({"reseau.sekret": "x"}, "unknown setting: reseau.sekret"),
        ({"reseau.search": "lucene"}, "search"),
        ({"reseau.search": "postgresql"}, "postgresql"),
        ({"reseau.default_language": "de"}, "default_language"),
        ({"reseau.files_scan": "clamd"}, "files_scan"),
        ({"reseau.files_scan": "tcp:localhost"}, "files_scan"),
    ],
)
def test_a_wrong_setting_refuses_start_up_and_says_which(values: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=said):
        load({"reseau.secret": SECRET, "reseau.data_dir": str(tmp_path), **values}, {})


@pytest.mark.parametrize(
    "url",
    [
        "https://roubaix.example",
        "http://reseau.roubaix.fr:6543",
        "http://203.0.114.7",
        "http://[2606:4700::1]",
        "http://",
    ],
)
def test_a_demonstration_under_a_public_name_does_not_start(url: str) -> None:
    with pytest.raises(SettingsError, match="one click"):
        Settings(secret=SECRET, demo=True, public_url=url)
    assert Settings(secret=SECRET, public_url=url).demo is False


@pytest.mark.parametrize(
    "url", ["http://localhost:6543", "http://demo.localhost", "http://127.0.0.1", "http://192.168.1.20", "http://[::1]:80", "http://atelier:6543"]
)  # fmt: skip
def test_a_demonstration_on_this_machine_or_network_starts(url: str) -> None:
    assert Settings(secret=SECRET, demo=True, public_url=url).demo


def test_the_secret_comes_from_the_data_folder_when_nothing_says_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET + "\n")
    assert load({"reseau.data_dir": str(tmp_path)}, {}).secret == SECRET


def test_the_search_engine_follows_the_database() -> None:
    assert Settings(secret=SECRET).search == "whoosh"
    assert Settings(secret=SECRET, database_url="postgresql://x/y").search == "postgresql"


def test_settings_cannot_be_changed_and_do_not_print_the_secret() -> None:
    settings = Settings(secret=SECRET)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.demo = True  # type: ignore[misc]
    assert SECRET not in repr(settings)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "192.168.1.20", "10.0.0.3"])
def test_an_address_that_only_the_neighbours_reach(host: str) -> None:
    assert is_private_listener(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "0", "203.0.114.7", "2606:4700::1", "none.invalid"])
def test_an_address_that_others_may_reach(host: str) -> None:
    assert not is_private_listener(host)

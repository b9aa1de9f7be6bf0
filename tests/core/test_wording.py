"""Words without Pyramid: the catalogues of the pages, for mails and jobs."""

from __future__ import annotations

import gettext
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from reseau.core import wording
from reseau.core.wording import Wording, _
from reseau.web import catalogues, formats

ROOT = Path(__file__).parents[2]
KNOWN = "%(num)s choisi", "%(num)s choisis"


@pytest.fixture(autouse=True)
def _compiled() -> None:
    catalogues.compile_all(ROOT)
    wording._catalogue.cache_clear()


def test_the_marker_changes_nothing() -> None:
    assert _("Bonjour %(name)s") == "Bonjour %(name)s"


def test_plurals_of_each_language() -> None:
    assert Wording("fr").ngettext(*KNOWN, 0) == "0 choisi"
    assert Wording("fr").ngettext(*KNOWN, 2) == "2 choisis"
    assert Wording("en").ngettext(*KNOWN, 0) == Wording("en").ngettext(*KNOWN, 5).replace("5", "0")
    assert Wording("ar").ngettext(*KNOWN, 3) != Wording("ar").ngettext(*KNOWN, 11).replace("11", "3")


def test_a_known_sentence_is_translated_and_an_unknown_one_is_french() -> None:
    sentence = "Page non trouvée"
    with (ROOT / "reseau/locale/en/LC_MESSAGES/reseau.mo").open("rb") as file:
        known = next(k for k in gettext.GNUTranslations(file)._catalog if isinstance(k, str) and k and "%" not in k)  # type: ignore[attr-defined]
    assert Wording("en").gettext(known) != known
    assert Wording("en").gettext("Une phrase %(what)s jamais vue", what="<b>") == "Une phrase <b> jamais vue"
    assert Wording("ar").ngettext("%(num)s mot inventé", "%(num)s mots inventés", 0) == "0 mot inventé"
    assert Wording("fr").gettext(sentence + " à 100 %%") == sentence + " à 100 %"


def test_without_catalogues_all_is_french(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wording, "LOCALE_DIR", tmp_path)
    assert Wording("en").ngettext(*KNOWN, 0) == "0 choisi"
    assert Wording("en").ngettext(*KNOWN, 2) == "2 choisis"
    wording._catalogue.cache_clear()


def test_direction_and_unknown_language() -> None:
    assert [Wording(lang).dir for lang in ("fr", "en", "ar")] == ["ltr", "ltr", "rtl"]
    with pytest.raises(ValueError, match="'de'"):
        Wording("de")


@pytest.mark.parametrize("lang", ["fr", "en", "ar"])
@pytest.mark.parametrize("day", [date(2026, 7, 1), date(2026, 11, 24), date(2026, 1, 11)])
def test_dates_are_those_of_the_pages(lang: str, day: date) -> None:
    moment = datetime(day.year, day.month, day.day, 22, 30, tzinfo=UTC)
    assert Wording(lang).date(day) == formats.format_date(day, lang)
    for zone in ("Europe/Paris", "Indian/Reunion"):
        assert Wording(lang).datetime(moment, zone) == formats.format_datetime(moment, lang, zone)


def test_moments_are_told_on_local_clocks() -> None:
    moment = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert Wording("fr").datetime(moment, "Europe/Paris") == "1er juillet 2026, 00:30"
    assert Wording("en").datetime(moment, "Europe/Paris") == "1 July 2026, 00:30"
    with pytest.raises(ValueError, match="naive"):
        Wording("fr").datetime(datetime(2026, 6, 30), "Europe/Paris")  # noqa: DTZ001


def test_the_sentences_of_such_modules_are_extracted(tmp_path: Path) -> None:
    source = tmp_path / "reseau" / "core" / "things.py"
    (tmp_path / "reseau" / "locale").mkdir(parents=True)
    source.parent.mkdir()
    shutil.copy(ROOT / "reseau" / "locale" / "babel.cfg", tmp_path / "reseau" / "locale")
    source.write_text(
        "from reseau.core.wording import Wording, _\n"
        "TITLE = _('Un titre')\n"
        "def say(words: Wording, n: int) -> list[str]:\n"
        "    return [words.gettext('Bonjour %(name)s', name='x'), words.ngettext('un lieu', '%(num)s lieux', n)]\n",
        encoding="utf-8",
    )
    found = catalogues.extract(tmp_path)
    assert {message.id for message in found if message.id} == {
        "Un titre",
        "Bonjour %(name)s",
        ("un lieu", "%(num)s lieux"),
    }

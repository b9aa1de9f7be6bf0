"""How many languages: a resource has 30 at most, and only those that readers can read are offered."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from resources.base.models import TranslationAsk, TranslationUnit
from resources.translating import queue
from resources.translating.asking import ask
from resources.translating.opening import MAX_LANGS
from resources.translating.services import Refused
from tests.resources.translating.conftest import ARABIC, ONE_ENGINE, Desk
from tests.resources.translating.test_page import press

Make = Callable[..., Desk]


def filled(one: Desk) -> None:
    """As many languages as there may be, the last of which is Arabic."""
    with one.base.site.sessions() as session:
        for n in range(MAX_LANGS):
            lang = f"de-x-n{n}" if n else "ar"
            session.add(
                TranslationUnit(resource_id=one.id, section="etape-2", lang=lang, words={"text": "x"}, state="machine")
            )
            session.add(TranslationAsk(resource_id=one.id, lang=lang, asked=1, last_at=one.base.site.clock.now))
        session.commit()


def test_no_more_than_30_languages(desk: Make) -> None:
    one = desk()
    filled(one)
    other = Desk(one.base, one.base.resource(one.id), "uk")
    for act in (other.save, other.machine):
        with pytest.raises(Refused, match="too-many-languages"):
            act()
    one.save()  # those that were begun go on
    one.machine("membre", "etape-3")
    answer = press(one.base.browser("membre").get(other.path), "enregistrer", status=422, **ARABIC)
    assert "déjà traduite dans 30 langues" in answer
    assert ARABIC["text"] in answer, "nothing typed is lost"


def test_no_more_than_30_languages_are_asked_for(desk: Make) -> None:
    one = desk()
    filled(one)
    with one.base.site.sessions() as session:
        now = one.base.site.clock.now
        assert not ask(session, one.id, "uk", "192.0.2.1", now)
        assert ask(session, one.id, "ar", "192.0.2.1", now)
        session.rollback()


@ONE_ENGINE
def test_a_language_without_a_title_is_not_offered(desk: Make) -> None:
    drafted, titled = desk(lang="mt"), desk(lang="mi")
    drafted.save(section="entete", words={"title": "x"})
    drafted.machine()
    titled.machine(section="entete", words={"title": "x"})
    with titled.base.site.sessions() as session:
        found = queue.languages(session)
    assert "mi" in found
    assert "mt" not in found
    assert "mt" not in drafted.base.resource(drafted.id).langs
    assert len([lang for lang in found if lang.startswith("de-x")]) <= MAX_LANGS

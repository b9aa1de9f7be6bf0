"""Drafts, versions, and what makes a translation stale."""

from __future__ import annotations

from dataclasses import replace

import pytest

from resources.base import services, translations
from resources.base.content import HEADER, ContentError, checked
from resources.base.models import Resource, State
from resources.base.services import Clash, NotReady
from resources.base.translations import Shown, UnitState
from tests.resources.conftest import Base, a_kit, a_tutorial


def test_a_draft_is_read_by_nobody_until_it_is_published(base: Base) -> None:
    made = base.draft()
    with base.site.sessions() as session:
        found = session.get_one(Resource, made.id)
        assert services.current(session, found) is None
        services.publish(session, found, by=None, now=base.site.clock.now)
        assert services.current(session, found).content.title == found.title
        assert (found.version, found.state, found.langs) == (1, State.PUBLISHED.value, ["fr"])


def test_what_is_written_after_is_a_draft_beside_the_version(base: Base) -> None:
    made = base.published()
    with base.site.sessions() as session:
        found = session.get_one(Resource, made.id)
        content = services.working(session, found)
        services.save_draft(session, found, replace(content, title="Autre titre"), seen_rev=None, by=None,
                            now=base.site.clock.now)  # fmt: skip
        assert services.current(session, found).content.title == made.title == found.title
        with pytest.raises(Clash):
            services.save_draft(session, found, content, seen_rev=made.draft_rev, by=None, now=base.site.clock.now)
        services.publish(session, found, by=None, note="Le titre change", now=base.site.clock.now)
        assert (found.title, found.version) == ("Autre titre", 2)
        assert [one["note"] for one in services.versions(session, made.id)] == ["Le titre change", ""]


def test_what_lacks_is_said_and_nothing_is_published(base: Base) -> None:
    made = base.draft(a_tutorial(summary="", themes=(), demarches=(), blocks=()))
    with base.site.sessions() as session:
        found = session.get_one(Resource, made.id)
        with pytest.raises(NotReady) as caught:
            services.publish(session, found, by=None, now=base.site.clock.now)
        assert {error.code for error in caught.value.errors} == {"no-summary", "no-theme", "no-block"}
        assert (found.state, found.version) == ("draft", 0)


def translated(base: Base, lang: str = "ar") -> Resource:
    made = base.published()
    with base.site.sessions() as session:
        content = services.current(session, session.get_one(Resource, made.id)).content
        for section, (words, _, _) in content.units().items():
            translations.put(session, content, made.id, section, lang, {k: f"{lang} {v}" for k, v in words.items()},
                             state=UnitState.MACHINE, by=None, now=base.site.clock.now)  # fmt: skip
        session.commit()
    return made


def reading(base: Base, made: Resource, lang: str) -> translations.Reading:
    with base.site.sessions() as session:
        return services.reading(session, services.current(session, session.get_one(Resource, made.id)), lang)[0]


def step_changed(base: Base, made: Resource, text: str, exact: bool = False, minor: bool = False) -> None:
    with base.site.sessions() as session:
        content = services.current(session, session.get_one(Resource, made.id)).content
    blocks = tuple(replace(one, text=text, exact=exact) if one.key == "etape-2" else one for one in content.blocks)
    base.publish(made.id, replace(content, blocks=blocks), minor=minor)


def test_one_step_changed_makes_that_unit_stale_in_every_language(base: Base) -> None:
    made = translated(base)
    with base.site.sessions() as session:
        content = services.current(session, session.get_one(Resource, made.id)).content
        translations.put(session, content, made.id, "etape-2", "en", {"text": "Do it"}, state=UnitState.PUBLISHED,
                         by=None, now=base.site.clock.now)  # fmt: skip
        session.commit()
    assert reading(base, made, "ar").stale == reading(base, made, "en").stale == []
    step_changed(base, made, "Faites autre chose.")
    assert reading(base, made, "ar").stale == reading(base, made, "en").stale == ["etape-2"]
    assert reading(base, made, "ar").content.block("etape-2").text == "ar Faites le geste 2."


def test_spelling_makes_nothing_stale_whatever_comes_next(base: Base) -> None:
    made = translated(base)
    step_changed(base, made, "Faites le geste deux.", minor=True)
    assert reading(base, made, "ar").stale == []
    step_changed(base, made, "Faites le geste  deux .", minor=True)
    assert reading(base, made, "ar").stale == []
    step_changed(base, made, "Ne faites rien.")
    assert reading(base, made, "ar").stale == ["etape-2"]


def test_what_must_match_is_shown_in_french_when_stale(base: Base) -> None:
    made = translated(base)
    step_changed(base, made, "Appelez le 3646.", exact=True)
    found = reading(base, made, "ar")
    assert found.content.block("etape-2").text == "Appelez le 3646."
    assert found.mark("etape-2").shown is Shown.EXACT
    assert found.mark("etape-2").lang() == "fr"
    assert found.content.block("etape-1").text == "ar Faites le geste 1."


def test_what_is_missing_stays_in_french_and_says_so(base: Base) -> None:
    made = base.published()
    found = reading(base, made, "en")
    assert found.missing[0] == HEADER
    assert found.content.title == made.title


@pytest.mark.parametrize(("change", "code"), [
    ({"title": " "}, "no-title"), ({"title": "x" * 151}, "long-title"), ({"url": "javascript:alert(1)"}, "bad-url"),
    ({"duree": 0}, "bad-number"), ({"groupe": (8, 4)}, "bad-number"), ({"niveau": "expert"}, "unknown-value"),
])  # fmt: skip
def test_a_header_that_cannot_be_kept(change: dict[str, object], code: str) -> None:
    with pytest.raises(ContentError) as caught:
        checked(replace(a_kit(), **change))
    assert caught.value.code == code


def test_ten_thousand_steps_are_refused_with_a_sentence() -> None:
    with pytest.raises(ContentError) as caught:
        checked(a_tutorial(steps=10_000))
    assert (caught.value.code, caught.value.values["most"]) == ("too-many-blocks", 200)

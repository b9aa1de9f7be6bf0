"""Drafts, versions, and what makes a translation stale."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from reseau.core import changes
from reseau.core.actors import Actor, Side
from reseau.directory.merging import absorb
from reseau.directory.models import Cause
from reseau.directory.reproject import Because
from resources.base import services, translations
from resources.base.addresses import parse_path, path_for, path_of
from resources.base.content import HEADER, Block, ContentError, FileRef, checked, from_json
from resources.base.models import Resource, State
from resources.base.services import Clash, NotReady
from resources.base.shapes import BlockKind, Kind
from resources.base.translations import Shown, UnitState
from tests.people import at_once
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


@pytest.mark.parametrize("change", [
    {"lang": "klingon!"}, {"licence": "gpl"}, {"licence": ""}, {"themes": ("inconnu",)}, {"demarches": ("x",)},
    {"publics": ("x",)}, {"supports": ("x",)}, {"header_same_as": ("pas un condensé",)},
])  # fmt: skip
def test_codes_that_are_in_no_list(change: dict[str, object]) -> None:
    with pytest.raises(ContentError) as caught:
        checked(replace(a_kit(), **change))
    assert caught.value.code == "unknown-value"


def test_rows_that_are_kept_may_hold_codes_of_before() -> None:
    old = replace(a_kit(), themes=("ancien-code",), licence="ancienne")
    assert from_json(old.to_json()) == old


def test_what_a_database_cannot_hold_is_taken_out() -> None:
    block = Block("a", "avant", BlockKind.FICHIER, text="a\x00b\ud800c", file=FileRef("ab" * 32, "no\x00m.pdf"))
    clean = checked(a_kit(blocks=(block,))).blocks[0]
    assert (clean.text, clean.file.name) == ("abc", "no m.pdf")
    with pytest.raises(ContentError):
        checked(replace(a_kit(), url="https://a.example/\x00"))


def test_two_with_one_title_at_one_moment(base: Base) -> None:
    """The second one does not see the first, which is not committed, when it looks for a slug that is free."""
    content, slugs = a_tutorial(), []

    def create(wait: float) -> None:
        with base.site.sessions() as session:
            made = services.create(
                session, content, by=base.people["membre"], structure_id=None, now=base.site.clock.now
            )
            time.sleep(wait)
            session.commit()
            slugs.append(made.slug)

    with ThreadPoolExecutor(1) as pool:
        with base.site.sessions() as session:
            first = services.create(session, content, by=None, structure_id=None, now=base.site.clock.now)
            other = pool.submit(create, 0)
            time.sleep(0.3)
            session.commit()
        other.result(30)
    at_once(*[lambda: create(0.05)] * 4)
    assert sorted([first.slug, *slugs]) == [first.slug, *(f"{first.slug}-{n}" for n in range(2, 7))]


def test_a_resource_of_a_merged_place_is_of_the_place_that_goes_on(base: Base) -> None:
    base.site.put({"nom": "Lieu Perdu"}, {"nom": "Lieu Gardé"})
    lost, kept = (base.site.named(name)["id"] for name in ("Lieu Perdu", "Lieu Gardé"))
    keeper = base.person(referent_of=[kept]).id
    base.places["perdu"] = lost
    made = base.published(place="perdu")
    base.browser(keeper).get(base.at(made.id) + "/modifier", status=403)
    with base.site.sessions() as session:
        absorb(session, kept, lost, Because(Cause.MERGE, Actor(Side.COORDINATION)), base.site.clock.now)
        session.commit()
        assert services.present_place(session, lost) == services.present_place(session, kept) == kept
    assert services.present_place(base.site.sessions(), None) is None
    browser = base.browser(keeper)
    browser.get(base.at(made.id) + "/modifier", status=200)
    assert "Lieu Gardé" in browser.get(base.at(made.id)).html.select_one(".colophon").text
    base.browser("voisin").get(base.at(made.id) + "/modifier", status=403)


def test_words_of_a_file_change_no_revision(base: Base) -> None:
    made, hidden = base.published(), base.draft()
    with base.site.sessions() as session:
        before = changes.current_seq(session)
        for one in (made, hidden):
            services.reread(session, session.get_one(Resource, one.id))
        session.commit()
        found = [(row.kind, row.object_id, row.rev, row.op) for row in changes.changes_after(session, before, 9)]
    assert found == [("resource-words", made.id, made.rev, "update")]
    now = base.resource(made.id)
    assert (now.rev, now.digest, now.updated_at) == (made.rev, made.digest, made.updated_at)


def test_addresses() -> None:
    made = Resource(kind="kit", slug="mon-kit")
    assert path_of(made) == path_for("kit", "mon-kit") == path_for(Kind.KIT, "mon-kit") == "/kits/mon-kit"
    assert parse_path("/kits/mon-kit") == (Kind.KIT, "mon-kit")
    for other in ("/kits/", "/kits/Mon", "/kits/a/b", "kits/a", "/kit/a", "/kits/a\n", "/kits/" + "a" * 101):
        assert parse_path(other) is None

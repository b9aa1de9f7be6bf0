"""Names of files that a form carries; the room of a place for files that nobody sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from resources.base.content import FileRef
from resources.base.models import FileUse, Resource, StoredFile
from resources.writing import sending
from tests.members.conftest import csrf
from tests.resources.conftest import Base, a_kit
from tests.resources.writing.conftest import block_form, form_of, pdf, working


def with_file(base: Base, title: str, who: str = "membre", place: str | None = None) -> Resource:
    """A draft with a PDF, by the pages. :param place: "" for none; None: the usual one."""
    form = form_of(base.browser(who).get("/ressources/nouvelle"), "/nouvelle")
    form["titre"], form["fichier"] = title, pdf()
    if place is not None:
        form["lieu"] = place
    form.submit(status=303)
    (made,) = base.rows(Resource, Resource.title == title)
    return made


@contextmanager
def quota(base: Base, most: int) -> Iterator[None]:
    """A site that lets each share so many bytes."""
    registry = base.site.wsgi.registry
    former = registry["files.limits"]
    registry["files.limits"] = replace(former, quota=most)
    yield
    registry["files.limits"] = former


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("facture.exe", "facture.pdf"),
        ("photo\u202efdp.exe", "photofdp.pdf"),
        ("a\x00\nb\u200b.pdf", "a b.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("", "fichier.pdf"),
        ("x" * 500 + ".html", "x" * 145 + ".pdf"),
        ("Affiche.PDF", "Affiche.PDF"),
    ],
)
def test_a_hidden_field_names_no_file_otherwise_than_it_is(base: Base, name: str, kept: str) -> None:
    made = with_file(base, f"Nom caché {name!r}"[:100])
    content = working(base, made.id)
    (ref,) = content.files()
    with base.site.sessions() as session:
        row = session.get_one(Resource, made.id)
        assert sending.read_ref(session, row, f"{ref.sha}/{name}", content) == FileRef(ref.sha, kept)


def test_the_form_of_a_block_cannot_rename_a_file_to_a_program(base: Base) -> None:
    made = with_file(base, "Un fichier à renommer")
    form = block_form(base.browser("membre").get(f"{base.at(made.id)}/modifier/fichier"))
    sha = form["fichier"].value.split("/")[0]
    form["fichier"].force_value(f"{sha}/virus.exe")
    form.submit(status=303)
    assert working(base, made.id).files()[0] == FileRef(sha, "virus.pdf")


def test_a_place_without_room_takes_no_resource(both: Base) -> None:
    base = both
    made = with_file(base, "À donner au lieu", place="")
    url, browser = f"{base.at(made.id)}/auteurs", base.browser("membre")
    with base.site.sessions() as session:  # the place has others
        session.query(FileUse).filter(FileUse.resource_id != made.id).delete()
        session.commit()
    with quota(base, 100):
        form = form_of(browser.get(url), "/lieu")
        form["lieu"] = str(base.places["ici"])
        assert "plus assez de place" in form.submit(status=422)
        assert base.resource(made.id).structure_id is None
        assert [use.structure_id for use in base.rows(FileUse, FileUse.resource_id == made.id)] == [None]
    form.submit(status=303)
    assert base.resource(made.id).structure_id == base.places["ici"]
    with quota(base, 100):  # it shares this file already
        again = with_file_of(base, made, "Le même au lieu")
        form = form_of(browser.get(f"{base.at(again.id)}/auteurs"), "/lieu")
        form["lieu"] = str(base.places["ici"])
        form.submit(status=303)


def with_file_of(base: Base, other: Resource, title: str) -> Resource:
    """A draft of nobody but its author, with the files of another."""
    made = base.draft(replace(working(base, other.id), title=title), place=None)
    with base.site.sessions() as session:
        for ref in working(base, other.id).files():
            session.add(FileUse(resource_id=made.id, sha=ref.sha, added_by=base.people["membre"], structure_id=None,
                                added_at=base.site.clock.now))  # fmt: skip
        session.commit()
    return made


def test_a_copy_is_not_made_for_a_place_without_room(both: Base) -> None:
    base = both
    original = with_file_published(base)
    browser = base.browser("voisin")
    token = csrf(browser, "/ressources/nouvelle")
    before = len(base.rows(Resource))
    with quota(base, 100):
        answer = browser.post(f"{base.at(original.id)}/adapter", {"csrf_token": token}, status=422)
        assert "plus assez de place" in answer
        assert base.at(original.id) in answer
    assert len(base.rows(Resource)) == before
    browser.post(f"{base.at(original.id)}/adapter", {"csrf_token": token}, status=303)
    assert len(base.rows(Resource)) == before + 1


def with_file_published(base: Base) -> Resource:
    made = with_file(base, f"À copier sur {base.site.engine.dialect.name}")
    content: Any = working(base, made.id)
    assert base.rows(StoredFile, StoredFile.sha == content.files()[0].sha)
    base.publish(made.id, replace(content, summary="Un résumé.", themes=a_kit().themes))
    return base.resource(made.id)

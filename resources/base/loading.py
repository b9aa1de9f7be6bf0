"""Resources from plain files and back: a folder for each, a file for each language (``base.plain``).

The base can leave in plain files at any time, and come back. What is not in them: drafts, what translators have not
published, opinions, uses, collections, counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.files import FileStore
from resources.base import services, translations
from resources.base.content import Block, Content, ContentError, FileRef, slug_of
from resources.base.models import Resource, State, TranslationUnit, Visibility
from resources.base.plain import (
    Source,
    Translated,
    Translation,
    read_about,
    read_source,
    read_translation,
    write_source,
    write_translation,
)
from resources.base.services import Published
from resources.base.shapes import PLURALS, Kind
from resources.base.translations import UnitState

Keep = Callable[[Resource, Path], FileRef]
"""Stores a file of a resource: the room of files gives it."""


@dataclass(slots=True)
class Loaded:
    """What was done. ``there``: they were there already, and were left alone. ``refused``: (file, why)."""

    made: list[str] = field(default_factory=list)
    there: list[str] = field(default_factory=list)
    refused: list[tuple[Path, ContentError]] = field(default_factory=list)


def folders(root: Path) -> Iterator[tuple[Kind, Path]]:
    """The folder of each resource below ``root``, by kind then name. Tutorials come before the kits that name them."""
    for kind in (Kind.TUTORIEL, Kind.OUTIL, Kind.LIEN, Kind.KIT, Kind.EXPERIENCE):
        folder = root / PLURALS[kind]
        yield from ((kind, path) for path in sorted(folder.iterdir()) if path.is_dir()) if folder.is_dir() else ()


def load(session: Session, root: Path, keep: Keep, now: datetime) -> Loaded:
    """Publish the resources of a folder that are not there yet. A file that cannot be read is told, the others come.

    :param root: holds ``kits/``, ``tutoriels/``…
    """
    done = Loaded()
    for kind, folder in folders(root):
        name = f"{kind.value}/{slug_of(folder.name)}"
        if services.find(session, kind, slug_of(folder.name)):
            done.there.append(name)
            continue
        try:
            path, source, found = _read(folder, kind)
            with _refusing(path), session.begin_nested():
                _publish(session, folder, source, found, keep, now)
            done.made.append(name)
        except _Refused as refused:
            done.refused += [(refused.path, error) for error in refused.errors]
    return done


class _Refused(Exception):
    def __init__(self, path: Path, errors: Sequence[ContentError]) -> None:
        super().__init__(str(path))
        self.path, self.errors = path, errors


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Say of which file an error is."""
    try:
        yield
    except ContentError as error:
        raise _Refused(path, [error]) from None
    except services.NotReady as error:
        raise _Refused(path, error.errors) from None
    except UnicodeDecodeError as error:
        raise _Refused(path, [ContentError("bad-front-matter", detail=str(error)[:200])]) from None


def _read(folder: Path, kind: Kind) -> tuple[Path, Source, list[Translation]]:
    """(the source file, what it says, its translations)."""
    texts, found = {}, None
    for path in sorted(path for path in folder.glob("*.md") if path.is_file()):
        with _refusing(path):
            texts[path] = path.read_text(encoding="utf-8")
            if found is None and "\ntype:" in texts[path].partition("\n---\n")[0]:
                found = (path, read_source(texts.pop(path)))
    with _refusing(folder):
        if found is None:
            raise ContentError("no-front-matter")
        if not slug_of(folder.name):
            raise ContentError("unknown-value", field="slug")
    path, source = found
    with _refusing(path):
        if source.content.kind is not kind:
            raise ContentError("unknown-value", field="type")
    translated = []
    for other, text in texts.items():
        with _refusing(other):
            translated.append(read_translation(text))
            if translated[-1].lang == source.content.lang:
                raise ContentError("unknown-value", field="lang")
    return path, source, translated


def _publish(
    session: Session, folder: Path, source: Source, found: list[Translation], keep: Keep, now: datetime
) -> None:
    about = read_about(source.about)
    at = about.published_at or now
    bare = replace(source.content, blocks=tuple(replace(one, image=None, file=None) for one in source.content.blocks))
    place = services.present_place(session, about.structure_id)
    resource = services.create(session, bare, by=None, structure_id=place, now=at, slug=folder.name)
    content = replace(
        source.content, blocks=tuple(_stored(one, resource, folder, keep) for one in source.content.blocks)
    )
    services.save_draft(session, resource, content, seen_rev=None, by=None, now=at)
    resource.visibility, resource.version = about.visibility.value, about.version - 1
    for translation in found:  # before it is published: the row that the log gets is of all languages
        for section, unit in translation.units.items():
            translations.put(session, content, resource.id, section, translation.lang, unit.words,
                             state=UnitState(unit.state), by=None, of=unit.of, now=at)  # fmt: skip
    services.publish(session, resource, by=None, note=about.note, now=at)
    if about.verified_at:
        services.verify(session, resource, by=None, now=about.verified_at, say=False)


def _stored(block: Block, resource: Resource, folder: Path, keep: Keep) -> Block:
    def stored(ref: FileRef | None) -> FileRef | None:
        if ref is None:
            return None
        try:
            path = (folder / ref.sha).resolve()
        except (OSError, ValueError, RuntimeError):
            raise ContentError("no-file", block.key, name=ref.sha) from None
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise ContentError("no-file", block.key, name=ref.sha)
        return replace(keep(resource, path), name=ref.name)

    return replace(block, image=stored(block.image), file=stored(block.file))


# --- Out -------------------------------------------------------------------------------------------------------------


def export(session: Session, store: FileStore, root: Path) -> int:
    """Write every published resource below ``root``. :return: how many. Nothing that was there is deleted."""
    wanted = sa.select(Resource).where(Resource.state == State.PUBLISHED.value).order_by(Resource.kind, Resource.slug)
    count = 0
    for resource in session.scalars(wanted):
        if published := services.current(session, resource):
            _write(session, store, published, root / PLURALS[Kind(resource.kind)] / resource.slug)
            count += 1
    return count


def _write(session: Session, store: FileStore, published: Published, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    paths = _write_files(store, published.content, folder)
    text = write_source(published.content, _about(session, published), paths)
    (folder / f"{published.content.lang}.md").write_text(text, encoding="utf-8")
    units = published.content.units()
    today = {key: digest for key, (_, _, digest) in units.items()}
    notes = {block.key: block.note_kind for block in published.content.blocks}
    rows = translations.rows(session, [published.resource.id])[published.resource.id]
    for lang in sorted({row.lang for row in rows if row.words}):
        translation = Translation(lang, {row.section: _unit(row) for row in rows if row.lang == lang and row.words})
        text = write_translation(translation, today, list(units), notes)
        (folder / f"{lang}.md").write_text(text, encoding="utf-8")


def _unit(row: TranslationUnit) -> Translated:
    return Translated({name: str(value) for name, value in (row.words or {}).items()}, row.state, row.source_digest)


def _write_files(store: FileStore, content: Content, folder: Path) -> dict[str, str]:
    paths: dict[str, str] = {}
    for ref in content.files():
        if ref.sha in paths:
            continue
        name = ref.name if f"files/{ref.name}" not in paths.values() else f"{ref.sha[:8]}-{ref.name}"
        paths[ref.sha] = f"files/{name}"
        target = folder / "files" / name
        target.parent.mkdir(exist_ok=True)
        with store.open(ref.sha) as source, target.open("wb") as out:
            while chunk := source.read(1 << 18):
                out.write(chunk)
    return paths


def _about(session: Session, published: Published) -> dict[str, Any]:
    resource, version = published.resource, published.version
    found: dict[str, Any] = {"version": version.number, "publie_le": version.at.isoformat()}
    found |= {"note": version.note} if version.note else {}
    found |= {"visibilite": resource.visibility} if resource.visibility != Visibility.PUBLIC.value else {}
    found |= {"verifie_le": resource.verified_at.isoformat()} if resource.verified_at else {}
    if place := services.present_structure(session, resource.structure_id):
        found["structure"] = {"id": str(place["id"]), "nom": place["nom"]}
    return found

"""Resources from plain files and back: a folder for each, a file for each language (``base.plain``).

The base can leave in plain files at any time, and come back. What is not in them: drafts, what translators have not
published, opinions, uses, collections, counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.files import FileStore
from reseau.core.ids import parse_id
from reseau.members import places
from resources.base import services, translations
from resources.base.content import Block, Content, ContentError, FileRef
from resources.base.models import Resource, State, TranslationUnit, Visibility
from resources.base.plain import (
    Source,
    Translated,
    Translation,
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
        name = f"{kind.value}/{folder.name}"
        if services.find(session, kind, folder.name):
            done.there.append(name)
            continue
        path = folder
        try:
            path, source = _source(folder)
            found = [(one, read_translation(one.read_text(encoding="utf-8"))) for one in sorted(folder.glob("*.md"))
                     if one != path]  # fmt: skip
            with session.begin_nested():
                _publish(session, folder, source, [one for _, one in found], keep, now)
            done.made.append(name)
        except ContentError as error:
            done.refused.append((path, error))
        except (UnicodeDecodeError, services.NotReady) as error:
            errors = getattr(error, "errors", None) or [ContentError("bad-front-matter", detail=str(error))]
            done.refused += [(path, one) for one in errors]
    return done


def _source(folder: Path) -> tuple[Path, Source]:
    for path in sorted(folder.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if "\ntype:" in text.partition("\n---\n")[0]:
            return path, read_source(text)
    raise ContentError("no-front-matter")


def _publish(
    session: Session, folder: Path, source: Source, found: list[Translation], keep: Keep, now: datetime
) -> None:
    about = source.about
    at = _moment(about.get("publie_le")) or now
    bare = replace(source.content, blocks=tuple(replace(one, image=None, file=None) for one in source.content.blocks))
    resource = services.create(session, bare, by=None, structure_id=_place(session, about), now=at, slug=folder.name)
    content = replace(
        source.content, blocks=tuple(_stored(one, resource, folder, keep) for one in source.content.blocks)
    )
    services.save_draft(session, resource, content, seen_rev=None, by=None, now=at)
    resource.visibility = Visibility(about.get("visibilite", "public")).value
    resource.version = max(0, int(about.get("version", 1)) - 1)
    verified = _moment(about.get("verifie_le"))
    services.publish(session, resource, by=None, note=str(about.get("note", "")), now=at)
    if verified:
        services.verify(session, resource, by=None, now=verified, say=False)
    for translation in found:
        for section, unit in translation.units.items():
            translations.put(session, content, resource.id, section, translation.lang, unit.words,
                             state=UnitState(unit.state), by=None, of=unit.of, now=at)  # fmt: skip
    services.refresh_languages(session, resource, content)


def _stored(block: Block, resource: Resource, folder: Path, keep: Keep) -> Block:
    def stored(ref: FileRef | None) -> FileRef | None:
        if ref is None:
            return None
        path = (folder / ref.sha).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise ContentError("no-file", block.key, name=ref.sha)
        return replace(keep(resource, path), name=ref.name)

    return replace(block, image=stored(block.image), file=stored(block.file))


def _moment(value: Any) -> datetime | None:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value) if isinstance(value, str) else None
    if found is not None and found.tzinfo is None:
        raise ContentError("bad-front-matter", detail=f"{value} has no time zone")
    return found


def _place(session: Session, about: Mapping[str, Any]) -> UUID | None:
    asked = about.get("structure")
    id_ = parse_id(str(asked.get("id", ""))) if isinstance(asked, dict) else None
    return id_ if id_ and places.structures_named(session, [id_]) else None


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
    if resource.structure_id:
        named = places.structures_named(session, [resource.structure_id])
        place = next(iter(named.values()), None)
        found |= {"structure": {"id": str(place["id"]), "nom": place["nom"]}} if place else {}
    return found

"""A collection in the words of its page, and of its JSON twin."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core.ids import parse_id
from reseau.members.places import structures_named
from resources.base import langs
from resources.base.addresses import path_of
from resources.base.content import clean_text
from resources.base.models import Collection, Resource
from resources.base.shapes import KIND_LABELS, Kind
from resources.saying.collecting import MAX_NOTE, Found, Item

NOTE, SEEN = "note-", "vu-"


def seen(collection: Collection) -> str:
    """What the form of a collection says that it was filled from, so that nobody overwrites another's words."""
    text = "\x00".join((collection.title, collection.description, collection.visibility))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def notes_of(posted: Iterable[tuple[str, Any]]) -> dict[UUID, tuple[str, str]]:
    """Resource → (what was seen of its note, the note), from the fields of the form of items."""
    fields = {name: value for name, value in posted if isinstance(value, str)}
    found = {}
    for name, value in fields.items():
        id_ = parse_id(name.removeprefix(NOTE)) if name.startswith(NOTE) else None
        if id_:
            found[id_] = (fields.get(SEEN + str(id_), ""), clean_text(value).strip())
    return found


def too_long(notes: Mapping[UUID, tuple[str, str]]) -> list[UUID]:
    """Resources whose note is too long."""
    return [id_ for id_, (_seen, text) in notes.items() if len(text) > MAX_NOTE]


def kind_label(resource: Resource) -> str:
    """What it is: a msgid."""
    return KIND_LABELS[Kind(resource.kind)]


def place_choices(session: Session, ids: Iterable[UUID]) -> list[tuple[str, str]]:
    """(id, name) of places, by name."""
    rows = structures_named(session, ids).values()
    return [(str(row["id"]), row["nom"]) for row in sorted(rows, key=lambda row: row["nom"].casefold())]


def as_json(found: Found, items: Iterable[Item], site: str) -> dict[str, Any]:
    """The JSON twin of a public collection. :param site: public address of the site, without a slash at its end."""
    return {
        **listed(found, site),
        "ressources": [
            {
                "type": item.resource.kind,
                "titre": item.resource.title,
                "resume": item.resource.summary,
                "langue": item.resource.lang,
                "langues": list(item.resource.langs),
                "licence": item.resource.licence,
                "note": item.note,
                "adresse": site + path_of(item.resource),
            }
            for item in items
        ],
    }


def listed(found: Found, site: str) -> dict[str, Any]:
    """A public collection in the list of them."""
    collection = found.collection
    return {
        "titre": collection.title,
        "description": collection.description,
        "de": found.owner(network=False) or None,
        "modifiee_le": collection.updated_at.isoformat(),
        "adresse": f"{site}/collections/{collection.secret}",
    }


def direction(resource: Resource) -> str:
    """``rtl`` or ``ltr``: of its title."""
    return langs.direction(resource.lang)

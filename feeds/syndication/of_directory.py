"""Places as feeds tell them: open ones; what is closed, merged or archived is gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.syndication.publishers import Item, Items, Place, Publisher, each, register
from feeds.syndication.said import facts, paragraph
from reseau.core.db import dicts
from reseau.core.nominative import without_people
from reseau.core.wording import Wording, _
from reseau.directory import present
from reseau.directory.models import KIND, Status, Structure

_COLUMNS = (
    "id", "slug", "nom", "adresse", "code_postal", "commune", "code_insee", "telephone", "horaires_texte",
    "presentation_resume", "services", "demarches", "created_at", "updated_at",
)  # fmt: skip
ADDRESS, PHONE, HOURS = _("Adresse :"), _("Téléphone :"), _("Horaires :")
HELP, PROCEDURES = _("Aides proposées :"), _("Démarches de santé :")


def entries(session: Session, ids: Collection[UUID], place: Place) -> Items:
    """Open places; one statement."""
    table = Structure.__table__
    wanted = sa.select(*(table.c[name] for name in _COLUMNS))
    found = session.execute(wanted.where(table.c.id.in_(list(ids)), table.c.status == Status.ACTIVE.value))
    say = Wording.of(place.lang)
    return each({row["id"]: row for row in dicts(found)}, lambda row: _item(row, place, say))


def _item(row: Mapping[str, Any], place: Place, say: Wording) -> Item:
    where = ", ".join(filter(None, (row["adresse"], " ".join(filter(None, (row["code_postal"], row["commune"]))))))
    services = present.field_labels("services", row["services"], place.lang)
    procedures = present.field_labels("demarches", row["demarches"], place.lang)
    pairs = [
        (ADDRESS, where),
        (PHONE, row["telephone"] or ""),
        (HOURS, without_people(row["horaires_texte"] or "")[0]),
        (HELP, ", ".join(services)),
        (PROCEDURES, ", ".join(procedures)),
    ]
    html = paragraph(without_people(row["presentation_resume"] or "")[0])
    html += facts((say.gettext(what), value) for what, value in pairs)
    return Item(
        row["id"], KIND, row["nom"], place.url + present.path(row["slug"], row["id"]), html, place.site_name,
        row["created_at"], row["updated_at"], "fr", _categories(row, place.lang),
    )  # fmt: skip


def _categories(row: Mapping[str, Any], lang: str) -> tuple[tuple[str, str], ...]:
    found = [(f"demarche:{code}", present.label("demarches", code, lang)) for code in row["demarches"]]
    if row["code_insee"]:
        found.insert(0, (f"commune:{row['code_insee']}", row["commune"] or row["code_insee"]))
    return tuple(found)


register(Publisher(KIND, entries))

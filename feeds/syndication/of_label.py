"""Labels as feeds tell them: begun and not over. What was withdrawn or has ended is gone; why is nobody's business."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from feeds.syndication.publishers import Item, Items, Place, Publisher, each, register
from feeds.syndication.said import paragraph
from reseau.core.clock import local_day, utcnow
from reseau.core.wording import Wording, _
from reseau.directory import present
from reseau.directory.models import KIND as STRUCTURE
from reseau.directory.models import Status, Structure
from reseau.label.models import KIND, Label

TITLE = _("%(place)s a le label")
TEXT = _("Du %(since)s au %(until)s. Décision du %(day)s.")


def entries(session: Session, ids: Collection[UUID], place: Place) -> Items:
    """Labels of open places that have begun and are not over; one statement. A place that was merged is the one that it
    is now. The job of the label writes to the log what its days and its places change."""
    was = aliased(Structure)
    wanted = (
        sa.select(Label, Structure)
        .join(was, was.id == Label.structure_id)
        .join(Structure, Structure.id == sa.func.coalesce(was.merged_into, was.id))
        .where(Label.id.in_(list(ids)), Label.withdrawn_on.is_(None), ~Label.ended)
        .where(Structure.status == Status.ACTIVE.value, Label.starts_on <= local_day(utcnow(), place.timezone))
    )
    say = Wording.of(place.lang)
    return each({row[0].id: row for row in session.execute(wanted)}, lambda row: _item(row[0], row[1], place, say))


def _item(label: Label, structure: Structure, place: Place, say: Wording) -> Item:
    days = {"since": label.starts_on, "until": label.ends_on, "day": label.decided_on}
    text = say.gettext(TEXT, **{name: say.date(day) for name, day in days.items()})
    categories = ((f"commune:{structure.code_insee}", structure.commune or ""),) if structure.code_insee else ()
    return Item(
        label.id, KIND, say.gettext(TITLE, place=structure.nom),
        place.url + present.path(structure.slug, structure.id), paragraph(text), place.site_name, label.created_at,
        None, place.lang, categories,
    )  # fmt: skip


register(Publisher(KIND, entries, also=(STRUCTURE,)))

"""Small tools of the tests of what keeps a sheet true."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from reseau.core.actors import Actor, Side
from reseau.core.mail import Mail
from reseau.directory import edits
from reseau.directory.models import Cause, FieldChange, Structure, Suggestion
from reseau.directory.reproject import Because
from tests.directory.site import Page
from tests.editing.conftest import Keepers

SOURCES = ("cartographie",)


def form_to(response: Any, end: str) -> Any:
    """The form of a page that goes to an address with that end."""
    (form,) = (f for f in response.forms.values() if f.method.lower() == "post" and (f.action or "").endswith(end))
    return form


def said(response: Any) -> str:
    """What a page says in its notices."""
    return " ".join(Page(response.text).text_of(".notice"))


def save(site: Keepers, structure_id: UUID, values: dict[str, Any], who: UUID | None = None) -> None:
    """Write values by hand, as a person of the place."""
    because = Because(Cause.EDIT, Actor(Side.PLACE, who))
    with site.sessions.begin() as session:
        edits.save(session, structure_id, values, {}, because, SOURCES, site.clock.now)


def changes(site: Keepers, structure_id: UUID) -> list[FieldChange]:
    """The history of a sheet, oldest first."""
    with site.sessions() as session:
        found = sa.select(FieldChange).where(FieldChange.structure_id == structure_id).order_by(FieldChange.id)
        return list(session.scalars(found))


def mails(site: Keepers, *kinds: str) -> list[Mail]:
    """The mails of the outbox, oldest first."""
    with site.sessions() as session:
        found = session.scalars(sa.select(Mail).order_by(Mail.created_at, Mail.id))
        return [mail for mail in found if not kinds or mail.kind in kinds]


def suggestions(site: Keepers) -> list[Suggestion]:
    """All suggestions, oldest first."""
    with site.sessions() as session:
        return list(session.scalars(sa.select(Suggestion).order_by(Suggestion.id)))


def set_columns(site: Keepers, ids: Iterable[UUID], **values: Any) -> None:
    """Write columns of structures."""
    with site.sessions.begin() as session:
        session.execute(sa.update(Structure).where(Structure.id.in_(list(ids))).values(**values))


def well_formed(response: Any) -> Page:
    """The page, read strictly."""
    page = Page(response.text)
    assert page.errors == []
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids)), sorted(i for i in ids if ids.count(i) > 1)
    return page

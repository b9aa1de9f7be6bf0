"""Issues that have left, as everybody reads them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.composing.addresses import issue_path
from feeds.newsletter.composing.reading_rows import of_language
from feeds.newsletter.models import Issue, Relay
from reseau.core.db import site_day
from reseau.core.paging import Page, nearest, offset
from resources.base.content import one_line

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """An issue in a list. ``title``: its subject, in ``lang``. ``path``: in the site."""

    id: UUID
    number: int | None
    title: str
    lang: str
    day: date
    path: str
    langs: tuple[str, ...]


def public() -> sa.ColumnElement[bool]:
    """Whether everybody may read an issue: its general edition has left, and was not called back before anybody had
    it. One that was stopped on its way stays: its readers open it."""
    return sa.and_(Issue.launched_at.is_not(None), Issue.slug != "", Issue.called_back.is_(False))


def find(session: Session, slug: str) -> Issue | None:
    """The issue of an address; the newest, should two have the same."""
    wanted = sa.select(Issue).where(Issue.slug == slug, public())
    return session.scalars(wanted.order_by(Issue.launched_at.desc(), Issue.id).limit(1)).one_or_none()


def newest(session: Session, lang: str, most: int) -> list[Shown]:
    """The last issues, as others list them; one statement. :param lang: of the reader."""
    return [_shown(session, one, lang) for one in session.scalars(_in_order().limit(most))]


def listed(session: Session, lang: str, number: int) -> Page[Shown]:
    """A page of all issues, the newest first; two statements."""
    total = session.scalar(sa.select(sa.func.count()).select_from(Issue).where(public())) or 0
    number = nearest(number, total, PER_PAGE)
    rows = session.scalars(_in_order().limit(PER_PAGE).offset(offset(number, PER_PAGE)))
    return Page([_shown(session, one, lang) for one in rows], total, number, PER_PAGE)


def by_ids(session: Session, ids: Collection[UUID]) -> dict[UUID, Issue]:
    """Those of these ids that everybody may read; one statement, none for none."""
    if not ids:
        return {}
    return {one.id: one for one in session.scalars(sa.select(Issue).where(Issue.id.in_(list(ids)), public()))}


def shown(session: Session, ids: Collection[UUID], lang: str) -> dict[UUID, Shown]:
    """The same, as lists show them."""
    return {id_: _shown(session, one, lang) for id_, one in by_ids(session, ids).items()}


def beside(session: Session, issue: Issue, lang: str) -> tuple[Shown | None, Shown | None]:
    """The issues before and after one; one statement."""
    at, when = issue.launched_at, Issue.launched_at
    before = sa.select(sa.func.max(when)).where(public(), when < at).scalar_subquery()
    after = sa.select(sa.func.min(when)).where(public(), when > at).scalar_subquery()
    near = session.scalars(_in_order().where(sa.or_(when == before, when == after))).all()
    earlier = [one for one in near if at and one.launched_at and one.launched_at < at]
    later = [one for one in near if at and one.launched_at and one.launched_at > at]
    return (_shown(session, earlier[0], lang) if earlier else None, _shown(session, later[0], lang) if later else None)


def read_in(issue: Issue, lang: str) -> str:
    """The language in which an issue is read by who reads ``lang``: French where it was not written in theirs."""
    return lang if lang in (issue.langs or ()) else "fr"


def of_code(session: Session, code: str) -> Relay | None:
    """The relay of a code, if it still is one."""
    wanted = sa.select(Relay).where(sa.func.upper(Relay.code) == code.upper(), Relay.active.is_(True))
    return session.scalars(wanted.limit(1)).one_or_none()


def _in_order() -> sa.Select[Any]:
    return sa.select(Issue).where(public()).order_by(Issue.launched_at.desc(), Issue.id)


def _shown(session: Session, issue: Issue, lang: str) -> Shown:
    spoken = next((one for one in (lang, "fr", *sorted(issue.subject)) if issue.subject.get(one)), lang)
    title = one_line(of_language(issue.subject, lang))
    day = site_day(session, issue.launched_at) if issue.launched_at else date.min
    langs = tuple(str(one) for one in issue.langs or ())
    return Shown(issue.id, issue.number, title, spoken, day, issue_path(session, issue), langs)

"""The criteria of the label, version after version. Nothing that a place was judged by is ever changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.label.models import Criteria, Label

#: Languages in which criteria may be written; French always is. Easy French is a language like another.
LANGS: Final = ("fr", "fr-x-falc", "en", "ar")
MAX_TEXT: Final = 20_000
VERSION: Final = r"[a-z0-9][a-z0-9.-]{0,19}"
_VERSION = re.compile(VERSION)


class Unusable(ValueError):
    """``code``: ``version`` (not a name for one), ``taken`` (there is one of that name), ``french`` (none in French),
    ``used`` (labels were given under it: it cannot be changed)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def every(session: Session) -> list[Criteria]:
    """All versions, the newest first."""
    return list(session.scalars(sa.select(Criteria).order_by(Criteria.from_on.desc(), Criteria.created_at.desc())))


def current(session: Session, day: date) -> Criteria | None:
    """The version under which labels are given on a day."""
    found = sa.select(Criteria).where(Criteria.from_on <= day)
    return session.scalars(found.order_by(Criteria.from_on.desc(), Criteria.created_at.desc()).limit(1)).first()


def named(session: Session, version: str) -> Criteria | None:
    """The version of that name."""
    return session.scalars(sa.select(Criteria).where(Criteria.version == version)).first()


def used(session: Session, criteria: Criteria) -> bool:
    """Whether a label was given under it."""
    return bool(session.scalar(sa.select(sa.exists().where(Label.criteria_id == criteria.id))))


def add(
    session: Session, version: str, from_on: date, texts: Mapping[str, str], by: UUID | None, *, now: datetime
) -> Criteria:
    """A new version. :param texts: language (of ``LANGS``) → Markdown. :raises Unusable: says why."""
    if not _VERSION.fullmatch(version):
        raise Unusable("version")
    if named(session, version):
        raise Unusable("taken")
    made = Criteria(version=version, from_on=from_on, texts=_texts(texts), created_at=now, created_by=by)
    session.add(made)
    session.flush()
    return made


def change(session: Session, criteria: Criteria, from_on: date, texts: Mapping[str, str]) -> None:
    """Correct a version under which no label was given yet. :raises Unusable: says why, nothing is changed."""
    locked = sa.select(Criteria).where(Criteria.id == criteria.id).with_for_update()
    session.scalars(locked.execution_options(populate_existing=True)).one()
    if used(session, criteria):
        raise Unusable("used")
    criteria.from_on, criteria.texts = from_on, _texts(texts)
    session.flush()


def text(criteria: Criteria, *langs: str) -> tuple[str, str]:
    """(Markdown, its language): in the first of ``langs`` in which it is written, else in French."""
    lang = next((one for one in langs if criteria.texts.get(one)), "fr")
    return str(criteria.texts.get(lang, "")), lang


def _texts(texts: Mapping[str, str]) -> dict[str, str]:
    kept = {lang: said.strip() for lang in LANGS if (said := texts.get(lang, "")).strip()}
    if "fr" not in kept:
        raise Unusable("french")
    return kept

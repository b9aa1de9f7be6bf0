"""What a relay puts on top of its edition: its words in each language, its logo."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.models import Relay
from reseau.core.files import FileStore, Staged
from reseau.settings import LANGUAGES
from resources.files import attached
from resources.files.extraction import extract
from resources.files.services import Limits, UploadError
from resources.files.types import recognise

OWNER = "relay"
MAX_INTRO, MAX_ALT = 2_000, 200
LOGO_TYPES = ("image/png", "image/jpeg")
LOGO_MOST = 5_000_000  # bytes


class NotAPicture(Exception):
    """The logo is no PNG or JPEG, or cannot be read. ``code``: ``type``, ``heavy`` or ``unreadable``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _existing(session: Session, ids: Collection[UUID]) -> set[UUID]:
    return set(session.scalars(sa.select(Relay.id).where(Relay.id.in_(ids))))


attached.register(OWNER, _existing)


def set_words(session: Session, relay: Relay, intro: Mapping[str, str], alt: str) -> bool:
    """Its introduction in each language ("" takes it away), what its logo shows. :return: whether anything changed."""
    said = {lang: text for lang in LANGUAGES if (text := (intro.get(lang) or "").strip())}
    changed = (said, alt) != (relay.intro or {}, relay.logo_alt)
    relay.intro, relay.logo_alt = said, alt
    session.flush()
    return changed


def set_logo(
    session: Session, store: FileStore, relay: Relay, sent: tuple[Staged, str], by: UUID | None, now: datetime,
    limits: Limits,
) -> None:  # fmt: skip
    """A new logo: kept as files of resources are; only a picture made anew from it is ever shown.

    :raises NotAPicture: it is none. :raises UploadError: it is refused as a file. Nothing has changed then.
    """
    staged, name = sent
    if staged.size > LOGO_MOST:
        raise NotAPicture("heavy")
    kind, _name = recognise(staged.path, name)
    if kind.media_type not in LOGO_TYPES:
        raise NotAPicture("type")
    ref = attached.attach(
        session, store, (OWNER, relay.id), staged, name, by, relay.structure_id, now, limits, inspected=True
    )
    if not extract(store, ref.sha, kind.media_type, 10.0).preview:
        if ref.sha != relay.logo_sha:
            attached.detach(session, (OWNER, relay.id), ref.sha)
        raise NotAPicture("unreadable")
    drop_logo(session, relay, but=ref.sha)
    relay.logo_sha = ref.sha
    session.flush()


def drop_logo(session: Session, relay: Relay, but: str = "") -> bool:
    """Its logo goes. :return: whether there was one."""
    had = relay.logo_sha
    if had and had != but:
        attached.detach(session, (OWNER, relay.id), had)
    relay.logo_sha = None
    session.flush()
    return bool(had)


__all__ = ["LOGO_MOST", "OWNER", "NotAPicture", "UploadError", "drop_logo", "set_logo", "set_words"]

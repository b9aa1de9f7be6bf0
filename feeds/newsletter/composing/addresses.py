"""Where the letter is on the web: what mails and pages say of it."""

from __future__ import annotations

from urllib.parse import urlencode

from sqlalchemy.orm import Session

from feeds.newsletter.models import Issue
from reseau.core.db import site_day
from reseau.settings import LANGUAGES

ARCHIVE = "/lettre/archives"
SUBSCRIBE = "/lettre"
QR = "/lettre/qr.png"
"""The QR code of the subscribe address that is nobody's."""


def issue_path(session: Session, issue: Issue) -> str:
    """Where an issue is read; one that has not left yet has no page: the list of all."""
    if not issue.slug or issue.launched_at is None:
        return ARCHIVE
    return f"/lettre/{site_day(session, issue.launched_at).year}/{issue.slug}"


def in_language(address: str, lang: str) -> str:
    """The same page in a language. French is what it says by itself to who reads no other."""
    return f"{address}?{urlencode({'langue': lang})}" if lang != "fr" and lang in LANGUAGES else address


def subscribe_url(site_url: str, code: str = "") -> str:
    """The public subscribe address, whole. :param code: of a relay. :param site_url: without a slash at its end."""
    return f"{site_url}{SUBSCRIBE}" + (f"?{urlencode({'r': code})}" if code else "")


def qr_path(code: str = "") -> str:
    """A picture of :func:`subscribe_url`."""
    return f"/lettre/qr/{code}.png" if code else QR


def logo_path(code: str) -> str:
    """The picture of a relay."""
    return f"/lettre/logo/{code}.png"

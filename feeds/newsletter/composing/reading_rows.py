"""The rows of an issue → what it tells, in one language, for one edition. Four or five statements."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

# Who calls for a letter may be a process that serves no page: these say what may be read of the objects of lines.
import reseau.directory.cards
import reseau.groups.cards
import reseau.label.cards
import reseau.threads.base.cards  # noqa: F401
import resources.base.cards  # noqa: F401
from feeds.newsletter.composing import when
from feeds.newsletter.composing.addresses import ARCHIVE, in_language, issue_path, logo_path, subscribe_url
from feeds.newsletter.content import SECTIONS, Content, Item, RelayHead, Section
from feeds.newsletter.models import Edition, Issue, Line, Relay
from reseau.agenda.models import KIND as EVENT
from reseau.agenda.models import Event, EventState
from reseau.core import cards
from reseau.core.letters import Site
from reseau.directory.models import Structure
from reseau.settings import LANGUAGES

MEMBERS_ONLY = frozenset({"labelled", "network"})
"""Of ``audience.Segments.who``: an issue for these alone may tell what is for the network."""
REST = "-more"
"""How ``Line.object_kind`` ends when a line counts what the letter does not name (``writing.sources.Limited``)."""
_DIGITS = 7
_ORDER = {code: place for place, code in enumerate(SECTIONS)}


def content_of(
    session: Session, issue: Issue, lang: str, edition: str, site: Site, day: date, relay: Relay | None = None
) -> Content:
    """What an issue tells. What is not there in ``lang`` is told in French, else in what there is, and says so
    (``Item.lang``); lines of the machine say so. Lines about what may not be read any more are left out, in every
    edition; those about what only the network reads, but in an issue for the network alone.

    :param edition: of ``models.Edition``. :param day: of the issue, until it has left. :param relay: for whom a
        forwardable edition is made; its contacts see its words and its own subscribe address.
    """
    shown = visible(session, lines_of(session, issue), _for_everybody(issue, edition))
    return _content(session, issue, lang, edition, site, day, shown, relay)


def left_out(session: Session, issue: Issue, edition: str) -> list[Line]:
    """The lines that are kept, and that an edition does not tell all the same: what they are about may not be read by
    those who receive it. For who writes it, and wonders where they are."""
    lines = lines_of(session, issue)
    told = {line.id for line in visible(session, lines, _for_everybody(issue, edition))}
    return [line for line in lines if line.id not in told]


def _for_everybody(issue: Issue, edition: str) -> bool:
    return edition != Edition.GENERAL.value or not for_network(issue)


def public_content(session: Session, issue: Issue, lang: str, site: Site, day: date) -> Content:
    """What everybody may read of an issue today: its page in the archive, its feed."""
    shown = visible(session, lines_of(session, issue), public=True)
    return _content(session, issue, lang, Edition.GENERAL.value, site, day, shown, None)


def for_network(issue: Issue) -> bool:
    """Whether an issue goes to members of the network alone."""
    who = set((issue.segments or {}).get("who", ()))
    return bool(who) and who <= MEMBERS_ONLY


def lines_of(session: Session, issue: Issue) -> list[Line]:
    """The lines that are kept, in the order of the letter; one statement."""
    wanted = sa.select(Line).where(Line.issue_id == issue.id, Line.kept.is_(True))
    found = session.scalars(wanted.order_by(Line.position, Line.id)).all()
    return sorted((one for one in found if one.section in SECTIONS), key=lambda one: _ORDER[one.section])


def visible(session: Session, lines: Sequence[Line], public: bool) -> list[Line]:
    """Those about what may be read today. A line about nothing in particular, or about what no room keeps a card of
    (news of elsewhere), always is. :param public: by everybody; else by members of the network."""
    refs = {(line.object_kind, line.object_id) for line in lines if line.object_id is not None}
    asked = {ref for ref in refs if cards.keeps(ref[0])}
    known = cards.by_refs(session, asked)
    shown = {ref for ref, card in known.items() if card.readable(network=not public)}
    events = {id_ for kind, id_ in refs if kind == EVENT}
    gone = {(EVENT, id_) for id_ in events - _kept(session, events)}
    hidden = (asked - shown) | gone
    return [line for line in lines if (line.object_kind, line.object_id) not in hidden]


def _kept(session: Session, events: set[UUID]) -> set[UUID]:
    wanted = sa.select(Event.id).where(Event.id.in_(events), Event.state == EventState.KEPT.value)
    return set(session.scalars(wanted)) if events else set()


def _content(
    session: Session, issue: Issue, lang: str, edition: str, site: Site, day: date, lines: Sequence[Line],
    relay: Relay | None,
) -> Content:  # fmt: skip
    told: dict[str, list[Item]] = {}
    events = _events(session, lines)
    for line in lines:
        told.setdefault(line.section, []).append(_dated(item(line, lang, site.url), line, events, lang))
    path, forwardable = issue_path(session, issue), edition == Edition.RELAY.value
    subject, intro = in_own_language(issue.subject, lang), in_own_language(issue.intro, lang)
    return Content(
        issue.number, lang, edition, day, subject[0], intro[0], in_language(site.url + path, lang),
        tuple(Section(code, tuple(told[code])) for code in SECTIONS if code in told),
        _head(session, relay, lang, site) if relay and forwardable else None,
        subject[1], intro[1], not (forwardable and path == ARCHIVE),
    )  # fmt: skip


def _events(session: Session, lines: Sequence[Line]) -> dict[UUID, Event]:
    """The dates that lines are about; one statement, none for none."""
    ids = {line.object_id for line in lines if line.object_kind == EVENT and line.object_id}
    return {one.id: one for one in session.scalars(sa.select(Event).where(Event.id.in_(ids)))} if ids else {}


def _dated(told: Item, line: Line, events: Mapping[UUID, Event], lang: str) -> Item:
    """When and where, in the language of the reader, whatever that of the title; words of the coordination stay."""
    event = events.get(line.object_id) if line.object_id else None
    if event is None or lang not in LANGUAGES or line.note != when.of_event(event, "fr"):
        return told
    return replace(told, note=when.of_event(event, lang))


def of_language(texts: Mapping[str, Any] | None, lang: str) -> str:
    """What is said in a language, else in French, else in what there is."""
    return in_own_language(texts, lang)[0]


def in_own_language(texts: Mapping[str, Any] | None, lang: str) -> tuple[str, str]:
    """(the same, the language of these words when it is not ``lang``, else "")."""
    texts = texts or {}
    for one in (lang, "fr", *sorted(texts)):
        if (said := str(texts.get(one) or "")).strip():
            return said, "" if one == lang else one
    return "", ""


def item(line: Line, lang: str, site_url: str) -> Item:
    """A line in a language. :param site_url: without a slash at its end."""
    spoken = _spoken(line.texts or {}, lang)
    said = (line.texts or {}).get(spoken) or {}
    url = line.url if "://" in line.url or not line.url else f"{site_url}/{line.url.lstrip('/')}"
    feed = line.note if line.source == "watch" else ""  # who says it elsewhere
    return Item(
        str(said.get("title") or ""), str(said.get("text") or ""), url, "" if feed else line.note,
        "" if spoken == lang else spoken, said.get("state") == "machine", feed, _others(line),
    )  # fmt: skip


def _others(line: Line) -> int:
    """Of a line that counts what is not named: how many. In French its number is always written in digits."""
    if not line.object_kind.endswith(REST):
        return 0
    said = str(((line.texts or {}).get("fr") or {}).get("title") or "")
    number = re.search(r"\d+", said)
    return int(number[0]) if number and len(number[0]) < _DIGITS else 1


def _spoken(texts: Mapping[str, Any], lang: str) -> str:
    """The language in which a line is told."""
    said = [one for one in (lang, "fr", *sorted(texts)) if str((texts.get(one) or {}).get("title") or "").strip()]
    return said[0] if said else lang


def _head(session: Session, relay: Relay, lang: str, site: Site) -> RelayHead:
    name = session.scalar(sa.select(Structure.nom).where(Structure.id == relay.structure_id)) or ""
    logo = site.url + logo_path(relay.code) if relay.logo_sha else ""
    intro, own = in_own_language(relay.intro, lang)
    return RelayHead(name, subscribe_url(site.url, relay.code), intro, logo, relay.logo_alt, own)

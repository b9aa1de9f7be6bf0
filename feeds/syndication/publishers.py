"""Who can say what an object of the log is to readers: one publisher for each kind, registered by name.

A publisher is asked for some ids and says what the reader of a :class:`Place` may read **today**. An id that it leaves
out may not be read (any more): feeds tell that it is gone. ``None`` for an id: it is not theirs to know that there ever
was something (a thread of a working group), so nothing is said; unless everybody could read it once
(``changes.record_narrowed``): then it is gone.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote, urljoin, urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from feeds.atom import clean
from resources.base import langs

log = logging.getLogger(__name__)

Visibility = Literal["public", "network", "members"]
_LINK = re.compile(r"""(<[a-z][^<>]*?\s(?:href|src)=")([^"]*)\"""", re.IGNORECASE)
_SAFE = "!#$%&'()*+,/:;=?@[]~-._"


@dataclass(frozen=True, slots=True)
class Place:
    """Where and for whom a feed is made. ``url``: whole address of the site without a slash at its end. ``lang``: of
    its words. ``network``: its reader is of the network; ``person_id``: who they are (the topics of their groups);
    neither: everybody."""

    site_name: str
    url: str
    lang: str
    timezone: str = "Europe/Paris"
    country: str = "FR"
    network: bool = False
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An object as feeds tell it. ``link``: whole address. ``html``: safe, addresses in it are whole. ``author``: a
    place or the site, never a person. ``updated``: None: when the log says. ``lang``: BCP 47, of its title and text.
    ``categories``: (term, words); terms are values of filters (``theme:ameli``…)."""

    id: UUID
    kind: str
    title: str
    link: str
    html: str
    author: str
    published: datetime
    updated: datetime | None = None
    lang: str = "fr"
    categories: tuple[tuple[str, str], ...] = ()
    visibility: Visibility = "public"


Items = Mapping[UUID, Item | None]
Entries = Callable[[Session, Collection[UUID], Place], Items]


@dataclass(frozen=True, slots=True)
class Publisher:
    """Says objects of one kind of the log. ``entries``: one or two statements, whatever the number of ids (at most
    ``reading.WINDOW`` + ``reading.LEAST``). ``also``: other kinds of the log whose rows change what it says.
    ``hidden``: given a column of ids, whether the object is one of which the reader is not to know that it is there."""

    kind: str
    entries: Entries
    also: tuple[str, ...] = ()
    hidden: Callable[[Place, sa.ColumnElement[UUID]], sa.ColumnElement[bool]] | None = None


_PUBLISHERS: dict[str, Publisher] = {}


def register(publisher: Publisher) -> None:
    """Called where the publisher is defined; its module is imported when the site starts."""
    _PUBLISHERS[publisher.kind] = publisher


def registered(kinds: Iterable[str] | None = None) -> tuple[Publisher, ...]:
    """The publishers of some kinds (None: all), in the order of their kinds; kinds that nobody says are passed over."""
    wanted = _PUBLISHERS if kinds is None else set(kinds) & set(_PUBLISHERS)
    return tuple(_PUBLISHERS[kind] for kind in sorted(wanted))


def each(rows: Mapping[UUID, Any], said: Callable[[Any], Item | None]) -> dict[UUID, Item | None]:
    """The items of rows: one that cannot be said leaves the others alone. It is as good as not there: None."""
    found: dict[UUID, Item | None] = {}
    for id_, row in rows.items():
        try:
            found[id_] = said(row)
        except SQLAlchemyError:
            raise
        except Exception:
            log.exception("an object cannot be told by the feeds: %s", id_)
            found[id_] = None
    return found


def told(session: Session, publisher: Publisher, ids: Collection[UUID], place: Place) -> dict[UUID, Item | None]:
    """What a publisher says, each item made fit for every format. One that fails as a whole is asked one by one."""
    if not ids:
        return {}
    try:
        said = publisher.entries(session, ids, place)
    except SQLAlchemyError:
        raise  # the transaction may be lost: an error of the site, which readers try again
    except Exception:
        log.exception("the publisher of %s fails: asked one by one", publisher.kind)
        said = _one_by_one(session, publisher, ids, place)
    return each({id_: said[id_] for id_ in ids if id_ in said}, lambda one: one and sound(one, place))


def _one_by_one(session: Session, publisher: Publisher, ids: Collection[UUID], place: Place) -> Items:
    found: dict[UUID, Item | None] = {}
    for id_ in ids:
        try:
            found |= {key: one for key, one in publisher.entries(session, [id_], place).items() if key == id_}
        except SQLAlchemyError:
            raise
        except Exception:
            log.exception("an object cannot be told by the feeds: %s", id_)
            found[id_] = None
    return found


def sound(item: Item, place: Place) -> Item:
    """The item without what a format cannot say. :raises ValueError: it has no whole address, or a naive moment."""
    link = quote(clean(item.link).strip(), safe=_SAFE)
    parts = urlsplit(link)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"not a whole address: {item.link!r}")
    for moment in (item.published, item.updated):
        if moment is not None and moment.tzinfo is None:
            raise ValueError(f"naive datetime: {moment!r}")
    return replace(
        item, title=" ".join(clean(item.title).split()) or "…", link=link, html=_whole(clean(item.html), link),
        author=" ".join(clean(item.author).split()) or place.site_name, lang=langs.tag(item.lang) or "fr",
        categories=tuple((clean(term), clean(label)) for term, label in item.categories if clean(term).strip()),
    )  # fmt: skip


def _whole(html: str, page: str) -> str:
    """With addresses that mean the same wherever they are read: people write ``/tutoriels/…``. What is no address
    leads to the page."""

    def joined(found: re.Match[str]) -> str:
        try:
            return f'{found[1]}{urljoin(page, found[2])}"'
        except ValueError:
            return f'{found[1]}{page}"'

    return _LINK.sub(joined, html)

"""Which part of a resource a question matched: what a card shows beside title and summary, to say why it is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.text import Marks, highlight, snippet, stems
from resources.base.content import HEADER, TRANSLATED, Content, from_json
from resources.base.models import StoredFile, TranslationUnit
from resources.base.translations import UnitState
from resources.finding.documents import MAX_FILE, attached

WIDTH = 200
KEPT = 2_000
"""Characters of a text whose stems are kept from one question to the next."""
ENOUGH = 3
"""Texts with a match that are looked at before the best of them is shown: a page has twenty resources."""
# Bounded: what people write may be 20,000 brackets.
_MARKDOWN = re.compile(
    r"!?\[([^\]\[]{0,300})\]\([^)\n]{0,500}\)"
    r"|^[ \t]{0,8}(?:#{1,6}|[-*+]|\d{1,9}\.|>)\s"
    r"|[*`_]{1,3}(?=\S)|(?<=\S)[*`_]{1,3}",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """The words of a section in another language. ``machine``: nobody has reviewed them."""

    section: str
    lang: str
    words: Mapping[str, str]
    machine: bool = False


def units_in(session: Session, ids: Iterable[UUID], *where: sa.ColumnElement[bool]) -> dict[UUID, list[Unit]]:
    """What readers see in other languages, of some resources and some of those languages; one statement."""
    table = TranslationUnit
    wanted = sa.select(table.resource_id, table.section, table.lang, table.words, table.state)
    wanted = wanted.where(table.resource_id.in_(list(ids)), *where).order_by(table.lang, table.section)
    found: dict[UUID, list[Unit]] = {}
    for id_, section, spoken, words, state in session.execute(wanted):
        if words:
            found.setdefault(id_, []).append(Unit(section, spoken, words, state == UnitState.MACHINE.value))
    return found


def extracts(
    session: Session, rows: Mapping[UUID, Any], units: Mapping[UUID, Sequence[Unit]], lang: str, marks: Marks
) -> dict[UUID, dict[str, Any]]:
    """The part of each resource that matched (``segments``, ``langue``, ``fichier``), unless its title or summary say
    why it is here. Two statements at most: other languages, then attached files, of those alone that nothing else
    explains.

    :param rows: with the ``content`` of each. :param units: in ``lang``, in which title and summary are shown.
    """
    found: dict[UUID, dict[str, Any]] = {}
    contents = {id_: from_json(row["content"]) for id_, row in rows.items()}
    left = []
    for id_, content in contents.items():
        head, *bodies = _texts(content, units.get(id_, ()), lang)
        if any(hit for text in head[0] for _, hit in highlight(text, marks)):
            continue
        if extract := _first(bodies, marks):
            found[id_] = extract
        else:
            left.append(id_)
    others = units_in(session, left, TranslationUnit.lang != lang) if left else {}
    for id_, more in others.items():
        spoken = ((list(map(_joined, same)), tag) for tag, same in groupby(more, attrgetter("lang")))
        if extract := _first(spoken, marks):
            found[id_] = extract
    return found | _of_files(session, {id_: contents[id_] for id_ in left if id_ not in found}, marks)


def _of_files(session: Session, left: Mapping[UUID, Content], marks: Marks) -> dict[UUID, dict[str, Any]]:
    """The same, of the words of attached files."""
    found = {}
    words = _files(session, {sha for content in left.values() for sha in attached(content)})
    for id_, content in left.items():
        for sha, name in attached(content).items():
            if extract := _best([words.get(sha, "")], content.lang, marks):
                found[id_] = {**extract, "fichier": name}
                break
    return found


def _texts(content: Content, units: Sequence[Unit], lang: str) -> Iterator[tuple[list[str], str]]:
    """(texts, language): title and summary as shown; then the body in ``lang``, and in the source."""
    body: list[str] = []
    source: list[str] = []
    head = [content.title, content.summary]
    for unit in units:
        if unit.section == HEADER:
            source += head
            head = [str(unit.words.get(name, own)) for name, own in zip(("title", "text"), head, strict=True)]
        else:
            body.append(_joined(unit))
    yield head, lang
    yield body, lang
    yield [*source, *("\n".join(block.words().values()) for block in content.blocks)], content.lang


def _joined(unit: Unit) -> str:
    """In the order of a block: PostgreSQL sorts the keys of what it holds."""
    return "\n".join(str(unit.words[name]) for name in TRANSLATED if unit.words.get(name))


def _first(bodies: Iterable[tuple[list[str], str]], marks: Marks) -> dict[str, Any] | None:
    """The extract in the first language that has one."""
    return next((one for texts, spoken in bodies if (one := _best(texts, spoken, marks))), None)


def _best(texts: Iterable[str], lang: str, marks: Marks) -> dict[str, Any] | None:
    """The text with the most of what is looked for, among the first that have some; cut to what is shown."""
    wanted = {stem for mark in marks for stem in mark}
    hits: list[tuple[int, str]] = []
    for text in texts:
        if count := len(wanted.intersection(_stems(text) if len(text) <= KEPT else stems(text))):
            hits.append((count, text))
            if len(hits) == ENOUGH:
                break
    for _count, text in sorted(hits, key=lambda pair: -pair[0]):
        segments = snippet(plain(text), marks, WIDTH)
        if any(hit for _, hit in segments):
            return {"segments": segments, "langue": lang, "fichier": None}
    return None


@lru_cache(maxsize=2_048)
def _stems(text: str) -> frozenset[str]:
    """Of one block: the same few are looked at for every question (about 10 MB when there are so many)."""
    return frozenset(stems(text))


def plain(text: str) -> str:
    """Markdown on one line, without its signs."""
    return " ".join(_MARKDOWN.sub(lambda found: found[1] or "", text).split())


def _files(session: Session, wanted: set[str]) -> dict[str, str]:
    if not wanted:
        return {}
    text = sa.func.substr(StoredFile.text, 1, MAX_FILE)
    found = session.execute(sa.select(StoredFile.sha, text).where(StoredFile.sha.in_(wanted)))
    return {row[0]: row[1] for row in found}

"""Which part of a resource a question matched: what a card shows beside title and summary, to say why it is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.text import Marks, highlight, snippet, stems
from resources.base.content import HEADER, Content, from_json
from resources.base.models import StoredFile
from resources.finding.documents import MAX_FILE, attached

WIDTH = 200
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


def extracts(
    session: Session, rows: Mapping[UUID, Any], units: Mapping[UUID, Sequence[Unit]], lang: str, marks: Marks
) -> dict[UUID, dict[str, Any]]:
    """The part of each resource that matched (``segments``, ``langue``, ``fichier``), unless its title or summary say
    why it is here. One statement at most: attached files are read for those alone of which no text matched.

    :param rows: with the ``content`` of each. :param lang: in which title and summary are shown.
    """
    found: dict[UUID, dict[str, Any]] = {}
    contents = {id_: from_json(row["content"]) for id_, row in rows.items()}
    left = []
    for id_, content in contents.items():
        head, *bodies = _texts(content, units.get(id_, ()), lang)
        if any(hit for text in head[0] for _, hit in highlight(text, marks)):
            continue
        extract = next((one for texts, spoken in bodies if (one := _best(texts, spoken, marks))), None)
        if extract:
            found[id_] = extract
        else:
            left.append(id_)
    files = {sha for id_ in left for sha in attached(contents[id_])}
    words = _files(session, files)
    for id_ in left:
        for sha, name in attached(contents[id_]).items():
            if extract := _best([words.get(sha, "")], contents[id_].lang, marks):
                found[id_] = {**extract, "fichier": name}
                break
    return found


def _texts(content: Content, units: Sequence[Unit], lang: str) -> Iterator[tuple[list[str], str]]:
    """(texts, language): title and summary as shown; then the body in ``lang``, in the source, in others."""
    spoken: dict[str, list[str]] = {lang: [], content.lang: []}
    head = [content.title, content.summary]
    for unit in units:
        if unit.section == HEADER and unit.lang == lang:
            spoken[content.lang] += head
            head = [unit.words.get("title", content.title), unit.words.get("text", content.summary)]
        else:
            spoken.setdefault(unit.lang, []).append("\n".join(map(str, unit.words.values())))
    spoken[content.lang] += ["\n".join(block.words().values()) for block in content.blocks]
    yield head, lang
    for tag, texts in spoken.items():
        yield texts, tag


def _best(texts: Iterable[str], lang: str, marks: Marks) -> dict[str, Any] | None:
    """The text with the most of what is looked for, among the first that have some; cut to what is shown."""
    wanted = {stem for mark in marks for stem in mark}
    hits: list[tuple[int, str]] = []
    for text in texts:
        if count := len(wanted.intersection(stems(text))):
            hits.append((count, text))
            if len(hits) == ENOUGH:
                break
    for _count, text in sorted(hits, key=lambda pair: -pair[0]):
        segments = snippet(plain(text), marks, WIDTH)
        if any(hit for _, hit in segments):
            return {"segments": segments, "langue": lang, "fichier": None}
    return None


def plain(text: str) -> str:
    """Markdown on one line, without its signs."""
    return " ".join(_MARKDOWN.sub(lambda found: found[1] or "", text).split())


def _files(session: Session, wanted: set[str]) -> dict[str, str]:
    if not wanted:
        return {}
    text = sa.func.substr(StoredFile.text, 1, MAX_FILE)
    found = session.execute(sa.select(StoredFile.sha, text).where(StoredFile.sha.in_(wanted)))
    return {row[0]: row[1] for row in found}

"""The plain-file form of a resource: Markdown with front matter, one file for each language, readable by anyone.

``fr.md`` holds everything; ``ar.md`` the words of the translation. A block is ``## Title {#key part=… kind=…}``, then
Markdown; ``::: astuce`` … ``:::`` holds a note, ``::: alt`` the words of a picture. Writing then reading gives the same
content (tested); a line of a text that looks like our marks is written with a backslash before it.
Front matter: YAML 1.1 (PyYAML, safe loader).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import yaml

from reseau.core.ids import parse_id
from resources.base import langs
from resources.base.content import (
    HEADER,
    Block,
    Content,
    ContentError,
    FileRef,
    check_digests,
    checked,
    clean_text,
    one_line,
)
from resources.base.models import Visibility
from resources.base.shapes import MAX_ALT, MAX_NOTE, MAX_TEXT, MAX_TITLE, NOTES, BlockKind, Kind

_ATTRS = r'(?:\ [a-z_]+="(?:[^"\\]|\\.)*"|\ [a-z_]+=[^\s"}]+|\ [a-z_]+)*'
_HEADING = re.compile(r"^## (?:(?P<title>.*) )?\{#(?P<key>[a-z0-9-]{1,40})(?P<attrs>" + _ATTRS + r")\}$")
_ATTR = re.compile(r'\ ([a-z_]+)(?:="((?:[^"\\]|\\.)*)"|=([^\s"}]+))?')
_MARK = re.compile(r"^(\\*)(## |:::)")
_BARE = re.compile(r"[A-Za-z0-9_./:-]+")
_LISTS = ("themes", "demarches", "publics", "supports")
_FACTS = ("niveau", "licence", "duree", "territoire", "periode", "url", "credits")
MAX_VERSION = 1_000_000
_STATES = ("machine", "published")
_OWN = frozenset({"part", "kind", "minutes", "image", "image_name", "file", "file_name", "exact", "same_as"})


@dataclass(frozen=True, slots=True)
class Translated:
    """The words of one unit in another language. ``of``: digest of the source that they translate ("": today's)."""

    words: dict[str, str]
    state: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Translation:
    """One language of a resource, unit by unit; the header's key is ``entete``."""

    lang: str
    units: dict[str, Translated] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A source file: its content, and what the front matter says besides (slug, version, visibility…)."""

    content: Content
    about: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class About:
    """What a source file says of the resource beside its content. ``structure_id``: it may be of another site."""

    version: int = 1
    published_at: datetime | None = None
    verified_at: datetime | None = None
    visibility: Visibility = Visibility.PUBLIC
    note: str = ""
    structure_id: UUID | None = None


# --- Reading ---------------------------------------------------------------------------------------------------------


def read_source(text: str) -> Source:
    """The content of a source file. File names of its blocks are relative paths, in ``FileRef.sha``, until stored.

    :raises ContentError: it cannot be read, or cannot be kept; ``where`` names the block.
    """
    about, body = _split(text)
    said = _text(about.pop("type", ""))
    try:
        kind = Kind(said)
    except ValueError:
        raise ContentError("unknown-value", field="type") from None
    values: dict[str, Any] = {name: _strings(about.pop(name, [])) for name in _LISTS}
    values |= {name: _text(about.pop(name)) for name in _FACTS if name in about and name != "duree"}
    values["duree"] = _number(about.pop("duree", None), "duree")
    group = about.pop("groupe", None)
    if group is not None and not (isinstance(group, list) and [type(one) for one in group] == [int, int]):
        raise ContentError("bad-number", field="groupe")
    content = Content(
        kind=kind,
        title=_text(about.pop("title", "")),
        lang=_text(about.pop("lang", "fr")),
        summary=_text(about.pop("summary", "")),
        groupe=(group[0], group[1]) if group else None,
        verifier_tous_les=_number(about.pop("verifier_tous_les", 12), "verifier_tous_les") or 12,
        header_same_as=_strings(about.pop("header_same_as", [])),
        blocks=tuple(_blocks(body)),
        **values,
    )
    return Source(checked(content), about)


def read_about(about: Mapping[str, Any]) -> About:
    """The rest of the front matter; names that we do not know are passed over.

    :raises ContentError: a value is not possible.
    """
    version = _number(about.get("version", 1), "version")
    if version is None or not 1 <= version <= MAX_VERSION:
        raise ContentError("bad-number", field="version")
    seen = _text(about.get("visibilite", Visibility.PUBLIC.value))
    try:
        visibility = Visibility(seen)
    except ValueError:
        raise ContentError("unknown-value", field="visibilite") from None
    place = about.get("structure")
    place_id = parse_id(_text(place.get("id"))) if isinstance(place, dict) else None
    if place is not None and place_id is None:
        raise ContentError("unknown-value", field="structure")
    note = one_line(_text(about.get("note")))
    if len(note) > MAX_NOTE:
        raise ContentError("long-text", field="note", most=MAX_NOTE)
    return About(version, _moment(about, "publie_le"), _moment(about, "verifie_le"), visibility, note, place_id)


def _moment(about: Mapping[str, Any], name: str) -> datetime | None:
    """A moment with its time zone, of our time."""
    value = about.get(name)
    if value is None:
        return None
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(_text(value))
    except ValueError:  # a ContentError is one too
        raise ContentError("bad-date", field=name) from None
    if found.tzinfo is None or not 1990 <= found.year <= 2200:
        raise ContentError("bad-date", field=name)
    return found


def read_translation(text: str) -> Translation:
    """The units of a translation file.

    :raises ContentError: it cannot be read, or cannot be kept; ``where`` names the unit.
    """
    about, body = _split(text)
    state, of = _text(about.get("state", "machine")), about.get("of") or {}
    if not isinstance(of, dict):
        raise ContentError("bad-front-matter", detail="of is not a mapping")
    lang = langs.tag(_text(about.get("lang", "")))
    if lang is None:
        raise ContentError("unknown-value", field="lang")
    header = {"title": one_line(_text(about.get("title", ""))), "text": clean_text(_text(about.get("summary", "")))}
    units = {HEADER: _unit(HEADER, header, _text(about.get("header_state", state)), _text(of.get(HEADER, "")))}
    for key, attrs, title, lines in _chunks(body):
        if key in units:
            raise ContentError("key-twice", key)
        words, _note_kind, note, alt = _sides(lines, key)
        said = {"title": one_line(title), "text": words, "alt": alt, "note": note}
        units[key] = _unit(key, said, attrs.get("state", state), attrs.get("of", ""))
    return Translation(lang, {key: unit for key, unit in units.items() if unit.words})


def _unit(key: str, said: Mapping[str, str], state: str, of: str) -> Translated:
    if state not in _STATES:
        raise ContentError("unknown-value", key, field="state")
    if of:
        check_digests([of], key)
    for name, most, code in (("title", MAX_TITLE, "long-title"), ("text", MAX_TEXT, "long-text"),
                             ("alt", MAX_ALT, "long-alt"), ("note", MAX_NOTE, "long-text")):  # fmt: skip
        if len(said.get(name, "")) > most:
            raise ContentError(code, key, most=most)
    return Translated({name: value for name, value in said.items() if value}, state, of)


def _split(text: str) -> tuple[dict[str, Any], str]:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\0", "")
    if not text.startswith("---\n") or "\n---\n" not in text[3:]:
        raise ContentError("no-front-matter")
    head, _, body = text[4:].partition("\n---\n") if not text.startswith("---\n---\n") else ("", "", text[8:])
    try:
        about = yaml.safe_load(head) or {}
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ContentError("bad-front-matter", detail=str(error)[:200]) from None
    if not isinstance(about, dict):
        raise ContentError("bad-front-matter", detail="not a mapping")
    return about, body


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | date | None):
        raise ContentError("bad-front-matter", detail=f"a {type(value).__name__} where a text is expected")
    try:
        return "" if value is None else str(value)
    except ValueError:  # a number of thousands of digits
        raise ContentError("bad-front-matter", detail="a number without end") from None


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ContentError("bad-front-matter", detail=f"a {type(value).__name__} where a list is expected")
    return tuple(_text(one) for one in value)


def _number(value: Any, name: str) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise ContentError("bad-number", field=name)


def _chunks(body: str) -> Iterator[tuple[str, dict[str, str], str, list[str]]]:
    """(key, attributes, title, lines) of each block."""
    key, attrs, title, lines = "", {}, "", []  # type: ignore[var-annotated]
    for number, line in enumerate(body.split("\n"), start=1):
        if line.startswith("## "):
            if key:
                yield key, attrs, title, lines
            if (found := _HEADING.match(line)) is None:
                raise ContentError("bad-heading", f"{number}", line=line[:80])
            key, title, lines = found["key"], found["title"] or "", []
            attrs = {one[1]: _value(one) for one in _ATTR.finditer(found["attrs"])}
        elif key:
            lines.append(line)
        elif line.strip():
            raise ContentError("text-before-block", line=line[:80])
    if key:
        yield key, attrs, title, lines


def _value(attribute: re.Match[str]) -> str:
    quoted, bare = attribute[2], attribute[3]
    return str(bare or "") if quoted is None else re.sub(r"\\(.)", r"\1", quoted)


def _sides(lines: list[str], key: str) -> tuple[str, str, str, str]:
    """(text, kind of note, note, alternative text)."""
    main: list[str] = []
    side: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in lines:
        if line.startswith(":::"):
            name = line[3:].strip()
            if not name:
                current = None
            elif name in side or name not in (*NOTES, "alt") or current is not None:
                raise ContentError("bad-side", key, line=line[:80])
            else:
                current = side[name] = []
            continue
        (main if current is None else current).append(_MARK.sub(lambda m: m[0][1:] if m[1] else m[0], line))
    kinds = [name for name in NOTES if name in side]
    if current is not None or len(kinds) > 1:
        raise ContentError("bad-side", key, line=":::")
    note = clean_text("\n".join(side[kinds[0]])) if kinds else ""
    alt = one_line(" ".join(side.get("alt", [])))
    return clean_text("\n".join(main)), kinds[0] if kinds else "", note, alt


def _blocks(body: str) -> Iterator[Block]:
    for key, attrs, title, lines in _chunks(body):
        text, note_kind, note, alt = _sides(lines, key)
        try:
            kind = BlockKind(attrs.get("kind", "texte"))
            minutes = int(attrs["minutes"]) if "minutes" in attrs else None
        except ValueError:
            raise ContentError("unknown-value", key, field="kind") from None
        yield Block(
            key=key, part=attrs.get("part", ""), kind=kind, title=title, text=text, alt=alt, note_kind=note_kind,
            note=note, minutes=minutes, image=_ref(attrs, "image"), file=_ref(attrs, "file"), exact="exact" in attrs,
            data={name: value for name, value in attrs.items() if name not in _OWN},
            same_as=tuple(attrs.get("same_as", "").split()),
        )  # fmt: skip


def _ref(attrs: Mapping[str, str], name: str) -> FileRef | None:
    path = attrs.get(name)
    return FileRef(path, attrs.get(f"{name}_name") or path.rsplit("/", 1)[-1]) if path else None


# --- Writing ---------------------------------------------------------------------------------------------------------


def write_source(content: Content, about: Mapping[str, Any], paths: Mapping[str, str]) -> str:
    """The source file.

    :param about: more for the front matter (slug is the folder's). :param paths: SHA-256 → path in the folder.
    """
    head: dict[str, Any] = {"type": content.kind.value, "lang": content.lang, "title": content.title}
    head |= {"summary": content.summary} if content.summary else {}
    for name in (*_LISTS, *_FACTS):
        value = getattr(content, name)
        if value:
            head[name] = list(value) if isinstance(value, tuple) else value
    head |= {"groupe": list(content.groupe)} if content.groupe else {}
    head["verifier_tous_les"] = content.verifier_tous_les
    head |= {"header_same_as": list(content.header_same_as)} if content.header_same_as else {}
    head |= dict(about)
    return _front(head) + "".join(_block_text(block, paths) for block in content.blocks)


def write_translation(
    translation: Translation, today: Mapping[str, str], order: list[str], notes: Mapping[str, str]
) -> str:
    """The file of a translation.

    :param today: key → digest of the source. :param order: keys in the order of the source. :param notes: key → kind of
        note of the source block.
    """
    header = translation.units.get(HEADER)
    states = [unit.state for unit in translation.units.values()]
    usual = max(sorted(set(states)), key=states.count) if states else "machine"
    head: dict[str, Any] = {"lang": translation.lang}
    if header:
        head |= {"title": header.words.get("title", ""), "summary": header.words.get("text", "")}
        head |= {"header_state": header.state} if header.state != usual else {}
    head["state"] = usual
    if header and header.of and header.of != today.get(HEADER):
        head["of"] = {HEADER: header.of}
    parts = [_front(head)]
    known = [key for key in order if key in translation.units and key != HEADER]
    gone = sorted(set(translation.units) - {*known, HEADER})
    for key in (*known, *gone):
        unit = translation.units[key]
        attrs = {"state": unit.state} if unit.state != usual else {}
        attrs |= {"of": unit.of} if unit.of and unit.of != today.get(key) else {}
        parts.append(_heading(unit.words.get("title", ""), key, attrs))
        parts.append(
            _body(
                unit.words.get("text", ""),
                notes.get(key) or "astuce",
                unit.words.get("note", ""),
                unit.words.get("alt", ""),
            )
        )
    return "".join(parts)


def _front(head: Mapping[str, Any]) -> str:
    return "---\n" + str(yaml.safe_dump(dict(head), allow_unicode=True, sort_keys=False, width=10_000)) + "---\n"


def _block_text(block: Block, paths: Mapping[str, str]) -> str:
    attrs: dict[str, str | None] = {"part": block.part}
    attrs |= {"kind": block.kind.value} if block.kind is not BlockKind.TEXTE else {}
    attrs |= {"minutes": str(block.minutes)} if block.minutes is not None else {}
    for name, ref in (("image", block.image), ("file", block.file)):
        if ref:
            path = paths[ref.sha]
            attrs |= {name: path} | ({f"{name}_name": ref.name} if path.rsplit("/", 1)[-1] != ref.name else {})
    attrs |= dict(block.data)
    attrs |= {"same_as": " ".join(block.same_as)} if block.same_as else {}
    attrs |= {"exact": None} if block.exact else {}
    return _heading(block.title, block.key, attrs) + _body(block.text, block.note_kind, block.note, block.alt)


def _heading(title: str, key: str, attrs: Mapping[str, str | None]) -> str:
    said = "".join(f" {name}" if value is None else f" {name}={_quoted(value)}" for name, value in attrs.items())
    return f"\n## {title}{' ' if title else ''}{{#{key}{said}}}\n"


def _quoted(value: str) -> str:
    if _BARE.fullmatch(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _body(text: str, note_kind: str, note: str, alt: str) -> str:
    parts = [f"\n{_escaped(text)}\n"] if text else []
    parts += [f"\n::: alt\n{_escaped(alt)}\n:::\n"] if alt else []
    parts += [f"\n::: {note_kind}\n{_escaped(note)}\n:::\n"] if note else []
    return "".join(parts)


def _escaped(text: str) -> str:
    return "\n".join(_MARK.sub(r"\\\g<0>", line) for line in text.split("\n"))

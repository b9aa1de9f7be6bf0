"""The content of a resource, as a value: header, facts, ordered blocks. It is kept as JSON and never half written.

A block belongs to a part (``shapes.PARTS``) and has a key that never changes: translations, adaptations and comments
point to it. Whatever can be translated is in ``title``, ``text``, ``alt`` and ``note``; the rest is neutral.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any
from urllib.parse import urlsplit

from reseau.core.vocabularies import vocabulary
from resources.base import langs
from resources.base.bidi import straight
from resources.base.shapes import (
    DATA,
    LAYOUTS,
    MAX_ALT,
    MAX_BLOCKS,
    MAX_CONTENT,
    MAX_NOTE,
    MAX_SUMMARY,
    MAX_TEXT,
    MAX_TITLE,
    NIVEAUX,
    NOTES,
    PARTS,
    ROLES,
    BlockKind,
    Kind,
    part_of,
)

HEADER = "entete"
KEY = re.compile(r"[a-z0-9-]{1,40}")
TRANSLATED = ("title", "text", "alt", "note")
DIGEST = re.compile(r"[0-9a-f]{16}")
"""Of a translation unit."""
#: Of each list and of the licence: the vocabulary of its codes.
VOCABULARIES = {"themes": "themes", "demarches": "demarches", "publics": "publics_ressources", "supports": "supports",
                "licence": "licences"}  # fmt: skip
MAX_NAME = 255  # of a file
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")


class ContentError(ValueError):
    """A content cannot be kept. ``code`` says why (``resources.base.sentences``), ``where`` is the key of a block."""

    def __init__(self, code: str, where: str = "", **values: Any) -> None:
        super().__init__(f"{code} ({where or 'content'}) {values or ''}".rstrip())
        self.code, self.where, self.values = code, where, values


@dataclass(frozen=True, slots=True)
class FileRef:
    """A stored file as a content names it. ``sha``: SHA-256, hex. ``name``: for whoever downloads it."""

    sha: str
    name: str


@dataclass(frozen=True, slots=True)
class Block:
    """One block.

    :param text: Markdown. For ``video``: its transcript. :param note_kind: ``astuce``, ``attention`` or "".
    :param minutes: of a session, or None. :param image: shown with ``alt``. :param file: to download; the captions of
        a video. :param data: neutral facts (``shapes.DATA``). :param exact: price, phone, address, eligibility: a stale
        translation is not shown, the source is.
    """

    key: str
    part: str
    kind: BlockKind = BlockKind.TEXTE
    title: str = ""
    text: str = ""
    alt: str = ""
    note_kind: str = ""
    note: str = ""
    minutes: int | None = None
    image: FileRef | None = None
    file: FileRef | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    exact: bool = False
    same_as: tuple[str, ...] = ()
    """Digests of former texts that differ by spelling only: their translations are not stale."""

    def words(self) -> dict[str, str]:
        """What can be translated and is not empty."""
        return {name: value for name in TRANSLATED if (value := getattr(self, name))}

    @property
    def digest(self) -> str:
        """Of what can be translated."""
        return unit_digest(self.words())

    def digests(self) -> frozenset[str]:
        """All digests of which a translation is up to date."""
        return frozenset({self.digest, *self.same_as})


@dataclass(frozen=True, slots=True)
class Content:
    """A whole resource in its source language. Codes are those of the vocabularies; ``duree`` in minutes.

    ``groupe``: (smallest, largest) number of participants, or None. ``verifier_tous_les``: months.
    """

    kind: Kind
    title: str
    lang: str = "fr"
    summary: str = ""
    themes: tuple[str, ...] = ()
    demarches: tuple[str, ...] = ()
    publics: tuple[str, ...] = ()
    supports: tuple[str, ...] = ()
    niveau: str = ""
    licence: str = "etalab-2.0"
    duree: int | None = None
    groupe: tuple[int, int] | None = None
    territoire: str = ""
    periode: str = ""
    url: str = ""
    credits: str = ""
    verifier_tous_les: int = 12
    header_same_as: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()

    def header_words(self) -> dict[str, str]:
        """What can be translated of the header."""
        return {name: value for name, value in (("title", self.title), ("text", self.summary)) if value}

    def units(self) -> dict[str, tuple[dict[str, str], frozenset[str], str]]:
        """Translation units in order: key → (words, digests of which a translation is up to date, digest of today)."""
        header = self.header_words()
        today = unit_digest(header)
        found = {HEADER: (header, frozenset({today, *self.header_same_as}), today)}
        for block in self.blocks:
            if words := block.words():
                found[block.key] = (words, block.digests(), block.digest)
        return found

    def part(self, code: str) -> list[Block]:
        """The blocks of a part."""
        return [block for block in self.blocks if block.part == code]

    def block(self, key: str) -> Block | None:
        """The block of a key, or None."""
        return next((block for block in self.blocks if block.key == key), None)

    def files(self) -> list[FileRef]:
        """All files that it names, in order, each once."""
        refs = (ref for block in self.blocks for ref in (block.image, block.file) if ref)
        return list(dict.fromkeys(refs))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; :func:`from_json` gives it back equal."""
        found = asdict(self)
        found["kind"] = self.kind.value
        for one in found["blocks"]:
            one["kind"] = BlockKind(one["kind"]).value
            for name in [
                name for name, value in one.items() if value is None or value is False or value in ("", {}, ())
            ]:
                del one[name]
        return json.loads(json.dumps(found))  # type: ignore[no-any-return]  # tuples are lists from now on

    @property
    def digest(self) -> str:
        """Of everything."""
        return _sha(json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False))


def from_json(raw: Mapping[str, Any]) -> Content:
    """A content that was kept. Unknown names are passed over: an older deployment may read a newer row."""
    known = {one.name for one in fields(Content)}
    values = {name: value for name, value in raw.items() if name in known}
    for name in ("themes", "demarches", "publics", "supports", "header_same_as"):
        values[name] = tuple(values.get(name, ()))
    values["kind"] = Kind(raw["kind"])
    values["groupe"] = tuple(raw["groupe"]) if raw.get("groupe") else None
    values["blocks"] = tuple(_block(one) for one in raw.get("blocks", ()))
    return Content(**values)


def _block(raw: Mapping[str, Any]) -> Block:
    known = {one.name for one in fields(Block)}
    values = {name: value for name, value in raw.items() if name in known}
    values["kind"] = BlockKind(raw.get("kind", "texte"))
    values["same_as"] = tuple(raw.get("same_as", ()))
    values["data"] = dict(raw.get("data", {}))
    for name in ("image", "file"):
        values[name] = FileRef(**raw[name]) if raw.get(name) else None
    return Block(**values)


def unit_digest(words: Mapping[str, str]) -> str:
    """Of the words of a unit: 16 hex digits. White space does not count."""
    plain = {name: " ".join(value.split()) for name, value in sorted(words.items()) if value.strip()}
    return _sha(json.dumps(plain, sort_keys=True, ensure_ascii=False))[:16]


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def one_line(text: str) -> str:
    """A title: one line, no control character, nothing that turns what follows (``bidi``), NFC."""
    return " ".join(straight(_CONTROL.sub(" ", unicodedata.normalize("NFC", text))).split())


def clean_text(text: str) -> str:
    """A text as it is kept: NFC, LF, no control character, nothing that turns what follows (``bidi``), no blank at the
    end of lines nor around it."""
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    lines = (straight(_CONTROL.sub("", line)).rstrip() for line in plain.split("\n"))
    return "\n".join(lines).strip("\n")


def cleaned(block: Block) -> Block:
    """A block as it is kept: texts cleaned, what its kind does not have dropped."""
    allowed = DATA.get(block.kind, frozenset())
    data = {name: one_line(value) for name, value in sorted(block.data.items()) if name in allowed and value.strip()}
    note = clean_text(block.note)
    return replace(
        block, title=one_line(block.title), text=clean_text(block.text), alt=one_line(block.alt), note=note,
        note_kind=(block.note_kind or "astuce") if note else "", data=data,
        image=_named(block.image), file=_named(block.file),
    )  # fmt: skip


def _named(ref: FileRef | None) -> FileRef | None:
    return replace(ref, name=one_line(ref.name)) if ref else None


def checked(content: Content) -> Content:
    """A content as it may be kept: texts cleaned, blocks in the order of their parts.

    :raises ContentError: the first thing that makes it impossible; a draft may be unfinished, not impossible.
    """
    blocks = [cleaned(block) for block in content.blocks]
    order = {part.code: rank for rank, part in enumerate(PARTS[content.kind])}
    for block in blocks:
        _check_block(content.kind, block)
    if len(blocks) > MAX_BLOCKS:
        raise ContentError("too-many-blocks", most=MAX_BLOCKS)
    keys = [block.key for block in blocks]
    if len(set(keys)) != len(keys) or HEADER in keys:
        raise ContentError("key-twice", next((key for key in keys if keys.count(key) > 1), HEADER))
    clean = replace(
        content, title=one_line(content.title), summary=clean_text(content.summary), credits=one_line(content.credits),
        territoire=one_line(content.territoire), periode=one_line(content.periode), url=content.url.strip(),
        lang=langs.tag(content.lang) or "",
        blocks=tuple(sorted(blocks, key=lambda block: order[block.part])),
    )  # fmt: skip
    _check_header(clean)
    if len(json.dumps(clean.to_json(), ensure_ascii=False).encode()) > MAX_CONTENT:
        raise ContentError("too-large")
    return clean


def _check_header(content: Content) -> None:
    if not content.title:
        raise ContentError("no-title")
    if len(content.title) > MAX_TITLE:
        raise ContentError("long-title", most=MAX_TITLE)
    if len(content.summary) > MAX_SUMMARY:
        raise ContentError("long-summary", most=MAX_SUMMARY)
    _check_codes(content)
    if content.url and not is_web_address(content.url):
        raise ContentError("bad-url", url=content.url)
    if len(content.credits) > MAX_ALT or len(content.territoire) > MAX_TITLE or len(content.periode) > 60:
        raise ContentError("long-text", most=MAX_TITLE)
    if content.duree is not None and not 1 <= content.duree <= 24 * 60:
        raise ContentError("bad-number", field="duree")
    if content.groupe and not 1 <= content.groupe[0] <= content.groupe[1] <= 1000:
        raise ContentError("bad-number", field="groupe")
    if content.verifier_tous_les not in (1, 3, 6, 12, 24):
        raise ContentError("unknown-value", field="verifier_tous_les")


def _check_codes(content: Content) -> None:
    """What is chosen in lists that we know. Rows that are kept already may hold codes of before: nobody checks them."""
    if not content.lang:
        raise ContentError("unknown-value", field="lang")
    if content.niveau and content.niveau not in NIVEAUX:
        raise ContentError("unknown-value", field="niveau")
    for name, vocabulary_name in VOCABULARIES.items():
        value = getattr(content, name)
        known = vocabulary(vocabulary_name)
        if any(known.get(code) is None for code in ([value] if isinstance(value, str) else value)):
            raise ContentError("unknown-value", field=name)
    check_digests(content.header_same_as, HEADER)


def check_digests(digests: Iterable[str], where: str) -> None:
    """:raises ContentError: one is not the digest of a unit."""
    if not all(DIGEST.fullmatch(one) for one in digests):
        raise ContentError("unknown-value", where, field="same_as")


def _check_block(kind: Kind, block: Block) -> None:
    if not KEY.fullmatch(block.key):
        raise ContentError("bad-key", block.key)
    part = part_of(kind, block.part)
    if part is None or block.kind not in part.kinds:
        raise ContentError("wrong-part", block.key, part=block.part, block=block.kind.value)
    for text, most, code in (
        (block.title, MAX_TITLE, "long-title"), (block.text, MAX_TEXT, "long-text"), (block.alt, MAX_ALT, "long-alt"),
        (block.note, MAX_NOTE, "long-text"), (block.image.name if block.image else "", MAX_NAME, "long-text"),
        (block.file.name if block.file else "", MAX_NAME, "long-text"),
    ):  # fmt: skip
        if len(text) > most:
            raise ContentError(code, block.key, most=most)
    if block.note_kind and block.note_kind not in NOTES:
        raise ContentError("unknown-value", block.key, field="note")
    if block.minutes is not None and not 0 <= block.minutes <= 24 * 60:
        raise ContentError("bad-number", block.key, field="minutes")
    if any(len(value) > 500 for value in block.data.values()):
        raise ContentError("long-text", block.key, most=500)
    check_digests(block.same_as, block.key)
    _check_data(block)


def _check_data(block: Block) -> None:
    url = block.data.get("url", "")
    if url and not is_web_address(url):
        raise ContentError("bad-url", block.key, url=url)
    for name, allowed in (("layout", LAYOUTS), ("role", ROLES)):
        if (value := block.data.get(name)) and value not in allowed:
            raise ContentError("unknown-value", block.key, field=name)


def is_web_address(url: str) -> bool:
    """Whether it is an http or https address with a host, and nothing that hides another: no name nor password."""
    if len(url) > 2000 or any(not char.isprintable() or char in ' <>"\\' for char in url):
        return False
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


def missing_to_publish(content: Content) -> list[ContentError]:
    """What a resource lacks to be published; an empty list when it may be."""
    found = []
    if not content.summary:
        found.append(ContentError("no-summary"))
    if not content.themes and not content.demarches:
        found.append(ContentError("no-theme"))
    if content.kind in (Kind.OUTIL, Kind.LIEN) and not content.url:
        found.append(ContentError("no-url"))
    if content.kind not in (Kind.OUTIL, Kind.LIEN) and not content.blocks:
        found.append(ContentError("no-block"))
    found += [ContentError("no-alt", one.key) for one in content.blocks if one.image and not one.alt]
    found += [ContentError("no-consent", one.key) for one in content.blocks
              if one.kind is BlockKind.TEMOIGNAGE and not one.data.get("consentement")]  # fmt: skip
    return found


def fresh_key(content: Content, wish: str = "") -> str:
    """A key that no block of ``content`` has: from the words of ``wish``, else a number."""
    taken = {block.key for block in content.blocks} | {HEADER}
    stem = slug_of(wish)[:30].strip("-") or "bloc"
    tries: Iterable[str] = (stem, *(f"{stem}-{number}" for number in range(2, MAX_BLOCKS + 3)))
    return next(key for key in tries if key not in taken)


def slug_of(text: str) -> str:
    """``[a-z0-9-]``, at most 80 characters, from a title; "" when it has no such letters (an Arabic title)."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-")

"""One resource of Les Bases: its Markdown (title, description, facets, names of files) and its page (the rest).

The Markdown prints ``false`` for a facet without a value and ``null`` for a missing title or caption; its licence, its
base and the addresses of its files are in the page only. Blocks of text are not taken at all: their digest is.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from importers.lesbases.listing import percent_encoded, tree_of
from resources.base.content import is_web_address

#: Of the four lines of facets: name → what begins the line.
FACETS = {"themes": "Thématiques", "supports": "Type de support", "publics": "Bénéficiaires",
          "secteurs": "Secteurs professionnels"}  # fmt: skip
_LINES = r"\n[ ]*\n".join(rf"(?:{label} : (?P<{name}>[^\n]*)|false[ ]*)" for name, label in FACETS.items())
_HEAD = re.compile(rf"\A# (?P<title>[^\n]*)\n(?P<description>.*?)\n[ ]*\n{_LINES}[ ]*(?=\n|\Z)", re.S)
_FILE = re.compile(r"^\*\*Fichier téléchargeable [^\n]*\*\* :[ ]*\n(?P<rest>(?:[^\n]+(?:\n|\Z))+)", re.M)
#: Part of the address of a licence → our code.
LICENCES = (("etalab.gouv.fr/licence-ouverte", "etalab-2.0"),
            ("creativecommons.org/licenses/by-sa/4.0", "cc-by-sa-4.0"),
            ("creativecommons.org/licenses/by-nc-sa/4.0", "cc-by-nc-sa-4.0"))  # fmt: skip
#: The three wordings of "no licence", which contradict each other: nothing is given.
_NONE = re.compile(r"domaine public|aucun droit réservé|aucune licence|pas de licence|sans licence", re.I)
_CONTENT = "ancestor-or-self::*[starts-with(@data-testid, 'content-')]"
MAX_LICENCE_TEXT, MAX_FILES, MAX_NAME = 200, 20, 150


@dataclass(frozen=True, slots=True)
class Head:
    """What the Markdown says. ``facets``: name → labels. ``files``: names, in order. ``digest``: of the whole text."""

    description: str
    facets: dict[str, list[str]]
    files: list[str]
    digest: str


@dataclass(frozen=True, slots=True)
class Page:
    """What the page says. ``licence``: our code, "": none was read. ``themes``: enums. ``files``: (name, address)."""

    licence: str = ""
    licence_text: str = ""
    base: str = ""
    base_url: str = ""
    themes: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For the raw file."""
        return asdict(self)


def head(text: str) -> Head | None:
    """Of a Markdown document; None: it is something else."""
    text = text.replace("\r\n", "\n")
    found = _HEAD.match(text)
    if found is None:
        return None
    facets = {name: _labels(found[name]) for name in FACETS}
    description = found["description"].strip()
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    names = [last for block in _FILE.finditer(text) if (last := block["rest"].strip().split("\n")[-1].strip())]
    return Head("" if description == "null" else description, facets, names, digest)


def _labels(line: str | None) -> list[str]:
    labels = [label.strip() for label in (line or "").split(", ")]
    return [label for label in labels if label and label not in ("false", "null")]


def page(html: bytes, site: str) -> Page | None:
    """Of the page of a resource; None: it is something else. :param site: address of Les Bases."""
    tree = tree_of(html)
    views = tree.xpath("//*[@data-testid='resource-view']") if tree is not None else []
    if not views:
        return None
    view = views[0]
    licence, words = _licence(tree)
    base, base_url = _base(view, site)
    prefix = "resource-indexation-themes-"
    themes = [hook.removeprefix(prefix) for hook in tree.xpath(f"//@data-testid[starts-with(., '{prefix}')]")]
    return Page(licence, words, base, base_url, tuple(dict.fromkeys(themes)), _files(view))


def _licence(tree: Any) -> tuple[str, str]:
    """(code, its words). Only in the part of the page that Les Bases writes: a block of a resource may hold a link to a
    licence too, and be called « Informations »."""
    parts = [one for one in tree.xpath("//*[@id='informations']") if not one.xpath(_CONTENT)]
    if not parts:
        return "", ""
    part = parts[-1]
    text = _text(part)
    found = {code: link for link in part.xpath(".//a[@href]") if not link.xpath(_CONTENT)
             for address, code in LICENCES if address in link.get("href")}  # fmt: skip
    none = _NONE.search(text)
    if none or len(found) != 1:
        return "", text[none.start() :][:MAX_LICENCE_TEXT] if none else ""
    code, link = found.popitem()
    return code, _text(link, but_hidden=True)[:MAX_LICENCE_TEXT]


def _base(view: Any, site: str) -> tuple[str, str]:
    for link in view.xpath(".//a[starts-with(@href, '/bases/')]"):
        if not link.xpath(_CONTENT) and (name := _text(link)):
            return name[:MAX_NAME], percent_encoded(site + link.get("href"))
    return "", ""


def _files(view: Any) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for link in view.xpath(".//*[@data-testid='content-file']//a[@download]"):
        address = percent_encoded(link.get("href") or "")
        if is_web_address(address) and address not in found:
            found[address] = " ".join((link.get("download") or "").split())
    return tuple((name, address) for address, name in list(found.items())[:MAX_FILES])


def named(files: tuple[tuple[str, str], ...], names: list[str]) -> list[tuple[str, str]]:
    """Files with their names: those of the Markdown, else of the page, else the end of the address.

    An address ends with ``{random}_{name}``, so that a name is known by it.
    """
    found = []
    for shown, address in files:
        last = unquote(urlsplit(address).path).rsplit("/", 1)[-1]
        name = next((one for one in names if last.endswith(f"_{one}")), "") or shown or last
        found.append((name[:MAX_NAME], address))
    return found


def _text(element: Any, *, but_hidden: bool = False) -> str:
    """Its words in one line. :param but_hidden: without those for screen readers ("opens a new window")."""
    parts = [element.text or ""]
    for child in element:
        if not (but_hidden and "fr-sr-only" in (child.get("class") or "")):
            parts.append(_text(child, but_hidden=but_hidden))
        parts.append(child.tail or "")
    return " ".join(" ".join(parts).split())

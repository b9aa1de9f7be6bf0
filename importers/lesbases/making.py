"""What becomes of a resource of Les Bases here: a link or a tool, its themes in our words, a summary.

With a licence that lets us, the summary is their description, and the licence is theirs too. Without one it is ours,
made of facts (type, themes, publics, month); nothing of their text is here.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from importers.lesbases import listing
from importers.pipeline.contract import Problem
from reseau.core.contacts import without_people
from reseau.core.vocabularies import vocabulary
from resources.base.content import Block, Content, ContentError, checked, is_web_address
from resources.base.provided import Incoming
from resources.base.shapes import MAX_ALT, MAX_SUMMARY, MAX_TITLE, BlockKind, Kind

NAME = "Les Bases"
SITE_NAME = "Les Bases du numérique d’intérêt général"
#: Our code of "all rights reserved, link only".
CLOSED = "tous-droits-reserves"
TOOL = "outils_numeriques"
_VOCABULARIES = {"themes": "themes", "supports": "supports", "publics": "publics_ressources"}
_MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
           "décembre")  # fmt: skip


class Unusable(Exception):
    """A resource that cannot be taken. ``reason``: code of ``sentences.REASONS``; ``value``: what is wrong."""

    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(reason)
        self.reason, self.value = reason, value


@dataclass(frozen=True, slots=True)
class Mapped:
    """Codes of ours by facet, and the labels that we have no code for."""

    codes: Mapping[str, tuple[str, ...]]
    unknown: tuple[tuple[str, str], ...]


@cache
def taxonomies() -> Mapping[str, Mapping[str, str]]:
    """Facet → label or enum of theirs → our code, "" for none."""
    text = files("importers.lesbases").joinpath("taxonomies.toml").read_text("utf-8")
    return {facet: {term[name]: term.get("code", "") for term in terms for name in ("mot", "libelle")}
            for facet, terms in tomllib.loads(text).items()}  # fmt: skip


def mapped(facets: Mapping[str, list[str]]) -> Mapped:
    """Their words as our codes."""
    codes: dict[str, tuple[str, ...]] = {}
    unknown = []
    for facet, table in taxonomies().items():
        labels = [label for label in facets.get(facet, []) if isinstance(label, str)]
        codes[facet] = tuple(dict.fromkeys(code for label in labels if (code := table.get(label))))
        unknown += [(facet, label[:200]) for label in labels if label not in table]
    return Mapped(codes, tuple(unknown))


def incoming(
    entry: Mapping[str, str], doc: Mapping[str, Any] | None, read_by: str = ""
) -> tuple[Incoming, tuple[tuple[str, str], ...]]:
    """(record, (facet, label) that we have no word for).

    :param read_by: version of the rules that read ``doc``. :raises Unusable: it cannot be taken.
    """
    id_, url, updated = entry["id"], entry["url"], listing.moment(entry["updated"])
    if doc is None:
        return Incoming(id_, url, updated), ()
    if not is_web_address(url):
        raise Unusable("url-illisible", url)
    found = mapped(_facets(doc))
    if not found.codes["themes"]:
        raise Unusable("sans-theme")
    content = _content(entry, doc, found)
    base, base_url = str(doc.get("base") or ""), str(doc.get("base_url") or "")
    licence = content.licence if content.licence != CLOSED else ""
    said = {"nom": NAME, "titre": entry["title"][:MAX_TITLE], "publie": entry["published"], "facettes": _facets(doc)}
    taken = {"content": content.to_json(), "text": doc.get("text"), "base": base, "base_url": base_url, "said": said,
             "licence_text": doc.get("licence_text")}  # fmt: skip
    digest = hashlib.sha256(json.dumps(taken, sort_keys=True).encode()).hexdigest()
    return Incoming(
        id_, url, updated, content, digest, licence, str(doc.get("licence_text") or ""), base,
        base_url if is_web_address(base_url) else "", said, read_by,
    ), found.unknown  # fmt: skip


def _facets(doc: Mapping[str, Any]) -> dict[str, list[str]]:
    """Labels of the text; and the themes of the page that they do not say already."""
    facets = {name: list(labels) for name, labels in (doc.get("facets") or {}).items() if isinstance(labels, list)}
    table, themes = taxonomies()["themes"], facets.get("themes", [])
    have = {table.get(label) for label in themes}
    more = [word for word in doc.get("themes") or [] if table.get(word, word) not in have]
    return {**facets, "themes": themes + more}


def _content(entry: Mapping[str, str], doc: Mapping[str, Any], found: Mapped) -> Content:
    codes = found.codes
    licence = str(doc.get("licence") or "") or CLOSED
    quoted = _cut(without_people(str(doc.get("description") or ""))[0], MAX_SUMMARY) if licence != CLOSED else ""
    title = _cut(without_people(entry["title"])[0], MAX_TITLE)
    made = Content(
        Kind.OUTIL if TOOL in codes["supports"] else Kind.LIEN, title,
        summary=quoted or summary(codes, entry["published"]), themes=codes["themes"], publics=codes["publics"],
        supports=codes["supports"], licence=licence, url=entry["url"],
        credits=_credits(doc, licence) if quoted else "", blocks=tuple(_links(doc, licence)),
    )  # fmt: skip
    try:
        return checked(made)
    except ContentError as error:
        raise Unusable("fiche-impossible", error.code) from None


def summary(codes: Mapping[str, tuple[str, ...]], published: str) -> str:
    """Ours, in French, made of facts."""
    when = listing.moment(published)
    dated = f", publiée en {_MONTHS[when.month - 1]} {when.year}" if when else ""
    lines = [f"Ressource partagée sur {SITE_NAME}{dated}."]
    for facet, word in (("supports", "Type"), ("themes", "Thèmes"), ("publics", "Pour")):
        known = vocabulary(_VOCABULARIES[facet])
        labels = [term.label("fr") for code in codes[facet] if (term := known.get(code))]
        lines += [f"{word}\u00a0: {', '.join(labels)}."] if labels else []
    return _cut(" ".join(lines), MAX_SUMMARY)


def _credits(doc: Mapping[str, Any], licence: str) -> str:
    """Whose the summary is, and under which licence, as these licences ask for. No person: their page names them."""
    term = vocabulary("licences").get(licence)
    base = f", base « {doc['base']} »" if doc.get("base") else ""
    said = f"Résumé : {SITE_NAME}{base}, {term.label('fr') if term else licence}."
    return said if len(said) <= MAX_ALT else f"Résumé : {SITE_NAME}, {term.label('fr') if term else licence}."


def _links(doc: Mapping[str, Any], licence: str) -> Iterator[Block]:
    """Its files, as links to where they are: never downloaded."""
    seen: set[str] = set()
    for pair in doc.get("files") or [] if licence != CLOSED else []:
        name, url = (str(pair[0]), str(pair[1])) if isinstance(pair, list) and len(pair) == 2 else ("", "")
        key = f"fichier-{hashlib.sha256(url.encode()).hexdigest()[:12]}"
        if name and len(url) <= 500 and is_web_address(url) and key not in seen:
            seen.add(key)
            yield Block(key, "a-savoir", BlockKind.LIEN, title=_cut(name, MAX_TITLE), data={"url": url})


def _cut(text: str, most: int) -> str:
    """At most so many characters, ended by an ellipsis when it is cut."""
    text = text.strip()
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def problems(row: int, id_: str, unknown: tuple[tuple[str, str], ...]) -> tuple[Problem, ...]:
    """Of labels that we have no word for."""
    return tuple(Problem(row, id_, facet, "valeur-inconnue", label) for facet, label in unknown)

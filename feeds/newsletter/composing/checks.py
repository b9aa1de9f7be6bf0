"""What is wrong with an issue before it leaves, in words that a coordinator understands.

``stop``: it must not leave so. ``warn``: look at it, and send it if it is meant. Nothing is asked of other sites.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lxml import html

from feeds.newsletter.composing.prose import line
from feeds.newsletter.content import CODE, LEAVE, Composed, Content, Item
from reseau.core.wording import _

Level = Literal["stop", "warn"]
MAX_BYTES, HEAVY_BYTES = 100_000, 80_000
"""Of the HTML, in UTF-8: Gmail shows the first 102 kB, and so cuts off the link that leaves."""
LONG_SUBJECT, MAX_SUBJECT = 60, 90  # characters: what a telephone shows; what no program shows whole
_SHOWN = 5  # titles that a finding names
_LETTERS = 12  # letters from which capitals are shouted
#: Who opens these is somebody: they are never for those who receive a letter.
_PERSONAL = ("/lien/", "/invitation/", "/verifier/", "/avis/stop/", "/lettre/d/", "/lettre/confirmer/", "/compte")

SAID: dict[str, tuple[Level, str]] = {
    "subject-empty": ("stop", _("L’objet est vide : écrivez en quelques mots ce que dit ce numéro.")),
    "subject-too-long": ("stop", _("L’objet a plus de 90 caractères : les messageries le coupent. Raccourcissez-le.")),
    "subject-long": ("warn", _("L’objet a plus de 60 caractères : un téléphone n’en montre que le début.")),
    "subject-shouts": ("warn", _("L’objet est en majuscules ou a plusieurs « ! » : les antispams s’en méfient.")),
    "subject-untranslated": ("warn", _("L’objet n’est pas traduit : il part en français.")),
    "intro-untranslated": ("warn", _("L’introduction n’est pas traduite : elle part en français.")),
    "empty": ("stop", _("Ce numéro est vide : ni introduction, ni information.")),
    "no-lines": ("warn", _("Ce numéro n’a qu’une introduction : aucune information n’est gardée.")),
    "section-empty": ("warn", _("Une rubrique n’a aucune information : elle ne sera pas montrée.")),
    "line-untitled": ("stop", _("Une information n’a pas de titre.")),
    "line-untranslated": ("warn", _("Des informations ne sont pas traduites : elles partent dans une autre langue.")),
    "line-machine": ("warn", _("Des textes viennent d’une machine et personne ne les a relus : la lettre le dira.")),
    "line-shouts": ("warn", _("Un titre est tout en majuscules : il est difficile à lire.")),
    "link-dead": ("stop", _("Un lien mène à une page du site qui n’existe pas, ou qui n’est pas publique.")),
    "link-lost": ("warn", _("Une adresse n’est pas celle d’une page web : elle ne sera pas un lien.")),
    "link-personal": ("stop", _("Un lien est personnel : d’autres pourraient agir à la place de quelqu’un.")),
    "image-dropped": ("warn", _("Les images d’un texte ne partent pas : mettez un lien vers la page qui les montre.")),
    "image-alt": ("warn", _("Une image n’a pas de texte pour qui ne la voit pas.")),
    "leave-missing": ("stop", _("Le lien pour ne plus recevoir la lettre manque.")),
    "leave-in-relay": ("stop", _("L’édition à transmettre a un lien personnel : un lecteur désabonnerait le relais.")),
    "subscribe-missing": ("stop", _("L’adresse pour recevoir la lettre manque dans l’édition à transmettre.")),
    "too-heavy": ("stop", _("La lettre pèse plus de 100 ko : des messageries la couperaient. Raccourcissez-la.")),
    "heavy": ("warn", _("La lettre pèse plus de 80 ko : elle approche du poids où des messageries la coupent.")),
    "html-missing": ("stop", _("La version mise en page manque.")),
    "text-missing": ("stop", _("La version en texte manque.")),
}  # fmt: skip
"""Code → (level, French msgid)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. ``said``: French msgid, without placeholders. ``where``: the titles, words or addresses
    that it is about, as they are; "" when it is about the whole."""

    code: str
    level: Level
    lang: str
    said: str
    where: str = ""


def check(
    contents: Mapping[str, Content], composed: Mapping[str, Composed], known: Callable[[str], bool]
) -> list[Finding]:
    """What is wrong, language by language, what stops first.

    :param contents: language → what one edition tells. :param composed: the same, composed.
    :param known: whether a path of the site (without its query) leads to a page that everybody may read.
    """
    found: list[Finding] = []
    for lang, content in contents.items():
        made = composed.get(lang)
        pairs = [*_of_words(content, contents.get("fr")), *_of_mail(content, made, known)]
        found += [Finding(code, SAID[code][0], lang, SAID[code][1], where) for code, where in pairs]
    return sorted(found, key=lambda one: one.level != "stop")


Pair = tuple[str, str]


def _of_words(content: Content, french: Content | None) -> Iterator[Pair]:
    """What is wrong with what people wrote: (code, where)."""
    yield from _subject(content.subject.strip())
    if french and content.lang != "fr":
        if content.subject.strip() and content.subject == french.subject:
            yield "subject-untranslated", content.subject
        if content.intro.strip() and content.intro == french.intro:
            yield "intro-untranslated", ""
    items = [item for section in content.sections for item in section.items]
    if not items:
        yield ("no-lines", "") if content.intro.strip() else ("empty", "")
    yield from (("section-empty", "") for section in content.sections if not section.items)
    yield from _lines(items, content.lang)
    if any("![" in text for text in (content.intro, *(item.text for item in items))):
        yield "image-dropped", ""
    if content.relay and content.relay.logo and not content.relay.logo_alt.strip():
        yield "image-alt", content.relay.name


def _subject(subject: str) -> Iterator[Pair]:
    if not subject:
        yield "subject-empty", ""
    elif len(subject) > MAX_SUBJECT:
        yield "subject-too-long", subject
    elif len(subject) > LONG_SUBJECT:
        yield "subject-long", subject
    if shouts(subject) or subject.count("!") > 1:
        yield "subject-shouts", subject


def _lines(items: list[Item], lang: str) -> Iterator[Pair]:
    rules: dict[str, Callable[[Item], Any]] = {
        "line-untitled": lambda item: not item.title.strip(),
        "line-untranslated": lambda item: item.lang and item.lang != lang,
        "line-machine": lambda item: item.machine,
        "line-shouts": lambda item: shouts(item.title),
        "link-lost": lambda item: item.url and not item.url.lower().startswith(("http://", "https://")),
    }
    for code, wrong in rules.items():
        named = [line(item.title) or item.url for item in items if wrong(item)]
        if named:
            yield code, " · ".join(named[:_SHOWN]) + (f" (+ {len(named) - _SHOWN})" if len(named) > _SHOWN else "")


def shouts(text: str) -> bool:
    """Whether words are in capitals. Acronyms (ARS, CPTS) are not shouted, nor is a script without capitals."""
    letters = [one for one in text if one.isalpha()]
    cased = [one for one in letters if one.lower() != one.upper()]
    return len(cased) >= _LETTERS and sum(one.isupper() for one in cased) > 0.7 * len(cased)


def _of_mail(content: Content, made: Composed | None, known: Callable[[str], bool]) -> Iterator[Pair]:
    """What is wrong with the mail itself."""
    if made is None or not made.html.strip():
        yield "html-missing", ""
    if made is None or not made.text.strip():
        yield "text-missing", ""
    if made is None:
        return
    weight = len(made.html.encode())
    if weight > HEAVY_BYTES:
        yield ("too-heavy" if weight > MAX_BYTES else "heavy"), ""
    yield from _leaving(content, made)
    if made.html.strip():
        page = html.fromstring(made.html)
        yield from (("image-alt", one.get("src", "")) for one in page.iter("img") if not (one.get("alt") or "").strip())
        yield from _links(content, made, known)


def _leaving(content: Content, made: Composed) -> Iterator[Pair]:
    parts = (made.html, made.text)
    if content.edition != "relay":
        if any(part and LEAVE not in part for part in parts):
            yield "leave-missing", ""
        return
    if any(LEAVE in part for part in parts):
        yield "leave-in-relay", ""
    address = content.relay.subscribe if content.relay else CODE
    if any(part and address not in part for part in parts):
        yield "subscribe-missing", ""


def addresses(made: Composed) -> list[str]:
    """The addresses to which a letter leads, each once, in order, but for the two that stand for others."""
    found = [one.get("href", "") for one in html.fromstring(made.html).iter("a")]
    return list(dict.fromkeys(one for one in found if one and not one.startswith((LEAVE, CODE))))


def paths(content: Content, made: Composed) -> dict[str, str]:
    """Address → path of the site, for those that lead to it: what ``known`` is going to be asked. The page of the issue
    itself is not among them: it is there once it has left."""
    site = content.web.partition("/lettre/")[0]
    found = {}
    for one in addresses(made):
        inside = one == site or one.startswith((f"{site}/", f"{site}?", f"{site}#"))
        if site and inside and one != content.web:
            found[one] = one[len(site) :].partition("#")[0].partition("?")[0] or "/"
    return found


def _links(content: Content, made: Composed, known: Callable[[str], bool]) -> Iterator[Pair]:
    for address, path in paths(content, made).items():
        if path.startswith(_PERSONAL):
            yield "link-personal", address
        elif not known(path):
            yield "link-dead", address

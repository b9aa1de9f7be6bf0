"""Help to write easy French: what the European easy-to-read rules ask for, counted in a text.

"Information for all" (Inclusion Europe; Unapei in France): short sentences, known words, active voice, positive
sentences, no abbreviation, no percentage, no large number, few parentheses, speak to people directly. It is help for
who writes: it cannot tell whether people understand. Only people concerned, who read the text, can say that.

Syllables stand for rarity: no list of frequent French words has a licence that we could ship with.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from reseau.core.wording import Wording, _

MAX_WORDS = 15  # of a sentence
MAX_SYLLABLES = 3
MAX_REMARKS = 100
MAX_READ = 20_000  # characters

#: What each remark tells whoever writes. ``%(word)s`` and the like: ``Remark.values``.
ADVICE: dict[str, str] = {
    "sentence": _("Phrase longue : %(count)s mots. Faites-en deux phrases, de 15 mots au plus."),
    "word": _("Mot long : « %(word)s ». Y a-t-il un mot plus court ?"),
    "jargon": _("Mot difficile : « %(word)s ». Plus simple : %(simple)s."),
    "passive": _("Forme passive : « %(word)s ». Dites qui fait quoi."),
    "subjunctive": _("Tournure difficile : « %(word)s ». Essayez une phrase au présent."),
    "negation": _("Deux négations dans une phrase. Dites plutôt ce qu’il faut faire."),
    "abbreviation": _("Abréviation : « %(word)s ». Écrivez le mot entier, ou expliquez-la."),
    "percentage": _("Pourcentage : « %(word)s ». Dites plutôt « peu », « la moitié », « 1 personne sur 10 »."),
    "number": _("Grand nombre : « %(word)s ». Dites plutôt « beaucoup », ou expliquez."),
    "parenthesis": _("Parenthèses : « %(word)s ». Faites plutôt une phrase."),
    "address": _("« %(word)s » : parlez à la personne, dites « vous »."),
}
#: The same, counted.
COUNTED: dict[str, str] = {
    "sentence": _("phrases longues : %(num)s"),
    "word": _("mots longs : %(num)s"),
    "jargon": _("mots difficiles : %(num)s"),
    "passive": _("formes passives : %(num)s"),
    "subjunctive": _("tournures difficiles : %(num)s"),
    "negation": _("doubles négations : %(num)s"),
    "abbreviation": _("abréviations : %(num)s"),
    "percentage": _("pourcentages : %(num)s"),
    "number": _("grands nombres : %(num)s"),
    "parenthesis": _("parenthèses : %(num)s"),
    "address": _("« nous » ou « on » : %(num)s"),
}

_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_END = re.compile(r"(?<=[.!?…:;])[\s»)]+|\n+")
_VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+")
_LINK = re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\n]{0,500}\)")
_CODE = re.compile(
    r"`[^`\n]*`|https?://\S+|(?<!\S)\S{1,64}@\S+|\b(?:[\w-]{1,63}\.){1,4}(?:fr|com|org|eu|net)\b(?:/\S*)?"
)
_QUOTED = re.compile(r"«[^«»\n]{1,80}»")  # what stands on a button: nobody here can change it
_LIST = re.compile(r"^[ \t]*(?:[-*+•>]|\d+[.)]|#{1,6})[ \t]+", re.MULTILINE)
_ACRONYM = re.compile(r"\b[A-ZÉÈ]{2,}\b")
_EXPLAINED = re.compile(r"\b([A-ZÉÈ]{2,}) (?:est|sont|veut dire|signifie|\()")
_SHORT = re.compile(r"\b(?:etc|cf|ex|tél|env|max|min|p\.\s?ex)\.|\bn°|\bM(?:me|lle|r)?\b\.?(?=\s[A-Z])", re.IGNORECASE)
_PERCENT = re.compile(r"\d+(?:[,.]\d+)?\s?%")
_NUMBER = re.compile(r"(?<![\d,.])(?!0)(?:\d{1,3}(?:[ \u00a0\u202f.]\d{3})+|\d{6,})(?![\d ]*\d)")
_PARENTHESIS = re.compile(r"\([^()\n]{1,300}\)")
_SUBJUNCTIVE = re.compile(
    r"\b(?:(?:afin|bien|pour|avant|sans) qu[e’'] ?\w+|à moins qu[e’'] ?\w+|quoiqu[e’'] ?\w+|"
    r"qu[e’'] ?(?:\w+ )?(?:soi(?:s|t|ent)|soy(?:ez|ons)|aient|ayez|puiss\w+|fass\w+|aill\w+|sach\w+|veuill\w+))",
    re.IGNORECASE,
)
_NEGATION = re.compile(r"\b(?:ne |n[’'])", re.IGNORECASE)
_ADDRESS = re.compile(r"(?<![\w’'-])(?:nous|on)(?![\w’'-])", re.IGNORECASE)
_BE = (
    r"(?<![’'\w])(?:es|est|sommes|êtes|sont|étai(?:s|t|ent)|étiez|étions|ser(?:a|as|ez|ons|ont|ai)|serai(?:t|ent)|"
    r"soi(?:t|ent)|été|être)"
)
_PARTICIPLE = (
    r"(?:\w{2,}ée?s?|(?:re|dé)?(?:mis|pris|dit|fait)e?s?|(?:permis|promis|transmis|admis|compris|acquis)e?s?|"
    r"(?:ins|dé|pres|trans)?(?:é)?crite?s?|interdite?s?|(?:off|ouv|couv|découv|souff)erte?s?|"
    r"(?:con|pro|intro|ré|tra)?(?:d|str)uite?s?|(?:re)?(?:ç|conn|v|l|tenu|vend|rend|perd|entend|attend)ue?s?|"
    r"(?:ob|re|dé|main)?tenue?s?|prévue?s?|dus?|due?s?|voulue?s?|"
    r"(?:chois|rempl|serv|suiv|fourn|garant|établ|avert|pun|réun|répart|sais|défin|sub|f[iî]n)ie?s?)"
)
_PASSIVE = re.compile(rf"{_BE}(?: (?:pas|plus|jamais|bien|déjà|souvent|toujours|aussi|\w+ment))? {_PARTICIPLE}\b")
#: Compound past with "être", states, and words that only look like participles.
_NOT_PASSIVE = re.compile(
    r" (?:all|arriv|entr|rentr|mont|rest|tomb|retourn|pass|n|décéd)ée?s?$| (?:santé|été|côté|clé|gré|café|marié|mariée|"
    r"(?:dé)?connectée?s?|âgée?s?|fatiguée?s?|handicapée?s?|retraitée?s?|située?s?|agréée?s?|obligée?s?|privée?s?|"
    r"perdue?s?|éloignée?s?|malgré|pressée?s?|intéressée?s?|concernée?s?|inquiète?s?)$",
    re.IGNORECASE,
)
#: Abbreviations that are better known than what they stand for.
_KNOWN = frozenset({"SMS", "TV", "DVD", "CD", "PDF", "FALC", "PIN", "ID", "MP", "USB", "OK"})


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that is hard to read. ``code``: of :data:`ADVICE`. ``excerpt``: where it is, as written."""

    code: str
    excerpt: str
    values: dict[str, Any] = field(default_factory=dict)

    def advice(self, wording: Wording) -> str:
        """What to do, in the writer's language."""
        return wording.gettext(ADVICE[self.code], **self.values)


def analyse(text: str) -> list[Remark]:
    """What is hard to read in ``text`` (Markdown), in the order of the text; at most ``MAX_REMARKS``."""
    plain = plain_text(text[:MAX_READ])
    found: list[Remark] = []
    told: set[tuple[str, str]] = set()
    for sentence in sentences(plain):
        for remark in _of_sentence(sentence, plain):
            said = (remark.code, str(remark.values.get("word", len(found))).lower())
            if said not in told:  # a word is said once, however often it comes
                told.add(said)
                found.append(remark)
        if len(found) >= MAX_REMARKS:
            break
    return found[:MAX_REMARKS]


def counted(remarks: list[Remark], wording: Wording) -> list[str]:
    """``phrases longues : 2``, the most frequent first."""
    many = Counter(remark.code for remark in remarks)
    return [wording.gettext(COUNTED[code], num=number) for code, number in many.most_common()]


def plain_text(text: str) -> str:
    """The words of Markdown, one line an item; addresses of sites and mail left out."""
    plain = unicodedata.normalize("NFC", text)
    plain = _CODE.sub(" ", _LINK.sub(r"\1", plain))
    plain = _LIST.sub("", plain)
    return re.sub(r"[*_~]{1,3}", "", plain).replace("\u00a0", " ").replace("\u202f", " ")


def sentences(plain: str) -> list[str]:
    """The sentences of a plain text. A colon or a semicolon ends one, as does a line: a list is many short ones."""
    return [piece.strip() for piece in _END.split(plain) if piece and _TOKEN.search(piece)]


def syllables(word: str) -> int:
    """Syllables of a French word, as one hears them: a final *e* is mute."""
    lower = word.lower()
    heard = re.sub(r"(?<=[^aeiouyàâäéèêëîïôöùûüœæ])(?:e|es|ent)$", "", lower) if len(lower) > 3 else lower
    split = re.sub(r"([iu])(o|a|é|è|eu)", r"\1\2", re.sub(r"^qu|(?<=[^a-z])qu|gu(?=[eiéè])|qu", "k", heard))
    return len(_VOWELS.findall(split))


def _of_sentence(sentence: str, whole: str) -> Iterator[Remark]:
    tokens = [match[0] for match in _TOKEN.finditer(sentence)]
    if len(tokens) > MAX_WORDS:
        yield Remark("sentence", sentence[:200], {"count": len(tokens)})
    yield from _words(sentence)
    for match in _PASSIVE.finditer(sentence):
        if not _NOT_PASSIVE.search(match[0]):
            yield Remark("passive", sentence[:200], {"word": match[0]})
    for code, pattern in (
        ("subjunctive", _SUBJUNCTIVE), ("percentage", _PERCENT), ("number", _NUMBER), ("parenthesis", _PARENTHESIS),
        ("address", _ADDRESS),
    ):  # fmt: skip
        for match in pattern.finditer(sentence):
            yield Remark(code, sentence[:200], {"word": match[0].strip()[:80]})
    if len(_NEGATION.findall(sentence)) > 1:
        yield Remark("negation", sentence[:200])
    yield from _abbreviations(sentence, whole)


def _words(sentence: str) -> Iterator[Remark]:
    known, simple, pattern = _lexicon()
    hard: set[str] = set()
    ours = _QUOTED.sub(" ", sentence)
    tokens = [match[0] for match in _TOKEN.finditer(ours)]
    for match in pattern.finditer(ours):
        hard.update(match[0].lower().split())
        yield Remark("jargon", sentence[:200], {"word": match[0], "simple": simple[_base(match[0], simple)]})
    for token in tokens:
        word = re.split(r"[-'’]", token)[-1] if re.match(r"\w{1,2}['’]", token) else token
        lower = word.lower()
        # A name is not a rare word, and two short words with a hyphen are not a long one.
        if "-" in word or word[:1].isupper() or lower in hard or lower in known or lower.removesuffix("s") in known:
            continue
        if syllables(word) > MAX_SYLLABLES and lower.removesuffix("ez") + "er" not in known:
            yield Remark("word", sentence[:200], {"word": word})


def _abbreviations(sentence: str, whole: str) -> Iterator[Remark]:
    shouted = sentence.upper() == sentence
    for match in _ACRONYM.finditer(sentence):
        word = match[0]
        if not (shouted or word in _KNOWN or word in _explained(whole)):
            yield Remark("abbreviation", sentence[:200], {"word": word})
    for match in _SHORT.finditer(sentence):
        yield Remark("abbreviation", sentence[:200], {"word": match[0]})


@lru_cache(4)
def _explained(whole: str) -> frozenset[str]:
    """The acronyms that a text explains. Once a text: looking for each in all of it took seconds for a hostile one."""
    return frozenset(_EXPLAINED.findall(whole))


def _base(found: str, simple: dict[str, str]) -> str:
    """The entry of which ``found`` is a form."""
    lower = found.lower().replace("'", "’")
    return max((entry for entry in simple if lower.startswith(_stem(entry))), key=len, default="via")


def _stem(entry: str) -> str:
    """What all forms of an entry begin with: a verb in -er or -ir loses its ending, and what follows it."""
    return re.sub(r"(?<=\w{3})(?:er|ir)(?: .*)?$", "", entry)


def _forms(entry: str) -> str:
    first, _, rest = entry.partition(" ")
    stem = _stem(first)
    endings = "e?s?" if stem == first else "(?:ers?|ez|es?|ent|ée?s?|irs?|it|is|issez)"
    written = entry + endings if stem == first else stem + endings + (f" {rest}" if rest else "")
    return written.replace("’", "[’']")


@cache
def _lexicon() -> tuple[frozenset[str], dict[str, str], re.Pattern[str]]:
    with Path(__file__).with_name("falc.toml").open("rb") as file:
        data = tomllib.load(file)
    simple: dict[str, str] = data["plus-simple"]
    forms = "|".join(_forms(entry) for entry in sorted(simple, key=len, reverse=True))
    return frozenset(data["connus"]), simple, re.compile(rf"(?<![\w-])(?:{forms})(?![\w-])", re.IGNORECASE)

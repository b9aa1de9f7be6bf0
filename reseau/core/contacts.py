"""Telephone numbers, mail addresses and links, as people and registers write them.

Every repair is a named rule, and a ``Cleaned`` says which ones changed the text: a repair that nobody
can see is a guess. What cannot be read is refused with a machine code, never replaced by something
plausible: a wrong number sends a patient to a stranger.

What it is not: a check that the number answers or that the page exists.

Sources: E.164 (ITU) through ``phonenumbers``; ARCEP decision 2018-0881 for the numbers kept for
fiction; RFC 2606 for the mail domains that cannot exist. The spellings come from the tests of
mednum-cli (MIT), whose losses are not copied.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import phonenumbers
from phonenumbers import shortnumberinfo

from reseau.core.mending import Rule, Step, mend, sub
from reseau.core.nominative import ANY_AT, is_nominative, without_people

__all__ = [
    "Cleaned", "clean_emails", "clean_phone", "clean_urls", "deliverable", "is_nominative", "mails_without_people",
    "unreadable_mail", "without_people",
]  # fmt: skip

_MAX_INPUT: Final = 2_000  # Characters read: a contact field is a line; more is hostile or misplaced text.
_MAX_URL: Final = 2_000


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One part of a contact field, cleaned.

    ``value``: the number (E.164, or a short number as is), address or link; None when refused or empty.
    ``reason``: machine code of the refusal, or ``courriel-nominatif`` which comes *with* a value (keep it
    apart, never show it); None when there is nothing to say. ``raw``: the part as it was written.
    ``steps``: the repairs that changed it, with the text before and after each; ``rules``: their names. ``others``:
    of a telephone field, the other usable numbers.
    """

    value: str | None
    reason: str | None = None
    raw: str = ""
    steps: tuple[Step, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the repairs, in the order in which they were made."""
        return tuple(name for name, _, _ in self.steps)


def _input(raw: object) -> str:
    """Return the text of a cell, trimmed and capped; empty when it says nothing (blank, dashes, a boolean)."""
    if raw is None or isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return ""
    if isinstance(raw, int) and raw.bit_length() > 64:
        return ""  # Python refuses to write out very long integers; no contact is one.
    text = unicodedata.normalize("NFKC", str(raw)[:_MAX_INPUT]).replace('"', "")
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip()
    if isinstance(raw, float) and text.endswith(".0"):
        text = text[:-2]
    return text if re.search(r"\w", text) and text.casefold() not in ("null", "none", "nan") else ""


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text)
    return "".join(c for c in bare if not unicodedata.combining(c))


# --- telephone ---------------------------------------------------------------------------------------

# Country codes of the standard's pattern (1.0.2, field `telephone`), and the regions that share the
# French national format: there the first four digits tell the territory, hence the table.
_CODES: Final = frozenset((33, 590, 594, 596, 262, 269, 687, 689, 508, 681))
_OVERSEAS: Final = {
    "GP": ("0590", "0690", "0691"),
    "GF": ("0594", "0694"),
    "MQ": ("0596", "0696", "0697"),
    "RE": ("0262", "0263", "0692", "0693"),
    "YT": ("0269", "0639"),
    "PM": ("0508", "0708"),
}
#: Digits of a number where nobody dials a 0 before it: Nouvelle-Calédonie, Polynésie, Wallis-et-Futuna, Saint-Pierre.
LOCAL: Final = {"NC": 6, "PF": 8, "WF": 6, "PM": 6}
_FICTIONAL: Final = ("019900", "026191", "035301", "046571", "053649", "063998")

_PHONE_RULES: Final = (
    sub("zero-optionnel", r"\(\s*0\s*\)"),
    sub("parentheses-indicatif", r"\(\s*(\+?\s*\d{2,3})\s*\)", r"\1"),
    sub("remarque", r"\([^()]*\)?"),
    sub("poste", r"(?<=\d)\s*,?\s*\b(?:poste|p\.|ext\.?)\s*:?\s*\d{1,5}(?!\d)"),
    sub("barres-entre-chiffres", r"(?<!\d)(\d\d)/(\d\d)/(\d\d)/(\d\d)/(\d\d)(?!\d)", r"\1 \2 \3 \4 \5"),
)
_NUMBER_RULES: Final = (
    sub("ponctuation", r"[^\d+]"),
    sub("plus-zero", r"^\+0(?=[1-9]\d{8}$)", "0"),
    sub("prefixe-00", r"^00(?=[1-9]\d{9,})", "+"),
    sub("zero-apres-indicatif", r"^\+?330(?=[1-9]\d{8}$)", "+33"),
    sub("plus-manquant", r"^(33[1-9]\d{8}|(?:590|594|596|262)\d{9})$", r"+\1"),
    sub("zero-perdu", r"^([1-9]\d{8})$", r"0\1"),
)
_LOCAL_RULES: Final = (
    *(rule for rule in _NUMBER_RULES if rule.name not in ("zero-perdu", "plus-manquant")),
    sub("plus-manquant", r"^(33[1-9]\d{8}|(?:687|681|508)\d{6}|689\d{8})$", r"+\1"),
)
_PHONE_SPLIT = re.compile(r"[;|,\n/]+|\s(?:ou|et|puis)\s", re.IGNORECASE)
_DIGIT_RUN = re.compile(r"\+?\s?\d(?:[\s.\-–—_]*\d)+")


def clean_phone(raw: object, region: str | None = None) -> Cleaned:
    """Return the first usable French number of a cell, in E.164 (``+33320815757``) or short (``3646``).

    ``raw``: text or number, as in the source. ``region``: of the place (ISO 3166, ``NC``), where numbers are dialled
    without a first 0 (``LOCAL``). Refusals: ``telephone-illisible``, ``telephone-fictif``
    (ARCEP's ranges for fiction: unknown, never shown), ``telephone-etranger``. An empty cell is
    ``Cleaned(None)``. Never raises.
    """
    text = _input(raw)
    return _clean_phone(text, region if region in LOCAL else None) if text else Cleaned(None)


@lru_cache(4_096)  # a register repeats its switchboards
def _clean_phone(text: str, region: str | None) -> Cleaned:
    repaired, steps = mend(text, _PHONE_RULES)
    refused: str | None = None
    found: dict[str, tuple[Step, ...]] = {}
    for run in _digit_runs(repaired):
        number, more = mend(run, _NUMBER_RULES if region is None else _LOCAL_RULES)
        value, reason = _read_number(number, region)
        if value is not None:
            found.setdefault(value, more)
        refused = refused or reason
    if not found:
        return Cleaned(None, refused or "telephone-illisible", text, steps)
    value, *others = found
    return Cleaned(value, None, text, steps + found[value], tuple(other for other in others if len(other) > 6))


def _digit_runs(text: str) -> Iterator[str]:
    for piece in _PHONE_SPLIT.split(text):
        yield from (match.group().strip() for match in _DIGIT_RUN.finditer(piece))


def _read_number(number: str, region: str | None) -> tuple[str | None, str | None]:
    if region and len(number) == LOCAL[region] and number.isdecimal():
        local = phonenumbers.parse(number, region)
        if phonenumbers.is_valid_number(local):
            return phonenumbers.format_number(local, phonenumbers.PhoneNumberFormat.E164), None
    if len(number) <= 4 or number.startswith("116"):
        return _read_short(number)
    if not (number.startswith("+") or re.fullmatch(r"0[1-9]\d{8}", number)):
        return None, "telephone-illisible"  # 9 digits after a zero, 10 without one: a digit is missing.
    national = "0" + number[3:] if number.startswith("+33") else number
    if national.startswith(_FICTIONAL) and len(national) == 10:
        return None, "telephone-fictif"
    try:
        parsed = phonenumbers.parse(number, _region(number))
    except phonenumbers.NumberParseException:
        return None, "telephone-illisible"
    if not phonenumbers.is_valid_number(parsed):
        return None, "telephone-illisible"
    if parsed.country_code not in _CODES:
        return None, "telephone-etranger"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), None


def _read_short(number: str) -> tuple[str | None, str | None]:
    # Shown as they are dialled. Replacing 3960 by a long number (as mednum-cli does) shows a number
    # that nobody knows and that changes without notice.
    if not re.fullmatch(r"3\d{3}|1\d{1,3}|116\d{3}", number):
        return None, "telephone-illisible"
    valid = shortnumberinfo.is_valid_short_number_for_region(phonenumbers.parse(number, "FR"), "FR")
    return (number, None) if valid else (None, "telephone-illisible")


def _region(number: str) -> str:
    return next((region for region, starts in _OVERSEAS.items() if number.startswith(starts)), "FR")


# --- mail --------------------------------------------------------------------------------------------

_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+=?^_`{}~-]+(?:\.[a-z0-9!#$%&'*+=?^_`{}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
)
_RESERVED_DOMAINS = re.compile(r"(?:^|\.)(?:invalid|example|test|localhost|example\.(?:com|net|org))$")

_EMAIL_RULES: Final = (
    sub("mailto", r"^\W*mailto:\s*"),
    sub("libelle", r"^(?:adresse\s+)?(?:e-?mail|mél|courriels?|contact)\s*:\s*"),
    sub("remarque", r"\([^()]*\)?"),
    sub("arobase-cachee", r"\s*(?:\[\s*(?:a|at|arobase)\s*\]|\{\s*(?:a|at)\s*\})\s*", "@"),
    sub("arobase-double", r"@{2,}", "@"),
    sub("espace-avant-point", r"(?<=\w)\s+\.(?=\w)", "."),
    sub("ponctuation-au-bord", r"^[^\w@]+|[\s,:;<>\"']+$"),
    Rule("accents", lambda text: not text.isascii(), _plain),
    Rule("casse", lambda text: text != text.lower(), str.lower),
)
_EMAIL_SPLIT = re.compile(r"[|;,\n/<>]+|\s(?:ou|et|puis)\s", re.IGNORECASE)
_CUT_DOMAIN = re.compile(r"([^\s@]+@[\w-]+)\s+((?!www\.)[\w-]+(?:\.[\w-]+)+)")


_LOCAL = re.compile(r"[a-z0-9!#$%&'*+=?^_`{}~-]+(?:\.[a-z0-9!#$%&'*+=?^_`{}~-]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_TOP = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}")
_MAX_EMAIL: Final = 254  # RFC 5321 §4.5.3.1.3 less the brackets; the local part has 64, a domain 253 (RFC 1035)


def deliverable(text: str) -> str | None:
    """Return the one spelling of a person's mail address, or None when no mail of ours can go there.

    Two spellings that reach one mailbox must be one text, or one person has two accounts: letters of other widths are
    the plain ones, all is lower case, the domain is written as DNS knows it (``xn--…``), without its last dot.
    Refused: IP addresses, domains of one label, what is no name of a host, local parts beyond ASCII (servers that take
    them are rare, and look-alikes are not).
    """
    if len(text) > _MAX_INPUT:
        return None
    local, at, domain = unicodedata.normalize("NFKC", text).strip().lower().rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        return None
    try:
        host = domain.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:  # an empty label, or one over 63 characters
        return None
    labels = host.split(".")
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or not _TOP.fullmatch(labels[-1]):
        return None
    return f"{local}@{host}" if len(host) <= 253 and len(local) + 1 + len(host) <= _MAX_EMAIL else None


def clean_emails(raw: object) -> tuple[Cleaned, ...]:
    """Return one ``Cleaned`` per address of a cell, in order, each address once.

    Refusals: ``courriel-illisible``, ``courriel-fictif`` (RFC 2606 domains: unknown, never shown).
    ``courriel-nominatif`` keeps its value: the address works, but it is a person's. An empty cell gives
    an empty tuple. Never raises.
    """
    found: dict[str, Cleaned] = {}
    for part in _email_parts(_input(raw)):
        cleaned = _read_email(part)
        found.setdefault(cleaned.value or f"\0{cleaned.raw}", cleaned)
    return tuple(found.values())


def _email_parts(text: str) -> Iterator[str]:
    for part in _EMAIL_SPLIT.split(text):
        words = part.split()
        # Two addresses with a mere space between them; with other words around, the cell is prose.
        if len(words) > 1 and all(word.count("@") == 1 for word in words):
            yield from words
        elif re.search(r"\w", part):
            yield part.strip()


def _read_email(part: str) -> Cleaned:
    text, steps = mend(part, _EMAIL_RULES)
    joined = _CUT_DOMAIN.fullmatch(text)
    if joined:  # "contact@latelierde malauzat.fr": a domain needs its dot, so the space cannot end it.
        fixed = joined[1] + joined[2]
        text, steps = fixed, (*steps, ("espace-dans-le-domaine", text, fixed))
    # "aifpplaine centrale@…" is refused: was it "aifpplaine.centrale" or a remark? Both exist.
    if len(text) > 254 or not _EMAIL.fullmatch(text):
        return Cleaned(None, "courriel-illisible", part, steps)
    if _RESERVED_DOMAINS.search(text.split("@")[1]):
        return Cleaned(None, "courriel-fictif", part, steps)
    return Cleaned(text, "courriel-nominatif" if is_nominative(text) else None, part, steps)


def mails_without_people(text: str) -> str:
    """A cell of mail addresses as it was written, without what may say who a person is: of an address of a person, and
    of one that cannot be read, what stands before the @. A cell in which nothing is hidden stays as it is."""
    parts = list(_email_parts(_input(text)))
    shown = [unreadable_mail(part) if _hides(part) else part for part in parts]
    return " | ".join(shown) if shown != parts else text


def _hides(part: str) -> bool:
    cleaned = _read_email(part)
    return cleaned.reason == "courriel-nominatif" or cleaned.value is None


def unreadable_mail(part: str) -> str:
    """One address without what stands before its @; without an @, only when it does not look like a person's."""
    signs = list(ANY_AT.finditer(part))
    if signs:
        after = part[signs[-1].end() :].split()
        return f"…@{after[0] if after else ''}"
    return "…" if is_nominative(".".join(part.split())) else part


# --- links -------------------------------------------------------------------------------------------

_URL_RULES: Final = (
    sub("ponctuation-au-bord", r"^[\s\"'<(\[]+|[\s\"'>,;]+$"),
    sub("protocole-double", r"^(?:https?:/*)+(?=https?\b[:/])"),
    sub("deux-points-deplaces", r"^(https?)//+:?/*", r"\1://"),
    sub("deux-points-manquants", r"^(https?)/+(?=[\w-]+\.)", r"\1://"),
    sub("barres", r"^(https?):(?:/?|/{3,})(?=[^\W_])", r"\1://"),
    sub("virgule-apres-www", r"^((?:https?://)?www)[,:;](?=\w)", r"\1."),
    # http, not https: it is what was typed until now, and a site that only knows http would be lost.
    sub("protocole-manquant", r"^(?=(?:[\w-]+\.)+[a-z]{2,24}(?:[/?#:]|$))", "http://"),
)
# "ou", "et", "/" part two links only where a link follows: "…Mairie et services municipaux49.fr" is one mistake.
_URL_SPLIT = re.compile(
    r"[|\n]+|\s(?:ou|et|/|-)\s+(?=https?:|[\w-]+\.)|[;,](?=\s*(?:https?:|www\.))|\s+(?=https?:)", re.IGNORECASE
)
_GLUED = re.compile(r"(?<=[\w/])(?=https?://)", re.IGNORECASE)
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,24}")
_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*:", re.IGNORECASE)


def clean_urls(raw: object) -> tuple[Cleaned, ...]:
    """Return one ``Cleaned`` per link of a cell, http or https only, in order, each link once.

    Refusals: ``url-illisible``, ``url-interdite`` (``javascript:``, ``data:``, a password in the
    address…), ``url-fictive`` (RFC 2606). A bare ``http://`` says nothing and is left out. Never raises.
    """
    found: dict[str, Cleaned] = {}
    for part in _url_parts(_input(raw)):
        if re.fullmatch(r"https?:?/*", part, re.IGNORECASE):
            continue
        cleaned = _read_url(part)
        found.setdefault(cleaned.value or f"\0{cleaned.raw}", cleaned)
    return tuple(found.values())


def _url_parts(text: str) -> Iterator[str]:
    for part in _URL_SPLIT.split(text):
        piece = part.strip()
        # An address inside a query or an archive is part of the link; elsewhere two links were glued.
        if "?" not in piece and "web.archive.org" not in piece:
            repaired = re.sub(r"^(?:https?:/*)+(?=https?:)", "", piece, flags=re.IGNORECASE)
            pieces = _GLUED.split(repaired)
            if len(pieces) > 1:
                yield from (glued for glued in pieces if glued)
                continue
        if re.search(r"\w", piece):
            yield piece


def _read_url(part: str) -> Cleaned:
    text, steps = mend(part, _URL_RULES)
    if not re.match(r"https?://", text, re.IGNORECASE):
        # "localhost:80" and "www.x.fr:80" have been given their protocol above: here a colon is a scheme.
        code = "url-interdite" if _SCHEME.match(text) else "url-illisible"
        return Cleaned(None, code, part, steps)
    if len(text) > _MAX_URL or re.search(r"[\s<>\"\\^`{}]", text):
        return Cleaned(None, "url-illisible", part, steps)
    try:
        pieces = urlsplit(text)
        host, port = (pieces.hostname or "").rstrip("."), pieces.port
    except ValueError:
        return Cleaned(None, "url-illisible", part, steps)
    if pieces.username is not None or pieces.password is not None:
        return Cleaned(None, "url-interdite", part, steps)
    if not _HOST.fullmatch(host):
        return Cleaned(None, "url-illisible", part, steps)
    if _RESERVED_DOMAINS.search(host):
        return Cleaned(None, "url-fictive", part, steps)
    netloc = host if port is None else f"{host}:{port}"
    value = urlunsplit((pieces.scheme.lower(), netloc, pieces.path, pieces.query, pieces.fragment))
    return Cleaned(value, None, part, steps)

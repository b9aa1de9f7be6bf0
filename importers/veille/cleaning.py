"""From what a feed says to an entry of ours: text, date, language, id, what is kept. Pure."""

from __future__ import annotations

import calendar
import hashlib
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from importers.targets.texts import clean_url, extract, plain
from importers.targets.watch import Entry
from reseau.core.text import fold
from resources.base import langs

MAX_TITLE, MAX_SUMMARY = 300, 500
MAX_RULES = 50
"""Words of a rule: more would be no rule."""
OLDEST_YEAR, NEWEST_YEAR = 1990, 2100


@dataclass(frozen=True, slots=True)
class Said:
    """One entry as its feed says it: HTML or text. ``id``: its guid, or "". ``at``: aware, or None."""

    id: str = ""
    url: str = ""
    title: str = ""
    summary: str = ""
    lang: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What is kept of a feed. ``words``: one of them at least; ``without``: none of them.

    Each is one word or several in a row, without regard to accents and case; a word is the beginning of one that is
    read ("médiat" keeps "médiatrice")."""

    words: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    theme: str = ""
    lang: str = ""

    def keep(self, text: str) -> bool:
        """Whether a title with its summary is kept."""
        folded = f" {fold(text)}"
        if any(f" {word}" in folded for word in self.without):
            return False
        return not self.words or any(f" {word}" in folded for word in self.words)


def read_words(text: str) -> tuple[str, ...]:
    """The words of a rule: separated by commas, semicolons or lines; folded, each once."""
    pieces = (fold(piece) for piece in re.split(r"[,;\n]", text))
    return tuple(dict.fromkeys(piece for piece in pieces if piece))[:MAX_RULES]


def clean(said: Said, rules: Rules, base: str = "") -> Entry | str:
    """An entry of ours, or the code of the reason why there is none (``sentences.REASONS``).

    :param base: what its relative addresses are relative to.
    """
    url = clean_url(said.url, base)
    if not url:
        return "entree-sans-adresse"
    summary = extract(plain(said.summary), MAX_SUMMARY)
    title = extract(plain(said.title), MAX_TITLE) or extract(summary, 80)
    if not title:
        return "entree-sans-titre"
    if not rules.keep(f"{title} {summary}"):
        return "entree-hors-sujet"
    lang = rules.lang or langs.tag(said.lang) or "fr"
    summary = "" if fold(summary) == fold(title) else summary
    return Entry(guid_of(said, url), url, title, summary, lang, rules.theme, said.at)


def guid_of(said: Said, url: str) -> str:
    """SHA-256 (64 hex) of its id, else of its address: the same at each run, whatever its length."""
    return hashlib.sha256((said.id.strip() or url).encode("utf-8", "replace")).hexdigest()


def moment(parsed: time.struct_time | None) -> datetime | None:
    """What ``feedparser`` made of a date (UTC), or None for one that cannot be."""
    if parsed is None:
        return None
    try:
        return sane(datetime.fromtimestamp(calendar.timegm(parsed), UTC))
    except (ValueError, OverflowError, OSError):
        return None


def iso_moment(text: object) -> datetime | None:
    """A date of RFC 3339 (JSON Feed), or None. Without a zone: UTC."""
    try:
        found = datetime.fromisoformat(str(text).strip())
        return sane(found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def sane(at: datetime) -> datetime | None:
    """A date, unless it is that of a clock that was never set."""
    return at if OLDEST_YEAR <= at.year < NEWEST_YEAR else None


def newest(entries: Iterable[Said], most: int) -> list[Said]:
    """At most ``most`` entries: those without a date as the feed has them, after the newest."""
    listed = list(entries)
    if len(listed) <= most:
        return listed
    dated = sorted(listed, key=lambda one: one.at or datetime(1, 1, 1, tzinfo=UTC), reverse=True)
    return dated[:most]

"""An issue as it would leave now: each edition in each language, and what is wrong with it. Without Pyramid."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from feeds.newsletter.composing import checks
from feeds.newsletter.composing.addresses import SUBSCRIBE
from feeds.newsletter.composing.checks import Finding
from feeds.newsletter.composing.compose import compose
from feeds.newsletter.composing.reading_rows import content_of, for_network, left_out, of_language
from feeds.newsletter.content import CODE, LEAVE, SECTIONS, Composed, Content
from feeds.newsletter.models import Edition, Issue
from feeds.newsletter.writing.drafting import subjects
from reseau.core import cards
from reseau.core.clock import local_day
from reseau.core.ids import UUID_PATTERN
from reseau.core.letters import Site
from reseau.core.wording import _
from reseau.settings import Settings
from resources.base.addresses import KINDS

_OBJECT = re.compile(rf"/(?:.*{UUID_PATTERN}.*|(?:{'|'.join(KINDS)})/[^/]+.*)")
PROPOSED = _("L’objet n’est pas traduit : vous avez changé celui en français, celui-ci est encore le titre proposé.")
UNTOLD = _("Une information gardée n’est pas dans la lettre : ce dont elle parle n’est plus lisible par tous.")
NOT_RELAYED = _("Une information n’est pas dans l’édition à transmettre : seul le réseau peut lire ce dont elle parle.")
Routed = Callable[[str], bool]
"""Whether the site has a page at a path."""


@dataclass(frozen=True, slots=True)
class Looked:
    """An issue as it would leave now. ``weights``: (edition, language) → bytes of its HTML."""

    findings: tuple[Finding, ...]
    weights: Mapping[tuple[str, str], int]

    @property
    def stops(self) -> list[Finding]:
        """What keeps it from leaving."""
        return [one for one in self.findings if one.level == "stop"]

    @property
    def advice(self) -> list[Finding]:
        """What one may send all the same."""
        return [one for one in self.findings if one.level != "stop"]


def everywhere(_path: str) -> bool:
    """For processes that have no pages to compare with: only objects are looked for."""
    return True


def contents(
    session: Session, issue: Issue, edition: Edition, langs: Iterable[str], settings: Settings, now: datetime
) -> dict[str, Content]:
    """Language → what it tells."""
    site, day = Site.of(settings), local_day(now, settings.timezone)
    return {lang: content_of(session, issue, lang, edition.value, site, day) for lang in langs}


def made(session: Session, issue: Issue, edition: Edition, lang: str, settings: Settings, now: datetime) -> Composed:
    """The mail of one edition in one language, with addresses that lead nowhere in particular instead of its
    reader's."""
    (content,) = contents(session, issue, edition, (lang,), settings, now).values()
    return as_read(compose(content, Site.of(settings)), Site.of(settings))


def as_read(composed: Composed, site: Site) -> Composed:
    """A mail whose placeholders are addresses: those of the public page."""
    public = site.url + SUBSCRIBE

    def put(text: str) -> str:
        return text.replace(LEAVE, public).replace(CODE, public)

    return Composed(composed.lang, composed.subject, put(composed.html), put(composed.text))


def look(session: Session, issue: Issue, settings: Settings, now: datetime, routed: Routed = everywhere) -> Looked:
    """Both editions in all languages of an issue, and what is wrong with them; what both have is said once."""
    site, found, weights = Site.of(settings), list[Finding](), dict[tuple[str, str], int]()
    for edition in (Edition.GENERAL, Edition.RELAY):
        told = contents(session, issue, edition, issue.langs, settings, now)
        composed = {lang: compose(content, site) for lang, content in told.items()}
        paths = {path for lang, one in told.items() for path in checks.paths(one, composed[lang]).values()}
        found += checks.check(told, composed, _known(session, paths, routed))
        weights |= {(edition.value, lang): len(one.html.encode()) for lang, one in composed.items()}
        found += _untold(session, issue, edition)
    found += _proposed(issue, settings)
    findings = sorted(dict.fromkeys(found), key=lambda one: one.level != "stop")
    return Looked(tuple(findings), weights)


def _proposed(issue: Issue, settings: Settings) -> list[Finding]:
    """One advice for each language whose subject is still the one that was proposed, while the French one is not."""
    proposed = subjects(settings, issue.created_at)
    if issue.subject.get("fr") == proposed["fr"]:
        return []
    return [
        Finding("subject-proposed", "warn", lang, PROPOSED, proposed[lang])
        for lang in issue.langs if lang != "fr" and issue.subject.get(lang) == proposed.get(lang)
    ]  # fmt: skip


def _untold(session: Session, issue: Issue, edition: Edition) -> list[Finding]:
    """One advice for each line that is kept, and that no reader of an edition sees."""
    said = NOT_RELAYED if edition is Edition.RELAY and for_network(issue) else UNTOLD
    titles = [(line.section, of_language({lang: text.get("title", "") for lang, text in line.texts.items()}, "fr"))
              for line in left_out(session, issue, edition.value)]  # fmt: skip
    return [Finding("line-untold", "warn", "fr", said, f"{SECTIONS[section]} : {title}") for section, title in titles]


def _known(session: Session, paths: Iterable[str], routed: Routed) -> Routed:
    wanted = list(paths)
    public = {path for path, card in cards.by_paths(session, wanted).items() if card.readable(network=False)}
    return lambda path: path in public or (not _OBJECT.fullmatch(path) and routed(path))

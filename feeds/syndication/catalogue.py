"""The feeds that there are: their names in addresses, what is in them, and those that a page or an OPML list offers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.syndication.publishers import Place, registered
from feeds.syndication.searches import Tools
from reseau.core.communes import communes
from reseau.core.wording import Wording, _
from reseau.directory.models import Status, Structure
from reseau.threads.base.models import Topic, TopicSeen
from resources.finding.words import option_label

MOST_COMMUNES = 12


@dataclass(frozen=True, slots=True)
class Named:
    """A feed with a name of its own. ``kinds``: of the log. ``page``: what it follows, from the root of the site.
    ``room``: the list whose parameters narrow it, or ""."""

    name: str
    title: str
    about: str
    kinds: tuple[str, ...]
    page: str
    room: str = ""

    def published(self) -> tuple[str, ...]:
        """Those of its kinds that somebody says."""
        return tuple(one.kind for one in registered(self.kinds))


_ALL = ("structure", "resource", "thread", "event", "label", "letter")
FEEDS: Final = {one.name: one for one in (
    Named("tout", _("Toutes les nouvelles"),
          _("Les lieux, les ressources, les échanges, l’agenda, le label et la lettre."), _ALL, "/"),
    Named("annuaire", _("Annuaire"), _("Les lieux nouveaux, ceux dont la fiche change, ceux qui ferment."),
          ("structure",), "/annuaire", "annuaire"),
    Named("ressources", _("Ressources"), _("Les kits, tutoriels et fiches nouveaux ou mis à jour."), ("resource",),
          "/ressources", "ressources"),
    Named("echanges", _("Échanges"), _("Les questions et les discussions que tout le monde peut lire."), ("thread",),
          "/echanges", "echanges"),
    Named("agenda", _("Agenda"), _("Les dates du réseau et de ses partenaires."), ("event",), "/flux#agenda"),
    Named("label", _("Label"), _("Les lieux qui reçoivent le label."), ("label",), "/label"),
    Named("lettre", _("La lettre"), _("Chaque numéro de la lettre."), ("letter",), "/lettre"),
)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offered:
    """A feed that is offered. ``path``: of its Atom document from the root, without its extension; ``query``: of it.
    ``calendar``: it is there as a calendar too."""

    title: str
    path: str
    query: str = ""
    about: str = ""
    calendar: bool = False

    def at(self, extension: str, lang: str = "") -> str:
        """Its address from the root. :param lang: said when it is not the language that the site speaks by itself."""
        more = [self.query] if self.query else []
        more += [urlencode({"langue": lang})] if lang else []
        return f"{self.path}.{extension}" + (f"?{'&'.join(more)}" if more else "")


@dataclass(frozen=True, slots=True)
class Group:
    """Feeds under one title."""

    title: str
    feeds: tuple[Offered, ...]


THEMES, LANGUAGES, KINDS = _("Ressources par thème"), _("Ressources par langue"), _("Ressources par type")
TOPICS, COMMUNES, MAIN = _("Échanges par sujet"), _("Annuaire par ville"), _("Les flux du site")


def offered(session: Session, tools: Tools, place: Place) -> list[Group]:
    """All that is offered to everybody, in the language of the place; three statements. Groups without any are left
    out."""
    say = Wording.of(place.lang)
    main = [Offered(say.gettext(one.title), f"/flux/{one.name}", about=say.gettext(one.about),
                    calendar=one.name == "agenda") for one in FEEDS.values() if one.published()]  # fmt: skip
    found = [
        Group(say.gettext(MAIN), tuple(main)),
        Group(say.gettext(THEMES), tuple(_resources(session, tools, "theme", place.lang))),
        Group(say.gettext(KINDS), tuple(_resources(session, tools, "type", place.lang))),
        Group(say.gettext(LANGUAGES), tuple(_resources(session, tools, "langue_contenu", place.lang))),
        Group(say.gettext(TOPICS), tuple(_topics(session, place.lang))),
        Group(say.gettext(COMMUNES), tuple(_communes(session))),
    ]
    return [group for group in found if group.feeds]


def _resources(session: Session, tools: Tools, name: str, lang: str) -> Iterator[Offered]:
    facts = tools.resources.read(session)
    codes = [code for term, code in facts.terms if term == name and (facts.terms[term, code] & facts.public).any()]
    known = sorted((option_label(name, code, lang), code) for code in codes)
    for label, code in known:
        yield Offered(label, "/flux/ressources", urlencode({name: code}))


def _topics(session: Session, lang: str) -> Iterator[Offered]:
    wanted = sa.select(Topic).where(Topic.seen == TopicSeen.PUBLIC.value, Topic.archived_at.is_(None))
    for topic in session.scalars(wanted.order_by(Topic.position, Topic.slug)):
        yield Offered(topic.title(lang), "/flux/echanges", urlencode({"sujet": topic.slug}), topic.description)


def _communes(session: Session) -> Iterator[Offered]:
    """The towns with the most places."""
    number = sa.func.count()
    wanted = sa.select(Structure.code_insee).where(
        Structure.status == Status.ACTIVE.value, Structure.code_insee.is_not(None)
    )
    codes = session.scalars(
        wanted.group_by(Structure.code_insee).order_by(number.desc(), Structure.code_insee).limit(MOST_COMMUNES)
    )
    named = [(commune.name, code) for code in codes if code and (commune := communes().by_code(code))]
    for name, code in sorted(named):
        yield Offered(name, "/flux/annuaire", urlencode({"commune": code}))

"""The letter in a demonstration: plainly made-up readers in three languages, a relay, an issue that left, the next one.

Their addresses exist nowhere (RFC 2606), and their texts say that they are made up.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter import links
from feeds.newsletter.models import (
    Delivery,
    DeliveryState,
    Edition,
    Issue,
    IssueState,
    LetterDate,
    Relay,
    Subscriber,
    SubscriberState,
)
from feeds.newsletter.relaying import services as relays
from feeds.newsletter.sending.launching import launch
from feeds.newsletter.subscribing import consenting
from feeds.newsletter.writing import drafting, planning, services
from feeds.newsletter.writing.services import Wish, Words
from importers.models import WatchItem
from importers.veille import tray
from reseau.agenda import services as agenda
from reseau.core.actors import Actor, Side
from reseau.core.clock import local_day
from reseau.demonstration.people import DOMAIN
from reseau.directory import lifecycle, priorities
from reseau.directory.models import Cause
from reseau.directory.reproject import Because
from reseau.members.models import Person
from reseau.members.places import join_structure
from reseau.settings import LANGUAGES, Settings

READERS_DOMAIN = "lecteurs.example"
CPTS = "CPTS inventée de Roubaix (démonstration)"
#: (local part, language, says that they are a health professional, themes)
READERS = (
    ("amelie.demo", "fr", False, ()), ("boris.demo", "fr", True, ("numerique_en_sante",)),
    ("chloe.demo", "fr", False, ()), ("david.demo", "fr", True, ()),
    ("elise.demo", "fr", False, ()), ("fatou.demo", "fr", False, ()),
    ("grace.demo", "en", False, ()), ("henry.demo", "en", True, ()), ("iris.demo", "en", False, ()),
    ("jamila.demo", "ar", False, ()), ("karim.demo", "ar", True, ()), ("layla.demo", "ar", False, ()),
)  # fmt: skip
SUBJECT = {
    "fr": "La lettre inventée de rentrée",
    "en": "The made-up letter of September",
    "ar": "الرسالة المُتخيَّلة لشهر سبتمبر",
}
INTRO = {
    "fr": "Bonjour ! Ce numéro est **inventé** pour la démonstration : rien de ce qu’il annonce n’a lieu.",
    "en": "Hello! This issue is **made up** for the demonstration: nothing that it announces takes place.",
    "ar": "مرحبًا! هذا العدد **مُتخيَّل** للعرض التوضيحي: لا شيء مما يعلنه يحدث فعلًا.",
}
LINES = (
    ("ressources", "/ressources", {
        "fr": Words("Des tutoriels pour Mon espace santé", "Les premiers pas, geste par geste. (Annonce fictive.)"),
        "en": Words("Tutorials for Mon espace santé", "The first steps, one at a time. (Made up.)"),
        "ar": Words("دروس حول «Mon espace santé»", "الخطوات الأولى، خطوة بخطوة. (إعلان مُتخيَّل.)"),
    }),
    ("lieux", "/annuaire", {
        "fr": Words("L’annuaire des lieux qui aident", "Cherchez par commune, par jour, par démarche."),
        "en": Words("The directory of places that help", "Search by town, by day, by procedure."),
        "ar": Words("دليل الأماكن التي تساعد", "ابحثوا حسب البلدية أو اليوم أو الإجراء."),
    }),
)  # fmt: skip


def seed(session: Session, settings: Settings, now: datetime) -> int:
    """Make them, once; not committed. :return: how many readers were made; 0 when they were there."""
    if session.scalar(sa.select(Subscriber.id).where(Subscriber.email == f"{READERS[0][0]}@{READERS_DOMAIN}")):
        return 0
    claire = session.scalar(sa.select(Person.id).where(Person.email == f"coordination@{DOMAIN}"))
    relay = _relay(session, settings, claire, now)
    for local, lang, health, themes in READERS:
        _reader(session, local, lang, now, health=health, themes=list(themes))
    _reader(session, "secretariat.cpts", "fr", now, edition=Edition.RELAY.value, relay_id=relay.id, source="relay")
    _past(session, settings, claire, now - timedelta(days=50))
    session.add(LetterDate(day=local_day(now, settings.timezone) + timedelta(days=21), title="Numéro d’hiver (fictif)"))
    _told(session, claire, now)
    drafting.prepare(session, settings, claire, now, even_empty=True)
    return len(READERS) + 1


def _told(session: Session, by: UUID | None, now: datetime) -> None:
    """What the coordinator has already chosen for the next issue: two dates, one article of the watch."""
    soon = agenda.listed(session, agenda.View.TRAY, now).rows[:2]
    agenda.keep(session, [event.id for event in soon], by=by, now=now)
    if waiting := session.scalars(sa.select(WatchItem).order_by(WatchItem.seen_at, WatchItem.id).limit(1)).first():
        tray.mark(session, waiting.id, by=by, now=now)
    session.flush()


def _reader(session: Session, local: str, lang: str, now: datetime, **more: object) -> None:
    then = now - timedelta(days=60)
    row = Subscriber(
        email=f"{local}@{READERS_DOMAIN}", key=links.new_key(), lang=lang, created_at=then, confirmed_at=then,
        **{"state": SubscriberState.ACTIVE.value, "source": "form", **more},
    )  # fmt: skip
    session.add(row)
    session.flush()
    consenting.note(session, row.id, "confirmed", consenting.MAIL, then, lang)


def _relay(session: Session, settings: Settings, by: UUID | None, now: datetime) -> Relay:
    """A made-up CPTS, to which the relay of the demonstration belongs."""
    values = {"nom": CPTS, "commune": "Roubaix", "code_postal": "59100", "code_insee": "59512"}
    because = Because(Cause.CREATE, Actor(Side.COORDINATION, by))
    place = lifecycle.create(session, values, because, priorities.order(session, settings.sources), now)
    emilie = session.scalar(sa.select(Person.id).where(Person.email == f"cpts@{DOMAIN}"))
    if emilie:
        join_structure(session, emilie, place, "member", None)
    relay = relays.make(session, place, by, now)
    relay.intro = {"fr": "La CPTS inventée vous transmet cette lettre. (Texte fictif.)"}
    return relay


def _past(session: Session, settings: Settings, by: UUID | None, then: datetime) -> Issue:
    """An issue that left, by hand, and that the server took; the log is still all to be told."""
    issue = Issue(
        state=IssueState.DRAFT.value, subject=SUBJECT, intro=INTRO, langs=list(LANGUAGES), segments={}, created_at=then,
        created_by=by, log_from=0, log_to=0,
    )  # fmt: skip
    session.add(issue)
    session.flush()
    for section, url, words in LINES:
        services.add_line(session, issue.id, Wish(words, section, url))
    planning.plan(session, issue.id, planning.at_once(then), by, settings)
    issue.state, issue.approved_at = IssueState.SCHEDULED.value, then
    for edition in (Edition.RELAY, Edition.GENERAL):
        launch(session, issue, edition, settings, then)
    done = {"state": DeliveryState.ACCEPTED.value, "settled_at": then, "attempts": 1, "said": "250 2.0.0 (fictif)"}
    session.execute(sa.update(Delivery).where(Delivery.issue_id == issue.id).values(done))
    issue.state, issue.finished_at = IssueState.SENT.value, then
    session.execute(sa.update(Subscriber).values(last_sent_at=then))
    session.flush()
    return issue

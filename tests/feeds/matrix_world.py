"""What goes out, for the matrix of ``tests/test_matrix.py`` and for the browser: labels and their criteria, a log that is
long enough for an archive, subscribers, a relay, issues of the letter at each stage, so that every address becomes a
real one."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from PIL import Image
from sqlalchemy.orm import Session
from webtest import Upload

from feeds.newsletter import links
from feeds.newsletter.models import (
    Delivery,
    DeliveryState,
    Edition,
    Issue,
    IssueState,
    Line,
    Relay,
    RelayReach,
    Subscriber,
    SubscriberState,
)
from feeds.newsletter.relaying import services as relays
from feeds.newsletter.sending.launching import launch
from feeds.newsletter.subscribing import consenting
from feeds.newsletter.writing import drafting, planning, services
from feeds.newsletter.writing.services import Wish, Words
from feeds.syndication.following import keys, saved, stops
from feeds.syndication.reading import WINDOW
from reseau.core import changes
from reseau.core.changes import Entry, Op
from reseau.core.clock import local_day
from reseau.core.files import FileStore
from reseau.core.letters import Site
from reseau.settings import Settings
from resources.files.extraction import WIDE
from tests.label import making

ADDRESSES = (
    "/label", "/gestion/label", "/indicateurs", "/flux", "/suivre", "/lettre", "/gestion/lettre", "/relais", "/gestion/relais")  # fmt: skip
GIVEN, UNUSED = "2026", "2026.2"
READERS = {"fr": "camille", "en": "grace", "ar": "jamila"}
SUBJECT = {"fr": "La lettre d’essai", "en": "The letter on trial", "ar": "الرسالة التجريبية"}
INTRO = {"fr": "Bonjour à **vous**.", "en": "Hello **you**.", "ar": "مرحبًا **بكم**."}
KIT = {"fr": Words("Un kit pour débuter", "Pas à pas."), "en": Words("A kit to begin", "Step by step."),
       "ar": Words("حقيبة للبدء", "خطوة بخطوة.")}  # fmt: skip
TOLD = {"ressources": "/ressources", "lieux": "/annuaire", "mot": "", "dates": "https://dates.example/forum"}


@dataclass(frozen=True, slots=True)
class Sent:
    """``ids``: what stands for an id in addresses → the id. ``words``: name in a pattern → what stands there.
    ``fields``: route → what its form must hold to be taken."""

    ids: dict[str, UUID]
    words: dict[str, str]
    fields: dict[str, dict[str, Any]]

    def fill(self, pattern: str) -> str:
        """A real address for a pattern of ADDRESSES."""
        known = dict(self.words)
        known["id"] = str(self.ids[next(what for start, what in _IDS if pattern.startswith(start))])
        for end, what in _STAGES.items():
            if pattern.startswith("/gestion/lettre/{id}") and pattern.endswith(end):
                known["id"] = str(self.ids[what])
        if pattern.startswith("/lettre/confirmer"):
            known["token"] = self.words["confirming"]
        if pattern.startswith("/gestion/label/criteres"):
            known["version"] = UNUSED
        for name, value in known.items():
            pattern = pattern.replace(f"{{{name}}}", value)
        return pattern


_IDS = (
    ("/gestion/label", "label"), ("/gestion/lettre/abonnes", "subscriber"), ("/gestion/relais", "relay"),
    ("/relais/{code}/diffusion", "reach"), ("/relais", "sent"), ("", "draft"),
)  # fmt: skip
#: What is done to an issue that is no draft → which one.
_STAGES = {"/suivi": "leaving", "/preuve.csv": "sent", "/approuver": "approval", "/reprendre": "approval"}


def follows(session: Session, settings: Settings, person: UUID, now: datetime) -> dict[str, str]:
    """What somebody follows, as ``World.own``: beginning of an address → an id or a token of their own."""
    search = saved.follow(session, person, "annuaire", "q=maison", saved.Pace.WEEKLY, now, settings.timezone)
    key, _secret = keys.make(session, person, "Mon téléphone", now)
    token = stops.url(Site.of(settings), person, now, search.id).rpartition("/")[2]
    return {"avis/stop/recherches": token, "compte/recherches": str(search.id), "compte/flux": str(key.id)}


def sent(
    session: Session, settings: Settings, store: FileStore, relay_place: UUID, by: UUID, reader: UUID, now: datetime
) -> Sent:
    """One of each thing that goes out. :param relay_place: the structure that passes the letter on. :param by: somebody
    of the coordination who did all this, and nobody who looks at it. :param reader: of the network, of whom the personal
    address of feeds is."""
    _log(session, relay_place)
    labelled, other = making.place(session, "Maison du Label", now), making.place(session, "Maison sans Label", now)
    ids = {"label": _label(session, labelled, now), "unlabelled": other}
    readers = [_reader(session, name, lang, now) for lang, name in READERS.items()]
    waiting = _reader(session, "attente", "fr", now, state=SubscriberState.PENDING.value, asked_at=now)
    relay = _relay(session, store, relay_place, by, now)
    _reader(session, "secretariat", "fr", now, edition=Edition.RELAY.value, relay_id=relay.id, source="relay")
    ids |= {"subscriber": readers[0].id, "relay": relay.id}
    ids |= _issues(session, settings, by, now)
    reach = RelayReach(relay_id=relay.id, issue_id=ids["sent"], people=12, means="mail", at=now)
    session.add(reach)
    session.flush()
    ids["reach"] = reach.id
    left = session.get_one(Issue, ids["sent"])
    words = {
        "name": "tout", "format": "atom", "number": "0", "version": GIVEN, "code": relay.code, "lang": "ar",
        "token": links.of_reader(settings.secret, readers[0].key), "slug": left.slug,
        "confirming": links.confirmation(settings.secret, waiting.id, now), "year": str(now.year),
        "line": str(ids["line"]), "room": "annuaire", "secret": keys.make(session, reader, "Mon lecteur", now)[1],
    }  # fmt: skip
    return Sent(ids, words, {**_of_label(ids, now), **_of_readers(), **_of_relays(), **_of_letter(session, ids)})


def _log(session: Session, place: UUID) -> None:
    """A window of the log and more: it can be looked up in an archive."""
    for number in range(WINDOW + 10):
        changes.record(session, Entry("structure", place, 100 + number, Op.PUBLISH))


def _label(session: Session, place: UUID, now: datetime) -> UUID:
    version = making.version(session, GIVEN, ar="- مكان مفتوح.")
    making.version(session, UNUSED, date(2026, 6, 1))
    return making.given(session, place, version, "2026-01-01", "2027-12-31", now).id


def _reader(session: Session, name: str, lang: str, now: datetime, **more: Any) -> Subscriber:
    fields: dict[str, Any] = {"state": SubscriberState.ACTIVE.value, "source": "form", "confirmed_at": now, **more}
    made = Subscriber(email=f"{name}@lecteurs.example", key=links.new_key(), lang=lang, created_at=now, **fields)
    session.add(made)
    session.flush()
    consenting.note(session, made.id, "asked", consenting.FORM, now, lang)
    return made


def _relay(session: Session, store: FileStore, place: UUID, by: UUID, now: datetime) -> Relay:
    made = relays.make(session, place, by, now)
    made.intro = {"fr": "Nous vous transmettons cette lettre.", "ar": "ننقل إليكم هذه الرسالة."}
    made.logo_sha, made.logo_alt = store.put([_picture("PNG")]).sha, "Logo de la CPTS"
    store.beside(made.logo_sha, WIDE).write_bytes(_picture("WEBP"))
    return made


def _picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (120, 40), "teal").save(out, kind)
    return out.getvalue()


def _issues(session: Session, settings: Settings, by: UUID, now: datetime) -> dict[str, UUID]:
    """``sent``: all took it. ``leaving``: on its way. ``approval``: awaits a second person. ``draft``: with a line."""
    done = {"state": DeliveryState.ACCEPTED.value, "settled_at": now, "attempts": 1, "said": "250 2.0.0 Ok"}
    left, leaving = (_written(session, settings, by, when) for when in (now - timedelta(days=9), now))
    for issue, when in ((left, now - timedelta(days=9)), (leaving, now)):
        planning.plan(session, issue.id, planning.at_once(when), by, settings)
        for edition in (Edition.RELAY, Edition.GENERAL):
            launch(session, issue, edition, settings, when)
    session.execute(sa.update(Delivery).where(Delivery.issue_id == left.id).values(done))
    left.state, left.finished_at = IssueState.SENT.value, now
    waiting = _written(session, settings, by, now)
    planning.plan(session, waiting.id, planning.at_once(now), by, settings)
    waiting.state = IssueState.APPROVAL.value
    draft = drafting.prepare(session, settings, by, now, even_empty=True)
    services.write(session, draft.id, SUBJECT, INTRO, ["en", "ar"], services.mark(services.words_of(draft)))
    first, second = (services.add_line(session, draft.id, Wish(KIT, "mot")) for _ in range(2))
    session.flush()
    made = {"sent": left, "leaving": leaving, "approval": waiting, "draft": draft, "first": first, "line": second}
    return {name: one.id for name, one in made.items()}


def _written(session: Session, settings: Settings, by: UUID, now: datetime) -> Issue:
    """A draft with a line in each of some sections, in three languages."""
    made = Issue(state=IssueState.DRAFT.value, subject=SUBJECT, intro=INTRO, langs=list(SUBJECT), segments={},
                 created_at=now, created_by=by)  # fmt: skip
    session.add(made)
    session.flush()
    for section, url in TOLD.items():
        services.add_line(session, made.id, Wish(KIT, section, url, "Roubaix"))
    return made


def _of_label(ids: Mapping[str, UUID], now: datetime) -> dict[str, dict[str, Any]]:
    """What the forms of the committee must hold."""
    today = local_day(now, "Europe/Paris")
    given = {"criteres": GIVEN, "decide": today.isoformat(), "note": "Décision d’essai."}
    texts = {"debut": today.isoformat(), "fr": making.FRENCH}
    end = today + timedelta(days=400)
    return {
        "label.grant": {**given, "lieu": str(ids["unlabelled"]), "debut": today.isoformat(), "fin": end.isoformat()},
        "label.renew": {**given, "fin": "2028-12-31"},
        "label.withdraw": {"le": today.isoformat(), "raison": "À leur demande."},
        "label.criteria.new": {**texts, "version": "2027"}, "label.criteria.edit": texts,
    }  # fmt: skip


def _of_readers() -> dict[str, dict[str, Any]]:
    """What the forms of those who follow and of subscribers must hold. That which confirms holds nothing."""
    return {
        "following.search": {"rythme": saved.Pace.DAILY.value}, "following.pace": {"rythme": saved.Pace.DAILY.value},
        "following.keys": {"nom": "Mon ordinateur"},
        "subscribing.page": {"adresse": "nouveau@exemple.fr", "langue": "fr"},
        "subscribing.confirm": {"": ""}, "subscribing.reader": {"faire": "quitter"},
        "subscribing.own": {"faire": "inscrire"}, "subscribing.subscriber": {"faire": "inscrire"},
        "subscribing.subscribers": {"adresse": f"{READERS['fr']}@lecteurs.example"},
        "subscribing.invite": {"adresses": "un@exemple.fr", "langue": "fr", "relais": "", "faire": "inviter"},
    }  # fmt: skip


def _of_relays() -> dict[str, dict[str, Any]]:
    """What the forms of relays must hold."""
    reach = {"nombre": "10", "moyen": "mail", "numero": "", "note": ""}
    logo = Upload("logo.png", _picture("PNG"), "image/png")
    return {
        "relays.desk": {"structure": "Maison sans Label"}, "relays.desk.one": {"actif": "oui"},
        "relays.own": {"intro_fr": "Bonjour.", "texte_logo": "Un carré", "logo": logo},
        "relays.reach": reach, "relays.reach.one": reach,
    }  # fmt: skip


def _of_letter(session: Session, ids: Mapping[str, UUID]) -> dict[str, dict[str, Any]]:
    """What the forms of the letter's writing must hold."""
    issue, line = session.get_one(Issue, ids["draft"]), session.get_one(Line, ids["line"])
    approval = session.get_one(Issue, ids["approval"])
    return {
        "letter.calendar": {"jour": "2027-01-12", "titre": "Rentrée"},
        "letter.issue": {"vu": services.mark(services.words_of(issue)), "objet_fr": "Un autre objet"},
        "letter.lines": {"monter": str(line.id)},
        "letter.line.new": {"rubrique": "mot", "titre_fr": "Une ligne"},
        "letter.line": {"rubrique": "mot", "titre_fr": "Dit autrement", "vu": services.mark(services.line_words(line))},
        "letter.segments": {"vu": services.mark(issue.segments), "qui": "labelled"},
        "letter.plan": {"quand": "maintenant"}, "letter.test": {"edition": "general"},
        "letter.launch": {"quand": "maintenant", "vu": str(issue.rev)},
        "letter.approve": {"vu": str(approval.rev)}, "letter.follow": {"pause": "1"},
    }  # fmt: skip

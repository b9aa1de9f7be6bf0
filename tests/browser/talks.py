"""Exchanges for the browser: the threads and the groups of the demonstration, and what waits, is hidden, was reported."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import stopping, tokens
from reseau.core.files import FileStore
from reseau.core.ids import new_id
from reseau.demonstration import exchanges
from reseau.groups.models import GroupDocument, WorkingGroup
from reseau.members.models import Person
from reseau.notices.models import Notice
from reseau.threads.base import services, topics
from reseau.threads.base.addresses import path_of
from reseau.threads.base.models import Post, Thread, ThreadKind
from reseau.threads.base.services import Author, Opening, Writing
from reseau.threads.moderating import posts as moderating
from reseau.threads.reading import gestures
from resources.base.models import Resource
from resources.commands import STARTER, load_folder
from tests.browser import shelf
from tests.conftest import SECRET, TUESDAY

KIT = "kits/prendre-rendez-vous-en-ligne"
GROUP = "groupe-interet-numerique-en-sante"
RICH = """\
### Ce que nous faisons

1. **D’abord** la carte Vitale
2. Puis le code : `123456`

> On ne donne son code à personne.

- [Le kit](/kits/mon-espace-sante)
- https://exemple.reseau.example/une/adresse/tres/longue/qui/ne/doit/pas/elargir/la/page/sur/un/telephone/etroit

| Jour | Heure | Où |
|---|---|---|
| mardi | 10 h | à la maison de quartier |
"""


def shelf_and_talks(session: Session, store: FileStore) -> dict[str, str]:
    """The shelf of ``shelf.py`` with exchanges around it. :return: name in the patterns of tests → what stands there."""
    return {**shelf.stock(session, store), **stock(session, TUESDAY)}


def stock(session: Session, now: datetime) -> dict[str, str]:
    """The exchanges of the demonstration, with what moderators have to do."""
    exchanges.seed(session, now)
    found = {one.title: one for one in session.scalars(sa.select(Thread))}

    def named(start: str) -> Thread:
        return next(thread for title, thread in found.items() if title.startswith(start))

    def person(who: str) -> UUID:
        return session.scalars(sa.select(Person.id).where(Person.email == f"{who}@demo.example")).one()

    mediator, referent, newcomer = person("mediatrice"), person("referent"), person("nouvelle")
    solved, arabic, wanted = named("Doctolib"), named("ما هي"), named("Changer de médecin")
    poll, private = named("Quel jour"), named("Cherche une imprimante")
    rich = _rich(session, solved.topic_id, mediator, referent, now)
    own = session.scalars(sa.select(Post.id).where(Post.thread_id == solved.id, Post.first)).one()
    other = session.scalars(sa.select(Post).where(Post.thread_id == rich.id, ~Post.first)).first()
    assert other is not None
    hidden, waiting = _moderated(session, rich, newcomer, referent, now)
    group = session.scalars(sa.select(WorkingGroup).where(WorkingGroup.slug == GROUP)).one()
    document = session.scalars(sa.select(GroupDocument.slug).where(GroupDocument.group_id == group.id)).first()
    kit = session.scalars(sa.select(Resource.id).where(Resource.slug == shelf.KIT)).first()
    _told(session, mediator, rich, other, now)
    arabic_post = session.scalars(sa.select(Post.id).where(Post.thread_id == arabic.id, Post.first)).one()
    session.flush()
    return {
        "solved": path_of(solved), "arabic": path_of(arabic), "wanted": path_of(wanted), "poll": path_of(poll),
        "rich": path_of(rich), "private": path_of(private), "about": f"resource:{kit}",
        "of_kit": f"/echanges/objet/resource/{kit}", "own": _post(own), "reply": _post(other.id),
        "arabic_post": _post(arabic_post), "hidden": _post(hidden), "waiting": _post(waiting),
        "topic": str(solved.topic_id), "group": f"/groupes/{GROUP}", "document": f"/groupes/{GROUP}/documents/{document}",
        "stop": f"/avis/stop/{tokens.sign(SECRET, stopping.PURPOSE, [mediator.hex], now)}",
        "stop_one": f"/avis/stop/{tokens.sign(SECRET, stopping.PURPOSE, [mediator.hex, 'thread', solved.id.hex], now)}",
        "newcomer": str(newcomer),
    }  # fmt: skip


def _post(id_: UUID) -> str:
    return f"/echanges/messages/{id_}"


def _rich(session: Session, topic: UUID, asks: UUID, answers: UUID, now: datetime) -> Thread:
    """A question whose messages hold all that Markdown can, quoted, translated, changed, deleted."""
    at = now - timedelta(hours=5)

    def say(text: str, by: UUID, lang: str = "fr", quoted: UUID | None = None) -> Post:
        nonlocal at
        at += timedelta(minutes=5)
        return services.reply(
            session, thread.id, Writing(text, lang, quoted_id=quoted), Author(by), id_=new_id(), now=at
        )

    opening = Opening(topic, ThreadKind.QUESTION, "Comment expliquer le code à usage unique ?")
    thread, _first = services.start(session, opening, Writing(RICH, "fr"), Author(asks), id_=new_id(), now=at)
    answer = say("Avec une *image* : le code est la clé d’un casier.", answers)
    say("Merci ! Et en arabe ?", asks, quoted=answer.id)
    gone = say("Trompée de fil.", asks)
    services.remove(session, gone, by=asks, now=at)
    arabic = say("الرمز هو مفتاح لمرة واحدة.", answers, "ar")
    gestures.translate(session, arabic, "fr", "Le code est une clé pour une seule fois.", asks, at)
    return thread


def _moderated(session: Session, thread: Thread, newcomer: UUID, referent: UUID, now: datetime) -> tuple[UUID, UUID]:
    """(a hidden message, one that waits); a third one was reported."""
    hidden, reported, waiting = (
        services.reply(session, thread.id, Writing(text, "fr"), Author(by, waits=waits), id_=new_id(), now=now)
        for text, by, waits in (("Achetez mes codes.", newcomer, False), ("Le numéro est faux.", referent, False),
                                ("Bonjour, je suis nouvelle.", newcomer, True))
    )  # fmt: skip
    moderating.hide(session, hidden.id, "C’est de la publicité.", by=None, now=now)
    said = moderating.Said("faux", "Ce numéro n’existe pas.")
    moderating.report(session, reported.id, said, id_=new_id(), author_id=referent, now=now)
    return hidden.id, waiting.id


def _told(session: Session, who: UUID, thread: Thread, post: Post, now: datetime) -> None:
    """Somebody has a notice that they have not seen, of an answer."""
    session.add(Notice(person_id=who, kind="reponses", reason="answer", object_kind="post", object_id=post.id,
                       about_kind="thread", about_id=thread.id, at=now))  # fmt: skip


def doctolib(session: Session, store: FileStore) -> dict[str, str]:
    """The kit of Doctolib, and topics in which nobody has asked anything yet."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(STARTER / KIT, Path(name) / KIT)
        loaded = load_folder(session, store, Path(name), TUESDAY)
    assert not loaded.refused, loaded.refused
    topics.lay(session, TUESDAY)
    return {"kit": f"/{KIT}"}

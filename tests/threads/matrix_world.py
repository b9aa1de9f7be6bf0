"""Exchanges for the matrix of ``tests/test_matrix.py``: threads that everyone reads, of the network, of a group, one
that waits and one that is hidden, groups and what they keep, so that every address becomes a real one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from reseau.core import stopping, tokens
from reseau.core.changes import digest
from reseau.core.ids import new_id
from reseau.groups import documents
from reseau.groups import services as groups
from reseau.groups.models import Belonging, DocumentKind, GroupMember, WorkingGroup
from reseau.notices import following
from reseau.notices.preferences import KINDS
from reseau.threads.base import services
from reseau.threads.base.addresses import path_of
from reseau.threads.base.models import Post, Thread, ThreadKind, Topic
from reseau.threads.base.services import Author, Opening, Writing
from reseau.threads.moderating import posts as moderating
from reseau.threads.reading import gestures
from resources.base.models import ResourceRequest
from tests.conftest import SECRET

THREAD, POST, TOPIC = "/echanges/{slug}-{id}", "/echanges/messages/{id}", "/echanges/sujets/{slug}"
GROUP, OBJECT = "/groupes/{slug}", "/echanges/objet/{kind}/{id}"
NAMED = (THREAD, POST, TOPIC, GROUP, OBJECT)
SAID = "Ainsi."
ADDRESSES = ("/echanges", "/gestion/echanges", "/groupes")
#: Sets of threads that not everybody reads.
NOT_PUBLIC = ("network", "group", "waiting", "hidden")

#: Of those who ask, the network.
NETWORK = {
    "member",
    "referent",
    "referent-of-another-place",
    "coordinator",
    "label-committee",
    "relay",
    "administrator",
}
#: What is done with messages that are not shown: only their author and the moderators learn that they are there.
UNSEEN = re.compile(r"/echanges/messages/[^/]+/(accepter|refuser|montrer)")
#: Who is let in where a page asks more than its permission: to be in the group, of the network, or of the place.
LET_IN = {
    "groups.people": NETWORK | {"author"}, "groups.minutes.new": {"author"}, "groups.pages.new": {"author"},
    "groups.document.edit": {"author", "coordinator"}, "groups.document.delete": {"author", "coordinator"},
}  # fmt: skip
#: What cannot be done with a message that waits or is hidden, even by those who read it.
NOTHING_TO_DO = {
    "waiting": {"threads.report", "threads.of-object"},
    "hidden": {"threads.report", "threads.of-object", "threads.post.edit", "threads.post.edit.draft"},
}


@dataclass(frozen=True, slots=True)
class Talk:
    """Threads that the same people read, all of ``author``. ``threads``: question, demande, poll. ``posts``: answer
    (somebody else's), own (the author's), waiting, hidden."""

    topic: Topic
    threads: dict[str, Thread]
    posts: dict[str, UUID]

    def fill(self, pattern: str) -> str:
        """A pattern of a thread, a post, a topic, with those that suit it."""
        if pattern.startswith(TOPIC):
            return pattern.replace("{slug}", self.topic.slug)
        if pattern.startswith(POST):
            end = pattern.removeprefix(POST)
            kind = "own" if end.startswith(("/modifier", "/supprimer")) else _POSTS.get(end, "answer")
            return pattern.replace("{id}", str(self.posts[kind]))
        end = pattern.removeprefix(THREAD)
        thread = self.threads[_THREADS.get(end, "question")]
        return pattern.replace("{slug}", thread.slug).replace("{id}", str(thread.id))


_POSTS = {"/accepter": "waiting", "/refuser": "waiting", "/montrer": "hidden"}
_THREADS = {"/ressource": "demande", "/pas-cela": "demande", "/voter": "poll"}


@dataclass(frozen=True, slots=True)
class Exchanges:
    """``talks``: ``public`` and those of NOT_PUBLIC. ``groups``: who reads them (public, network, group) → group. ``own``: who → their post."""

    talks: dict[str, Talk]
    groups: dict[str, WorkingGroup]
    document: str
    wish: UUID
    resource: UUID
    own: dict[str, UUID]
    fields: dict[str, dict[str, str]]

    def fill(self, pattern: str, which: str = "public") -> str:
        """A real address. :param which: who reads what it names."""
        talk = self.talks[which]
        if pattern.startswith(GROUP):
            return pattern.replace("{slug}", self.groups[which].slug).replace("{doc_slug}", self.document)
        if pattern.startswith("/echanges/demandes/"):
            return pattern.replace("{id}", str(self.wish))
        if pattern.startswith("/gestion/echanges"):
            return pattern.replace("{id}", str(talk.topic.id))
        if pattern == OBJECT:
            kind, id_ = ("resource", self.resource) if which == "public" else ("thread", talk.threads["question"].id)
            return pattern.replace("{kind}", kind).replace("{id}", str(id_))
        return talk.fill(pattern)


class _Making:
    """Writes a talk, a second after the other."""

    def __init__(self, session: Session, author: UUID, other: UUID, now: datetime) -> None:
        self.session, self.author, self.other, self.now = session, author, other, now

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def topic(self, name: str, seen: str, group: WorkingGroup | None = None) -> Topic:
        made = Topic(slug=f"sujet-{name}", titles={"fr": f"Sujet {name}"}, seen=seen, created_at=self.tick(),
                     group_id=group.id if group else None)  # fmt: skip
        self.session.add(made)
        self.session.flush()
        return made

    def thread(self, topic: Topic, kind: ThreadKind, waits: bool = False) -> tuple[Thread, Post]:
        options = ("Mardi", "Jeudi") if kind is ThreadKind.SONDAGE else ()
        opening = Opening(topic.id, kind, f"Un fil : {kind.value}", options=options)
        return services.start(self.session, opening, Writing("Que faire ?", "fr"), Author(self.author, waits=waits),
                              id_=new_id(), now=self.tick())  # fmt: skip

    def reply(self, thread: Thread, by: UUID, *, waits: bool = False) -> Post:
        return services.reply(self.session, thread.id, Writing(SAID, "fr"), Author(by, waits=waits), id_=new_id(),
                              now=self.tick())  # fmt: skip

    def hide(self, post: Post) -> None:
        moderating.hide(self.session, post.id, "Autre chose.", by=None, now=self.tick())

    def threads(self, topic: Topic, waits: bool = False) -> tuple[dict[str, Thread], Post]:
        """One of each kind, and the first post of the question."""
        kinds = {"question": ThreadKind.QUESTION, "demande": ThreadKind.DEMANDE, "poll": ThreadKind.SONDAGE}
        made = {name: self.thread(topic, kind, waits) for name, kind in kinds.items()}
        return {name: thread for name, (thread, _) in made.items()}, made["question"][1]

    def talk(self, topic: Topic) -> Talk:
        """Threads that whoever reads the topic reads."""
        threads, _first = self.threads(topic)
        question = threads["question"]
        posts = {
            "answer": self.reply(question, self.other), "own": self.reply(question, self.author),
            "waiting": self.reply(question, self.other, waits=True), "hidden": self.reply(question, self.other),
        }  # fmt: skip
        self.hide(posts["hidden"])
        return Talk(topic, threads, {name: post.id for name, post in posts.items()})

    def unseen(self, topic: Topic, *, waits: bool) -> Talk:
        """Threads that wait, or are hidden: each has one post."""
        threads, first = self.threads(topic, waits)
        if not waits:
            for thread in threads.values():
                self.hide(services.first_post(self.session, thread.id))
        return Talk(topic, threads, dict.fromkeys(("answer", "own", "waiting", "hidden"), first.id))


def exchanges(
    session: Session, resource: Any, people: dict[str, UUID], asking: UUID, member: UUID, now: datetime
) -> Exchanges:
    """Of ``people``, ``author`` writes the threads and animates the groups; ``asking`` answers, and asked to be in the
    group that everyone reads; ``member`` is in it. :param resource: that everyone reads."""
    make = _Making(session, people["author"], asking, now)
    made, paper = dict[str, WorkingGroup](), ""
    for which, seen in (("public", "public"), ("network", "network"), ("group", "members")):
        made[which] = groups.create(session, f"Groupe {which}", f"groupe-{which}", by=None, now=now, seen=seen,
                                    joining="open", animators=[people["author"]])  # fmt: skip
        writing = documents.Writing("Réunion", "Nous décidons.", "fr", "2026-02-20")
        paper = documents.create(session, made[which].id, DocumentKind.MINUTES, writing, id_=new_id(),
                                 by=people["author"], now=now).slug  # fmt: skip
    session.add(GroupMember(group_id=made["public"].id, person_id=asking, belonging=Belonging.ASKED.value, since=now))
    session.add(GroupMember(group_id=made["public"].id, person_id=member, since=now))
    public = make.topic("public", "public")
    talks = {
        "public": make.talk(public),
        "network": make.talk(make.topic("network", "network")),
        "group": make.talk(make.topic("group", "group", made["group"])),
        "waiting": make.unseen(public, waits=True),
        "hidden": make.unseen(public, waits=False),
    }
    other = make.topic("autre", "public")
    question = talks["public"].threads["question"]
    for one in people.values():
        following.follow(session, one, ("thread", question.id), now)
    own = {who: make.reply(question, one).id for who, one in people.items() if who != "author"}
    own["author"] = talks["public"].posts["own"]
    wish = ResourceRequest(id=new_id(), words="lunettes", theme=resource.themes[0], author_id=None, at=now, answer="")
    session.add(wish)
    session.flush()
    fields = {**_forms(session, talks["public"], other, resource), **_of_groups(made["public"], asking, member)}
    return Exchanges(talks, made, paper, wish.id, resource.id, own, fields)


def _forms(session: Session, talk: Talk, other: Topic, resource: Any) -> dict[str, dict[str, str]]:
    """What the forms of the exchanges must hold to be taken."""
    said, why = {"texte": "Voici.", "langue": "fr"}, {"motif": "Autre chose."}
    answer = services.post(session, talk.posts["answer"])
    question, topic = talk.threads["question"], talk.topic
    kept = {"kind": "thread", "id": str(question.id)}
    return {
        "threads.new": {**said, "titre": "Une question", "sujet": topic.slug, "type": "question"},
        "threads.reply": said, "threads.post.edit": {**said, "rev": digest({"text": SAID, "lang": "fr", "title": ""})},
        "threads.report": {"raison": "faux"}, "threads.hide": why, "threads.refuse": why, "threads.close": why,
        "threads.pin": {"jour": (question.created_at + timedelta(days=40)).date().isoformat()},
        "threads.move": {"sujet": str(other.id)}, "threads.kind": {"genre": "discussion"},
        "threads.title": {"titre": "Un autre titre"}, "threads.merge": {"vers": path_of(talk.threads["demande"])},
        "threads.split": {"nouveau": "Autre fil", "genre": "question", "messages": str(answer.id)},
        "threads.desk": {"jours": "14"}, "threads.topic.create": {"titre_fr": "Nouveau", "lecteurs": "public"},
        "threads.topic.edit": {"titre_fr": "Changé", "lecteurs": "public"}, "threads.topic.move": {"sens": "haut"},
        "threads.topic.archive": {"etat": "archiver"}, "threads.topic.follow": {"suivre": "1"},
        "threads.follow": {"suivre": "1"}, "threads.bookmark": {"favori": "1"}, "threads.vote": {"choix": "1"},
        "threads.thank": {"merci": "1"}, "threads.answer": {"reponse": "1"}, "threads.wish": {"langue": "ar"},
        "threads.untranslate": {"langue": "ar"},
        "threads.translate": {"langue": "ar", "texte": "هكذا.", "vu": gestures.digest_of(answer.text), "avant": ""},
        "threads.follow-object": {"objet": f"resource:{resource.id}", "suivre": "1"},
        "threads.request": {"sujet": str(topic.id), "titre": "Des lunettes", "texte": "Où ?"},
        "threads.resource": {"adresse": f"/kits/{resource.slug}", "message": "Voici."},
        "notices.choices": {"partout": "detail", **dict.fromkeys(KINDS, "jour"), "heure": "8", "jour": "0"},
        "notices.seen": {"jusqua": ""}, "notices.unfollow": kept, "notices.follow": kept,
        "members.people.access": why,
    }  # fmt: skip


def _of_groups(group: WorkingGroup, asking: UUID, member: UUID) -> dict[str, dict[str, str]]:
    """What the forms of groups must hold."""
    said = {"nom": "Un groupe", "description": "Pour essayer.", "langue": "fr", "visible": "public", "entree": "open"}
    page = {"titre": "Une page", "texte": "Voici.", "langue": "fr"}
    minutes, asked, inside = {**page, "jour": "2026-02-24"}, {"personne": str(asking)}, {"personne": str(member)}
    return {
        "groups.new": {**said, "animateur": "extra@reseau.example"}, "groups.edit": {**said, "vu": str(group.rev)},
        "groups.join": {"message": "Bonjour."}, "groups.members": {"personne": "relay@reseau.example"},
        "groups.accept": asked, "groups.refuse": asked, "groups.remove": inside,
        "groups.animator": {**inside, "anime": "1"}, "groups.minutes.new": minutes, "groups.pages.new": page,
        "groups.document.edit": {**minutes, "vu": "1"},
    }  # fmt: skip


def stop_token(person: UUID, now: datetime) -> str:
    """What the link at the end of a mail to somebody holds."""
    return tokens.sign(SECRET, stopping.PURPOSE, [person.hex], now)

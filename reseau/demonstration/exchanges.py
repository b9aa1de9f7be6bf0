"""The threads of the demonstration, plainly made up: plain files, written through the services that forms use."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import cards
from reseau.core.ids import new_id
from reseau.demonstration.people import MEMBER_OF, PLAYED, REFERENT_OF, Played, make
from reseau.groups.loading import load as load_groups
from reseau.members.models import Membership
from reseau.threads.base import services, topics
from reseau.threads.base.models import PollVote, PostThank, Thread, ThreadKind, Topic
from reseau.threads.base.services import Author, Opening, Writing

#: Who else writes: nobody plays them.
OTHERS = (
    Played("hakim", "Hakim (démonstration)", place=("Centre social ECHO", "member")),
    Played("ines", "Inès (démonstration)", place=(REFERENT_OF, "member")),
    Played("jeanne", "Jeanne (démonstration)", place=(MEMBER_OF, "member")),
    Played("karim", "Karim (démonstration)", place=("Centre social ECHO", "member")),
    Played("lea", "Léa (démonstration)", place=(MEMBER_OF, "member")),
    Played("moussa", "Moussa (démonstration)", place=(REFERENT_OF, "member")),
)


@dataclass(frozen=True, slots=True)
class _People:
    """Who writes, by local part of their address: person, and the place in whose name."""

    authors: Mapping[str, Author]

    def __getitem__(self, local: str) -> Author:
        return self.authors[local]

    def id(self, local: str) -> UUID:
        """Of the person."""
        found = self.authors[local].person_id
        assert found is not None
        return found


def seed(session: Session, now: datetime) -> int:
    """Write the threads and the working groups, once. The people of ``people.seed`` are there.

    :return: how many threads were written.
    """
    topics.lay(session, now)
    if session.scalar(sa.select(sa.func.count()).select_from(Thread)):
        return 0
    people = _people(session, now)
    parts = ("coordination", "mediatrice", "referent", "cpts")
    load_groups(session, {part: people.id(part) for part in parts}, now, created=[topics.of_group])
    by_slug = {topic.slug: topic for topic in session.scalars(sa.select(Topic))}
    rows = sorted(_rows(), key=lambda row: -float(row["jours"]))
    for row in rows:
        _write(session, row, by_slug[row["sujet"]], people, now)
    session.flush()
    return len(rows)


def _rows() -> Iterator[dict[str, Any]]:
    folder = resources.files("reseau.demonstration").joinpath("fils")
    for name in ("1-sante.toml", "2-reseau.toml"):
        yield from tomllib.loads(folder.joinpath(name).read_text(encoding="utf-8"))["fil"]


def _people(session: Session, now: datetime) -> _People:
    authors = {}
    for played in (*PLAYED, *OTHERS):
        person = make(session, played, now)
        place = session.scalars(
            sa.select(Membership.structure_id).where(Membership.person_id == person.id).limit(1)
        ).first()
        authors[played.local] = Author(person.id, place)
    return _People(authors)


def _write(session: Session, row: dict[str, Any], topic: Topic, people: _People, now: datetime) -> None:
    lang, author = row.get("langue", "fr"), people[row["qui"]]
    about = cards.by_paths(session, [row["objet"]]).get(row["objet"]) if row.get("objet") else None
    at = now - timedelta(days=row["jours"])
    opening = Opening(
        topic.id, ThreadKind(row["type"]), row["titre"], about.ref if about else None, row.get("options", ()),
        row.get("plusieurs", False),
        closes_at=now + timedelta(days=row["ferme_dans"]) if "ferme_dans" in row else None,
        pinned_until=now + timedelta(days=row["epingle"]) if "epingle" in row else None,
    )  # fmt: skip
    thread, first = services.start(session, opening, Writing(row["texte"].strip(), lang), author, id_=new_id(), now=at)
    _thank(session, first.id, row, people, at)
    for said in row.get("message", ()):
        _answer(session, thread, row, said, people, now)
    for local, options in row.get("votes", {}).items():
        session.add_all(
            PollVote(thread_id=thread.id, person_id=people.id(local), option=option, at=now) for option in options
        )
    session.flush()


def _answer(
    session: Session, thread: Thread, row: dict[str, Any], said: dict[str, Any], people: _People, now: datetime
) -> None:
    at = now - timedelta(days=said["jours"])
    writing = Writing(said["texte"].strip(), said.get("langue", "fr"))
    post = services.reply(session, thread.id, writing, people[said["qui"]], id_=new_id(), now=at)
    _thank(session, post.id, said, people, at)
    if said.get("aide"):
        services.mark_answer(session, thread, post, now=at)
    if said.get("lien") and (found := cards.by_paths(session, [row["reponse"]]).get(row["reponse"])):
        services.answer_with(session, thread, post, found.ref, now=at)


def _thank(session: Session, post_id: UUID, said: dict[str, Any], people: _People, at: datetime) -> None:
    thankers = said.get("merci", ())
    session.add_all(PostThank(post_id=post_id, person_id=people.id(local), at=at) for local in thankers)
    if thankers:
        services.post(session, post_id).thanks = len(thankers)
    session.flush()

"""From what a mail says to a post, or to a letter that says why not. In the transaction of the caller."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core import limits, mail
from reseau.core.db import insert
from reseau.core.letters import Letter, Site
from reseau.core.limits import Limit
from reseau.core.wording import Wording, _
from reseau.members import drafts
from reseau.members.models import Person, PersonState
from reseau.members.sessions import places_of
from reseau.notices.models import Notice
from reseau.threads.answering import letters
from reseau.threads.answering.letters import BY_MAIL_A_DAY
from reseau.threads.answering.office import Office, Outcome, Said
from reseau.threads.answering.parcels import Parcels, give
from reseau.threads.base import mentions, services
from reseau.threads.base.access import Reader, audience
from reseau.threads.base.addresses import path_of, post_path
from reseau.threads.base.choices import waits
from reseau.threads.base.models import KIND, MailReceived, Post, Thread, ThreadState, Topic
from reseau.threads.base.personal_words import holds_number
from reseau.threads.base.services import Author, Closed, Taken, Writing
from reseau.threads.base.shapes import MAILS_PER_HOUR, MAX_TEXT
from reseau.threads.base.text import guess_lang

LOOKED_BACK, HALF = timedelta(days=1), 32
AT_ONCE = timedelta(minutes=2)
"""Who says the same again so soon after they were told is a program."""
#: Two programs that answer each other without saying so, each time in other words, end here.
THREAD_PER_DAY = Limit("post-by-mail-thread", BY_MAIL_A_DAY, timedelta(days=1))
THREAD_LETTER = Limit("mail-thread-letter", 1, timedelta(days=1))
SAME_PER_DAY = Limit("mail-same-letter", 1, timedelta(days=1))
ELSEWHERE_PER_HOUR = Limit("mail-elsewhere", 1, timedelta(hours=1))
LETTERS_PER_HOUR = Limit("mail-answer-letter", 5, timedelta(hours=1))
LIMITED_PER_HOUR = Limit("mail-limited", 1, timedelta(hours=1))
ONLY_FILES = _("Voir le fichier joint.")


def settle(session: Session, office: Office, notice_id: UUID, said: Said, parcels: Parcels) -> Outcome:
    """Publish what a mail says, or tell its author why not; whoever it is from is known by the notice."""
    notice = session.get(Notice, notice_id)
    person = session.get(Person, notice.person_id) if notice else None
    if notice is None or person is None or not person.email:
        return Outcome.GONE
    now, key = office.clock(), _digest(said.mail.key, person.id, notice.about_id)
    row = {"digest": key, "at": now, "outcome": "", "person_id": person.id, "thread_id": None,
           "body": _body(said, notice)}  # fmt: skip
    statement = insert(session, MailReceived).values(**row).on_conflict_do_nothing(index_elements=["digest"])
    if session.scalar(statement.returning(MailReceived.digest)) is None:
        return Outcome.AGAIN
    thread = _present(session, notice)
    outcome = _Delivery(session, office, person, thread, said, parcels, notice, key, now).run()
    session.execute(
        sa.update(MailReceived)
        .where(MailReceived.digest == key)
        .values(outcome=outcome.value, thread_id=thread.id if thread else None)
    )
    return outcome


def _digest(*parts: object) -> str:
    """Of what says that it is the same mail again: somebody else's Message-ID does not suppress theirs."""
    return hashlib.sha256("\x00".join(map(str, parts)).encode()).hexdigest()


def _body(said: Said, notice: Notice) -> str:
    """By which loops are seen: half of it of the words, half of what they answer; "" for no words."""
    return said.body[:HALF] + notice.id.hex if said.body else ""


def _present(session: Session, notice: Notice) -> Thread | None:
    """The thread of a notice, or the one into which it was merged."""
    return session.get(Thread, services.led_to(session, notice.about_id)) if notice.about_kind == KIND else None


class _Delivery:
    """One mail of one person about one thread."""

    def __init__(
        self, session: Session, office: Office, person: Person, thread: Thread | None, said: Said, parcels: Parcels,
        notice: Notice, key: str, now: datetime,
    ) -> None:  # fmt: skip
        self.session, self.office, self.person, self.thread = session, office, person, thread
        self.said, self.parcels, self.notice, self.key, self.now = said, parcels, notice, key, now

    def run(self) -> Outcome:
        """Decide, and do it."""
        if not self.said.text and not self.said.refusal and not self.parcels.good and not self.parcels.refused:
            return Outcome.EMPTY
        if not _same(self.said.mail.sender, self.person.email or ""):
            return self._refuse("elsewhere", ELSEWHERE_PER_HOUR, Outcome.ELSEWHERE)
        if self._seen_before():
            return self._refuse("same", SAME_PER_DAY, Outcome.LOOP)
        if not self._allowed(MAILS_PER_HOUR):
            return self._refuse("limited", LIMITED_PER_HOUR, Outcome.LIMITED)
        if not self._allowed(THREAD_PER_DAY, self._thread_id):
            return self._refuse("often", THREAD_LETTER, Outcome.LIMITED, self._thread_id)
        if reason := self.said.refusal or self._barred():
            return self._refuse(reason)
        return self._publish()

    def _allowed(self, limit: Limit, more: str = "") -> bool:
        return limits.allow(self.session, limit, f"{self.person.id}{more}", self.now)

    @property
    def _thread_id(self) -> str:
        return str(self.thread and self.thread.id)

    def _seen_before(self) -> bool:
        """Whether they published the same words there within a day, as an answer to the same mail or as fast as only a
        program is: "Merci !" to two people is no loop, nor is what was refused and comes again."""
        if not self.said.body or self.thread is None or self.parcels.good:
            return False
        row, answered = MailReceived, _body(self.said, self.notice)
        wanted = sa.select(row.digest).where(
            row.person_id == self.person.id, row.thread_id == self.thread.id, row.at > self.now - LOOKED_BACK,
            row.digest != self.key, row.outcome.in_([Outcome.POSTED.value, Outcome.WAITING.value]),
            row.body.startswith(self.said.body[:HALF]) if self._fast else row.body == answered,
        )  # fmt: skip
        return self.session.scalars(wanted.limit(1)).first() is not None

    @property
    def _fast(self) -> bool:
        """Whether they had no time to read the mail that they answer."""
        told = max(filter(None, (self.notice.at, self.notice.due_at, self._mailed)))
        return self.now < told + AT_ONCE

    @property
    def _mailed(self) -> datetime | None:
        if not self.notice.mail_key:
            return None
        letter = mail.Mail
        wanted = sa.select(sa.func.coalesce(letter.sent_at, letter.created_at))
        return self.session.scalar(wanted.where(letter.key == self.notice.mail_key))

    def _barred(self) -> str:
        """Why they may not write there today; "": they may."""
        if self.person.state != PersonState.ACTIVE.value:
            return "suspended"
        if not self._readable():
            return "away"
        assert self.thread is not None  # what is readable is there
        if not self.thread.open:
            return "closed"
        if len(self.said.text) > MAX_TEXT:
            return "too-long"
        return "personal" if holds_number(self.said.text) else ""

    def _readable(self) -> bool:
        thread = self.thread
        if thread is None or thread.state not in (ThreadState.OPEN.value, ThreadState.CLOSED.value):
            return False
        return audience(self.session, [self.person.id]).reads(self.person.id, thread.topic_id)

    # --- said back ------------------------------------------------------------------------------------------------

    def _refuse(
        self, reason: str, limit: Limit = LETTERS_PER_HOUR, outcome: Outcome = Outcome.REFUSED, more: str = ""
    ) -> Outcome:
        """Keep what was written in the form of the answer, and say why it is not published.

        What comes from another address fills the form no more often than it is told; what is published is not kept.
        """
        path = f"{path_of(self.thread)}/repondre" if self.thread and self._readable() else ""
        own, told = outcome is not Outcome.ELSEWHERE, self._allowed(limit, more)
        if path and self.said.text and (own or told) and outcome is not Outcome.LOOP:
            self._keep(path)
        if told:
            url = f"{self.office.settings.public_url.rstrip('/')}{path}" if path else ""
            self._write(letters.refused(self.person.lang, reason, url, text=self.said.text[:MAX_TEXT] if own else "",
                                        most=self.office.most // 1_000_000))  # fmt: skip
        return outcome

    def _keep(self, path: str) -> None:
        """In the draft of the form, after what is in it already."""
        kept = drafts.read(self.session, self.person.id, path)
        fields = [] if kept is None else [pair for pair in kept.fields if pair[0] != "texte"]
        before = next((value for name, value in kept.fields if name == "texte"), "") if kept else ""
        text = self.said.text if self.said.text in before or not before else f"{before}\n\n{self.said.text}"
        text = before if self.said.text in before and before else text
        if not drafts.save(self.session, self.person.id, path, [*fields, ("texte", text)], self.now):
            drafts.save(self.session, self.person.id, path, [("texte", self.said.text[:MAX_TEXT])], self.now)

    def _write(self, letter: Letter) -> None:
        site = Site.of(self.office.settings)
        mail.queue(self.session, letter, self.person.email or "", site=site, now=self.now)

    # --- published ------------------------------------------------------------------------------------------------

    def _publish(self) -> Outcome:
        thread, person = self.thread, self.person
        assert thread is not None
        text = self.said.text or Wording.of(person.lang).gettext(ONLY_FILES)
        author, topic = self._author(thread), self.session.get_one(Topic, thread.topic_id)
        network = person.id in audience(self.session, [person.id]).network
        reader = Reader(person.id, network, "coordinator" in person.roles, (topic,))
        known, _unclear = mentions.resolve(self.session, reader, text, topic)
        writing = Writing(text, guess_lang(text, person.lang), known, by_mail=True)
        try:
            post = services.reply(
                self.session, thread.id, writing, author, id_=uuid5(NAMESPACE_URL, f"mail:{self.key}"),
                now=self.now, site_url=self.office.settings.public_url,
            )  # fmt: skip
        except Taken:
            return Outcome.AGAIN
        except Closed:
            return self._refuse("closed")
        give(self.session, self.office.store, self.office.settings, self.parcels, post.id, person.id,
             author.structure_id, self.now)  # fmt: skip
        self._tell_refused(post)
        return Outcome.WAITING if author.waits else Outcome.POSTED

    def _tell_refused(self, post: Post) -> None:
        if self.parcels.refused and self._allowed(LETTERS_PER_HOUR):
            url = f"{self.office.settings.public_url.rstrip('/')}{post_path(post)}"
            self._write(letters.files_left(self.person.lang, self.parcels.said(self.person.lang), url))

    def _author(self, thread: Thread) -> Author:
        """Who writes, for the place for which they wrote there last, else for the only one they have."""
        places = places_of(self.session, self.person.id)
        mine = sa.select(Post.structure_id).where(Post.thread_id == thread.id, Post.author_id == self.person.id)
        last = self.session.scalars(mine.order_by(Post.at.desc()).limit(1)).first()
        place = last if last in places else next(iter(places)) if len(places) == 1 else None
        moderates = "coordinator" in self.person.roles
        return Author(self.person.id, place, waits=waits(self.session, self.person.id, moderates))


def _same(sender: str, account: str) -> bool:
    """Whether two addresses are of one person: capitals and a tag after + do not count."""
    return bool(account) and _plain(sender) == _plain(account)


def _plain(address: str) -> str:
    local, _at, domain = address.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"

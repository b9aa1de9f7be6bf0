"""From what a mail says to a post, or to a letter that says why not. In the transaction of the caller."""

from __future__ import annotations

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
from reseau.threads.answering.office import Office, Outcome, Said
from reseau.threads.answering.parcels import Parcels, give
from reseau.threads.base import mentions, services
from reseau.threads.base.access import Reader, audience
from reseau.threads.base.addresses import path_of, post_path
from reseau.threads.base.choices import choices
from reseau.threads.base.models import KIND, MailReceived, Post, PostState, Thread, ThreadState, Topic
from reseau.threads.base.services import Author, Closed, Taken, Writing
from reseau.threads.base.shapes import MAILS_PER_HOUR, MAX_TEXT
from reseau.threads.base.text import guess_lang

LOOKED_BACK = timedelta(days=1)
#: Two programs that answer each other without saying so, each time in other words, end here.
THREAD_PER_DAY = Limit("post-by-mail-thread", 20, timedelta(days=1))
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
    now, key = office.clock(), said.mail.key
    row = {"digest": key, "at": now, "outcome": "", "person_id": person.id, "thread_id": None, "body": said.body}
    statement = insert(session, MailReceived).values(**row).on_conflict_do_nothing(index_elements=["digest"])
    if session.scalar(statement.returning(MailReceived.digest)) is None:
        return Outcome.AGAIN
    thread = _present(session, notice)
    delivery = _Delivery(session, office, person, thread, said, parcels, now)
    outcome = delivery.run()
    session.execute(
        sa.update(MailReceived)
        .where(MailReceived.digest == key)
        .values(outcome=outcome.value, thread_id=thread.id if thread else None)
    )
    return outcome


def _present(session: Session, notice: Notice) -> Thread | None:
    """The thread of a notice, or the one into which it was merged."""
    thread = session.get(Thread, notice.about_id) if notice.about_kind == KIND else None
    for _step in range(5):
        if thread is None or thread.state != ThreadState.MERGED.value or thread.merged_into is None:
            break
        thread = session.get(Thread, thread.merged_into)
    return thread


class _Delivery:
    """One mail of one person about one thread."""

    def __init__(
        self, session: Session, office: Office, person: Person, thread: Thread | None, said: Said, parcels: Parcels,
        now: datetime,
    ) -> None:  # fmt: skip
        self.session, self.office, self.person, self.thread = session, office, person, thread
        self.said, self.parcels, self.now = said, parcels, now

    def run(self) -> Outcome:
        """Decide, and do it."""
        if not self.said.text and not self.said.refusal and not self.parcels.good and not self.parcels.refused:
            return Outcome.EMPTY
        if self._seen_before():
            return Outcome.LOOP
        if not self._allowed(MAILS_PER_HOUR) or not self._allowed(THREAD_PER_DAY, str(self.thread and self.thread.id)):
            return self._refuse("limited", LIMITED_PER_HOUR, Outcome.LIMITED)
        if not _same(self.said.mail.sender, self.person.email or ""):
            return self._refuse("elsewhere", ELSEWHERE_PER_HOUR, Outcome.ELSEWHERE)
        if reason := self.said.refusal or self._barred():
            return self._refuse(reason)
        return self._publish()

    def _allowed(self, limit: Limit, more: str = "") -> bool:
        return limits.allow(self.session, limit, f"{self.person.id}{more}", self.now)

    def _seen_before(self) -> bool:
        """Whether they said the same in the same thread within a day: programs repeat themselves, people do not."""
        if not self.said.body or self.thread is None:
            return False
        wanted = sa.select(MailReceived.digest).where(
            MailReceived.person_id == self.person.id, MailReceived.thread_id == self.thread.id,
            MailReceived.body == self.said.body, MailReceived.at > self.now - LOOKED_BACK,
            MailReceived.digest != self.said.mail.key,
        )  # fmt: skip
        return self.session.scalars(wanted.limit(1)).first() is not None

    def _barred(self) -> str:
        """Why they may not write there today; "": they may."""
        if self.person.state != PersonState.ACTIVE.value:
            return "suspended"
        if not self._readable():
            return "away"
        assert self.thread is not None  # what is readable is there
        if not self.thread.open:
            return "closed"
        return "too-long" if len(self.said.text) > MAX_TEXT else ""

    def _readable(self) -> bool:
        thread = self.thread
        if thread is None or thread.state not in (ThreadState.OPEN.value, ThreadState.CLOSED.value):
            return False
        return audience(self.session, [self.person.id]).reads(self.person.id, thread.topic_id)

    # --- said back ------------------------------------------------------------------------------------------------

    def _refuse(self, reason: str, limit: Limit = LETTERS_PER_HOUR, outcome: Outcome = Outcome.REFUSED) -> Outcome:
        """Keep what was written in the form of the answer, and say why it is not published."""
        readable = self._readable()
        path = f"{path_of(self.thread)}/repondre" if self.thread and readable else ""
        if path and self.said.text:
            self._keep(path)
        if self._allowed(limit):
            own = outcome is not Outcome.ELSEWHERE
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
        reader = Reader(person.id, True, "coordinator" in person.roles, (topic,))
        known, _unclear = mentions.resolve(self.session, reader, text, topic)
        writing = Writing(text, guess_lang(text, person.lang), known, by_mail=True)
        try:
            post = services.reply(
                self.session, thread.id, writing, author, id_=uuid5(NAMESPACE_URL, f"mail:{self.said.mail.key}"),
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
        waits = "coordinator" not in self.person.roles and choices(self.session).first_post_waits
        if waits:
            shown = sa.exists().where(Post.author_id == self.person.id, Post.state == PostState.SHOWN.value)
            waits = not self.session.scalar(sa.select(shown))
        return Author(self.person.id, place, waits=waits)


def _same(sender: str, account: str) -> bool:
    """Whether two addresses are of one person: capitals and a tag after + do not count."""
    return bool(account) and _plain(sender) == _plain(account)


def _plain(address: str) -> str:
    local, _at, domain = address.strip().casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"

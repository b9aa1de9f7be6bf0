"""One run of the worker: claims what is due, a few connections hand it over, one thread writes the ledger."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from feeds.newsletter.content import Composed
from feeds.newsletter.models import DeliveryState, Edition
from feeds.newsletter.sending import claims, hooks, showing, stopping
from feeds.newsletter.sending.carrying import Answer, Fate, Line, line_of
from feeds.newsletter.sending.claims import Claimed, Settled
from feeds.newsletter.sending.freezing import text_of
from feeds.newsletter.sending.message import House, Reader, Template
from feeds.newsletter.sending.pace import Pace
from feeds.newsletter.sending.writer import Writer
from reseau.core.jobs import Tools
from reseau.core.letters import address
from reseau.core.mail_delivery import BACK_OFF

log = logging.getLogger(__name__)

BUDGET_S = 50.0  # a run; the next one begins within five seconds
MOST_CLAIMED = 100
_NAP_S = 0.05
_STATES = {
    Fate.ACCEPTED: DeliveryState.ACCEPTED, Fate.REFUSED: DeliveryState.FAILED, Fate.UNKNOWN: DeliveryState.UNKNOWN,
    Fate.LATER: DeliveryState.WAITING, Fate.SLOWER: DeliveryState.WAITING, Fate.LOST: DeliveryState.WAITING,
}  # fmt: skip
Lines = Callable[[], Line]


@dataclass
class Options:
    """What tests and measures set otherwise. ``lines``: makes a way out for each connection."""

    lines: Lines | None = None
    budget_s: float = BUDGET_S
    back_off: tuple[timedelta, ...] = BACK_OFF
    linger_s: float = 1.0
    """Waits so long for what is about to be due, before it ends."""


@dataclass
class Run:
    """One run. Call :meth:`go` once."""

    tools: Tools
    pace: Pace
    options: Options = field(default_factory=Options)
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        settings = self.tools.settings
        self._house = House.of(settings)
        self._templates: dict[tuple[UUID, str, str, str], Template] = {}
        self._tallies: dict[UUID, stopping.Tally] = {}
        self._queue: queue.SimpleQueue[Claimed | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._under_way = 0
        self._stopped: set[UUID] = set()
        self._ends = time.monotonic() + self.options.budget_s
        self._ending = False
        self._threads: list[threading.Thread] = []

    def go(self) -> Counter[str]:
        """Send what is due until nothing is, or the time is over. :return: how many became what."""
        shown = showing.Shown(self.tools.settings.demo)
        self._writer = Writer(self.tools.sessions, self.tools.clock, self._also)
        self._shown = shown
        try:
            self.done["unknown"] += self._writer.call(lambda s: claims.recover(s, self.tools.clock()))
            if issues := self._writer.call(claims.active):
                self._tallies = self._writer.call(lambda s: stopping.tallies(s, issues))
                self._work()
        finally:
            self._ending = True
            for _ in self._threads:
                self._queue.put(None)
            for thread in self._threads:
                thread.join()
            try:
                ended = self._writer.call(lambda s: claims.finish(s, self.tools.clock()))
                self.done["finished"] += len(ended)
            finally:
                self._writer.close()
        return +self.done

    def _over(self) -> bool:
        return self._ending or self.tools.stopping() or time.monotonic() > self._ends

    def _work(self) -> None:
        """Keep the connections busy."""
        idle_since: float | None = None
        wanted = MOST_CLAIMED // 2
        while not self._over():
            if self._waiting() > wanted or not (room := min(self.pace.room(), MOST_CLAIMED)):
                if self.pace.resting() and not self._waiting():
                    return
                time.sleep(_NAP_S)
                continue
            if self._claim(room):
                idle_since = None
            elif not self._waiting():
                idle_since = idle_since or time.monotonic()
                if time.monotonic() - idle_since > self.options.linger_s:
                    return
                time.sleep(_NAP_S)
            else:
                time.sleep(_NAP_S / 10)

    def _claim(self, room: int) -> bool:
        secret, shut = self.tools.settings.secret, self.pace.shut()
        rows = self._writer.call(
            lambda s: self._ready(s, claims.claim(s, secret, self.tools.clock(), room, shut, self.pace.take))
        )
        with self._lock:
            self._under_way += len(rows)
        for row in rows:
            self._queue.put(row)
        connections = max(1, min(8, self.tools.settings.letter_connections))
        while rows and len(self._threads) < min(connections, self._waiting()):
            thread = threading.Thread(target=self._connection, name=f"letter-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return bool(rows)

    def _ready(self, session: Session, rows: list[Claimed]) -> list[Claimed]:
        """The templates of what was claimed."""
        for row in rows:
            if (name := (row.issue_id, row.edition, row.lang, row.relay)) not in self._templates:
                text = text_of(session, row.issue_id, row.edition, row.lang, row.relay)
                composed = Composed(text.lang, text.subject, text.html, text.text)
                self._templates[name] = Template(self._house, composed, Edition(row.edition), row.relay)
        return rows

    def _waiting(self) -> int:
        with self._lock:
            return self._under_way

    # --- in the threads of the connections ------------------------------------------------------------------------

    def _connection(self) -> None:
        line = (self.options.lines or (lambda: line_of(self.tools.settings)))()
        try:
            while (row := self._queue.get()) is not None:
                try:
                    if not self._over() and not self.pace.resting() and row.issue_id not in self._stopped:
                        self._one(line, row)
                except Exception:
                    log.exception("delivery %s", row.id)  # it stays as it is: waiting, or for the next run to find
                finally:
                    with self._lock:
                        self._under_way -= 1
        finally:
            line.close()

    def _one(self, line: Line, row: Claimed) -> None:
        reader, template = Reader(row.id, row.email, row.key), self._template(row)
        try:
            message = template.message(reader, self.tools.clock())
            recipient = address(row.email).addr_spec
        except ValueError as error:
            self._settle(row, Answer(Fate.REFUSED, str(error)), row.attempts)
            return
        marked: list[int] = []

        def mark() -> bool:
            if (attempts := self._writer.mark(row.id)) is not None:
                marked.append(attempts)
            return bool(marked)

        sender = self._house.envelope_sender(row.id)
        answer = line.carry(f"letter-{row.id}", sender, recipient, message, mark)
        self._hear(row, answer)
        if answer.fate in _STATES:
            self._settle(row, answer, marked[0] if marked else row.attempts)

    def _template(self, row: Claimed) -> Template:
        return self._templates[row.issue_id, row.edition, row.lang, row.relay]

    def _hear(self, row: Claimed, answer: Answer) -> None:
        """What an answer says of the pace."""
        if answer.fate is Fate.ACCEPTED:
            self.pace.answered(row.domain)
        elif answer.fate is Fate.SLOWER:
            self.pace.slower(row.domain)
        elif answer.fate is Fate.LOST:
            self.pace.lost()
        elif answer.fate is Fate.UNREACHABLE:
            log.warning("the mail server does not answer: %s", answer.said)
            self.pace.unreachable()
        elif answer.fate is Fate.SENDER:
            log.warning("the mail server refuses the sender: %s", answer.said)
            self._stop(row.issue_id, stopping.SENDER)
            self._note(row, answer.said)

    def _note(self, row: Claimed, said: str) -> None:
        """It waits as before, without an attempt more; what the server said stands among the answers."""
        now, seen = self.tools.clock(), row.attempts
        self._writer.settle(Settled(row.id, seen, DeliveryState.WAITING, seen, said, now, now, row.subscriber_id))

    def _settle(self, row: Claimed, answer: Answer, seen: int) -> None:
        now, state = self.tools.clock(), _STATES[answer.fate]
        attempts = seen if answer.marked else seen + 1
        due_at = now
        if state is DeliveryState.WAITING:
            if attempts > len(self.options.back_off):
                state = DeliveryState.FAILED
            else:
                due_at = now + self.options.back_off[attempts - 1]
        self._writer.settle(Settled(row.id, seen, state, attempts, answer.said, now, due_at, row.subscriber_id))
        with self._lock:
            self.done[state.value] += 1
            tally = self._tallies.setdefault(row.issue_id, stopping.Tally())
            tally.accepted += state is DeliveryState.ACCEPTED
            tally.failed += state is DeliveryState.FAILED
            stops = state is DeliveryState.FAILED and tally.too_many(self.tools.settings.letter_refusals)
        if stops:
            self._stop(row.issue_id, stopping.REFUSALS)
        if state is DeliveryState.ACCEPTED and self._shown.wanted():
            self._shown.add(row, self._template(row), now)

    def _stop(self, issue_id: UUID, code: str) -> None:
        now: datetime = self.tools.clock()
        self._stopped.add(issue_id)
        if self._writer.call(lambda s: stopping.stop(s, issue_id, code)):
            log.warning("issue %s stopped by itself: %s", issue_id, code)
            self.done["stopped"] += 1
            self._writer.call(lambda s: stopping.tell(s, issue_id, code, self.tools.settings, now))

    # --- in the thread of the ledger ------------------------------------------------------------------------------

    def _also(self, session: Session, settled: list[Settled]) -> None:
        secret = self.tools.settings.secret
        for one in settled:
            if one.state is DeliveryState.FAILED and one.said[:1] == "5":
                hooks.refused(session, one.subscriber_id, one.said, one.at, secret=secret, delivery_id=one.id)
        self._shown.write(session)

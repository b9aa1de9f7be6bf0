"""In a demonstration, letters can be read where its other mails are (``/demo/courriels``): some of them."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.sending.claims import Claimed
from feeds.newsletter.sending.message import Reader, Template
from reseau.core.db import insert
from reseau.core.ids import new_id
from reseau.core.mail import Mail, MailState

KIND = "lettre"
MOST = 300


class Shown:
    """Letters of one run that will be shown. :param demo: whether this is a demonstration; else none is."""

    def __init__(self, demo: bool) -> None:
        self._left = MOST if demo else 0
        self._rows: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def wanted(self) -> bool:
        """Whether one more is."""
        return self._left > 0

    def add(self, row: Claimed, template: Template, now: datetime) -> None:
        """One that was accepted."""
        text, html = template.text_for(Reader(row.id, row.email, row.key))
        shown = {
            "id": new_id(), "key": f"lettre:{row.id}", "kind": KIND, "recipient": row.email, "lang": row.lang,
            "subject": template.subject, "text": text, "html": html, "headers": {}, "created_at": now, "due_at": now,
            "sent_at": now, "state": MailState.SENT.value, "attempts": 1,
        }  # fmt: skip
        with self._lock:
            self._left -= 1
            self._rows.append(shown)

    def write(self, session: Session) -> None:
        """Those that were added since; no more than there may be in all."""
        with self._lock:
            rows, self._rows = self._rows, []
        if rows:
            there = session.scalar(sa.select(sa.func.count()).select_from(Mail).where(Mail.kind == KIND)) or 0
            if rows := rows[: max(0, MOST - there)]:
                session.execute(insert(session, Mail).values(rows).on_conflict_do_nothing(index_elements=["key"]))

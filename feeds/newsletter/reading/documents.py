"""What the text engine knows of an issue that has left: its subject, what it tells, in every language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feeds.newsletter.composing.reading_rows import lines_of, visible
from feeds.newsletter.models import KIND, Issue, Line
from feeds.newsletter.reading.services import public
from reseau.search.protocol import Document

TITLE, LABEL, BODY = 8.0, 3.0, 1.0
MAX_TEXT = 20_000  # characters of one text that are indexed

Fields = list[tuple[str, float]]


def documents(session: Session, ids: Sequence[UUID] | None = None) -> Iterator[Document]:
    """Documents of the issues that everybody may read (of ``ids``, or all); six statements at most for each."""
    wanted = sa.select(Issue).where(public()).order_by(Issue.id)
    if ids is not None:
        wanted = wanted.where(Issue.id.in_(list(ids)))
    for issue in session.scalars(wanted).all():
        yield Document(issue.id, KIND, tuple(fields(issue, visible(session, lines_of(session, issue), public=True))))


def fields(issue: Issue, lines: Sequence[Line]) -> Fields:
    """(text, weight) of one issue. :param lines: those that everybody may read."""
    found: Fields = [(str(text), TITLE) for _, text in sorted(issue.subject.items())]
    found += [(str(text)[:MAX_TEXT], BODY) for _, text in sorted(issue.intro.items())]
    for line in lines:
        for _, said in sorted((line.texts or {}).items()):
            found += [(str(said.get("title") or ""), LABEL), (str(said.get("text") or "")[:MAX_TEXT], BODY)]
        found.append((line.note, BODY))
    return [(text, weight) for text, weight in found if text.strip()]

"""The threads of a working group on its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from reseau.groups.models import WorkingGroup
from reseau.threads.base.models import Topic
from reseau.threads.listing import queries
from reseau.threads.listing.lines import Line, lines
from reseau.threads.listing.page import just_read, when

if TYPE_CHECKING:
    from pyramid.request import Request

TEMPLATE = "reseau.threads.listing:templates/group_panel.jinja2"
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Panel:
    """The last threads of the topics of a group, and these topics."""

    topics: list[Topic]
    lines: list[Line]
    when: Callable[[datetime], str]


def group_threads(request: Request, group: WorkingGroup) -> Panel | None:
    """``request.group_threads(group)``: None for whoever may read none of its topics; one or two statements."""
    reader = request.reader
    topics = [topic for topic in reader.topics if topic.group_id == group.id]
    if not topics:
        return None
    rows = queries.latest(request.db, reader, [topic.id for topic in topics], SHOWN)
    return Panel(topics, lines(request.db, reader, rows, just_read(request)), when(request))

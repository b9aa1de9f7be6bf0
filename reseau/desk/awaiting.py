"""What other packages have that awaits the coordination: their queues and trays, on the desk and in its weekly mail.

A package registers each kind where its services are, at import (as ``core.personal``), so that the worker, which has no
application, knows it too; the module is then named in ``reseau.registered``::

    awaiting.register(
        Awaiting(
            kind="veille",
            path="/gestion/veille",
            label=lambda say, n: say.ngettext("%(num)s article à trier", "%(num)s articles à trier", n),
            number=lambda: sa.select(sa.func.count()).select_from(WatchItem).where(WatchItem.state == "new"),
            oldest=lambda: sa.select(sa.func.min(WatchItem.seen_at, type_=UTCDateTime())).where(…),
        )
    )
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reseau.core.wording import Wording


@dataclass(frozen=True, slots=True)
class Awaiting:
    """One kind of thing that awaits coordinators.

    :param kind: a word for code, unique. :param path: of its list. :param label: (words of a language, how many) →
        "3 articles à trier", with literal sentences, so that they are extracted. :param number: a statement of one
        integer. :param oldest: one of one moment or NULL. Both become parts of the desk's own two statements: keep them
        to what an index answers.
    """

    kind: str
    path: str
    label: Callable[[Wording, int], str]
    number: Callable[[], sa.Select[Any]]
    oldest: Callable[[], sa.Select[Any]]

    def count(self, session: Session) -> int:
        """How many there are, alone (the desk asks for all kinds at once)."""
        return session.scalar(self.number()) or 0

    def title(self, say: Wording, n: int) -> str:
        """The label without its number, for a table: "Articles à trier"."""
        words = " ".join(self.label(say, n).replace(str(n), " ", 1).split())
        return words[:1].upper() + words[1:]


_KINDS: dict[str, Awaiting] = {}


def register(one: Awaiting) -> None:
    """Called at import. Twice is once."""
    _KINDS[one.kind] = one


def kinds() -> dict[str, Awaiting]:
    """All of them, by kind, in the order of their names."""
    return dict(sorted(_KINDS.items()))

"""A suggestion in the words of the page: what the sheet said, what is proposed, what it says now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from reseau.directory import edits
from reseau.directory.models import Suggestion, SuggestionState
from reseau.directory.reproject import same
from reseau.directory.words import SUGGESTION_TITLES
from reseau.editing.values import LEFT_TO_RIGHT, Reader, group_lines, lines, title

#: Reason → the fields whose present value is shown beside it.
_SHOWN: dict[str, tuple[str, ...]] = {
    "telephone": ("telephone",),
    "horaires": ("horaires", "horaires_texte"),
    "adresse": ("adresse", "complement_adresse", "code_postal", "commune", "code_insee"),
    "courriel": ("courriels",),
    "site": ("site_web",),
    "prix": ("frais_a_charge",),
    "offre": ("services", "demarches"),
}


def present_values(row: Mapping[str, Any], reader: Reader) -> dict[str, list[str] | None]:
    """Reason → what the sheet says now, in lines ([]: not known); None where there is no value to show."""
    return {
        reason: group_lines(row, _SHOWN[reason], reader) if reason in _SHOWN else None for reason in SUGGESTION_TITLES
    }


@dataclass(frozen=True)
class SuggestionView:
    """A suggestion for those who answer. ``names``: of the people who are still there."""

    suggestion: Suggestion
    row: Mapping[str, Any]
    names: Mapping[UUID, str]
    reader: Reader

    @property
    def id(self) -> UUID:
        """Its id."""
        return self.suggestion.id

    @property
    def reason(self) -> str:
        """What is wrong, in words."""
        return self.reader.say(SUGGESTION_TITLES[self.suggestion.reason])

    @property
    def field(self) -> str | None:
        """The name of the field for which a value is proposed, in words."""
        return title(self.suggestion.field, self.reader) if self.suggestion.field else None

    @property
    def dir(self) -> str:
        """Direction of the values."""
        return "ltr" if self.suggestion.field in LEFT_TO_RIGHT else "auto"

    def _lines(self, value: Any) -> list[str]:
        return lines(self.suggestion.field, value, self.reader) if self.suggestion.field else []

    @property
    def before(self) -> list[str]:
        """What the sheet said when it was suggested."""
        return self._lines(self.suggestion.seen["v"]) if self.suggestion.seen else []

    @property
    def proposed(self) -> list[str]:
        """What is proposed."""
        return self._lines(self.suggestion.proposed["v"]) if self.suggestion.proposed else []

    @property
    def now(self) -> list[str]:
        """What the sheet says now: of a proposed value, or of what is said to be wrong."""
        if self.suggestion.field:
            return self._lines(self.row[self.suggestion.field])
        return present_values(self.row, self.reader)[self.suggestion.reason] or []

    @property
    def has_changed(self) -> bool:
        """Whether the sheet changed since it was suggested."""
        field, seen = self.suggestion.field, self.suggestion.seen
        return bool(field and seen is not None and not same(self.row[field], seen["v"]))

    @property
    def is_so(self) -> bool:
        """Whether the sheet says what is proposed already."""
        field, proposed = self.suggestion.field, self.suggestion.proposed
        return bool(field and proposed is not None and same(self.row[field], proposed["v"]))

    @property
    def vu(self) -> str:
        """Digest of the value that this page shows, to be given back with the answer."""
        return edits.seen(self.row[self.suggestion.field]) if self.suggestion.field else ""

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered."""
        return self.suggestion.state == SuggestionState.OPEN.value

    @property
    def is_accepted(self) -> bool:
        """Whether it was accepted."""
        return self.suggestion.state == SuggestionState.ACCEPTED.value

    @property
    def sent_at(self) -> datetime:
        """When it was sent."""
        return self.suggestion.created_at

    @property
    def decider(self) -> str | None:
        """Who answered; None: somebody who is gone."""
        return self.names.get(self.suggestion.decided_by) if self.suggestion.decided_by else None

    @property
    def author(self) -> str | None:
        """The member who sent it; None: a visitor, or somebody who is gone."""
        return self.names.get(self.suggestion.author_id) if self.suggestion.author_id else None

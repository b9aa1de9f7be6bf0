"""A request in the words of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from reseau.core.vocabularies import vocabulary
from resources.base import langs
from resources.base.models import Resource, ResourceRequest
from resources.base.routes import path_of
from resources.finding.asking import Asked


@dataclass(frozen=True)
class AskedView:
    """A request for those who answer. ``names``: of the people who are still there. Who asked from outside is not
    shown: that they want an answer is."""

    asked: ResourceRequest
    lang: str
    names: Mapping[UUID, str] = field(default_factory=dict)
    resource: Resource | None = None

    @property
    def theme(self) -> str:
        """The theme, in words."""
        term = vocabulary("themes").get(self.asked.theme)
        return term.label(self.lang) if term else ""

    @property
    def wanted(self) -> str:
        """The language in which it is wanted, in words."""
        return langs.name(self.asked.lang, self.lang) if self.asked.lang else ""

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered."""
        return self.asked.state == Asked.OPEN.value

    @property
    def is_answered(self) -> bool:
        """Whether a resource answers."""
        return self.asked.state == Asked.ANSWERED.value

    @property
    def author(self) -> str | None:
        """Who asked, signed in; None: a visitor, or somebody who is gone."""
        return self.names.get(self.asked.author_id) if self.asked.author_id else None

    @property
    def decider(self) -> str | None:
        """Who answered; None: somebody who is gone."""
        return self.names.get(self.asked.decided_by) if self.asked.decided_by else None

    @property
    def waits_for_answer(self) -> bool:
        """Whether the answer will reach somebody."""
        return bool(self.asked.contact or self.asked.author_id)

    @property
    def path(self) -> str:
        """Address of the resource that answers, in the site."""
        return path_of(self.resource) if self.resource else ""

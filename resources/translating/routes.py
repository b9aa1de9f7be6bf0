"""Addresses of translating, and the resource and language of an address."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound

from reseau.core.ids import UUID_PATTERN
from resources.base import langs
from resources.base.routes import RESOURCE, ResourceContext
from resources.translating.services import Work

if TYPE_CHECKING:
    from pyramid.config import Configurator

VERBS = "enregistrer|envoyer|publier|renvoyer|relire|confirmer|machine|moteur|retirer"


class NetworkContext(ResourceContext):
    """A published resource that all of the network may translate: the roles that somebody holds anywhere count, not
    only those in its structure. Nobody edits the resource itself from here.
    """

    @property
    def structure_id(self) -> None:  # type: ignore[override]
        """None: anywhere."""
        return None

    @cached_property
    def author_ids(self) -> frozenset[UUID]:
        """Nobody: its authors translate it if they are of the network."""
        return frozenset()

    @cached_property
    def may_edit(self) -> bool:
        """No: what is withdrawn is not translated."""
        return False


class TranslateContext(NetworkContext):
    """A published resource and the language of the address.

    :raises HTTPNotFound: when it is read: no such language, or it is that of the resource.
    """

    @cached_property
    def lang(self) -> str:
        """Its BCP 47 tag."""
        found = langs.tag(self._request.matchdict["lang"])
        if found is None or found == self.published.content.lang:
            raise HTTPNotFound
        return found

    @cached_property
    def work(self) -> Work:
        """What services need."""
        request, published = self._request, self.published
        return Work(request.db, published.resource, published.content, published.version.number, self.lang,
                    request.identity.person_id, request.registry["clock"]())  # fmt: skip

    @property
    def section(self) -> str:
        """Key of the section of the address. :raises HTTPNotFound: the resource has none."""
        key = str(self._request.matchdict["section"])
        if key not in self.published.content.units():
            raise HTTPNotFound
        return key

    @property
    def page_path(self) -> str:
        """Address of the translator's page in the site."""
        return f"{self.path}/traduire/{self.lang}"


def includeme(config: Configurator) -> None:
    """Fixed names before patterns."""
    config.add_route("translating.queue", "/traductions")
    config.add_route("translating.falc", "/traductions/falc.json")
    config.add_route("glossary", "/glossaire")
    config.add_route("glossary.csv", "/glossaire.csv")
    term = "/glossaire/{term:" + UUID_PATTERN + "}"
    config.add_route("glossary.review", term + "/relire")
    config.add_route("glossary.delete", term + "/supprimer")
    config.add_route("translating.ask", RESOURCE + "/demander-langue", factory=ResourceContext)
    config.add_route("translating.choose", RESOURCE + "/traduire", factory=NetworkContext)
    page = RESOURCE + "/traduire/{lang:[A-Za-z0-9_-]{2,35}}"
    config.add_route("translating.send_all", page + "/tout-envoyer", factory=TranslateContext)
    config.add_route("translating.publish_all", page + "/tout-publier", factory=TranslateContext)
    section = page + "/{section:[a-z0-9-]{1,40}}"
    config.add_route("translating.draft", section + "/brouillon", factory=TranslateContext)
    config.add_route("translating.unit", section + "/{verb:" + VERBS + "}", factory=TranslateContext)
    config.add_route("translating.page", page, factory=TranslateContext)

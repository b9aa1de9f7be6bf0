"""Addresses of groups and their documents, and who stands before them."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import sqlalchemy as sa
from pyramid.httpexceptions import HTTPForbidden, HTTPNotFound

from reseau.groups import access, documents
from reseau.groups.access import Found, Reader
from reseau.groups.addresses import document_path, group_path
from reseau.groups.models import Belonging, DocumentKind, GroupDocument, GroupMember, Seen, WorkingGroup
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.request import Request

#: Patterns; a suffix follows.
GROUP = r"/groupes/{slug:[a-z0-9-]{1,80}}"
DOCUMENT = GROUP + r"/documents/{doc_slug:[a-z0-9-]{1,100}}"


def reader_of(request: Request) -> Reader:
    """Who asks."""
    identity = request.identity
    return Reader(
        identity.person_id if identity else None,
        bool(request.allows(Permission.NETWORK_READ)), bool(request.allows(Permission.GROUP_CREATE)),
    )  # fmt: skip


def page_number(request: Request) -> int:
    """The page that is asked for."""
    text = request.GET.get("page", "1")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 7 else 1


class GroupContext:
    """The group of the address, if whoever asks may know that it is there.

    :raises HTTPNotFound: when it is read and there is none, or it is not for them. :raises HTTPForbidden: it is for the
        network, and they are not of it.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    @cached_property
    def reader(self) -> Reader:
        """Who asks."""
        return reader_of(self._request)

    @cached_property
    def found(self) -> Found:
        """The group, as whoever asks stands before it."""
        found = access.find(self._request.db, self._request.matchdict["slug"], self.reader)
        if found is None:
            raise HTTPNotFound
        if not found.knows(self.reader):
            raise HTTPForbidden if found.group.seen == Seen.NETWORK.value else HTTPNotFound
        return found

    @property
    def group(self) -> WorkingGroup:
        """The group."""
        return self.found.group

    @property
    def author_ids(self) -> frozenset[UUID]:
        """Whoever asks, if they animate it: they keep its page and its members."""
        mine = self.found.mine
        return frozenset({mine.person_id}) if mine is not None and self.found.animates else frozenset()

    @property
    def keeps(self) -> bool:
        """Whether whoever asks keeps it."""
        return self.found.animates or self.reader.coordinates

    @property
    def writes(self) -> bool:
        """Whether whoever asks may write new documents."""
        return self.found.inside and self.group.archived_at is None

    @property
    def read(self) -> WorkingGroup:
        """The group, for those who read all of it. :raises HTTPForbidden: who is invited must accept first."""
        if not self.found.reads(self.reader):
            raise HTTPForbidden
        return self.group

    @property
    def written(self) -> WorkingGroup:
        """The group, for its members while it works. :raises HTTPForbidden: for others."""
        if not self.writes:
            raise HTTPForbidden
        return self.group

    @property
    def path(self) -> str:
        """Its address in the site."""
        return group_path(self.group.slug)


class DocumentContext(GroupContext):
    """A document of a group that whoever asks reads."""

    @cached_property
    def document(self) -> GroupDocument:
        """The document. :raises HTTPNotFound: there is none."""
        found = documents.find(self._request.db, self.read.id, self._request.matchdict["doc_slug"])
        if found is None:
            raise HTTPNotFound
        return found

    @property
    def edits(self) -> bool:
        """Whether whoever asks may change it: members, and the coordination."""
        return self.writes or (self.reader.coordinates and self.group.archived_at is None)

    @property
    def deletes(self) -> bool:
        """Whether whoever asks may delete it: who wrote it, and who keeps the group."""
        own = self.reader.person_id is not None and self.document.created_by == self.reader.person_id
        return self.keeps or (own and self.found.inside)

    @property
    def edited(self) -> GroupDocument:
        """The document, for those who may change it. :raises HTTPForbidden: for others."""
        if not self.edits:
            raise HTTPForbidden
        return self.document

    @property
    def deleted(self) -> GroupDocument:
        """The document, for those who may delete it. :raises HTTPForbidden: for others."""
        if not self.deletes:
            raise HTTPForbidden
        return self.document

    @property
    def document_path(self) -> str:
        """Its address in the site."""
        return document_path(self.group.slug, self.document.slug)


def read_files(request: Request, ids: Collection[UUID]) -> Literal["public", "private"] | None:
    """Who has the files of documents (``registry["files.owners"]``); one statement."""
    reader, document, group = reader_of(request), GroupDocument, WorkingGroup
    mine = sa.exists().where(GroupMember.group_id == group.id, GroupMember.person_id == reader.person_id,
                             GroupMember.belonging == Belonging.IN.value)  # fmt: skip
    wanted = sa.select(group.seen, mine).join(document, document.group_id == group.id)
    rows = request.db.execute(wanted.where(document.id.in_(list(ids)))).all() if ids else []
    if any(seen == Seen.PUBLIC.value for seen, _inside in rows):
        return "public"
    open_to = [inside or reader.coordinates or (seen == Seen.NETWORK.value and reader.network) for seen, inside in rows]
    return "private" if any(open_to) else None


#: Name in the address → kind of documents.
LISTS = {"comptes-rendus": DocumentKind.MINUTES, "pages": DocumentKind.PAGE}


def includeme(config: Configurator) -> None:
    """Fixed names before patterns."""
    config.add_route("groups.list", "/groupes")
    config.add_route("groups.new", "/groupes/nouveau")
    for name, suffix in (
        ("group", ""),
        ("join", "/rejoindre"),
        ("leave", "/quitter"),
        ("edit", "/modifier"),
        ("archive", "/archiver"),
        ("people", "/personnes"),
        ("members", "/membres"),
        ("accept", "/membres/accepter"),
        ("refuse", "/membres/refuser"),
        ("animator", "/membres/animateur"),
        ("remove", "/membres/retirer"),
        ("minutes.new", "/comptes-rendus/nouveau"),
        ("pages.new", "/pages/nouvelle"),
        ("minutes", "/comptes-rendus"),
        ("pages", "/pages"),
    ):
        config.add_route(f"groups.{name}", GROUP + suffix, factory=GroupContext)
    config.add_route("groups.document.md", DOCUMENT + ".md", factory=DocumentContext)
    for name, suffix in (("", ""), (".edit", "/modifier"), (".delete", "/supprimer"), (".print", "/imprimer")):
        config.add_route(f"groups.document{name}", DOCUMENT + suffix, factory=DocumentContext)

"""Working groups: who is in them, their minutes, pages and files.

What it is: groups of people of the network, each with a page, that its animators keep; how one comes in; what its
members write. What it is not: it knows no thread. Other rooms show theirs on the page of a group
(``registry["group.panels"]``: templates, which get ``group``) and are told of a new one (``registry["group.created"]``:
functions of a session, the group and the moment).

Tables: ``working_group``, ``group_member``, ``group_document``; files are ``attached_file``, owner kind
``group-document``. Addresses: ``/groupes``, ``/groupes/nouveau``, ``/groupes/{slug}`` and what is below. Permissions:
``group:*``; to leave and to write, ``account:own`` (the page itself asks who is a member).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator


def includeme(config: Configurator) -> None:
    """Routes and views, who reads the files."""
    from reseau.groups import cards, inviting, personal, telling  # noqa: F401 (register themselves)
    from reseau.groups.models import DOCUMENT_KIND
    from reseau.groups.routes import read_files

    registry = config.registry
    registry.setdefault("group.panels", [])
    registry.setdefault("group.created", [])
    registry.setdefault("files.owners", {})[DOCUMENT_KIND] = read_files
    config.include("reseau.groups.routes")
    for module in ("views", "keeping_views", "document_views"):
        config.scan(f"reseau.groups.{module}")

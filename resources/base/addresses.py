"""The address of a resource in the site: ``/{kits|tutoriels|…}/{slug}``. Without Pyramid: emails and jobs use it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import UUID

from resources.base.shapes import PLURALS, Kind

if TYPE_CHECKING:
    from resources.base.models import Resource

#: Where nobody belongs: the "structure" of a resource that has none. With None, roles held anywhere would count.
NOWHERE = UUID(int=0)
KINDS: dict[str, Kind] = {plural: kind for kind, plural in PLURALS.items()}
_PATH = re.compile(rf"/({'|'.join(KINDS)})/([a-z0-9-]{{1,100}})")


def path_of(resource: Resource) -> str:
    """The address of a resource, without ``script_name``: ``/kits/mon-kit``."""
    return path_for(resource.kind, resource.slug)


def path_for(kind: Kind | str, slug: str) -> str:
    """The address of the resource of a kind with this slug, without ``script_name``."""
    return f"/{PLURALS[Kind(kind)]}/{slug}"


def parse_path(path: str) -> tuple[Kind, str] | None:
    """(kind, slug) of an address that :func:`path_of` made, or None: it is that of something else."""
    found = _PATH.fullmatch(path)
    return (KINDS[found[1]], found[2]) if found else None

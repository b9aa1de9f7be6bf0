"""Where groups and their documents are read, in the site."""

from __future__ import annotations

#: Names of addresses that are no group.
TAKEN = frozenset({"nouveau"})


def group_path(slug: str) -> str:
    """Of a group."""
    return f"/groupes/{slug}"


def document_path(group_slug: str, slug: str) -> str:
    """Of one of its documents."""
    return f"/groupes/{group_slug}/documents/{slug}"

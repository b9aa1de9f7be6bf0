"""Where groups and their documents are read, in the site."""

from __future__ import annotations

from reseau.core.slugs import slugify
from reseau.core.vocabularies import fold

#: Names of addresses that are no group.
TAKEN = frozenset({"nouveau"})


def group_path(slug: str) -> str:
    """Of a group."""
    return f"/groupes/{slug}"


def document_path(group_slug: str, slug: str) -> str:
    """Of one of its documents."""
    return f"/groupes/{group_slug}/documents/{slug}"


def readable(text: str, instead: str, most: int = 60) -> str:
    """``slugify``, and ``instead`` for a text of which no letter can be in an address (Arabic)."""
    made = slugify(text, most)
    return instead if made in TAKEN or (made == "lieu" and "lieu" not in fold(text)) else made

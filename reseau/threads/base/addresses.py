"""Addresses of the exchanges in the site. Without Pyramid: mails, feeds and jobs use them."""

from __future__ import annotations

import re
from uuid import UUID

from reseau.core.ids import UUID_PATTERN
from reseau.threads.base.models import Post, Thread, Topic

_PATH = re.compile(rf"/echanges/(?:[a-z0-9-]*-)?({UUID_PATTERN})(?:$|[/.?#])")


def path_of(thread: Thread) -> str:
    """``/echanges/{slug}-{id}``."""
    return f"/echanges/{thread.slug}-{thread.id}"


def post_path(post: Post) -> str:
    """The address of a post that always leads to it, wherever its thread was moved or merged."""
    return f"/echanges/messages/{post.id}"


def anchor(post: Post) -> str:
    """Its place on the page of its thread."""
    return f"message-{post.id}"


def topic_path(topic: Topic) -> str:
    """``/echanges/sujets/{slug}``."""
    return f"/echanges/sujets/{topic.slug}"


def thread_id(path: str) -> UUID | None:
    """The thread that an address names, or None."""
    found = _PATH.match(path)
    return UUID(found[1]) if found else None

"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/) of the same feeds; deletions under ``_reseau``."""

from __future__ import annotations

import json
from typing import Any, Final

from feeds.atom import Entry, Feed, clean, moment, urn

TYPE: Final = "application/feed+json"
VERSION: Final = "https://jsonfeed.org/version/1.1"


def written(feed: Feed, about: str) -> bytes:
    """The feed as UTF-8 JSON. ``next_url`` is the archive before it. :param about: page that says what ``_reseau`` is.

    :raises ValueError: a naive moment.
    """
    made: dict[str, Any] = {
        "version": VERSION, "title": clean(feed.title), "home_page_url": feed.link, "feed_url": feed.here,
        "language": feed.lang, "authors": [{"name": clean(feed.author)}],
    }  # fmt: skip
    if feed.subtitle:
        made["description"] = clean(feed.subtitle)
    if feed.previous:
        made["next_url"] = feed.previous
    made["_reseau"] = {
        "about": about, "id": feed.id, "updated": moment(feed.moment), "archive": feed.archive,
        "deleted": [{"id": urn(one.id), "when": moment(one.when)} for one in feed.deleted],
    }  # fmt: skip
    made["items"] = [_item(entry) for entry in feed.entries]
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()


def _item(entry: Entry) -> dict[str, Any]:
    return {
        "id": urn(entry.id), "url": entry.link, "title": clean(entry.title), "content_html": clean(entry.content),
        "date_published": moment(entry.published), "date_modified": moment(entry.updated),
        "authors": [{"name": clean(entry.author)}], "language": entry.lang,
        "tags": [clean(label or term) for term, label in entry.categories],
    }  # fmt: skip

"""What the tests of the page of a thread share."""

from __future__ import annotations

from typing import Any

from webtest import TestApp

from reseau.threads.base import services
from reseau.threads.base.models import Post, PostState, Thread
from tests.directory.site import Page
from tests.threads.conftest import Talk

IGNORED = ("PRAGMA", "BEGIN", "SET TRANSACTION")


def send(browser: TestApp, path: str, fields: Any, status: int = 303) -> Any:
    """Send a form of these fields."""
    token = next(f for f in browser.get("/compte").forms.values() if "csrf_token" in f.fields)["csrf_token"].value
    pairs = list(fields.items()) if isinstance(fields, dict) else list(fields)
    return browser.post(path, [("csrf_token", token), *pairs], status=status)


def read(browser: TestApp, path: str, **query: str) -> Page:
    """A page that is sound HTML."""
    page = Page(browser.get(path, query).text)
    assert page.errors == []
    return page


def posts_of(page: Page) -> list[str]:
    """Ids of the posts of a page."""
    found = [one.get("id") or "" for one in page.all("li")]
    return [id_.removeprefix("message-") for id_ in found if id_.startswith("message-")]


def cost(talk: Talk, browser: TestApp, path: str) -> int:
    """How many statements a page sends."""
    with talk.site.statements() as seen:
        browser.get(path)
    return len([one for one in seen if not one.startswith(IGNORED)])


def mark_answer(talk: Talk, thread: Thread, post: Post) -> None:
    """That post helped."""
    with talk.site.sessions() as session:
        locked = services.lock(session, thread.id)
        assert services.mark_answer(session, locked, session.get_one(Post, post.id), now=talk.tick())
        session.commit()


def withdraw(talk: Talk, post: Post, state: PostState, reason: str = "") -> None:
    """A post is hidden, or deleted by its author."""
    with talk.site.sessions() as session:
        locked, found = services.lock(session, post.thread_id), session.get_one(Post, post.id)
        if state is PostState.DELETED:
            services.remove(session, found, by=None, now=talk.tick())
        else:
            found.hidden_reason = reason
            services.withdraw(session, locked, found, state)
        session.commit()

"""Looking at pages in a browser: accessibility, width, language, direction."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import pytest

from tests.browser.conftest import Tab

Pages = Mapping[str, tuple[tuple[str | None, str], ...]]
"""Route → (who, address)…: what differs is another page. None: a visitor."""
LOOKS = (({"width": 320, "height": 640}, "fr"), ({"width": 1280, "height": 900}, "ar"))


def cases(pages: Pages, whole: Collection[str]) -> list[Any]:
    """(route, who, address, looks): both looks at the first address of a route, one in turn at its others; both at all
    addresses of the routes of ``whole``."""
    return [
        pytest.param(
            name, who, path, LOOKS if rank == 0 or name in whole else LOOKS[rank % 2 :][:1],
            id=f"{who or 'visitor'}-{path}",
        )
        for name, addresses in pages.items() for rank, (who, path) in enumerate(addresses)
    ]  # fmt: skip


def is_of(path: str, pattern: str) -> bool:
    """Whether an address is one of a route. :param pattern: without regular expressions."""
    found = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(pattern))
    return re.fullmatch(found, path.partition("?")[0]) is not None


def looked_at(tab: Tab, path: str, looks: Any = LOOKS) -> list[str]:
    """What is wrong with a page."""
    wrong = []
    for size, lang in looks:
        tab.page.set_viewport_size(size)
        page = tab.go(f"{path}{'&' if '?' in path else '?'}langue={lang}", quiet=False)
        assert page.evaluate("document.documentElement.lang") == lang
        assert page.evaluate("document.dir") == ("rtl" if lang == "ar" else "ltr")
        wrong += [f"{lang} {line}" for line in tab.axe()]
        if (wider := tab.overflow()) > 0:
            wrong.append(f"{lang}: {wider} pixels too wide")
    return wrong + tab.complaints

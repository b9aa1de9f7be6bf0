"""Objects of the tests; the house with exchanges, of a module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from feeds.syndication import reading
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import Site
from tests.feeds.syndication.essays import Essays, essays
from tests.threads.conftest import Talk, talk_of


@pytest.fixture
def objects() -> Iterator[Essays]:
    """A kind of its own, whose objects the test writes."""
    with essays() as made:
        yield made


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of ten rows, at least four entries: archives without writing hundreds of rows."""
    monkeypatch.setattr(reading, "WINDOW", 10)
    monkeypatch.setattr(reading, "LEAST", 4)


@pytest.fixture(scope="module")
def _talk(make_site: Callable[..., Site], tmp_path_factory: Any) -> Talk:  # noqa: F811
    return talk_of(make_site, "sqlite", tmp_path_factory.mktemp("rows"))


@pytest.fixture
def talk(_talk: Talk) -> Talk:
    """The house with exchanges, on one engine."""
    _talk.site.fresh()
    return _talk

"""A mail server on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.feeds.newsletter.sending.sink import Book, Sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    """It behaves as addresses say."""
    made = Sink(Book()).start()
    yield made
    made.stop()

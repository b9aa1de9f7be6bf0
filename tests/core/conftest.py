"""Shared parts of the tests of the core."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.core.mailbox import Inbox


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A mail server, not started yet."""
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    made = Inbox()
    yield made
    made.stop()

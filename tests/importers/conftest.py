"""What tests of importers share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.importers.server import StandIn


@pytest.fixture
def server() -> Iterator[StandIn]:
    """A server on this machine that breaks as told (``tests/importers/server.py``)."""
    with StandIn() as made:
        yield made

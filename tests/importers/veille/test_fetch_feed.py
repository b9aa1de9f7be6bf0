"""A feed is fetched: by its address, by the page that announces it, only when it is new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from importers.fetch import Asker
from importers.pipeline.contract import Fetched, Refused, Where
from importers.veille.source import Veille
from tests.importers.server import StandIn
from tests.importers.veille.conftest import item, rss

FEED = rss(item("Une nouvelle"))
PAGE = b'<html><head><link rel="alternate" type="application/rss+xml" href="/actu.xml"></head></html>'


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as made:
        made.serve("/actu.xml", FEED, etag='"1"')
        made.serve("/", PAGE, content_type="text/html")
        made.serve("/vide", b"<html><body>rien</body></html>", content_type="text/html")
        yield made


def fetch(url: str, folder: Path, etag: str | None = None) -> Fetched:
    with Asker(allow_private=True) as asker:
        return Veille().fetch(Where(url, etag=etag), asker, folder)


@pytest.mark.parametrize("path", ["/actu.xml", "/"])
def test_the_feed_comes_by_its_address_or_by_its_page(server: StandIn, tmp_path: Path, path: str) -> None:
    found = fetch(server.url + path, tmp_path)
    assert found.path is not None
    assert (found.path.read_bytes(), found.etag) == (FEED, '"1"')
    assert fetch(server.url + path, tmp_path, etag='"1"').path is None


@pytest.mark.parametrize(("path", "code"), [("/vide", "flux-absent"), ("/absent", "telechargement")])
def test_a_page_without_a_feed_is_said(server: StandIn, tmp_path: Path, path: str, code: str) -> None:
    with pytest.raises(Refused) as error:
        fetch(server.url + path, tmp_path)
    assert error.value.code == code

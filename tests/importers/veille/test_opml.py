"""Lists of feeds, in and out."""

from __future__ import annotations

import contextlib

import pytest

from importers.models import ImportSource
from importers.veille import opml
from importers.veille.feeds import Wanted
from tests.conftest import TUESDAY

LIST = """<?xml version="1.0" encoding="UTF-8"?><opml version="1.0"><head><title>x</title></head><body>
<outline text="Numérique en santé"><outline text="Dossier"><outline type="rss" text="L&apos;ARS" xmlUrl="https://ars.example/rss"/>
</outline></outline><outline text="Sans thème" XMLURL="https://b.example/rss" language="en-US"/>
<outline xmlUrl="https://b.example/rss" text="Deux fois"/><outline text="dossier vide"/>
<outline category="/Tech,numerique_en_sante" xmlUrl="https://c.example/rss"/></body></opml>""".encode()


def test_outlines_at_any_depth_each_address_once() -> None:
    assert opml.read(LIST) == [
        Wanted("https://ars.example/rss", "L'ARS", "numerique_en_sante"),
        Wanted("https://b.example/rss", "Sans thème", lang="en-US"),
        Wanted("https://c.example/rss", "", "numerique_en_sante"),
    ]


def test_what_we_write_we_read() -> None:
    on = ImportSource(title="Élan <& co>", location="https://a.example/rss?x=1&y=2", enabled=True,
                      options={"theme": "numerique_en_sante", "lang": "ar"})  # fmt: skip
    plain = ImportSource(title="B", location="https://b.example/", enabled=True, options={})
    off = ImportSource(title="C", location="https://c.example/", enabled=False, options={})
    assert opml.read(opml.write([on, plain, off], "Veille", TUESDAY)) == [
        Wanted("https://a.example/rss?x=1&y=2", "Élan <& co>", "numerique_en_sante", lang="ar"),
        Wanted("https://b.example/", "B"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"bonjour", b"<rss/>", b"<opml>" * 100_000, b"<opml>" + b" " * 1_000_001,
        b'<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml><body><outline xmlUrl="&x;"/></body></opml>',
    ],
    ids=["rien", "texte", "rss", "profond", "gros", "entites"],
)  # fmt: skip
def test_what_is_no_list_is_refused_or_empty(data: bytes) -> None:
    with contextlib.suppress(opml.NotOpml):
        assert opml.read(data) == []

"""Feeds of all kinds, good and broken, become entries. Expected values are written by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from importers.pipeline.contract import Refused
from importers.targets.texts import clean_url, extract, plain
from importers.targets.watch import Entry
from importers.veille.cleaning import Rules, read_words
from importers.veille.discovery import announced
from importers.veille.formats import is_feed, read_feed
from importers.veille.source import Veille
from tests.importers.veille.conftest import item, rss

ATOM = b"""<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<title>News</title><link href="https://a.example/"/><entry><id>tag:a.example,2026:1</id>
<title type="html">Care &amp;amp; you</title><link rel="edit" href="https://a.example/edit/1"/>
<link rel="alternate" href="/one?utm_source=rss&amp;id=4"/><updated>2026-11-20T08:00:00Z</updated>
<author><name>Jean</name><email>jean@a.example</email></author>
<content type="html">&lt;p&gt;Long &lt;b&gt;text&lt;/b&gt;&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</content></entry></feed>"""
RDF = b"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://r.example/">
<title>R</title><link>https://r.example/</link></channel><item rdf:about="https://r.example/x"><title>Un</title>
<link>https://r.example/x</link><dc:date>2026-11-19T10:00:00+01:00</dc:date></item></rdf:RDF>"""
RSS_091 = b"""<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"
 "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>V</title>
<item><title>Sant\xe9</title><link>https://v.example/1</link></item></channel></rss>"""
JSON_FEED = json.dumps({
    "version": "https://jsonfeed.org/version/1.1", "title": "J", "language": "ar",
    "items": [
        {"id": "1", "url": "https://j.example/1", "title": "خبر", "date_published": "2026-11-18T09:00:00+01:00"},
        {"id": 2, "external_url": "https://j.example/2", "content_html": "<p>Sans titre</p>"},
        "rien", {"id": "4", "title": "Sans adresse"},
    ],
}).encode()  # fmt: skip


def entries(data: bytes, folder: Path, **options: str) -> list[Entry]:
    """What the source reads."""
    path = folder / "flux"
    path.write_bytes(data)
    return [read.incoming for read in Veille("veille-x", options).read(path) if read.incoming]


def test_atom(tmp_path: Path) -> None:
    (one,) = entries(ATOM, tmp_path)
    assert (one.title, one.url, one.summary, one.lang) == (
        "Care & you",
        "https://a.example/one?id=4",
        "Long text",
        "en",
    )
    assert one.published_at == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert len(one.guid) == 64
    assert "jean" not in repr(one).lower()


def test_rss_1_and_0_91(tmp_path: Path) -> None:
    (one,) = entries(RDF, tmp_path)
    assert (one.title, one.url, one.published_at) == (
        "Un",
        "https://r.example/x",
        datetime(2026, 11, 19, 9, tzinfo=UTC),
    )
    (old,) = entries(RSS_091, tmp_path)
    assert (old.title, old.published_at) == ("Santé", None)


def test_json_feed(tmp_path: Path) -> None:
    first, second = entries(JSON_FEED, tmp_path)
    assert (first.title, first.lang, first.published_at) == ("خبر", "ar", datetime(2026, 11, 18, 8, tzinfo=UTC))
    assert (second.title, second.summary) == ("Sans titre", "")


def test_the_id_of_an_entry_stays_when_its_words_change(tmp_path: Path) -> None:
    before = entries(rss(item("Avant", "https://p.example/1", guid="abc")), tmp_path)[0]
    after = entries(rss(item("Après", "https://p.example/autre", guid="abc")), tmp_path)[0]
    assert before.guid == after.guid
    assert before.digest != after.digest


def test_a_broken_feed_gives_what_can_be_read(tmp_path: Path) -> None:
    whole = rss(item("Un", "https://p.example/1"), item("Deux &eacute; & trois", "https://p.example/2"))
    assert [one.title for one in entries(whole, tmp_path)] == ["Un", "Deux é & trois"]
    assert [one.title for one in entries(whole[: whole.index(b"Deux")], tmp_path)] == ["Un"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"  ", "vide"),
        (b"<html><body>Bonjour</body></html>", "flux-absent"),
        (b"bonjour", "flux-illisible"),
        (b'{"items": []}', "flux-illisible"),
        (b"{" * 100_000, "flux-illisible"),
        (b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa">]><rss version="2.0"/>', "flux-entites"),
        ('<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss/>'.encode("utf-16"),
         "flux-entites"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as error:
        read_feed(data)
    assert error.value.code == code


def test_entries_without_an_address_are_told_and_those_off_topic_are_not(tmp_path: Path) -> None:
    path = tmp_path / "flux"
    path.write_bytes(
        rss({"title": "Sans"}, item("Emploi"), item("Médiatrice numérique"), item("x", "javascript:alert(1)"))
    )
    reads = list(Veille("v", {"words": "mediat, santé"}).read(path))
    assert [read.incoming.title for read in reads if read.incoming] == ["Médiatrice numérique"]
    assert [read.problems[0].reason for read in reads if not read.incoming] == ["entree-sans-adresse"] * 2


def test_at_most_two_hundred_the_newest(tmp_path: Path) -> None:
    days = [item(f"Titre {n}", date=f"{n % 28 + 1:02d} Oct 2026 10:00:00 +0000") for n in range(220)]
    days.append(item("Le dernier", date="20 Nov 2026 10:00:00 +0000"))
    found = entries(rss(*days), tmp_path)
    assert (len(found), found[0].title) == (200, "Le dernier")


def test_rules() -> None:
    rules = Rules(read_words("Médiat, e-santé ;\nÉcran total"), read_words("offre d’emploi"))
    assert rules.keep("Les médiatrices de Roubaix")
    assert rules.keep("La E-SANTE pour tous")
    assert not rules.keep("Intermédiation")
    assert not rules.keep("Offre d'emploi : médiateur")
    assert not rules.keep("écran")
    assert Rules().keep("tout")


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://p.example/a?utm_source=x&id=3&fbclid=9#xtor=RSS-1", "https://p.example/a?id=3"),
        ("https://p.example/a#partie", "https://p.example/a#partie"),
        ("http://p.example/é è", "http://p.example/é%20è"),
        ("javascript:alert(1)", ""), ("data:text/html,x", ""), ("https://", ""), ("https://a@b.example/", ""),
        ("//p.example/x", ""), ("http://[", ""),
    ],
)  # fmt: skip
def test_addresses(url: str, clean: str) -> None:
    assert clean_url(url) == clean


def test_texts() -> None:
    assert plain("<p>Un<br>deux&nbsp;<i>tr</i>ois</p><style>p{}</style> l&amp;eacute;") == "Un deux trois lé"
    assert plain("a\x00b\u202ec\ud800") == "a bc"
    assert "dupont" not in plain("Écrire à jean.dupont@chu.fr")
    assert extract("un deux trois", 9) == "un deux…"
    assert extract("un deux", 9) == "un deux"
    assert len(extract("é" * 600, 500)) == 500


def test_the_feed_that_a_page_announces() -> None:
    page = b"""<html><head><base href="/fr/"><link rel=alternate type="application/rss+xml" title="Comments" href="c.xml">
    <link rel="alternate" hreflang="en" href="/en"><link rel="alternate" type="application/atom+xml" href="actu.xml">"""
    assert announced(page, "https://p.example/x/y") == "https://p.example/fr/actu.xml"
    assert (
        announced(b"<html><link rel=alternate type=application/rss+xml href='javascript:x'>", "https://p.example/")
        is None
    )
    assert not is_feed(page)
    assert is_feed(ATOM)
    assert is_feed(RDF)
    assert is_feed(RSS_091)
    assert is_feed(JSON_FEED)

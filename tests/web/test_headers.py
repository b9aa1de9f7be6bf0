"""Headers, caching and compression, as a browser gets them."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from pyramid.request import Request
from webtest import TestApp

EVERYWHERE = ["/page", "/page.json", "/cached", "/form", "/own", "/nowhere", "/forgot", "/boom", "/boom?why=db",
              "/static/css/reseau.css", "/page?langue=ar"]  # fmt: skip


@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_has_the_security_headers(client: TestApp, path: str) -> None:
    headers = client.get(path, status="*").headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["Permissions-Policy"].startswith("geolocation=(self)")
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers
    assert headers["Cache-Control"]


def test_hsts_only_when_the_public_address_is_https(make_client: Any) -> None:
    client = make_client(public_url="https://example.org")
    assert client.get("/page").headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize(
    ("url", "images"),
    [
        ("", "'self' data:;"),
        ("https://{s}.tile.example/{z}/{x}/{y}.png", "'self' data: https://*.tile.example;"),
        ("/tuiles/{z}/{x}/{y}.png", "'self' data:;"),
    ],
)
def test_images_may_come_from_the_tile_host(make_client: Any, url: str, images: str) -> None:
    policy = make_client(tiles_url=url).get("/page").headers["Content-Security-Policy"]
    assert f"img-src {images}" in policy


def test_no_inline_script_or_style(client: TestApp) -> None:
    for path in ("/page", "/form", "/nowhere"):
        html = client.get(path, status="*").html
        assert not html.find_all("style")
        assert all(script.get("src") for script in html.find_all("script"))
        assert not [tag for tag in html.find_all(True) if {"style", "onclick"} & set(tag.attrs)]


def test_a_page_that_has_not_changed_costs_a_304(client: TestApp) -> None:
    first = client.get("/cached")
    etag = first.headers["ETag"]
    assert etag.startswith('W/"')
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    work = client.app.registry["toy.work"]
    second = client.get("/cached", headers={"If-None-Match": etag}, status=304)
    assert client.app.registry["toy.work"] == work
    assert second.headers["ETag"] == etag
    assert {"Accept-Language", "Cookie"} <= set(second.headers["Vary"].split(", "))
    assert second.body == b""


def test_an_etag_is_of_one_content_one_address_and_one_language(client: TestApp) -> None:
    etag = client.get("/cached").headers["ETag"]
    ask = {"If-None-Match": etag}
    client.get("/cached?q=a", headers=ask, status=200)
    client.get("/cached", headers={**ask, "Accept-Language": "ar"}, status=200)
    client.app.registry["toy.seq"] = 2
    client.get("/cached", headers=ask, status=200)


def test_another_deployment_or_setting_gives_another_etag(make_client: Any) -> None:
    first, second = (make_client(site_name=name).get("/cached").headers["ETag"] for name in ("A", "B"))
    assert first != second


def test_an_undeclared_page_is_private(client: TestApp) -> None:
    for path in ("/form", "/own", "/forgot", "/boom", "/nowhere"):
        response = client.get(path, status="*")
        assert response.headers["Cache-Control"] == "private, no-store", path
        assert "ETag" not in response.headers


def test_a_public_page_with_a_token_is_private_after_all(client: TestApp) -> None:
    assert client.get("/open").headers["Cache-Control"] == "private, no-store"


def test_the_answer_that_sets_the_language_is_not_shared(client: TestApp) -> None:
    assert client.get("/page?langue=ar").headers["Cache-Control"] == "private, no-store"


def raw(client: TestApp, path: str, accepted: str) -> Any:
    """The response as it is sent (WebTest's own client unpacks it)."""
    return Request.blank(path, headers={"Accept-Encoding": accepted}).get_response(client.app)


def test_public_text_is_compressed_when_accepted(client: TestApp) -> None:
    plain = client.get("/page")
    assert "Accept-Encoding" in plain.headers["Vary"]
    packed = raw(client, "/page", "br;q=1, gzip;q=0.5")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < len(plain.body) / 2
    assert gzip.decompress(packed.body) == plain.body
    assert "Content-Encoding" not in raw(client, "/page", "gzip;q=0").headers
    assert raw(client, "/page.json", "gzip").headers["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("path", ["/own", "/form", "/open", "/boom", "/nowhere"])
def test_small_answers_and_private_pages_are_not_compressed(client: TestApp, path: str) -> None:
    assert "Content-Encoding" not in raw(client, path, "gzip").headers


def test_static_addresses_change_with_their_content_and_are_kept_a_year(client: TestApp) -> None:
    link = client.get("/page").html.find("link", rel="stylesheet")["href"]
    path, digest = link.split("?v=")
    assert path == "/static/css/reseau.css"
    assert len(digest) == 12
    response = client.get(link)
    assert "max-age=31536000" in response.headers["Cache-Control"]
    assert response.content_type == "text/css"

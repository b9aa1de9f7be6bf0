"""Requests that no browser makes, and some that one does: never an error of ours, always our page and our headers."""

from __future__ import annotations

from typing import Any

import pytest
from webtest import TestApp

from reseau.web.app import MAX_FORM, readable_cookies
from reseau.web.csrf import COOKIE, MAX_RESENT

BAD = ['"\\355\\240\\200"', '"\\377"', "\xff", '"\\342\\202\\254"', '"\\303\\251"', "", "x" * 5000, '"\\000"', "é"]


def ours(response: Any) -> None:
    """It has the headers of every page."""
    assert response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize("name", ["session", "langue", COOKIE, "other"])
@pytest.mark.parametrize("path", ["/page", "/form", "/nowhere"])
def test_a_cookie_that_cannot_be_read_is_ignored(client: TestApp, path: str, name: str, value: str) -> None:
    response = client.get(path, headers={"Cookie": f"{name}={value}"}, status=404 if path == "/nowhere" else 200)
    assert response.html.find("nav")
    ours(response)


def test_the_other_cookies_stay() -> None:
    assert readable_cookies('a=1; session="\\377"; b=2') == "a=1; b=2"
    # Cut inside a quoted value, the pieces may be read otherwise: then there is no cookie at all.
    assert readable_cookies('session="a;b\\377;c"; b=2') == ""


def test_a_token_that_is_none_of_ours_is_replaced_and_refused(client: TestApp) -> None:
    for value in ("é", "abc", '"\\342\\202\\254"'):
        cookie = {"Cookie": f"{COOKIE}={value}"}
        page = client.get("/form", headers=cookie)
        assert len(page.forms[1]["csrf_token"].value) == 32
        client.reset()
        refused = client.post("/form", {"csrf_token": value}, headers=cookie, status=400)
        assert refused.html.find("nav")
        client.reset()


@pytest.fixture
def token(client: TestApp) -> str:
    return str(client.get("/form").forms[1]["csrf_token"].value)


@pytest.mark.parametrize("charset", ["utf-16", "zzz", "latin-1", "\xff"])
@pytest.mark.parametrize("path", ["/form", "/closed", "/boom"])
def test_a_form_in_another_coding(client: TestApp, token: str, charset: str, path: str) -> None:
    headers = {"Content-Type": f"application/x-www-form-urlencoded; charset={charset}"}
    response = client.post(path, f"csrf_token={token}", headers=headers, status=400)
    assert response.html.h1.text == "Demande incomprise"
    assert response.html.find("nav")
    ours(response)


def parts(*headers: str) -> bytes:
    return b"".join(b"--x\r\n" + header.encode() + b"\r\n\r\nabc\xff\r\n" for header in headers) + b"--x--\r\n"


NAMED = 'Content-Disposition: form-data; name="csrf_token"'
HOSTILE = {
    "token-as-a-file": parts(NAMED + '; filename="a"'),
    "token-not-text": parts(NAMED),
    "unknown-coding": parts(NAMED + "\r\nContent-Type: text/plain; charset=zzz"),
    "another-coding": parts(NAMED + "\r\nContent-Type: text/plain; charset=utf-16"),
    "unknown-transfer": parts(NAMED + "\r\nContent-Transfer-Encoding: zzz"),
    "base64-that-is-none": parts(NAMED + "\r\nContent-Transfer-Encoding: base64"),
    "wrong-length": parts(NAMED + "\r\nContent-Length: abc"),
    "negative-length": parts(NAMED + "\r\nContent-Length: -5"),
    "no-name": parts("Content-Disposition: form-data"),
    "no-end": b"--x\r\n" + NAMED.encode(),
    "part-in-parts": b"--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" * 3000,
    "nothing": b"",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=list(HOSTILE))
def test_a_form_in_hostile_parts(client: TestApp, body: bytes) -> None:
    response = client.post("/form", body, headers={"Content-Type": "multipart/form-data; boundary=x"}, status=400)
    assert response.html.find("nav")
    ours(response)


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=\xff", "text/xml", "a/b/c", "?"]
)
def test_a_form_of_another_kind(client: TestApp, kind: str) -> None:
    ours(client.post("/form", b"a", headers={"Content-Type": kind}, status=400))


def test_a_long_arabic_text_passes_and_one_too_long_is_said(client: TestApp, token: str) -> None:
    text = "ا" * 20_000
    long = client.post("/form", {"csrf_token": token, "kind": "a", "text": text}, status=422)
    assert text in long.text
    too_long = client.post("/form", {"csrf_token": token, "text": text * 3}, status=413)
    assert too_long.html.h1.text == "Texte trop long"
    ours(too_long)
    assert MAX_RESENT == MAX_FORM


def test_a_long_text_survives_a_token_that_is_too_old(client: TestApp) -> None:
    text = "ا" * 20_000
    page = client.post("/form", {"text": text}, headers={"Origin": "http://localhost"}, status=400)
    assert text in page.text

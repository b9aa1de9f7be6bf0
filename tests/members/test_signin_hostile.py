"""What hostile hands can put into the pages of sign-in. Both engines."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from reseau.members import signin
from reseau.members.models import Person
from tests.directory.site import Page
from tests.members.conftest import House, csrf, last_link, post_form
from tests.members.test_signin import link_for

HOSTILE = [
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "\\\\evil.example",
    "http:evil.example", "javascript:alert(1)", "/\t/evil.example", "\t//evil.example", "/\n/evil.example", " //evil.example",
    "/.//evil.example", "/a//evil.example", "/%5c/../\\evil.example", "/x\r\nSet-Cookie: a=b", "/\x00", "/\x85", "evil.example",
    "@evil.example", "/connexion", "/connexion?suite=/x", "/connexion/lien/x", "data:text/html,x", "/" + "a" * 2000, "", "?x", "#x",
]  # fmt: skip


@pytest.mark.parametrize("suite", HOSTILE)
def test_a_link_leads_to_no_other_site(suite: str) -> None:
    assert signin.safe_next(suite) == ""


@pytest.mark.parametrize(
    ("suite", "safe"),
    [
        ("/annuaire", "/annuaire"),
        ("/annuaire?q=a&b=%20c", "/annuaire?q=a&b=%20c"),
        ("/annuaire?u=https://x.example/a", "/annuaire?u=https://x.example/a"),
        ("/é ü?q=مرحبا#haut", "/%C3%A9%20%C3%BC?q=%D9%85%D8%B1%D8%AD%D8%A8%D8%A7"),
        ("/a?q=<script>\"'", "/a?q=%3Cscript%3E%22'"),
        ("/connexions", "/connexions"),
    ],
)
def test_a_path_of_this_site_is_kept_in_ascii(suite: str, safe: str) -> None:
    assert signin.safe_next(suite) == safe


def test_hostile_paths_through_the_pages(house: House) -> None:
    person = house.person()
    hostile = ("//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nX: y")
    for number, suite in enumerate(hostile):
        browser = house.browser()
        assert "suite" not in post_form(browser.get("/connexion?" + urlencode({"suite": suite}))).fields
        form = {"adresse": person.email, "suite": suite, "csrf_token": csrf(browser)}
        browser.post("/connexion", form)
        path = last_link(house.mails(person.email)[number])
        assert post_form(browser.get(path)).submit().location == "http://localhost/compte"


@pytest.mark.parametrize(
    "address", ["", " ", "x", "a@b", "a@@b.fr", "a b@c.fr", "a@b.fr, c@d.fr", "A <a@b.fr>", "a@b.fr\r\nBcc: c@d.fr", "\x00",
                "a\x00@b.fr", "a@" + "b" * 300 + ".fr", "x" * 10_000, "<script>@b.fr", "é@\u202e.fr"],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_kept(house: House, address: str) -> None:
    browser = house.browser()
    page = browser.post(
        "/connexion", {"adresse": address, "suite": "/annuaire", "csrf_token": csrf(browser)}, status=422
    )
    form = post_form(page)
    assert form["suite"].value == "/annuaire"
    assert Page(page.text).errors == []
    assert "<script>@" not in page.text


def test_fields_sent_twice_too_long_or_as_files(house: House) -> None:
    browser = house.browser()
    token = csrf(browser)
    twice = urlencode([("adresse", "a"), ("adresse", "b"), ("csrf_token", token), ("suite", "x"), ("lien", "x" * 9000)])
    assert browser.post("/connexion", twice, status=422)
    files = [("adresse", "a.txt", b"x")]
    browser.post("/connexion", {"csrf_token": token}, upload_files=files, status=422)
    address = house.stranger()
    page = browser.get(link_for(house, address, browser))
    form = {"nom": "x" * 10_000, "langue_mails": "xx", "csrf_token": post_form(page)["csrf_token"].value}
    refused = browser.post(page.request.path, form, status=422)
    assert len(refused.forms)
    assert not house.rows(Person, Person.email == address)

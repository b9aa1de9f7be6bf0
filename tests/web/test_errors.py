"""Pages of error: three languages, JSON, nothing told that should not be."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from pyramid.request import Request, apply_request_extensions
from webtest import TestApp

from reseau.web import errors, headers
from reseau.web.addresses import loggable_path

WORDS = {
    ("/nowhere", 404): {"fr": "Page introuvable", "en": "Page not found", "ar": "الصفحة غير موجودة"},
    ("/forgot", 403): {"fr": "Connectez-vous", "en": "Sign in", "ar": "سجّل الدخول"},
    ("/boom", 500): {
        "fr": "Le site a un problème",
        "en": "The site has a problem",
        "ar": "هناك مشكلة في الموقع",
    },
    ("/boom?why=503", 503): {"fr": "Site occupé", "en": "The site is busy", "ar": "الموقع مشغول"},
}


@pytest.mark.parametrize("lang", ["fr", "en", "ar"])
@pytest.mark.parametrize(("path", "status"), list(WORDS))
def test_in_three_languages_inside_the_layout(client: TestApp, path: str, status: int, lang: str) -> None:
    response = client.get(path, headers={"Accept-Language": lang}, status=status)
    html = response.html
    assert html.h1.text == WORDS[path, status][lang]
    assert html.html["lang"] == lang
    assert response.headers["Content-Language"] == lang
    assert html.find("nav")
    assert html.find("meta", {"name": "robots"})["content"] == "noindex"


@pytest.mark.parametrize(("path", "status"), [("/boom.json", 500), ("/none.json", 404), ("/api/v1/x", 404)])
def test_programs_get_a_problem(client: TestApp, path: str, status: int) -> None:
    response = client.get(path, headers={"Accept-Language": "en"}, status=status)
    assert response.content_type == "application/problem+json"
    assert response.json["status"] == status
    assert response.json["title"]
    assert response.json["type"] == "about:blank"
    assert "secret" not in response.text


def test_500_is_logged_with_the_id_that_the_page_shows(client: TestApp, caplog: Any) -> None:
    with caplog.at_level(logging.ERROR):
        page = client.get("/boom", status=500)
    incident = page.html.find("code").text
    (record,) = [r for r in caplog.records if "incident" in r.getMessage()]
    assert incident in record.getMessage()
    assert record.exc_info
    assert "ZeroDivisionError" not in page.text
    assert "a secret detail" not in page.text


@pytest.mark.parametrize("path", ["/lien/abc.def.ghi", "/lien/abc%0a.def.ghi/more"])
def test_a_signed_token_is_not_logged(client: TestApp, caplog: Any, path: str) -> None:
    client.get(path, status="*")
    client.get("/boom", status=500)
    client.get("/lien/abc.def.ghi", status=500)
    assert "'/lien/…'" in caplog.text
    assert "abc" not in caplog.text


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/verifier/a.b.c", "/verifier/…"),
        ("/invitation/a", "/invitation/…"),
        ("/compte/adresse/a.b", "/compte/adresse/…"),
        ("/connexion/lien/a.b", "/connexion/lien/…"),
        ("/x/verifier/a.json", "/x/verifier/…"),
        ("/annuaire/emmaus-connect", "/annuaire/emmaus-connect"),
        ("/compte/adresse", "/compte/adresse"),
    ],
)
def test_what_is_left_of_a_path(path: str, logged: str) -> None:
    assert loggable_path(Request.blank(path)) == logged


def test_a_database_that_is_down_is_a_503(client: TestApp) -> None:
    page = client.get("/boom?why=db", status=503)
    assert page.headers["Retry-After"] == "30"
    assert client.get("/boom?why=503", status=503).headers["Retry-After"] == "7"


def test_a_wrong_method_is_a_405(client: TestApp) -> None:
    token = client.get("/form").forms[1]["csrf_token"].value
    response = client.put("/page", {"csrf_token": token}, status=405)
    assert response.headers["Allow"] == "GET, HEAD"


def test_even_a_broken_layout_gives_a_page(client: TestApp, monkeypatch: Any) -> None:
    monkeypatch.setattr(errors, "TEMPLATE", "reseau.web:templates/none.jinja2")
    assert "Page introuvable" in client.get("/nowhere", status=404).text


@pytest.mark.parametrize(
    "path", ["/%ff", "/page?q=%ff", "/page?%ff=%fe&langue=ar", "/nowhere?q=%ff", "/%00", "/page?q=%00"]
)
def test_bytes_that_are_not_text_are_never_a_500(client: TestApp, path: str) -> None:
    assert client.get(path, status="*").status_int in (200, 400, 404)


def test_every_message_is_a_pair_of_sentences() -> None:
    for status, (title, detail) in errors.MESSAGES.items():
        assert title
        assert detail.endswith("."), status
    assert errors.message(418) == errors.MESSAGES[400]
    assert errors.message(504) == errors.MESSAGES[500]


def test_an_error_above_the_exception_views_is_a_page_too(make_config: Any) -> None:
    """A commit that fails does so in a tween over Pyramid's own exception views."""

    def handler(request: Any) -> Any:
        raise ZeroDivisionError

    registry = make_config().make_wsgi_app().registry
    request = Request.blank("/page")
    request.registry = registry
    apply_request_extensions(request)
    response = headers.tween_factory(handler, registry)(request)
    assert response.status_int == 500
    assert response.headers["Content-Security-Policy"]

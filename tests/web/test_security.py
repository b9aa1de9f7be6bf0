"""Permissions, CSRF, and what refuses to start."""

from __future__ import annotations

from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError
from webtest import TestApp

from reseau.settings import Settings
from reseau.web.security import GRANTS, NOBODY, Permission, Role, permits

#: DESIGN §6.2, said again by hand: who may do what. Everybody who is signed in is a visitor and a person too.
MAY = {
    "visitor": "directory:read report:create account:enter demo:play resource:read thread:read group:read notice:stop "
    "letter:subscribe",
    "person": "account:own structure:join resource:create resource:say thread:write",
    "author": "resource:edit thread:answered post:edit group:keep",
    "member": "sheet:history sheet:verify team:read network:read resource:use resource:adopt translation:write "
    "group:join",
    "referent": "sheet:history sheet:verify team:read sheet:edit team:manage desk:read network:read resource:use "
    "resource:edit resource:adopt translation:write group:join",
    "coordinator": "sheet:history sheet:verify team:read sheet:edit team:manage desk:read sheet:create "
    "sheet:coordinate network:coordinate network:read resource:edit resource:review resource:adopt translation:write "
    "thread:answered thread:moderate group:join group:keep group:create label:decide relay:forward",
    "label-committee": "network:read resource:adopt translation:write group:join label:decide",
    "relay": "network:read resource:adopt translation:write group:join relay:forward",
    "administrator": "sheet:history desk:read site:administer network:read resource:adopt translation:write group:join",
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("permission", list(Permission))
def test_the_matrix(role: Role, permission: Permission) -> None:
    assert permits(frozenset({role}), permission) == (permission in MAY[role].split())


def test_every_permission_has_a_line_and_a_proper_name() -> None:
    assert set(GRANTS) == set(Permission)
    assert all(len(str(permission).split(":")) == 2 for permission in Permission)
    assert not permits(frozenset(Role), NOBODY)
    assert not permits(frozenset(Role), "directory:erase")


def test_a_view_that_forgets_its_permission_is_closed(client: TestApp) -> None:
    client.get("/forgot", status=403)
    client.get("/closed", status=403)


def test_csrf_is_checked_before_the_permission(client: TestApp) -> None:
    assert client.post("/closed", {}, status=400)
    token = client.get("/form").forms[1]["csrf_token"].value
    assert client.post("/closed", {"csrf_token": token}, status=403)


def test_a_form_with_its_token_passes_and_without_does_not(client: TestApp) -> None:
    client.post("/form", {"text": "bonjour"}, status=400)
    form = client.get("/form").forms[1]
    form["text"], form["kind"] = "bonjour", "a"
    assert form.submit().text == "stored"


def test_the_cookie_of_the_token(make_client: Any) -> None:
    cookie = make_client().get("/form").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "secure" not in cookie.lower()
    assert "secure" in make_client(secure_cookies=True).get("/form").headers["Set-Cookie"].lower()


def test_a_foreign_origin_is_refused_over_https(make_client: Any) -> None:
    client = make_client(public_url="https://ex.org")
    extra = {"wsgi.url_scheme": "https", "HTTP_HOST": "ex.org"}
    form = client.get("/form", extra_environ=extra).forms[1]
    fields = {"csrf_token": form["csrf_token"].value, "text": "bonjour", "kind": "a"}
    client.post("/form", fields, {"Origin": "https://evil.example"}, extra_environ=extra, status=400)
    assert client.post("/form", fields, {"Origin": "https://ex.org"}, extra_environ=extra).text == "stored"


def test_an_expired_form_loses_nothing(client: TestApp) -> None:
    fields = {"csrf_token": "old", "text": "mon texte <b>", "kind": "a"}
    own = {"Sec-Fetch-Site": "same-origin"}
    page = client.post("/form", fields, own, status=400)
    assert "Rien n’est perdu" in page.text
    assert "<b>" not in page.html.main.decode_contents()
    again = page.forms[1]
    assert again["text"].value == "mon texte <b>"
    assert again["csrf_token"].value != "old"
    assert again.submit().text == "stored"


def test_a_form_that_another_site_filled_in_is_not_offered_again(client: TestApp) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        page = client.post("/form", {"text": "x"}, headers, status=400)
        assert "method" not in (page.html.main.find("form") or {})


def refuses(config: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        config.make_wsgi_app()


@pytest.mark.parametrize("methods", ["POST", ("GET", "DELETE"), None])
def test_a_state_changing_view_without_csrf_stops_the_start(make_config: Any, methods: Any) -> None:
    config = make_config()
    config.add_route("hook", "/hook")
    config.add_view(
        lambda request: None, route_name="hook", require_csrf=False, permission=NOBODY, request_method=methods
    )
    refuses(config, "csrf_exempt_reason")


def test_unless_it_says_why(make_config: Any) -> None:
    config = make_config()
    config.add_route("hook", "/hook")
    config.add_view(lambda request: None, route_name="hook", require_csrf=False, request_method="POST",
                    permission=NOBODY, csrf_exempt_reason="signed by the peer", journal="peer.hint")  # fmt: skip
    config.add_view(lambda request: None, route_name="hook", require_csrf=False, request_method="GET",
                    permission=NOBODY)  # fmt: skip
    config.make_wsgi_app()


def test_a_state_changing_view_that_nobody_journals_stops_the_start(make_config: Any) -> None:
    config = make_config()
    config.add_route("change", "/change")
    config.add_view(lambda request: None, route_name="change", request_method=("GET", "POST"), permission=NOBODY)
    refuses(config, "journal_exempt_reason")


def test_an_unknown_permission_stops_the_start(make_config: Any) -> None:
    config = make_config()
    config.add_route("x", "/x")
    config.add_view(lambda request: None, route_name="x", permission="directory:reed")
    refuses(config, "directory:reed")


def test_no_policy_stops_the_start() -> None:
    config = Configurator()
    config.registry.settings_typed = Settings(secret="s" * 32)
    from reseau.web import security

    config.action(None, security.check, args=(config,), order=100)
    refuses(config, "security policy")


def test_an_unknown_cache_option_stops_the_start(make_config: Any) -> None:
    config = make_config()
    config.add_route("x", "/x")
    config.add_view(lambda request: None, route_name="x", permission=NOBODY, cache="forever")
    refuses(config, "forever")

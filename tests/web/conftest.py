"""A toy application on the web floor alone: no database, no room, a handful of views."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPForbidden, HTTPServiceUnavailable
from pyramid.response import Response
from sqlalchemy.exc import OperationalError
from webtest import TestApp
from wtforms import RadioField, StringField, TextAreaField

from reseau.settings import Settings
from reseau.web import catalogues
from reseau.web.app import ReseauRequest
from reseau.web.caching import conditional
from reseau.web.forms import EmailAddress, HoneypotMixin, MaxLength, Required, ReseauForm, refuse
from reseau.web.security import Permission

ROOT = Path(__file__).parents[2]
READ = Permission.DIRECTORY_READ
PAGE = """{% extends "layout.jinja2" %}{% import "macros.jinja2" as ui %}{% set nav = 'annuaire' %}
{% block main %}<h1>Page</h1><p>{{ 12345|number }} {{ 1234|distance }}</p>{{ filler }}{% endblock %}"""
FORM = """{% extends "layout.jinja2" %}{% import "macros.jinja2" as ui %}{% block main %}<h1>F</h1>
{{ ui.error_summary(form) }}<form method="post">{{ ui.csrf_field() }}{{ ui.honeypot(form) }}{{ ui.no_patient_data() }}
{{ ui.field(form.kind) }}{{ ui.field(form.text) }}{{ ui.field(form.mail, type='email', dir='ltr') }}
<button>ok</button></form>{% endblock %}"""


class ToyForm(HoneypotMixin, ReseauForm):
    """What a report looks like."""

    kind = RadioField("Autre chose", [Required()], choices=[("a", "Ouvert"), ("b", "Fermé")])
    text = TextAreaField("Annuaire", [Required(), MaxLength(20)])
    mail = StringField("Carte", [EmailAddress()])


def page(request: Any) -> dict[str, Any]:
    return {"filler": "mot " * 500}


def cached(request: Any) -> dict[str, Any]:
    conditional(request, request.registry["toy.seq"])
    request.registry["toy.work"] += 1
    return {"filler": ""}


def form(request: Any) -> Any:
    filled = ToyForm(request)
    if request.method == "POST":
        if not filled.validate():
            return refuse(request, form=filled)
        return Response("spam" if filled.is_spam else "stored")
    return {"form": filled}


def boom(request: Any) -> Any:
    raise {
        "503": HTTPServiceUnavailable(headers={"Retry-After": "7"}),
        "403": HTTPForbidden(),
        "db": OperationalError("select", {}, Exception("down")),
    }.get(request.GET.get("why", ""), ZeroDivisionError("a secret detail"))


def views(config: Any, templates: Path) -> None:
    """The toy views."""
    (templates / "toy_page.jinja2").write_text(PAGE)
    (templates / "toy_form.jinja2").write_text(FORM)
    config.add_jinja2_search_path(str(templates), name=".jinja2")
    for name, path in {
        "page": "/page", "json": "/page.json", "cached": "/cached", "form": "/form", "open": "/open",
        "boom": "/boom", "boomjson": "/boom.json", "signed": "/lien/{token}", "forgot": "/forgot", "closed": "/closed", "own": "/own",
    }.items():  # fmt: skip
        config.add_route(name, path)
    toy = {"renderer": "toy_page.jinja2", "permission": READ, "cache": "public"}
    config.add_view(page, route_name="page", request_method="GET", **toy)
    config.add_view(cached, route_name="cached", **toy)
    config.add_view(page, route_name="json", renderer="json", permission=READ, cache="public")
    config.add_view(form, route_name="form", renderer="toy_form.jinja2", permission=READ)
    config.add_view(form, route_name="open", renderer="toy_form.jinja2", permission=READ, cache="public")
    config.add_view(boom, route_name="boom", permission=READ, cache="public")
    config.add_view(boom, route_name="boomjson", permission=READ)
    config.add_view(boom, route_name="signed", permission=READ)
    config.add_view(page, route_name="forgot", renderer="toy_page.jinja2")
    config.add_view(page, route_name="closed", renderer="toy_page.jinja2", permission="nobody:nothing")
    config.add_view(lambda request: Response("own"), route_name="own", permission=READ)
    config.registry["toy.seq"] = 1
    config.registry["toy.work"] = 0


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """The catalogues, compiled, as ``make test`` leaves them."""
    catalogues.compile_all(ROOT)


Make = Callable[..., Any]


@pytest.fixture
def make_config(tmp_path: Path) -> Make:
    """Makes a configuration with the web floor and the toy views; ``changes`` are settings."""

    def make(**changes: Any) -> Any:
        values = {"secret": "s" * 32, "secure_cookies": False, "site_name": "Réseau", **changes}
        config = Configurator(package="reseau.web", request_factory=ReseauRequest)
        config.registry.settings_typed = Settings(**values)
        config.include("reseau.web")
        views(config, tmp_path)
        return config

    return make


@pytest.fixture
def make_client(make_config: Make) -> Make:
    """Makes a WebTest client of the toy application; ``changes`` are settings."""
    return lambda **changes: TestApp(make_config(**changes).make_wsgi_app())


@pytest.fixture
def client(make_client: Make) -> TestApp:
    """The toy application with default settings."""
    return make_client()

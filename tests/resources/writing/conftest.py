"""What the tests of writing do again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from webtest import Upload
from webtest.forms import Submit

from resources.base import services
from resources.base.content import Content
from resources.base.models import Resource
from tests.directory.site import Site
from tests.resources.conftest import Base, house_of, make_site

__all__ = ["PDF", "PNG", "block_form", "form_of", "make_site", "pdf", "working"]

#: The smallest file that is a PDF.
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
xref
0 4
0000000000 65535 f\x20
0000000009 00000 n\x20
0000000052 00000 n\x20
0000000101 00000 n\x20
trailer<</Size 4/Root 1 0 R>>
startxref
164
%%EOF
"""
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture(scope="session")
def _houses(make_site: Callable[..., Site], tmp_path_factory: Any) -> Callable[[str], Base]:
    made: dict[str, Base] = {}

    def get(engine: str) -> Base:
        if engine not in made:
            made[engine] = house_of(make_site, engine, tmp_path_factory.mktemp("rows"))
        made[engine].site.fresh()
        return made[engine]

    return get


@pytest.fixture
def base(_houses: Callable[[str], Base]) -> Base:
    """The house on SQLite; its clock says Tuesday, 10:30. Shared by all tests of writing."""
    return _houses("sqlite")


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, _houses: Callable[[str], Base]) -> Base:
    """The same on each engine: for locks, JSON in statements, foreign keys."""
    return _houses(request.param)


def pdf(name: str = "atelier.pdf") -> Upload:
    """A file to send."""
    return Upload(name, PDF, "application/pdf")


def working(base: Base, id_: UUID) -> Content:
    """What the authors of a resource are writing."""
    with base.site.sessions() as session:
        return services.working(session, session.get_one(Resource, id_))


def form_of(page: Any, ending: str, **having: str) -> Any:
    """The form of a page whose address ends so, and whose fields hold these values."""

    def said(form: Any, name: str) -> Any:
        field = form.fields[name][0] if name in form.fields else None
        return field.value_if_submitted() if isinstance(field, Submit) else field and field.value

    for form in page.forms.values():
        if form.action.endswith(ending) and all(said(form, name) == value for name, value in having.items()):
            return form
    raise AssertionError(f"no form to {ending}: {[form.action for form in page.forms.values()]}")


def block_form(page: Any) -> Any:
    """The form of a block."""
    return next(form for form in page.forms.values() if "sorte" in form.fields and "vu" in form.fields)

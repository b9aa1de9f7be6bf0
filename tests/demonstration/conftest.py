"""A demonstration with the places of Roubaix and its made-up people, one on each engine, shared by the tests of one
file.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reseau import rooms_of
from reseau.demonstration.people import seed
from reseau.web.app import make_app
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import ROUBAIX_CSV, TUESDAY, Site


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def _demo(request: pytest.FixtureRequest, make_site: Callable[..., Site]) -> Site:  # noqa: F811
    site = make_site(request.param, ROUBAIX_CSV, demo=True)
    site.engine.dispose()
    site.wsgi = make_app(site.settings, rooms_of(site.settings))
    site.wsgi.registry["clock"] = site.clock
    site.wsgi.registry["tallies"].background = False
    with site.sessions.begin() as session:
        assert seed(session, site.settings.sources, TUESDAY) == 7
    site.reindex()
    return site


@pytest.fixture
def demo(_demo: Site) -> Site:
    """The demonstration; its clock says Tuesday, 10:30."""
    return _demo.fresh()

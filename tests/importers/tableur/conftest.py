"""A site with the places of Roubaix and two people, and what the worker does for spreadsheets."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from webtest import TestApp, Upload

from importers import conducting
from importers.conducting import Conducting
from importers.models import ColumnMapping, ImportRun, ImportSource, SheetUpload
from importers.pipeline.contract import Summary
from importers.tableur import jobs
from reseau.core.jobs import Tools
from tests.directory.conftest import make_site  # noqa: F401 (a fixture)
from tests.directory.site import ROUBAIX_CSV, Site
from tests.members.conftest import House, post_form

LIST = "/gestion/tableurs"
_numbers = itertools.count(1)


class Sheets(House):
    """The house, with spreadsheets."""

    @property
    def app(self) -> TestApp:
        """The browser of a coordinator."""
        return self.browser("coordination")

    def send(self, browser: TestApp, data: bytes, name: str = "lieux.csv", **more: Any) -> Any:
        """Send a file from the list."""
        form = post_form(browser.get(LIST), LIST)
        form["fichier"] = Upload(name, data)
        return form.submit(**more)

    def confirmed(self, browser: TestApp, data: bytes, name: str = "lieux.csv", complete: bool = False) -> Any:
        """Sent, with the columns that are proposed, of a new partner, and tried. :return: the page of the trial."""
        page = self.send(browser, data, name).follow()
        form = post_form(page, "/colonnes")
        form["nouveau"] = f"Ville voisine {next(_numbers)}"
        form["complet"] = complete
        page = form.submit().follow()
        self.work()
        return browser.get(page.request.path)

    def work(self) -> str | None:
        """What the worker does every five seconds."""
        return jobs.try_all(Tools(self.site.sessions, self.site.settings, self.site.clock))

    def bring(self, page: Any) -> Summary:
        """Ask for the import, and do what the worker does then."""
        post_form(page, "/importer").submit()
        (source,) = self.rows(ImportSource, ImportSource.next_at.is_not(None))
        tools = Conducting(self.site.engine, self.site.sessions, self.site.settings, self.site.clock)
        with self.site.sessions.begin() as session:
            session.get(ImportSource, source.id).next_at = None
        return conducting.conduct(tools, source.name)


@pytest.fixture(scope="module")
def _sheets(make_site: Callable[..., Site]) -> Sheets:  # noqa: F811
    house = Sheets(make_site("sqlite", ROUBAIX_CSV))
    for name, more in {"coordination": {"roles": ["coordinator"]}, "personne": {}}.items():
        house.people[name] = house.person(name, **more).id
    return house


@pytest.fixture
def sheets(_sheets: Sheets) -> Sheets:
    """The house; its clock says Tuesday, 10:30; nothing was ever sent."""
    _sheets.site.fresh()
    with _sheets.site.sessions.begin() as session:
        for table in (SheetUpload, ColumnMapping, ImportRun, ImportSource):
            session.execute(sa.delete(table))
    return _sheets

"""A real browser on the real site, served on loopback with the places of Roubaix.

Without a Chromium on the machine these tests are skipped; in CI (``CI=true``) they must run, so they fail.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from waitress.server import create_server

from importers import cartographie
from importers.pipeline import Options, Pipeline
from reseau import ROOMS
from reseau.core import migrations
from reseau.core.db import create_engine, session_factory
from reseau.settings import Settings
from reseau.web.app import make_app
from tests.browser.demo import Demo, running
from tests.browser.talks import shelf_and_talks
from tests.conftest import ROUBAIX_CSV, SECRET, StillClock

ROOT = Path(__file__).parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: the browser tests must run in CI")
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running site; its clock stands on a Tuesday at 10:30."""
    folder = tmp_path_factory.mktemp("site")
    url = f"sqlite:///{folder / 'reseau.sqlite3'}"
    engine = create_engine(url)
    migrations.upgrade(engine)
    Pipeline(session_factory(engine), cartographie.source, ("cartographie",)).run(ROUBAIX_CSV, "", Options(match=False))
    engine.dispose()
    settings = Settings(
        secret=SECRET,
        data_dir=folder,
        database_url=url,
        secure_cookies=False,
        territory_name="Roubaix",
        search_interval=0,
    )
    app = make_app(settings, ROOMS)
    app.registry["clock"] = StillClock()
    with app.registry["read_sessions"]() as session:
        app.registry["search.indexer"].catch_up(session)
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)
    app.registry["engine"].dispose()


class Tab:
    """A page of the browser that remembers what went wrong in it.

    ``complaints``: errors of scripts, of the security policy, and requests to elsewhere or that failed.
    """

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site
        self.complaints: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} {message.location['url'].removeprefix(self.site)}".strip())

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.complaints.append(f"request to {request.url}")

    def go(self, path: str, *, quiet: bool = True) -> Page:
        """Open an address of the site. :param quiet: wait for half a second without requests, for scripts that ask."""
        self.page.goto(self.site + path, wait_until="networkidle" if quiet else "load")
        return self.page

    def axe(self, *, page: bool = True) -> list[str]:
        """Violations of WCAG 2.2 A and AA and of best practice, one line each.

        :param page: whether it is a whole page; False: a mail, which has no landmarks of its own.
        """
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        rules = {} if page else {name: {"enabled": False} for name in ("landmark-one-main", "region")}
        options = {"resultTypes": ["violations"], "rules": rules}
        found = self.page.evaluate("options => axe.run(document, options)", options)
        return [f"{v['id']}: {v['help']} {[n['html'][:120] for n in v['nodes'][:3]]}" for v in found["violations"]]

    def overflow(self) -> int:
        """How many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@pytest.fixture
def tab(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A new page. Parametrise indirectly with options of a browser context."""
    options = getattr(request, "param", {})
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "fr-FR", **options})
    yield Tab(context.new_page(), site)
    context.close()


@pytest.fixture(scope="session")
def sheet_path(site: str) -> str:
    """The path of a sheet with hours."""
    import requests

    found = requests.get(f"{site}/annuaire.json?q=france+services+epeule", timeout=10).json()
    return str(found["items"][0]["url"])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running demonstration."""
    with running(tmp_path_factory.mktemp("demo")) as made:
        yield made


@pytest.fixture
def demo_tab(browser: Browser, demo: Demo, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A new page of the demonstration. Parametrise indirectly with options of a browser context."""
    options = getattr(request, "param", {})
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "fr-FR", **options})
    yield Tab(context.new_page(), demo.url)
    context.close()


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A running demonstration with resources and exchanges (``tests/browser/talks.py``)."""
    with running(tmp_path_factory.mktemp("library"), shelf_and_talks) as made:
        yield made


@pytest.fixture(scope="session")
def readers(browser: Browser, library: Demo) -> Iterator[Callable[[str | None], Tab]]:
    """The tab of somebody in the library (None: of a visitor), the same for all tests; it has nothing to complain of."""
    yield from _tabs(browser, library)


@pytest.fixture(scope="module")
def players(browser: Browser, demo: Demo) -> Iterator[Callable[[str | None], Tab]]:
    """The tab of somebody in the demonstration, the same for all tests of a file."""
    yield from _tabs(browser, demo)


def _tabs(browser: Browser, demo: Demo) -> Iterator[Callable[[str | None], Tab]]:
    tabs: dict[str | None, Tab] = {}

    def tab_of(who: str | None) -> Tab:
        if who not in tabs:
            context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
            if who:
                context.add_cookies([demo.cookie(who)])  # type: ignore[list-item]
            context.add_init_script(path=AXE)  # quicker than with each look
            tabs[who] = Tab(context.new_page(), demo.url)
        tabs[who].complaints.clear()
        return tabs[who]

    yield tab_of
    for one in tabs.values():
        one.page.context.close()

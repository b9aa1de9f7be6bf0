"""Visitors who wait for PDFs: as few as can be, with no transaction open, and only once."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from reseau.core.ids import new_id
from reseau.core.jobs import Tools
from resources.base.content import Block
from resources.base.models import Resource
from resources.base.shapes import BlockKind
from resources.taking import jobs, offline, taking_views, typesetter
from tests.resources.conftest import Base, a_kit, a_tutorial
from tests.resources.taking.conftest import a_new_kit, a_new_tutorial, translated


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """PDFs are not drawn, only said to be: what is drawn is not looked at here. :return: the jobs."""
    asked: list[dict[str, Any]] = []

    def run(given: dict[str, Any]) -> dict[str, Any]:
        asked.extend(given["jobs"])
        for job in given["jobs"]:
            with open(job["out"], "wb") as file:
                file.write(b"%PDF-1.7 " + job["template"].encode())
        return {job["out"]: {"out": job["out"]} for job in given["jobs"]}

    monkeypatch.setattr(typesetter.Typesetter, "_run", staticmethod(run))
    return asked


def test_whoever_finds_the_drawer_busy_is_told_to_wait(base: Base, undrawn: list[Any]) -> None:
    made, drawer = base.published(), base.site.wsgi.registry["typesetter"]
    with drawer._turn(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(typesetter, "WAIT", 0.01)
        for path in (".pdf?contenu=fr", ".zip?contenu=fr"):
            answer = base.browser().get(base.at(made.id) + path, status=503)
            assert answer.headers["Retry-After"] == "5"
            assert "Le document se prépare…" in answer.text
            assert not answer.lxml.xpath("//meta[@http-equiv='refresh']"), "WCAG 2.2.1"
            assert "toute seule" not in answer.text
            assert answer.headers["Cache-Control"] == "private, no-store"
            assert answer.lxml.xpath("//main//a/@href")[0] == base.at(made.id) + path
    base.browser().get(base.at(made.id) + ".zip?contenu=fr")


def test_no_transaction_is_open_while_something_is_drawn(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    made, seen = base.published(), []
    real = typesetter.Typesetter._run

    def run(given: dict[str, Any]) -> dict[str, Any]:
        seen.append(base.site.engine.pool.checkedout())  # type: ignore[attr-defined]
        return real(given)

    monkeypatch.setattr(typesetter.Typesetter, "_run", staticmethod(run))
    base.browser().get(base.at(made.id) + ".pdf")
    base.browser("membre").get(base.at(made.id) + ".zip?contenu=fr&contenu=en")
    assert seen
    assert not any(seen)


def test_a_download_that_resumes_is_not_laid_out_again(
    base: Base, kit: Resource, undrawn: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, path = base.browser(), base.at(kit.id)
    whole, pdf = browser.get(path + ".zip?contenu=fr"), browser.get(path + ".pdf?contenu=fr")
    with monkeypatch.context() as patch:
        patch.setattr(offline, "gathered", None)
        patch.setattr(taking_views, "Pages", None)
        etag = {"If-None-Match": whole.headers["ETag"]}
        browser.get(path + ".zip?contenu=fr", headers=etag, status=304)
        with base.site.statements() as seen:
            part = browser.get(path + ".zip?contenu=fr", headers={"Range": "bytes=100-"}, status=206)
        assert part.body == whole.body[100:]
        assert len([one for one in seen if one.startswith("SELECT")]) <= 4
        assert browser.head(path + ".zip?contenu=fr").content_length == len(whole.body)
        browser.get(path + ".pdf?contenu=fr", headers={"If-None-Match": pdf.headers["ETag"]}, status=304)
        assert browser.get(path + ".pdf?contenu=fr").body == pdf.body
    translated(base, kit, {"entete": {"title": f"Other {new_id().hex}", "text": "Words."}}, "en")
    assert browser.get(path + ".zip?contenu=en").headers["ETag"] != whole.headers["ETag"]


def test_a_pdf_that_the_cache_forgot_is_drawn_again(base: Base, undrawn: list[Any]) -> None:
    made, drawer = base.published(), base.site.wsgi.registry["typesetter"]
    path = base.at(made.id) + ".zip?contenu=fr"
    first = base.browser().get(path)
    for one in drawer.folder.glob("*.pdf"):
        one.unlink()
    assert base.browser().get(path).body == first.body


def test_who_may_read_more_has_another_archive(base: Base, undrawn: list[Any]) -> None:
    hidden = base.published(a_tutorial())
    with base.site.sessions.begin() as session:
        session.get_one(Resource, hidden.id).visibility = "network"
    kit = a_kit()
    named = Block("r", "remettre", BlockKind.RESSOURCE, data={"ressource": f"tutoriel/{hidden.slug}"})
    made = base.published(replace(kit, blocks=(*kit.blocks, named)))
    path = base.at(made.id) + ".zip?contenu=fr"
    assert hidden.title.encode() in base.browser("voisine").get(path).body
    assert hidden.title.encode() not in base.browser().get(path).body


def test_twelve_tutorials_cost_no_more_statements_than_one(base: Base, undrawn: list[Any]) -> None:
    def statements(count: int) -> int:
        named = [a_new_tutorial(base) for _ in range(count)]
        blocks = [Block(f"r{n}", "remettre", BlockKind.RESSOURCE, data={"ressource": f"tutoriel/{one.slug}"})
                  for n, one in enumerate(named)]  # fmt: skip
        kit = a_kit()
        made = base.published(replace(kit, blocks=(*kit.blocks, *blocks)))
        with base.site.statements() as seen:
            base.browser().get(base.at(made.id) + ".zip?contenu=fr&contenu=ar")
        return len([one for one in seen if one.startswith("SELECT")])

    assert statements(12) <= statements(1) <= 12


def test_the_worker_draws_ahead_what_is_published_or_changed(base: Base, undrawn: list[Any]) -> None:
    tools = Tools(base.site.sessions, base.site.settings, base.site.clock)
    while jobs.draw_ahead(tools):
        pass
    kit = a_new_kit(base, a_new_tutorial(base))
    assert "PDF préparés" in str(jobs.draw_ahead(tools))
    undrawn.clear()
    assert jobs.draw_ahead(tools) is None
    for path in (".pdf?contenu=fr", ".pdf?contenu=ar", ".zip?contenu=fr&contenu=ar", "/documents/petit.pdf"):
        base.browser().get(base.at(kit.id) + path)
    assert not undrawn, "visitors find them"
    base.publish(kit.id, a_kit())
    assert jobs.draw_ahead(tools)
    assert jobs.draw_ahead(replace(tools, stopping=lambda: True)) is None
    base.draft()
    assert jobs.draw_ahead(tools) is None


def test_the_worker_keeps_nobody_from_writing(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    made, tools = base.published(), Tools(base.site.sessions, base.site.settings, base.site.clock)
    real, seen = offline.gathered, []

    def watched(*args: Any) -> Any:
        writing = threading.Thread(target=lambda: base.publish(made.id, a_tutorial()))
        writing.start()
        writing.join(5)
        seen.append(not writing.is_alive())
        return real(*args)

    monkeypatch.setattr(offline, "gathered", watched)
    assert jobs._sheets(tools, made.id)
    assert seen == [True]

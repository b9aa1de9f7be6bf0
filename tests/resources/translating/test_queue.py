"""What to translate first, and readers who ask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import log
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from reseau.core.clock import local_day
from resources.base.models import Resource, ResourceVersion, Tally, TranslationAsk, TranslationUnit
from resources.translating import queue
from resources.translating.queue import Line
from tests.resources.conftest import Base, a_kit, a_tutorial
from tests.resources.translating.conftest import ONE_ENGINE, Desk

Make = Callable[..., Desk]


def viewed(base: Base, id_: Any, count: int, days_ago: int = 1) -> None:
    day = local_day(base.site.clock.now, "Europe/Paris") - timedelta(days=days_ago)
    with base.site.sessions() as session:
        session.add(
            Tally(day=day.isoformat(), what="view", object_id=id_, version=1, lang="fr", structure="", count=count)
        )
        session.commit()


def lines(base: Base, lang: str = "ar", kind: str = "") -> dict[Any, Line]:
    with base.site.sessions() as session:
        found = queue.to_translate(session, lang, local_day(base.site.clock.now, "Europe/Paris"), kind)
        return {line.id: line for line in found}


def test_views_times_what_is_missing_or_stale(desk: Make) -> None:
    read, half, unread = desk(), desk(), desk()
    base = read.base
    viewed(base, read.id, 10)
    viewed(base, read.id, 500, days_ago=91)
    viewed(base, half.id, 12)
    for key in ("entete", "avoir", "etape-1", "etape-2"):
        half.translate(key, {"title": "ع", "text": "ن"})
    half.change_step("Autre.", "etape-2")
    found = lines(base)
    assert (found[half.id].missing, found[half.id].stale, found[half.id].total) == (1, 1, 5)
    assert found[half.id].score == pytest.approx(log(13) * 2 / 5)
    assert found[read.id].score == pytest.approx(log(11))
    order = [id_ for id_ in found if id_ in (read.id, half.id, unread.id)]
    assert order == [read.id, half.id, unread.id]
    assert read.id in lines(base, kind="tutoriel")
    assert read.id not in lines(base, kind="kit")
    half.translate("etape-3", {"title": "ع", "text": "ن"})
    half.translate("etape-2", {"title": "ع", "text": "ن"})
    assert half.id not in lines(base)


def test_reading_a_page_again_and_again_does_not_put_it_first(desk: Make) -> None:
    pushed, asked = desk(), desk()
    base = asked.base
    viewed(base, pushed.id, 1_000)
    with base.site.sessions() as session:
        session.add(TranslationAsk(resource_id=asked.id, lang="ar", asked=8, last_at=base.site.clock.now))
        session.commit()
    found = lines(base)
    assert found[asked.id].score > found[pushed.id].score


@ONE_ENGINE
def test_who_reads_the_site_in_another_language_asks_in_one_click(desk: Make) -> None:
    one = desk()
    visitor = one.base.browser(language="ar")
    page = visitor.get(one.base.at(one.id))
    (form,) = (form for form in page.forms.values() if form.action.endswith("/demander-langue"))
    form.submit(status=303)
    (row,) = one.base.rows(TranslationAsk, TranslationAsk.resource_id == one.id)
    assert (row.lang, row.asked) == ("ar", 1)


def test_readers_ask_once_a_day_and_a_network(desk: Make) -> None:
    one = desk()
    base, path = one.base, one.base.at(one.id)
    visitor = base.browser()
    page = visitor.get(path, {"contenu": "wo"})
    ask = next(form for form in page.forms.values() if form.action.endswith("/demander-langue"))
    assert "n’existe pas encore dans cette langue" in page
    assert "Merci. Votre demande est comptée." in ask.submit().follow()
    assert "déjà comptée" in ask.submit().follow()
    again = base.browser().get(path + "/demander-langue")
    form = next(form for form in again.forms.values() if form.action.endswith("/demander-langue"))
    form["vers"].force_value("wo")
    form.submit(status=303)
    form["vers"].force_value("xx-nope-")
    assert "Choisissez une langue de la liste." in form.submit(status=422)
    form["vers"].force_value("fr")
    assert form.submit(status=303).location.endswith("contenu=fr")
    (row,) = base.rows(TranslationAsk, TranslationAsk.resource_id == one.id)
    assert (row.lang, row.asked) == ("wo", 2)
    assert lines(base, "wo")[one.id].score == 2


@ONE_ENGINE
def test_the_panel_of_a_page(desk: Make) -> None:
    one = desk()
    base, path = one.base, one.base.at(one.id)
    page = base.browser().get(path)
    assert "n’existe pas encore" not in page
    assert "/traduire" not in page
    mine = base.browser("membre").get(path)
    assert f'href="{path}/traduire"' in mine
    assert 'href="/traductions"' in mine
    assert 'href="/traductions"' not in page
    assert f'href="{path}/traduire"' not in base.browser("personne").get(path)
    with one.work() as work:
        from resources.translating import services

        services.enter_machine(work, "entete", {"title": "عنوان"}, seen="new", of=work.source("entete")[2])
    panel = base.browser().get(path).text.split('id="r-langues"')[1].split("</section>")[0]
    assert "traduit par une machine, pas encore relu" in panel
    assert "العربية" in panel
    assert "contenu=" not in panel, "the bar under the title leads to each language"
    page = base.browser(language="en").get(path)
    ask = next(form for form in page.forms.values() if form.action.endswith("/demander-langue"))
    assert ask["vers"].value == "en"


def test_what_waits_for_my_review(desk: Make) -> None:
    one = desk()
    one.save(send=True)
    title = one.base.resource(one.id).title
    assert f"{one.path}?montrer=a-relire" in one.base.browser("voisine").get("/traductions")
    assert f"{one.path}?montrer=a-relire" not in one.base.browser("membre").get("/traductions")
    page = one.base.browser("membre").get("/traductions", {"langue_cible": "zz9"})
    assert "Ce code de langue n’existe pas." in page
    with one.base.site.sessions() as session:  # first of the list, whatever the other tests of this site have made
        session.add(TranslationAsk(resource_id=one.id, lang="wo", asked=9_999, last_at=one.base.site.clock.now))
        session.commit()
    assert title in one.base.browser("membre").get("/traductions", {"langue_cible": "wo", "page": "1"})


def test_two_hundred_resources_take_ten_statements(base: Base) -> None:
    kit, now = base.published(a_kit()), base.site.clock.now
    content = a_tutorial(steps=5).to_json()
    with base.site.sessions() as session:
        ids = [uuid4() for _ in range(200)]
        session.execute(sa.insert(Resource), [
            {"id": id_, "kind": "tutoriel", "slug": f"serie-{n}", "lang": "fr", "state": "published", "title": f"Série {n}",
             "version": 1, "langs": ["fr"], "created_at": now, "updated_at": now} for n, id_ in enumerate(ids)])  # fmt: skip
        session.execute(sa.insert(ResourceVersion), [
            {"resource_id": id_, "number": 1, "at": now, "by": None, "content": content} for id_ in ids])  # fmt: skip
        session.execute(sa.insert(TranslationUnit), [
            {"resource_id": id_, "section": f"etape-{n}", "lang": lang, "words": {"text": "x"}, "state": "machine",
             "source_digest": "0" * 16, "pending_state": "", "pending_digest": ""}
            for id_ in ids for n in (1, 2) for lang in ("ar", "en", "es", "fr-x-falc")])  # fmt: skip
        session.commit()
    browser = base.browser("membre")
    with base.site.statements() as seen:
        page = browser.get("/traductions", {"langue_cible": "es"})
    assert len([one for one in seen if not one.startswith("PRAGMA")]) <= 10, seen
    assert len(page.body) < 200_000
    assert lines(base, "es")[ids[0]].stale == 2
    assert kit.id in lines(base, "es")
    with base.site.sessions() as session:
        session.execute(sa.delete(Resource).where(Resource.slug.startswith("serie-")))
        session.commit()


@ONE_ENGINE
def test_nobody_else_sees_the_queue(base: Base) -> None:
    base.browser("personne").get("/traductions", status=403)
    base.browser("voisine").get("/traductions", {"type": "nimporte", "page": "999"})

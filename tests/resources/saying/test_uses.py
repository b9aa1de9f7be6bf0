"""Uses: a place says that it used a resource; the network reads which, everyone how many."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from reseau.core.ids import new_id
from reseau.directory.models import Structure
from resources.base.models import ResourceUse
from resources.saying import uses
from resources.saying.services import Counts, counts
from tests.directory.site import Page
from tests.resources.conftest import Base, post_form
from tests.resources.saying.conftest import ONE_ENGINE


def form_of(base: Base, made: Any, who: Any = "membre", **cells: str) -> Any:
    form = post_form(base.browser(who).get(base.at(made.id) + "/utilisations"), "/utilisations")
    for name, value in cells.items():
        form[name] = value
    return form


def said(base: Base, made: Any) -> list[Any]:
    return sorted(base.rows(ResourceUse, ResourceUse.resource_id == made.id), key=lambda use: use.id)


def test_a_place_says_that_it_used_it(base: Base) -> None:
    made = base.published()
    form = form_of(base, made, personnes="12", note="Bien reçu.")
    assert form["jour"].value == "2026-11-24"
    form.submit(status=303)
    form.submit(status=303)
    (one,) = said(base, made)
    assert (one.structure_id, one.on_day, one.people, one.note) == (base.places["ici"], "2026-11-24", 12, "Bien reçu.")
    form_of(base, made, "voisine", jour="2026-11-02").submit(status=303)
    form_of(base, made, "voisin", jour="2015-01-01").submit(status=303)
    shown = Page(base.browser("referent").get(base.at(made.id) + "/utilisations").text)
    assert "Utilisée par 2 structures, avec 12 personnes." in shown.text
    assert "Bien reçu." in shown.text


@ONE_ENGINE
def test_visitors_read_how_many_not_who(base: Base) -> None:
    made = base.published()
    form_of(base, made, note="Une note.").submit(status=303)
    for who in (None, "personne"):
        shown = Page(base.browser(who).get(base.at(made.id) + "/utilisations").text)
        assert "Utilisée par 1 structure." in shown.text
        assert "Lieu Ici" not in shown.text
        assert "Une note." not in shown.text
        assert not shown.all("textarea")


@ONE_ENGINE
@pytest.mark.parametrize(("cells", "field"), [
    ({"jour": "2026-11-25"}, "jour"), ({"jour": "2014-12-31"}, "jour"), ({"jour": ""}, "jour"),
    ({"jour": "hier"}, "jour"), ({"personnes": "0"}, "personnes"), ({"personnes": "2001"}, "personnes"),
    ({"personnes": "douze"}, "personnes"), ({"note": "x" * 501}, "note"),
])  # fmt: skip
def test_what_cannot_be_kept_is_said(base: Base, cells: dict[str, str], field: str) -> None:
    made = base.published()
    form = form_of(base, made)
    for name, value in cells.items():
        form[name].force_value(value)
    answer = form.submit(status=422)
    assert f'href="#{field}"' in answer.text
    assert next(iter(cells.values())) in answer.text
    assert said(base, made) == []


@ONE_ENGINE
def test_another_place_is_not_mine_to_speak_for(base: Base) -> None:
    made = base.published()
    form = form_of(base, made)
    form["lieu"].force_value(str(base.places["ailleurs"]))
    form.submit(status=422)
    for who in (None, "personne", "coordination", "admin"):
        browser = base.browser(who)
        page = browser.get(base.at(made.id) + "/avis" if who else "/connexion")
        token = next(f["csrf_token"].value for f in page.forms.values() if "csrf_token" in f.fields)
        browser.post(base.at(made.id) + "/utilisations", {"csrf_token": token}, status=403)
    assert said(base, made) == []


@ONE_ENGINE
def test_a_member_of_any_place_may_speak_of_a_resource_of_none(base: Base) -> None:
    made = base.published(by="coordination", place=None)
    form_of(base, made, "voisine").submit(status=303)
    assert [one.structure_id for one in said(base, made)] == [base.places["ailleurs"]]


def test_changing_and_taking_back_what_my_place_said(base: Base) -> None:
    made = base.published()
    form_of(base, made).submit(status=303)
    path = f"{base.at(made.id)}/utilisations/{said(base, made)[0].id}"
    form = post_form(base.browser("referent").get(path), path)
    form["personnes"], form["jour"] = "7", "2026-10-01"
    form.submit(status=303)
    assert (said(base, made)[0].people, said(base, made)[0].on_day) == (7, "2026-10-01")
    form["jour"] = "2030-01-01"
    form.submit(status=422)
    form["jour"], form["note"] = "2026-10-02", "Par un autre."
    late = form.submit(status=422)
    assert "modifié cette utilisation" in late.text
    post_form(late, path).submit(status=303)
    assert said(base, made)[0].note == "Par un autre."
    base.browser("voisin").get(path, status=403)
    base.browser("personne").get(path, status=403)
    base.browser("membre").get(f"{base.at(made.id)}/utilisations/{new_id()}", status=404)
    base.browser("membre").get(f"{base.at(base.published().id)}/utilisations/{path[-36:]}", status=404)
    form = post_form(base.browser("membre").get(path), "/retirer")
    form.submit(status=303)
    form.submit(status=404)
    assert said(base, made) == []


def test_a_page_of_many_uses_is_few_statements(base: Base) -> None:
    made = base.published()
    with base.site.sessions() as session:
        session.add_all([
            ResourceUse(resource_id=made.id, structure_id=base.places[place], on_day=f"2026-0{1 + n % 9}-01", people=n + 1)
            for n in range(20) for place in ("ici", "ailleurs")
        ])  # fmt: skip
        session.commit()
    for who in (None, "voisine"):
        browser, path = base.browser(who), base.at(made.id) + "/utilisations"
        with base.site.statements() as seen:
            answer = browser.get(path)
        assert len([one for one in seen if one.startswith("SELECT")]) <= 10, "\n".join(seen)
        assert "2 structures, avec 420 personnes" in Page(answer.text).text


def test_figures_are_one_statement_and_merged_places_are_one(base: Base) -> None:
    used, silent = base.published(), base.published()
    form_of(base, used, personnes="5").submit(status=303)
    form_of(base, used, "voisine", personnes="4").submit(status=303)
    with base.site.sessions() as session:
        with base.site.statements() as seen:
            found = counts(session, [used.id, silent.id, new_id()])
        assert len([one for one in seen if one.startswith("SELECT")]) == 1
        assert found[used.id] == Counts(structures=2, people=9)
        assert found[silent.id] == Counts()
        assert found[silent.id].opinions == 0
        assert counts(session, []) == {}
        table = Structure.__table__
        session.execute(
            sa.update(table).where(table.c.id == base.places["ailleurs"]).values(merged_into=base.places["ici"])
        )
        session.flush()
        assert counts(session, [used.id])[used.id] == Counts(structures=1, people=9)
        (here,) = uses.my_places(session, used.id, [base.places["ici"]])
        assert here.last is not None
        (other,) = uses.my_places(session, silent.id, [base.places["ici"]])
        assert other.last is None
        now, said = base.site.clock.now, uses.Said(base.places["ailleurs"], here.last)
        uses.add(session, id_ := new_id(), session.merge(silent), said, by=base.people["voisine"], now=now)
        assert session.get_one(ResourceUse, id_).structure_id == base.places["ici"]
        session.rollback()


def test_what_a_place_said_before_it_was_merged_is_said_by_the_other(base: Base) -> None:
    made = base.published()
    form_of(base, made, "voisine", jour="2026-11-03").submit(status=303)
    with base.site.sessions() as session:
        assert [one.last for one in uses.my_places(session, made.id, [base.places["ici"]])] == [None]
        table = Structure.__table__
        merged = {"merged_into": base.places["ici"]}
        session.execute(sa.update(table).where(table.c.id == base.places["ailleurs"]).values(merged))
        assert [one.last for one in uses.my_places(session, made.id, [base.places["ici"]])] == [date(2026, 11, 3)]
        session.rollback()


def test_the_date_moves_with_what_is_said(base: Base) -> None:
    made = base.published()
    form_of(base, made, personnes="3").submit(status=303)
    (one,) = said(base, made)
    path = f"{base.at(made.id)}/utilisations/{one.id}"
    base.site.clock.now += timedelta(hours=1)
    post_form(base.browser("membre").get(path), path).submit(status=303)
    assert said(base, made)[0].at == one.at, "nothing was changed"
    form = post_form(base.browser("membre").get(path), path)
    form["personnes"] = "4"
    form.submit(status=303)
    assert said(base, made)[0].at == base.site.clock.now

"""« Adopter »: a member says what a resource from elsewhere is worth; it is theirs from then on."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from resources.base import provided, services
from resources.base.models import Resource, ResourceAuthor, ResourceSource, ResourceVersion, State
from resources.base.provided import Incoming, Provided
from resources.writing import adopting, reviewing
from resources.writing.adopting import Worth
from tests.members.conftest import csrf
from tests.resources.conftest import Base, a_kit
from tests.resources.test_provided import again, one
from tests.resources.writing.conftest import form_of, working


def brought(base: Base, first: Incoming | None = None, source: str = "ailleurs") -> tuple[Incoming, Resource]:
    """A published link that an import brought."""
    first = first or one()
    with base.site.sessions() as session:
        Provided(session, source, base.site.clock.now).apply([first])
        session.commit()
    base.site.reindex()
    (row,) = base.rows(ResourceSource, ResourceSource.source_id == first.source_id)
    return first, base.resource(row.resource_id)


def run(base: Base, *records: Incoming, source: str = "ailleurs", gone: bool = False) -> Counter[str]:
    with base.site.sessions() as session:
        work = Provided(session, source, base.site.clock.now)
        counts = work.absent(set()) if gone else work.apply(records)
        session.commit()
        return counts


def adopt(base: Base, resource: Resource, who: str = "membre", **answers: str) -> Any:
    """Fill the page and send it."""
    form = form_of(base.browser(who).get(f"{base.at(resource.id)}/adopter"), "/adopter")
    for name, value in ({"valeur": "Clair et court.", "pour_qui": "Des débutants."} | answers).items():
        form[name] = value
    return form.submit(status="*")


def row(base: Base, resource: Resource) -> ResourceSource:
    (found,) = base.rows(ResourceSource, ResourceSource.resource_id == resource.id)
    return found


def test_adopting(both: Base) -> None:
    base = both
    _, resource = brought(base)
    kit = base.published(a_kit())
    page = base.browser("membre").get(base.at(resource.id))
    assert "Vient de" in page.text
    assert f"{base.at(resource.id)}/adopter" in page.text
    answer = adopt(base, resource, kit=str(kit.id))
    assert answer.status_int == 303
    shown = answer.follow()
    assert "Clair et court." in shown.text
    assert "Cette ressource est maintenant à vous" in shown.text
    assert f'{base.at(resource.id)}/adopter"' not in shown.text, "it is adopted"
    resource = base.resource(resource.id)
    assert resource.structure_id == base.places["ici"]
    assert [one.person_id for one in base.rows(ResourceAuthor, ResourceAuthor.resource_id == resource.id)] == [
        base.people["membre"]]  # fmt: skip
    blocks = working(base, resource.id).blocks
    assert [(block.part, block.text) for block in blocks] == [
        ("utilite", "Clair et court."), ("pour-qui", "Des débutants.")]  # fmt: skip
    (version,) = base.rows(ResourceVersion, ResourceVersion.resource_id == resource.id, ResourceVersion.number == 2)
    assert version.by == base.people["membre"]
    named = working(base, kit.id).blocks[-1]
    assert (named.part, named.data) == ("plus-loin", {"ressource": f"lien/{resource.slug}"})
    found = row(base, resource)
    assert (found.adopted_by, found.adopted_at) == (base.people["membre"], base.site.clock.now)


def test_sent_twice_it_is_done_once(base: Base) -> None:
    _, resource = brought(base)
    form = form_of(base.browser("membre").get(f"{base.at(resource.id)}/adopter"), "/adopter")
    form["valeur"] = "Utile."
    assert form.submit().status_int == form.submit().status_int == 303
    assert len(base.rows(ResourceVersion, ResourceVersion.resource_id == resource.id)) == 2


def test_who_comes_second_is_told_and_keeps_their_words(base: Base) -> None:
    _, resource = brought(base)
    form = form_of(base.browser("voisine").get(f"{base.at(resource.id)}/adopter"), "/adopter")
    adopt(base, resource)
    form["valeur"] = "Mes mots à moi."
    answer = form.submit(status=422)
    assert "Quelqu’un d’autre vient d’adopter cette ressource" in answer.text
    assert "Mes mots à moi." in answer.text
    later = base.browser("voisine").get(f"{base.at(resource.id)}/adopter")
    assert "l’a déjà adoptée" in later.text
    assert "Lieu Ici" in later.text
    assert 'name="valeur"' not in later.text


def test_two_at_the_same_time(both: Base) -> None:
    base = both
    _, resource = brought(base)
    outcomes, start = [], threading.Barrier(2)

    def do(who: str) -> None:
        with base.site.sessions() as session:
            start.wait()
            try:
                adopting.adopt(session, session.get_one(Resource, resource.id), Worth(who, "", ""), at_once=True,
                               by=base.people[who], structure_id=None, now=base.site.clock.now)  # fmt: skip
                session.commit()
                outcomes.append(who)
            except adopting.AlreadyAdopted:
                session.rollback()
                outcomes.append("second")

    threads = [threading.Thread(target=do, args=(who,)) for who in ("membre", "voisine")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert outcomes.count("second") == 1
    assert len(outcomes) == 2
    assert len(base.rows(ResourceAuthor, ResourceAuthor.resource_id == resource.id)) == 1


@pytest.mark.parametrize(
    ("answers", "said"),
    [({"valeur": "  "}, "Dites ce que cette ressource vaut"), ({"pour_qui": "x" * 2001}, "trop long")],
)
def test_refused_answers_are_kept(base: Base, answers: dict[str, str], said: str) -> None:
    _, resource = brought(base)
    answer = adopt(base, resource, **answers)
    assert answer.status_int == 422
    assert said in answer.text
    assert row(base, resource).adopted_at is None


def test_who_may_and_what_may(base: Base) -> None:
    _, resource = brought(base)
    path = f"{base.at(resource.id)}/adopter"
    base.browser("personne").get(path, status=403)
    base.browser().get(path, status=(303, 302, 403))
    here = base.published()
    base.browser("membre").get(f"{base.at(here.id)}/adopter", status=404)
    assert path not in base.browser().get(base.at(resource.id)).text
    browser = base.browser("membre")
    token = csrf(browser, "/ressources/nouvelle")
    browser.post(path, {"csrf_token": token, "valeur": "x", "lieu": str(base.places["ailleurs"])}, status=422)
    with base.site.sessions() as session:
        services.withdraw(session, session.get_one(Resource, resource.id), base.site.clock.now)
        session.commit()
    browser.get(path, status=410)


def test_somebody_is_writing_it(base: Base) -> None:
    _, resource = brought(base)
    with base.site.sessions() as session:
        found = session.get_one(Resource, resource.id)
        services.save_draft(session, found, services.working(session, found), seen_rev=None,
                            by=base.people["coordination"], now=base.site.clock.now)  # fmt: skip
        session.commit()
    answer = adopt(base, resource)
    assert answer.status_int == 422
    assert "en train de modifier" in answer.text


def test_an_adopted_resource_is_not_overwritten_and_its_authors_are_told(base: Base) -> None:
    first, resource = brought(base)
    adopt(base, resource)
    assert run(base, again(first, summary="Autre.")) == Counter(updated=1)
    assert working(base, resource.id).summary == "De la source."
    page = base.browser("membre").get(base.at(resource.id))
    assert "La source a changé" in page.text
    assert "La source a changé" not in base.browser("voisine").get(base.at(resource.id)).text
    form_of(page, "/adopter/vu").submit(status=303)
    assert row(base, resource).changed_at is None
    assert "La source a changé" not in base.browser("membre").get(base.at(resource.id)).text
    browser = base.browser("voisine")
    browser.post(
        f"{base.at(resource.id)}/adopter/vu", {"csrf_token": csrf(browser, "/ressources/nouvelle")}, status=403
    )


def test_an_adopted_resource_stays_when_it_is_gone_there(base: Base) -> None:
    first, resource = brought(base, source="partie")
    adopt(base, resource)
    assert run(base, source="partie", gone=True) == Counter(absent=1)
    assert base.resource(resource.id).state == State.PUBLISHED.value
    page = base.browser().get(base.at(resource.id))
    assert "Elle n’est plus sur" in page.text
    assert "Clair et court." in page.text
    run(base, first, source="partie")
    assert "Elle n’est plus sur" not in base.browser().get(base.at(resource.id)).text


def test_when_a_coordinator_reads_first(base: Base) -> None:
    """By the service: the page asks ``reviewing.may_publish``."""
    _, resource = brought(base)
    with base.site.sessions() as session:
        found = session.get_one(Resource, resource.id)
        adopting.adopt(session, found, Worth("Bien.", "", ""), by=base.people["membre"], structure_id=base.places["ici"],
                       now=base.site.clock.now, at_once=False)  # fmt: skip
        session.commit()
    found = base.resource(resource.id)
    assert (found.state, found.version, found.review_by) == (State.PUBLISHED.value, 1, base.people["membre"])
    assert working(base, resource.id).blocks[0].text == "Bien."


def test_a_kit_has_it_once(base: Base) -> None:
    _, resource = brought(base)
    kit = base.draft(a_kit())
    with base.site.sessions() as session:
        found, link = session.get_one(Resource, kit.id), session.get_one(Resource, resource.id)
        how = {"by": base.people["membre"], "now": base.site.clock.now}
        assert adopting.put_into(session, found, link, **how)
        assert not adopting.put_into(session, found, link, **how)
        assert provided.of(session, kit.id) is None


def asked(base: Base, source: str = "ailleurs") -> tuple[Incoming, Resource]:
    """One that somebody asks to adopt where a coordinator reads first."""
    first, resource = brought(base, source=source)
    with base.site.sessions() as session:
        found = session.get_one(Resource, resource.id)
        how = {"by": base.people["membre"], "structure_id": base.places["ici"], "now": base.site.clock.now}
        assert adopting.adopt(session, found, Worth("Bien.", "", ""), at_once=False, **how)
        assert not adopting.adopt(session, found, Worth("Bien.", "", ""), at_once=False, **how), "sent twice"
        session.commit()
    found, origin = base.resource(resource.id), row(base, resource)
    assert (found.structure_id, origin.adopted_at) == (None, None), "nothing is theirs yet"
    return first, found


def do(base: Base, resource: Resource, action: Any) -> None:
    with base.site.sessions() as session:
        assert action(session, session.get_one(Resource, resource.id))
        session.commit()


def test_it_is_theirs_once_the_coordination_has_published(both: Base) -> None:
    base = both
    _, resource = asked(base)
    page = base.browser("membre").get(f"{base.at(resource.id)}?adoptee=1")
    assert "Votre texte est enregistré" in page.text
    assert "maintenant à vous" not in page.text
    assert "/adopter" not in base.browser("voisine").get(base.at(resource.id)).text
    do(base, resource, lambda session, one: reviewing.accept(
        session, one, by=base.people["coordination"], now=base.site.clock.now))  # fmt: skip
    found, origin = base.resource(resource.id), row(base, resource)
    assert (found.state, found.version, found.structure_id) == (State.PUBLISHED.value, 2, base.places["ici"])
    assert (origin.adopted_at, origin.adopted_by) == (base.site.clock.now, base.people["membre"])
    assert "adoption" not in origin.said


@pytest.mark.parametrize("answer", ["renvoyé", "repris", "attend"])
def test_what_is_not_published_is_not_adopted(both: Base, answer: str) -> None:
    """Its source may still take it back; the words wait in the draft, and may be asked again."""
    base, source = both, f"pas-publie-{answer}"
    first, resource = asked(base, source)
    if answer == "renvoyé":
        do(base, resource, lambda session, one: reviewing.send_back(session, one, "Trop court."))
    elif answer == "repris":
        do(base, resource, lambda session, one: reviewing.take_back(session, one))
    assert run(base, source=source, gone=True) == Counter(absent=1, archived=1)
    found = base.resource(resource.id)
    assert (found.state, found.review_at) == (State.WITHDRAWN.value, None)
    assert run(base, first, source=source) == Counter(updated=1)
    found = base.resource(resource.id)
    assert (found.state, found.version, found.structure_id) == (State.PUBLISHED.value, 1, None)
    assert working(base, resource.id).blocks[0].text == "Bien."
    said = reviewing.Said()
    do(base, resource, lambda session, one: reviewing.publish(
        session, one, said, by=base.people["membre"], now=base.site.clock.now))  # fmt: skip
    assert row(base, resource).adopted_at == base.site.clock.now
    assert base.resource(resource.id).structure_id == base.places["ici"]


def test_who_throws_their_words_away_gives_up(base: Base) -> None:
    first, resource = asked(base)
    browser = base.browser("membre")
    token = csrf(browser, "/ressources/nouvelle")
    answer = browser.post(f"{base.at(resource.id)}/abandonner", {"csrf_token": token}, status=303)
    assert answer.follow(status=200)
    origin = row(base, resource)
    assert (origin.adopted_at, origin.adopted_by, origin.said) == (None, None, {"nom": "La source"})
    assert not base.rows(ResourceAuthor, ResourceAuthor.resource_id == resource.id)
    assert run(base, again(first, summary="Autre.")) == Counter(updated=1)
    assert working(base, resource.id).summary == "Autre.", "the import writes it again"
    assert adopt(base, resource, "voisine").status_int == 303


def test_what_the_source_changed_meanwhile_is_told(base: Base) -> None:
    first, resource = asked(base)
    run(base, again(first, summary="Autre."))
    do(base, resource, lambda session, one: reviewing.accept(session, one, by=None, now=base.site.clock.now))
    assert row(base, resource).changed_at is not None


def test_an_adopted_resource_whose_last_author_leaves_is_without_author(base: Base) -> None:
    _, resource = brought(base)
    with base.site.sessions() as session:
        assert resource.id not in [one.id for one in services.orphans(session)], "nobody ever wrote it"
        adopting.adopt(session, session.get_one(Resource, resource.id), Worth("Bien.", "", ""), at_once=True,
                       by=base.people["membre"], structure_id=None, now=base.site.clock.now)  # fmt: skip
        session.commit()
        assert resource.id not in [one.id for one in services.orphans(session)]
        session.execute(sa.delete(ResourceAuthor).where(ResourceAuthor.resource_id == resource.id))
        assert resource.id in [one.id for one in services.orphans(session)]

"""Publishing at once or after a review, what lacks, what changed; withdrawing; still right today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from resources.base import services
from resources.base.content import Block, FileRef
from resources.base.models import Resource, ResourceVersion, State, Visibility
from resources.base.shapes import BlockKind, Kind
from resources.writing import drafting, reviewing
from tests.members.conftest import csrf
from tests.resources.conftest import Base, a_kit, a_tutorial
from tests.resources.writing.conftest import form_of, working


@pytest.fixture
def reviewed(base: Base) -> Iterator[Base]:
    """A site that reviews before it publishes."""
    registry = base.site.wsgi.registry
    former = registry.settings_typed
    registry.settings_typed = replace(former, resources_review=True)
    yield base
    registry.settings_typed = former


def publish_form(base: Base, made: Resource, who: str = "membre") -> Any:
    return form_of(
        base.browser(who).get(f"{base.at(made.id)}/publier"), "/publier", rev=str(base.resource(made.id).draft_rev)
    )


def test_what_lacks_is_said_with_links(base: Base) -> None:
    blocks = (
        Block("photo", "avant", image=FileRef("a" * 64, "a.png")),
        Block("mots", "avant", title="Mots"),
    )
    made = base.draft(a_kit(summary="", themes=(), blocks=blocks))
    page = base.browser("membre").get(f"{base.at(made.id)}/publier")
    assert f'href="{base.at(made.id)}/modifier/photo"' in page
    form = publish_form(base, made)
    form["resume"] = ""
    refused = form.submit(status=422)
    assert "Écrivez un résumé" in refused
    form["resume"] = "Un résumé."
    form.submit(status=422)  # the picture still lacks its words
    assert base.resource(made.id).state == State.DRAFT.value
    empty = base.draft(a_tutorial(blocks=()))
    assert "Ajoutez au moins un texte" in publish_form(base, empty).submit(status=422)


def test_a_theme_is_wanted(base: Base) -> None:
    made = base.draft(a_kit(themes=()))
    form = publish_form(base, made)
    assert [box.value for box in form.fields["themes"] if box.checked] == ["numerique_en_sante"]
    for box in form.fields["themes"]:
        box.checked = False
    assert "Choisissez au moins un thème" in form.submit(status=422)


def test_a_change_says_what_changed_and_coauthors_hear_of_it(both: Base) -> None:
    base = both
    made = base.published(a_kit())
    base.site.clock.now = base.site.clock.now.replace(hour=10)
    with base.site.sessions() as session:
        row = session.get_one(Resource, made.id)
        content = services.working(session, row)
        blocks = (*content.blocks, Block("plus", "avant", title="Plus"))
        services.save_draft(
            session, row, replace(content, blocks=blocks), seen_rev=None, by=None, now=base.site.clock.now
        )
        session.commit()
    before = len(base.mails("membre@reseau.example"))
    form = publish_form(base, made, "referent")
    assert "Dites en une ligne" in form.submit(status=422)
    form["note"] = "Une affiche de plus."
    form["verifie"] = True
    form.submit(status=303)
    found = base.resource(made.id)
    assert found.version == 2
    with base.site.sessions() as session:
        assert not drafting.has_draft(session, made.id)
    assert found.verified_by == base.people["referent"]
    assert found.due_on == "2027-11-24"
    version = base.get(ResourceVersion, (made.id, 2))
    assert (version.note, version.minor, version.by) == ("Une affiche de plus.", False, base.people["referent"])
    mails = base.mails("membre@reseau.example")[before:]
    assert [mail.kind for mail in mails] == ["ressource-publiee"]
    assert "Une affiche de plus." in mails[0].text


def test_spelling_only_says_so_and_tells_nobody(base: Base) -> None:
    made = base.published(a_kit())
    with base.site.sessions() as session:
        row = session.get_one(Resource, made.id)
        content = replace(services.working(session, row), summary="Un atelier d’une heure !")
        services.save_draft(session, row, content, seen_rev=None, by=None, now=base.site.clock.now)
        session.commit()
    before = len(base.mails("membre@reseau.example"))
    form = publish_form(base, made, "referent")
    form["orthographe"] = True
    form.submit(status=303)
    assert base.get(ResourceVersion, (made.id, 2)).minor
    assert working(base, made.id).header_same_as
    assert len(base.mails("membre@reseau.example")) == before


def test_nobody_publishes_what_they_have_not_seen(base: Base) -> None:
    made = base.draft(a_kit())
    form = publish_form(base, made)
    other = form_of(base.browser("referent").get(f"{base.at(made.id)}/modifier"), "/modifier")
    other["titre"] = "Un titre que l’on n’a pas vu"
    other.submit(status=303)
    form["resume"] = "Mon résumé à moi."
    page = form.submit(status=422)
    assert "a changé depuis" in page
    assert base.resource(made.id).state == State.DRAFT.value
    again = form_of(page, "/publier", rev=str(base.resource(made.id).draft_rev))
    assert again["resume"].value == "Mon résumé à moi."
    again.submit(status=303)
    assert base.resource(made.id).summary == "Mon résumé à moi."


def test_for_the_network_only(base: Base) -> None:
    made = base.draft(a_kit())
    form = publish_form(base, made)
    form["visibilite"] = Visibility.NETWORK.value
    form.submit(status=303)
    assert base.resource(made.id).visibility == Visibility.NETWORK.value
    base.browser("voisine").get(base.at(made.id), status=200)
    base.browser("personne").get(base.at(made.id), status=403)


def test_a_person_without_a_place_asks_for_a_review(both: Base) -> None:
    base = both
    made = base.draft(a_kit(), by="personne", place=None)
    publish_form(base, made, "personne").submit(status=303)
    assert base.resource(made.id).state == State.REVIEW.value
    assert any(mail.kind == "ressource-relecture" for mail in base.mails("coordination@reseau.example"))
    base.browser("membre").get("/gestion/ressources", status=403)
    desk = base.browser("coordination").get("/gestion/ressources")
    form = form_of(desk, f"{base.at(made.id)}/relecture", rev=str(base.resource(made.id).draft_rev))
    before = len(base.mails("personne@reseau.example"))
    form.submit("publier", status=303)
    found = base.resource(made.id)
    assert (found.state, found.version) == (State.PUBLISHED.value, 1)
    assert base.get(ResourceVersion, (made.id, 1)).by == base.people["personne"]
    assert [mail.kind for mail in base.mails("personne@reseau.example")[before:]] == ["ressource-publiee"]


def test_sent_back_with_a_reason_then_asked_again(reviewed: Base) -> None:
    base, made = reviewed, reviewed.draft(a_kit())
    publish_form(base, made).submit(status=303)
    coordinator = base.browser("coordination")
    forms = [
        f
        for f in coordinator.get("/gestion/ressources").forms.values()
        if f.action.endswith(f"{base.at(made.id)}/relecture")
    ]
    back = next(form for form in forms if "raison" in form.fields)
    assert "Dites ce qu’il faut changer" in back.submit(status=422)
    back["raison"] = "Ajoutez la durée de chaque étape."
    back.submit(status=303)
    assert base.resource(made.id).state == State.DRAFT.value
    assert any("Ajoutez la durée" in mail.text for mail in base.mails("membre@reseau.example"))
    assert "Ajoutez la durée" in base.browser("membre").get(f"{base.at(made.id)}/modifier")
    assert "/modifier" in base.browser("membre").get("/compte/ressources").text
    publish_form(base, made).submit(status=303)
    found = base.resource(made.id)
    assert (found.state, found.review_note) == (State.REVIEW.value, "")
    back.submit(status=303)
    assert base.resource(made.id).state == State.DRAFT.value
    assert back.submit(status=303).location.endswith("?deja=1")


def test_a_change_of_what_is_published_waits_too_and_readers_keep_the_last_version(reviewed: Base) -> None:
    base, made = reviewed, reviewed.published(a_kit())
    header = form_of(base.browser("membre").get(f"{base.at(made.id)}/modifier"), "/modifier")
    header["titre"] = "Titre à relire"
    header.submit(status=303)
    form = publish_form(base, made)
    form["note"] = "Un autre titre."
    form.submit(status=303)
    assert (base.resource(made.id).state, base.resource(made.id).version) == (State.PUBLISHED.value, 1)
    assert "Titre à relire" not in base.browser().get(base.at(made.id))
    coordinator = base.browser("coordination")
    desk = coordinator.get("/gestion/ressources")
    accept = form_of(desk, f"{base.at(made.id)}/relecture", rev=str(base.resource(made.id).draft_rev))
    header = form_of(base.browser("membre").get(f"{base.at(made.id)}/modifier"), "/modifier")
    header["titre"] = "Titre changé pendant la relecture"
    header.submit(status=303)
    assert "a changé depuis" in accept.submit("publier", status=422)
    again = form_of(
        coordinator.get("/gestion/ressources"),
        f"{base.at(made.id)}/relecture",
        rev=str(base.resource(made.id).draft_rev),
    )
    again.submit("publier", status=303)
    assert base.resource(made.id).title == "Titre changé pendant la relecture"
    assert base.get(ResourceVersion, (made.id, 2)).note == "Un autre titre."


def test_what_waits_is_found_by_index_and_survives_other_writers(both: Base) -> None:
    base, now = both, both.site.clock.now
    made = base.draft(a_kit())
    with base.site.sessions() as session:
        before = reviewing.count_waiting(session)
        row = session.get_one(Resource, made.id)
        said = reviewing.Said("Une ligne.", True, True, Visibility.NETWORK)
        reviewing.ask(session, row, said, by=base.people["membre"], now=now)
        drafting.remove(
            session, row, "buts", drafting.mark(services.working(session, row).block("buts")), by=None, now=now
        )
        # Whoever saves a draft without knowing of reviews and removed blocks loses neither.
        content = replace(services.working(session, row), title="Écrit sans détour")
        services.save_draft(session, row, content, seen_rev=None, by=None, now=now)
        session.commit()
    with base.site.sessions() as session:
        assert reviewing.count_waiting(session) == before + 1
        with base.site.statements() as seen:
            (one,) = [one for one in reviewing.waiting(session) if one.resource.id == made.id]
            assert (one.title, one.asked.said, one.asked.by) == ("Écrit sans détour", said, base.people["membre"])
        assert len([sql for sql in seen if sql.startswith("SELECT")]) == 1
        assert [gone.block.key for gone in drafting.removed(one.resource)] == ["buts"]
        reviewing.accept(session, one.resource, by=None, now=now)
        session.commit()
        assert reviewing.count_waiting(session) == before
        assert reviewing.asked(one.resource) is None
        assert one.resource.visibility == Visibility.NETWORK.value


def test_a_question_can_be_taken_back(reviewed: Base) -> None:
    base, made = reviewed, reviewed.draft(a_kit())
    publish_form(base, made).submit(status=303)
    browser = base.browser("membre")
    page = browser.get(f"{base.at(made.id)}/publier")
    form_of(page, "/publier", renoncer="1").submit("renoncer", status=303)
    assert base.resource(made.id).state == State.DRAFT.value


def test_withdrawn_then_published_again(both: Base) -> None:
    base = both
    made = base.published(a_kit())
    browser = base.browser("membre")
    form_of(browser.get(f"{base.at(made.id)}/retirer"), "/retirer").submit(status=303)
    assert base.resource(made.id).state == State.WITHDRAWN.value
    base.browser().get(base.at(made.id), status=410)
    publish_form(base, made).submit(status=303)
    found = base.resource(made.id)
    assert (found.state, found.version) == (State.PUBLISHED.value, 1)


def test_still_right_today(base: Base) -> None:
    made = base.published(a_kit())
    assert base.resource(made.id).due_on == "2027-11-24", "what nobody has verified is to be verified too"
    base.site.clock.now = base.site.clock.now.replace(year=2027)
    form_of(base.browser("membre").get(f"{base.at(made.id)}/verifier"), "/verifier").submit(status=303)
    assert base.resource(made.id).due_on == "2028-11-24"
    draft = base.draft(a_kit())
    browser = base.browser("membre")
    browser.post(
        f"{base.at(draft.id)}/verifier", {"csrf_token": csrf(browser, f"{base.at(draft.id)}/modifier")}, status=404
    )


def test_a_testimony_without_consent_is_not_published(base: Base) -> None:
    block = Block("mots", "temoignages", BlockKind.TEMOIGNAGE, text="J’ai osé.")
    made = base.draft(a_kit(kind=Kind.EXPERIENCE, duree=None, groupe=None, blocks=(block,)))
    assert "accord de la personne" in publish_form(base, made).submit(status=422)


def test_a_form_that_changes_nothing_changes_nothing(base: Base) -> None:
    made = base.published(a_kit(themes=("parentalite", "numerique_en_sante"), demarches=("mdph-aah", "ameli")))
    before = working(base, made.id).to_json()
    form_of(base.browser("membre").get(f"{base.at(made.id)}/modifier"), "/modifier").submit(status=303)
    assert working(base, made.id).to_json() == before
    publish_form(base, made).submit(status=303)
    assert base.resource(made.id).version == 1

"""Collections: made, ordered, shared, and what each reader sees of them."""

from __future__ import annotations

from typing import Any

import pytest

from resources.base import translations
from resources.base.content import HEADER
from resources.base.models import Collection, CollectionItem, Resource, Visibility
from resources.base.services import current, set_visibility, withdraw
from resources.base.translations import UnitState
from resources.saying import collecting
from resources.saying.collecting import Shared
from tests.directory.site import Page
from tests.people import at_once
from tests.resources.conftest import Base, a_tutorial, post_form
from tests.resources.saying.conftest import ONE_ENGINE


def make(base: Base, who: Any = "membre", place: str = "", visibility: str = "private", *resources: Any) -> Collection:
    """A collection made by its page, with resources put there by theirs."""
    form = post_form(base.browser(who).get("/collections"), "/collections")
    form["titre"], form["visibilite"] = "Mes ateliers", visibility
    if place:
        form["proprietaire"] = str(base.places[place])
    found = base.get_collection(form.submit(status=303).location)  # type: ignore[attr-defined]
    for made in resources:
        add(base, made, who, found)
    return found


def add(base: Base, made: Any, who: Any, collection: Any) -> Any:
    form = post_form(base.browser(who).get(base.at(made.id) + "/collections"), "/collections")
    form["collection"] = collection.secret
    return form.submit(status=303)


@pytest.fixture(autouse=True)
def _by_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def get_collection(self: Base, location: str) -> Any:
        secret = location.rsplit("/", 1)[-1].split("?")[0].split("#")[0]
        (found,) = self.rows(Collection, Collection.secret == secret)
        return found

    monkeypatch.setattr(Base, "get_collection", get_collection, raising=False)


def order(base: Base, collection: Any) -> list[Any]:
    rows = base.rows(CollectionItem, CollectionItem.collection_id == collection.id)
    return [row.resource_id for row in sorted(rows, key=lambda row: row.position)]


def items_form(page: Any) -> Any:
    """The form of the items, not that which takes out what cannot be read."""
    return next(form for form in page.forms.values() if form.action.endswith("/ressources") and "note-" in form.text)


def press(base: Base, collection: Any, action: str, who: Any = "membre", status: int = 303, **notes: str) -> Any:
    form = items_form(base.browser(who).get(f"/collections/{collection.secret}"))
    for name, value in notes.items():
        form["note-" + name] = value
    return form.submit("action", value=action, status=status)


@ONE_ENGINE
def test_made_from_the_page_of_a_resource(base: Base) -> None:
    made, other = base.published(), base.published()
    someone = base.person()
    form = post_form(base.browser(someone.id).get(base.at(made.id) + "/collections"), "/collections")
    assert "Choisissez une collection" in form.submit(status=422).text
    form["titre"] = "Pour jeudi"
    answer = form.submit(status=303)
    mine = base.get_collection(answer.location)  # type: ignore[attr-defined]
    assert (mine.title, mine.person_id, mine.visibility, order(base, mine)) == (
        "Pour jeudi",
        someone.id,
        "private",
        [made.id],
    )
    add(base, other, someone.id, mine)
    again = add(base, other, someone.id, mine)
    assert "déjà dans la collection" in base.browser(someone.id).get(again.location).text
    assert order(base, mine) == [made.id, other.id]


@ONE_ENGINE
@pytest.mark.parametrize(("visibility", "readers"), [
    ("private", {"membre"}), ("link", {None, "personne", "voisine", "membre"}), ("network", {"voisine", "membre"}),
    ("public", {None, "personne", "voisine", "membre"}),
])  # fmt: skip
def test_who_reads_it_and_404_for_the_others(base: Base, visibility: str, readers: set[Any]) -> None:
    mine = make(base, "membre", "", visibility, base.published())
    for who in (None, "personne", "voisine", "membre"):
        status = 200 if who in readers else 404
        for suffix in ("", "/imprimer"):
            base.browser(who).get(f"/collections/{mine.secret}{suffix}", status=status)
        base.browser(who).get(f"/collections/{mine.secret}.json", status=200 if visibility == "public" else 404)
        listed = mine.secret in base.browser(who).get("/collections/publiques").text
        assert listed == (visibility == "public" or (visibility == "network" and who in ("voisine", "membre")))
    assert (mine.secret in base.browser().get("/collections/publiques.json").text) == (visibility == "public")


@ONE_ENGINE
def test_only_its_owner_or_the_place_changes_it(base: Base) -> None:
    mine, ours = make(base, "membre", "", "public"), make(base, "membre", "ici", "public")
    assert (ours.person_id, ours.structure_id) == (None, base.places["ici"])
    for who, one, status in (("referent", mine, 403), ("referent", ours, 200), ("voisine", ours, 403),
                             ("coordination", ours, 403), (None, ours, 303)):  # fmt: skip
        base.browser(who).get(f"/collections/{one.secret}/modifier", status=status)
        base.browser(who).get(f"/collections/{one.secret}/supprimer", status=status)
    assert ours.secret in base.browser("referent").get("/collections").text
    assert mine.secret not in base.browser("referent").get("/collections").text
    base.browser("voisine").get(f"/collections/{make(base).secret}/modifier", status=404)


@ONE_ENGINE
def test_a_place_that_is_not_mine_cannot_own_mine(base: Base) -> None:
    form = post_form(base.browser("membre").get("/collections"), "/collections")
    form["titre"] = "Pas à moi"
    form["proprietaire"].force_value(str(base.places["ailleurs"]))
    form.submit(status=422)
    assert base.rows(Collection, Collection.title == "Pas à moi") == []


@ONE_ENGINE
def test_who_is_of_no_place_shares_by_the_address_only(base: Base) -> None:
    someone = base.person()
    form = post_form(base.browser(someone.id).get("/collections"), "/collections")
    form["titre"] = "À moi"
    form["visibilite"].force_value("public")
    assert 'href="#visibilite"' in form.submit(status=422).text
    form["visibilite"] = "link"
    form.submit(status=303)


def test_order_with_the_keyboard_keeps_every_note(base: Base) -> None:
    one, two, three = base.published(), base.published(), base.published()
    mine = make(base, "membre", "", "link", one, two, three)
    press(base, mine, f"descendre:{one.id}", **{str(two.id): "À lire d’abord.\r\nVraiment."})
    assert order(base, mine) == [two.id, one.id, three.id]
    press(base, mine, f"monter:{three.id}")
    assert order(base, mine) == [two.id, three.id, one.id]
    press(base, mine, f"monter:{two.id}")
    press(base, mine, f"retirer:{three.id}")
    assert order(base, mine) == [two.id, one.id]
    shown = base.browser().get(f"/collections/{mine.secret}")
    assert "À lire d’abord.\nVraiment." in shown.text
    browser = base.browser("membre")
    token = browser.get(f"/collections/{mine.secret}").forms[1]["csrf_token"].value
    for action in (f"voler:{one.id}", "monter:x", "retirer:"):
        browser.post(f"/collections/{mine.secret}/ressources", {"csrf_token": token, "action": action}, status=400)


def test_notes_are_not_written_over_unseen(base: Base) -> None:
    made = base.published()
    ours = make(base, "membre", "ici", "private", made)
    form = post_form(base.browser("referent").get(f"/collections/{ours.secret}"), "/ressources")
    press(base, ours, "noter", **{str(made.id): "La mienne"})
    form["note-" + str(made.id)] = "La tienne"
    answer = form.submit("action", value="noter", status=422)
    assert "La mienne" in answer.text
    again = post_form(answer, "/ressources")
    assert again["note-" + str(made.id)].value == "La tienne"
    again.submit("action", value="noter", status=303)
    (item,) = base.rows(CollectionItem, CollectionItem.collection_id == ours.id)
    assert item.note == "La tienne"
    answer = press(base, ours, "noter", status=422, **{str(made.id): "x" * 301})
    assert "x" * 301 in answer.text


def test_title_and_words_are_not_written_over_unseen(base: Base) -> None:
    ours = make(base, "membre", "ici")
    forms = [post_form(base.browser(who).get(f"/collections/{ours.secret}/modifier"), "/modifier")
             for who in ("membre", "referent")]  # fmt: skip
    forms[0]["titre"] = "Premier"
    forms[0].submit(status=303)
    forms[1]["titre"] = "Second"
    answer = forms[1].submit(status=422)
    assert "Premier" in answer.text
    post_form(answer, "/modifier").submit(status=303)
    assert base.get(Collection, ours.id).title == "Second"
    forms[0]["titre"] = " "
    assert 'href="#titre"' in forms[0].submit(status=422).text


@ONE_ENGINE
def test_what_a_reader_cannot_read_is_left_out_and_its_owner_told(base: Base) -> None:
    for_all, network, gone = base.published(), base.published(), base.published()
    mine = make(base, "membre", "", "public", for_all, network, gone)
    with base.site.sessions() as session:
        set_visibility(session, session.merge(network), Visibility.NETWORK, base.site.clock.now)
        withdraw(session, session.merge(gone), base.site.clock.now)
        session.commit()
    path = f"/collections/{mine.secret}"
    visitor, network_reader, owner = (Page(base.browser(who).get(path).text) for who in (None, "voisine", "membre"))
    assert [title in visitor.text for title in (for_all.title, network.title, gone.title)] == [True, False, False]
    assert [title in network_reader.text for title in (network.title, gone.title)] == [True, False]
    assert "1 ressource de cette collection ne peut plus être lue" in owner.text
    assert "ne peut plus être lue" not in visitor.text + network_reader.text
    assert [one["titre"] for one in base.browser("membre").get(path + ".json").json["ressources"]] == [for_all.title]
    press(base, mine, f"monter:{network.id}")
    assert order(base, mine) == [network.id, for_all.id, gone.id]
    form = next(f for f in base.browser("membre").get(path).forms.values() if "nettoyer" in f.text)
    form.submit("action", value="nettoyer", status=303)
    assert order(base, mine) == [network.id, for_all.id]


@ONE_ENGINE
def test_a_new_address_closes_the_former_one(base: Base) -> None:
    mine = make(base, "membre", "", "link")
    answer = post_form(base.browser("membre").get(f"/collections/{mine.secret}/modifier"), "/nouvelle-adresse").submit(
        status=303
    )
    base.browser().get(f"/collections/{mine.secret}", status=404)
    base.browser().get(answer.location, status=200)


@ONE_ENGINE
def test_deleting_and_withdrawing(base: Base) -> None:
    made = base.published()
    mine = make(base, "membre", "", "public", made)
    post_form(base.browser("coordination").get(f"/collections/{mine.secret}"), "/depublier").submit(status=303)
    base.browser().get(f"/collections/{mine.secret}", status=404)
    assert base.get(Collection, mine.id).visibility == Shared.PRIVATE.value
    post_form(base.browser("membre").get(f"/collections/{mine.secret}/supprimer"), "/supprimer").submit(status=303)
    assert base.get(Collection, mine.id) is None
    assert base.rows(CollectionItem, CollectionItem.collection_id == mine.id) == []
    base.browser().get(base.at(made.id) + "/avis", status=200)


@ONE_ENGINE
def test_names_of_owners_are_for_the_network(base: Base) -> None:
    mine = make(base, "membre", "", "public", base.published())
    path = f"/collections/{mine.secret}"
    assert "De : Lieu Ici" in Page(base.browser().get(path).text).text
    assert base.browser().get(path + ".json").json["de"] == "Lieu Ici"
    assert "De : membre" in Page(base.browser("voisine").get(path).text).text


@ONE_ENGINE
def test_full_is_said(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "MAX_ITEMS", 1)
    someone = base.person(member_of=[base.places["ici"]])
    mine = make(base, someone.id, "", "private", base.published())
    form = post_form(base.browser(someone.id).get(base.at(base.published().id) + "/collections"), "/collections")
    form["collection"] = mine.secret
    assert "100 ressources" in form.submit(status=422).text
    monkeypatch.setattr(collecting, "MAX_COLLECTIONS", 1)
    form = post_form(base.browser(someone.id).get("/collections"), "/collections")
    form["titre"] = "Une de trop"
    assert "Une de trop" in form.submit(status=422).text


@ONE_ENGINE
def test_somebody_elses_collection_takes_nothing_of_mine(base: Base) -> None:
    theirs, made = make(base, "voisine", "", "public"), base.published()
    form = post_form(base.browser("membre").get(base.at(made.id) + "/collections"), "/collections")
    form["titre"] = ""
    browser, token = base.browser("membre"), form["csrf_token"].value
    browser.set_cookie("jeton", token)
    for secret, status in ((theirs.secret, 403), ("x" * 22, 404)):
        browser.post(base.at(made.id) + "/collections", {"csrf_token": token, "collection": secret}, status=status)
    assert order(base, theirs) == []


def test_lists_are_few_statements(base: Base) -> None:
    someone = base.person(member_of=[base.places["ici"]])
    with base.site.sessions() as session:
        made = [base.published(a_tutorial(steps=1)) for _ in range(3)]
        for number in range(12):
            one = collecting.create(
                session, f"N{number}", person_id=someone.id, visibility=Shared.PUBLIC, now=base.site.clock.now
            )
            for resource in made:
                collecting.add(session, one, session.merge(resource), base.site.clock.now)
        session.commit()
    for who in (None, someone.id):
        for path in (
            "/collections",
            "/collections/publiques",
            f"/collections/{one.secret}",
            "/collections/publiques.json",
        ):
            if who is None and path == "/collections":
                continue
            browser = base.browser(who)
            with base.site.statements() as seen:
                browser.get(path, status=200)
            assert len([one_ for one_ in seen if one_.startswith("SELECT")]) <= 10, "\n".join(seen)


def test_adding_at_once_keeps_one_of_each_in_order(base: Base) -> None:
    mine, resources = make(base), [base.published() for _ in range(3)]

    def adding(made: Any) -> Any:
        def call() -> bool:
            with base.site.sessions() as session:
                found, resource = session.get_one(Collection, mine.id), session.get_one(Resource, made.id)
                added = collecting.add(session, found, resource, base.site.clock.now)
                session.commit()
                return added

        return call

    added = at_once(*[adding(made) for made in [*resources, *resources]])
    assert sum(added) == 3
    rows = base.rows(CollectionItem, CollectionItem.collection_id == mine.id)
    assert sorted(row.position for row in rows) == [1, 2, 3]


def test_titles_are_in_the_language_of_the_page_where_they_are_translated(base: Base) -> None:
    made, plain = base.published(), base.published()
    with base.site.sessions() as session:
        found = session.get_one(Resource, made.id)
        content = current(session, found).content
        translations.put(session, content, made.id, HEADER, "ar", {"title": "عنوان", "text": "نص"},
                         state=UnitState.PUBLISHED, by=None, now=base.site.clock.now)  # fmt: skip
        session.commit()
    mine = make(base, "membre", "", "link", made, plain)
    shown = base.browser(language="ar").get(f"/collections/{mine.secret}").text
    assert '<bdi lang="ar">عنوان</bdi>' in shown
    assert f'<bdi lang="fr">{plain.title}</bdi>' in shown

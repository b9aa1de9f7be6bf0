"""One action on many sheets: what would happen is said first, then it happens; hostile and huge orders."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from reseau.core.audit import Audit
from reseau.directory.models import FieldChange, Structure
from reseau.members.models import Invitation, Membership
from tests.desk.conftest import Desk, post_form
from tests.desk.steps import close

PATH = "/gestion/fiches?territoire=tous"


class Bulk:
    """A coordinator in front of the list."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.browser = desk, desk.browser("coordination")
        self.token = post_form(self.browser.get(PATH))["csrf_token"].value

    def ask(self, action: str, ids: list[Any], email: str = "", status: int = 200) -> Any:
        said = [("csrf_token", self.token), ("action", action), ("courriel", email), *(("lieu", str(i)) for i in ids)]
        return self.browser.post(PATH, said, status=status)

    def do(self, action: str, ids: list[Any], email: str = "") -> Any:
        page = self.ask(action, ids, email)
        answer = post_form(page).submit()
        assert answer.status_int == 303
        return answer.follow()


@pytest.fixture
def bulk(desk: Desk) -> Bulk:
    return Bulk(desk)


def audited(desk: Desk, id_: UUID) -> list[str]:
    return [row.action for row in desk.rows(Audit, Audit.object_id == id_)]


def test_asking_changes_nothing(desk: Desk, bulk: Bulk) -> None:
    id_ = desk.place("Lieu demandé")
    before = len(desk.rows(Audit))
    page = bulk.ask("verifier", [id_])
    assert "Lieu demandé" in page.text
    assert "Confirmer" in page.text
    assert desk.row(id_)["verified_at"] is None
    assert len(desk.rows(Audit)) == before


def test_verify_several(desk: Desk, bulk: Bulk) -> None:
    ids = [desk.place() for _ in range(3)]
    page = bulk.do("verifier", ids)
    assert "3 lieux changés" in page.text
    for id_ in ids:
        row = desk.row(id_)
        assert row["verified_at"] == desk.site.clock.now
        assert row["verified_by"] == "coordination"
        assert audited(desk, id_) == ["sheet.verify"]
        assert [one.cause for one in desk.rows(FieldChange, FieldChange.structure_id == id_)] == ["verify"]


def test_a_known_person_becomes_referent(desk: Desk, bulk: Bulk) -> None:
    ids, person = [desk.place() for _ in range(2)], desk.person("Nadia")
    with desk.site.sessions.begin() as session:
        session.add(Membership(person_id=person.id, structure_id=ids[0], role="member"))
    page = bulk.ask("referent", ids, "NADIA@reseau.example")
    assert "Nadia" in page.text
    assert "aura le rôle de référent" in page.text
    post_form(page).submit()
    assert {(m.structure_id, m.role) for m in desk.rows(Membership, Membership.person_id == person.id)} == {
        (id_, "referent") for id_ in ids
    }
    assert [audited(desk, id_) for id_ in ids] == [["membership.assign"]] * 2
    assert "Rien ne va changer" in bulk.ask("referent", ids, "nadia@reseau.example").text


def test_an_unknown_address_is_invited(desk: Desk, bulk: Bulk) -> None:
    ids, address = [desk.place() for _ in range(2)], desk.stranger()
    assert "invitation" in bulk.ask("referent", ids, address).text
    page = bulk.do("referent", ids, address)
    assert f"2 invitations envoyées à {address}" in re.sub("<[^>]+>", "", page.text)
    assert [audited(desk, id_) for id_ in ids] == [["team.invite"]] * 2
    assert {one.structure_id for one in desk.rows(Invitation, Invitation.email == address)} == set(ids)
    assert len(desk.mails(address)) == 2
    again = bulk.do("referent", ids, address)
    assert "Rien n’est parti" in again.text
    assert len(desk.mails(address)) == 2, "asked already"
    many = [desk.place() for _ in range(21)]
    assert "cochez 20 lieux au plus" in bulk.ask("referent", many, address, status=422).text


def test_the_territory(desk: Desk, bulk: Bulk) -> None:
    id_ = desk.place()
    rev = desk.row(id_)["rev"]
    bulk.do("ajouter", [id_])
    assert desk.row(id_)["in_territory"] is True
    assert desk.row(id_)["rev"] == rev, "not published"
    assert "Rien ne va changer" in bulk.ask("ajouter", [id_]).text
    assert "reste dans le territoire" in bulk.ask("retirer", [id_]).text
    bulk.do("retirer", [id_])
    assert desk.row(id_)["in_territory"] is False
    assert audited(desk, id_) == ["territory.add", "territory.remove"]


def test_wrong_orders_are_said_and_nothing_typed_is_lost(desk: Desk, bulk: Bulk) -> None:
    id_ = desk.place()
    for action, ids, email in (
        ("", [id_], ""), ("supprimer", [id_], ""), ("verifier", [], ""), ("verifier", ["x", "\x00", "'; --"], ""),
        ("referent", [id_], ""), ("referent", [id_], "pas une adresse"), ("referent", [id_], "a@b\x00@c"),
        ("verifier", [uuid4() for _ in range(501)], ""),
    ):  # fmt: skip
        page = bulk.ask(action, ids, email, status=422)
        assert 'role="alert"' in page.text
    assert 'value="pas une adresse"' in bulk.ask("referent", [id_], "pas une adresse", status=422).text
    assert "Rien ne va changer" in bulk.ask("verifier", [uuid4()]).text
    for extra in ({"confirmer": "1"}, {"confirmer": "1", "action": "verifier"}):
        assert bulk.browser.post(PATH, {"csrf_token": bulk.token, **extra}, status=422)
    assert audited(desk, id_) == []


def test_five_hundred_at_once(desk: Desk, bulk: Bulk) -> None:
    desk.site.put(*({"nom": f"Cinq cents {n}", "commune": "Roubaix"} for n in range(500)))
    ids = [row["id"] for row in desk.site.rows() if row["nom"].startswith("Cinq cents")]
    assert "500 lieux changés" in bulk.do("verifier", ids).text
    with desk.site.sessions() as session:
        done = sa.select(sa.func.count()).where(Structure.id.in_(ids), Structure.verified_at.is_not(None))
        assert session.execute(done).scalar_one() == 500
    with desk.site.statements() as seen:
        bulk.ask("ajouter", ids)
    assert len(seen) <= 12


def test_a_closed_place_is_left_alone(desk: Desk, bulk: Bulk) -> None:
    id_ = desk.place()
    with desk.site.sessions.begin() as session:
        session.execute(sa.update(Structure).where(Structure.id == id_).values(status="closed"))
    for action in ("verifier", "ajouter"):
        assert "Rien ne va changer" in bulk.ask(action, [id_]).text


def test_closed_places_are_found_again_and_reopened(desk: Desk) -> None:
    id_, open_ = desk.place("Cyber fermé Litchi"), desk.place("Cyber ouvert Litchi")
    close(desk, id_)
    browser = desk.browser("coordination")
    page = browser.get("/gestion/fiches", {"fermes": "1"})
    assert desk.at(id_) in page.text
    assert desk.at(open_) not in page.text
    assert "20 novembre 2026" in page.text
    assert 'name="lieu"' not in page.text, "nothing is done to several closed places at once"
    page = page.click(href=desk.at(id_) + "/fermer")
    post_form(page, "/rouvrir").submit()
    assert desk.row(id_)["status"] == "active"
    assert desk.at(id_) not in browser.get("/gestion/fiches", {"fermes": "1", "territoire": "tous"}).text


def test_only_coordinators(desk: Desk) -> None:
    id_ = desk.place()
    browser = desk.browser(desk.person(referent_of=[id_]).id)
    token = post_form(browser.get(desk.at(id_) + "/fermer"))["csrf_token"].value
    said = {"csrf_token": token, "confirmer": "1", "action": "verifier", "lieu": str(id_)}
    browser.post("/gestion/fiches", said, status=403)
    assert desk.row(id_)["verified_at"] is None

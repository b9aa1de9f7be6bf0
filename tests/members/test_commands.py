"""``reseau role``, on both engines: the first administrator of a site."""

from __future__ import annotations

from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from reseau.core.audit import Audit
from reseau.core.mail import Mail
from reseau.members.commands import role
from reseau.members.models import Invitation, Person, PersonState
from tests.members.conftest import House
from tests.members.test_governance import PAGE
from tests.members.test_invitations import post


class _App:
    """What the command reads of ``reseau.cli.App``."""

    def __init__(self, house: House) -> None:
        self.engine: Any = house.site.sessions.kw["bind"]
        self.settings = house.site.settings


def run(house: House, *words: str) -> Result:
    command: click.Command = role
    return CliRunner().invoke(command, words, obj=_App(house))


@pytest.fixture(autouse=True)
def one_administrator(house: House) -> None:
    """Only ``admin`` administers."""
    with house.site.sessions.begin() as session:
        for person in session.query(Person):
            person.roles = ["administrator"] if person.id == house.people["admin"] else []


def of(house: House, email: str) -> Person:
    (person,) = house.rows(Person, Person.email == email)
    return person


def test_an_account_is_made_the_role_given_and_journaled(house: House) -> None:
    email = house.stranger()
    done = run(house, f" {email.upper()}. ", "administrator")
    assert done.exit_code == 0, done.output
    assert email in done.output
    assert "administrator donné" in done.output
    person = of(house, email)
    assert person.roles == ["administrator"]
    (row,) = house.rows(Audit, Audit.object_id == person.id)
    assert (row.action, row.detail) == ("role.add", {"role": "administrator"})
    assert house.rows(Mail, Mail.recipient == email) == []
    assert house.browser(person.id).get(PAGE).status_int == 200
    again = run(house, email, "administrator")
    assert again.exit_code == 0
    assert "a déjà le rôle" in again.output
    assert len(house.rows(Audit, Audit.object_id == person.id)) == 1


def test_a_role_is_taken_back_and_journaled(house: House) -> None:
    person = house.person(roles=["relay"])
    done = run(house, person.email, "relay", "--retirer")
    assert done.exit_code == 0, done.output
    assert of(house, person.email).roles == []
    (row,) = house.rows(Audit, Audit.object_id == person.id)
    assert row.action == "role.remove"
    again = run(house, person.email, "relay", "--retirer")
    assert again.exit_code == 1
    assert "rien n'a changé" in again.output


def test_the_last_administrator_stays(house: House) -> None:
    done = run(house, "admin@reseau.example", "administrator", "--retirer")
    assert done.exit_code == 1
    assert "dernière personne" in done.output
    assert of(house, "admin@reseau.example").roles == ["administrator"]


def test_taking_from_an_unknown_address_makes_no_account(house: House) -> None:
    email = house.stranger()
    done = run(house, email, "relay", "--retirer")
    assert done.exit_code == 1
    assert "rien n'a changé" in done.output
    assert house.rows(Person, Person.email == email) == []


def test_what_is_refused_changes_nothing(house: House) -> None:
    for words in (("pas une adresse", "relay"), ("a@127.0.0.1", "relay"), ("a@exemple.fr", "referent")):
        assert run(house, *words).exit_code == 2, words
    person = house.person()
    with house.site.sessions.begin() as session:
        session.get_one(Person, person.id).state = PersonState.SUSPENDED.value
    done = run(house, person.email, "relay")
    assert done.exit_code == 1
    assert "suspendu" in done.output
    assert of(house, person.email).roles == []


def test_a_role_given_here_closes_its_invitation(house: House) -> None:
    email = house.stranger()
    post(house.browser("admin"), f"{PAGE}/roles/ajouter", courriel=email, role="relay", langue="fr")
    assert run(house, email, "relay").exit_code == 0
    (row,) = house.rows(Invitation, Invitation.email == email)
    assert row.revoked_at is not None

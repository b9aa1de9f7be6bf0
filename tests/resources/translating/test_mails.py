"""Translators are told of what was read of theirs: once a day and a resource, with every word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from reseau.core.mail import Mail, MailState
from reseau.members.models import Person
from tests.resources.translating.conftest import Desk
from tests.resources.translating.test_page import form

Make = Callable[..., Desk]


def translator(one: Desk, **mails: bool) -> Person:
    """Somebody new, who sent three sections."""
    made = one.base.person(member_of=[one.base.places["ici"]])
    with one.base.site.sessions() as session:
        session.get_one(Person, made.id).mails = mails
        session.commit()
    one.base.people[made.name] = made.id
    for key in ("etape-1", "etape-2", "etape-3"):
        one.save(made.name, section=key, send=True)
    return made


def send_back(one: Desk, key: str, word: str, who: str = "voisine") -> None:
    found = form(one.base.browser(who).get(one.path), key, "renvoyer")
    found["mot"] = word
    found.submit(status=303)


def mails(one: Desk, person: Person) -> list[Any]:
    return [mail for mail in one.base.mails(person.email or "") if mail.kind == "traduction"]


def leaves(one: Desk, mail: Mail) -> None:
    with one.base.site.sessions() as session:
        session.get_one(Mail, mail.id).state = MailState.SENT.value
        session.commit()


def test_one_mail_carries_the_words_of_all_that_was_sent_back(desk: Make) -> None:
    one = desk()
    person = translator(one)
    send_back(one, "etape-1", "Plus simple.")
    (first,) = mails(one, person)
    assert "Plus simple." in first.text
    one.base.site.clock.now += timedelta(minutes=20)
    send_back(one, "etape-3", "Le bouton a un autre nom.", "voisin")
    one.publish("voisine", "etape-2")
    (mail,) = mails(one, person)
    assert mail.due_at == first.due_at, "it does not wait for ever"
    for said in ("Geste 1", "Plus simple.", "Geste 3", "Le bouton a un autre nom."):
        assert said in mail.text
    assert "Geste 2" not in mail.text


def test_what_is_sent_back_after_the_mail_has_left_waits_for_the_next_day(desk: Make) -> None:
    one = desk()
    person = translator(one)
    send_back(one, "etape-1", "Plus simple.")
    leaves(one, mails(one, person)[0])
    send_back(one, "etape-2", "Plus court.")
    send_back(one, "etape-3", "Plus doux.")
    _, mail = sorted(mails(one, person), key=lambda mail: mail.due_at)
    assert mail.due_at - one.base.site.clock.now >= timedelta(days=1)
    assert all(word in mail.text for word in ("Plus court.", "Plus doux."))


def test_what_was_sent_again_is_not_told_any_more(desk: Make) -> None:
    one = desk()
    person = translator(one)
    send_back(one, "etape-1", "Plus simple.")
    one.save(person.name, words={"title": "ع", "text": "أبسط."}, send=True)
    send_back(one, "etape-2", "Plus court.")
    (mail,) = mails(one, person)
    assert "Plus court." in mail.text
    assert "Plus simple." not in mail.text


def test_who_does_not_want_mails_about_resources_gets_none(desk: Make) -> None:
    one = desk()
    person = translator(one, ressources=False)
    send_back(one, "etape-1", "Plus simple.")
    assert mails(one, person) == []

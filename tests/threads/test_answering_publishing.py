"""From a mail to a post, or to a letter that says why not; on both engines."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from reseau.core.mail import Mail
from reseau.members import drafts
from reseau.members.models import Membership, Person
from reseau.notices.models import Notice
from reseau.threads.answering.office import Outcome
from reseau.threads.base import replies, services
from reseau.threads.base.addresses import path_of
from reseau.threads.base.choices import Choices, choose
from reseau.threads.base.models import MailReceived, Thread
from tests.threads.answering import MAILS, Answering, fixture, plain
from tests.threads.conftest import Talk


@pytest.fixture
def by_mail(talk: Talk) -> Answering:
    return Answering(talk)


def said(by_mail: Answering, thread: Thread) -> list[str]:
    return [post.text for post in by_mail.talk.posts(thread)[1:]]


def test_an_answer_by_mail_is_a_post_of_its_author(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    raw = fixture("gmail-web", by_mail.token(thread, person.id), person.email)
    assert by_mail.receive(raw) is Outcome.POSTED
    post = by_mail.talk.posts(thread)[-1]
    assert post.text == (MAILS / "gmail-web.txt").read_text(encoding="utf-8").strip()
    assert (post.author_id, post.by_mail, post.lang) == (person.id, True, "fr")
    assert post.structure_id == by_mail.talk.places["ici"]
    assert by_mail.talk.now_of(thread).replies == 1
    assert by_mail.mails_to(person) == []


def test_the_same_mail_twice_or_at_once_is_one_post(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    raw = fixture("iphone", by_mail.token(thread, person.id), person.email)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _n: by_mail.receive(raw), range(4)))
    assert sorted(found) == [Outcome.AGAIN] * 3 + [Outcome.POSTED]
    assert by_mail.receive(raw) is Outcome.AGAIN
    assert len(said(by_mail, thread)) == 1


def test_arabic_is_known_as_arabic(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    assert by_mail.receive(fixture("samsung-arabe", by_mail.token(thread, person.id), person.email)) is Outcome.POSTED
    assert by_mail.talk.posts(thread)[-1].lang == "ar"


def test_the_token_says_who_and_the_sender_must_be_them(by_mail: Answering) -> None:
    """Who has found an address fills no draft and takes no answer away: one letter and one text an hour."""
    person, other, thread = by_mail.person(), by_mail.person(), by_mail.talk.thread()
    token = by_mail.token(thread, person.id)
    for number in range(12):
        raw = plain(token, other.email, f"Je me fais passer pour une autre ({number}).")
        assert by_mail.receive(raw) is Outcome.ELSEWHERE
    assert said(by_mail, thread) == []
    (letter,) = by_mail.mails_to(person)  # one an hour
    assert "autre adresse" in letter.text
    assert "passer pour" not in letter.text
    assert by_mail.mails_to(other) == []
    path = f"{path_of(by_mail.talk.now_of(thread))}/repondre"
    with by_mail.talk.site.sessions() as session:
        kept = drafts.read(session, person.id, path)
    assert kept is not None
    assert dict(kept.fields)["texte"] == "Je me fais passer pour une autre (0)."
    assert path in letter.text
    assert by_mail.receive(plain(token, person.email, "C’est bien moi.")) is Outcome.POSTED


def test_the_name_of_a_message_of_somebody_else_suppresses_nothing(by_mail: Answering) -> None:
    person, thief, thread = by_mail.person(), by_mail.person(), by_mail.talk.thread()
    forged = plain(by_mail.token(thread, thief.id), person.email, "Rien.", name="connu@lilas.example")
    assert by_mail.receive(forged) is Outcome.ELSEWHERE
    mine = plain(by_mail.token(thread, person.id), person.email, "Ma réponse.", name="connu@lilas.example")
    assert by_mail.receive(mine) is Outcome.POSTED
    assert by_mail.receive(mine) is Outcome.AGAIN


def test_capitals_and_a_tag_in_the_address_are_the_same_person(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    local, _, domain = person.email.partition("@")
    token = by_mail.token(thread, person.id)
    assert by_mail.receive(plain(token.upper(), f"{local.upper()}+reseau@{domain}", "Oui.")) is Outcome.POSTED


def test_nobody_writes_to_a_stranger(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    with by_mail.talk.site.sessions() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Mail))
    token = by_mail.token(thread, person.id)
    forged = token[:30] + ("a" if token[30] != "a" else "b") + token[31:]
    for bad in (forged, "x" * 42, token[:-2], "é" * 42):
        assert by_mail.receive(plain(bad, "inconnue@ailleurs.example", "Bonjour.")) is Outcome.UNKNOWN
    assert by_mail.receive(b"") is Outcome.UNKNOWN
    with by_mail.talk.site.sessions() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Mail)) == before
    assert by_mail.receive(plain("x", person.email, "Oui."), f"reponses+{token}@reseau.example") is Outcome.POSTED


def test_what_programs_wrote_is_not_published(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    token = by_mail.token(thread, person.id)
    for path in MAILS.glob("rejet-*.eml"):
        wanted = Outcome.EMPTY if path.stem == "rejet-rien-ecrit" else Outcome.AUTOMATIC
        assert by_mail.receive(fixture(path.stem, token, person.email, fresh=False)) is wanted, path.stem
    assert said(by_mail, thread) == []
    assert by_mail.mails_to(person) == []


def test_a_closed_thread_keeps_the_text_and_says_so(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    with by_mail.talk.site.sessions() as session:
        services.close(session, services.lock(session, thread.id), now=by_mail.talk.tick())
        session.commit()
    assert by_mail.receive(plain(by_mail.token(thread, person.id), person.email, "Trop tard.")) is Outcome.REFUSED
    (letter,) = by_mail.mails_to(person)
    assert "fermé" in letter.text
    assert "/repondre" in letter.text
    with by_mail.talk.site.sessions() as session:
        assert [kept.fields for kept in drafts.mine(session, person.id)] == [[("texte", "Trop tard.")]]


def test_who_may_not_read_the_topic_any_more_is_told_without_a_word_of_it(by_mail: Answering) -> None:
    person = by_mail.person()
    thread = by_mail.talk.thread("Secret du réseau", topic="reseau")
    token = by_mail.token(thread, person.id)
    with by_mail.talk.site.sessions() as session:
        session.execute(sa.delete(Membership).where(Membership.person_id == person.id))
        session.commit()
    assert by_mail.receive(plain(token, person.email, "Voici ma réponse.")) is Outcome.REFUSED
    (letter,) = by_mail.mails_to(person)
    assert "plus accès" in letter.text
    assert "Voici ma réponse." in letter.text
    assert "ecret" not in letter.text + letter.subject + letter.html
    assert said(by_mail, thread) == []


def test_what_comes_back_is_in_the_direction_of_its_writer(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread(topic="reseau")
    token = by_mail.token(thread, person.id)
    with by_mail.talk.site.sessions() as session:
        session.execute(sa.delete(Membership).where(Membership.person_id == person.id))
        session.commit()
    assert by_mail.receive(plain(token, person.email, "هذا جوابي لكم جميعا.")) is Outcome.REFUSED
    (letter,) = by_mail.mails_to(person)
    (said_back,) = re.findall(r'<blockquote[^>]* lang="ar" dir="rtl">([^<]*)<', letter.html)
    assert said_back == "هذا جوابي لكم جميعا."


@pytest.mark.parametrize("state, outcome, letters", [("suspended", Outcome.REFUSED, 1), ("gone", Outcome.GONE, 0)])
def test_an_account_that_is_not_active_publishes_nothing(
    by_mail: Answering, state: str, outcome: Outcome, letters: int
) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    token = by_mail.token(thread, person.id)
    with by_mail.talk.site.sessions() as session:
        row = session.get_one(Person, person.id)
        row.state, row.email = state, None if state == "gone" else row.email
        session.commit()
    assert by_mail.receive(plain(token, person.email, "Oui.")) is outcome
    assert len(by_mail.mails_to(person)) == letters
    assert said(by_mail, thread) == []


def test_a_merged_thread_is_answered_where_it_went(by_mail: Answering) -> None:
    person, thread, into = by_mail.person(), by_mail.talk.thread(), by_mail.talk.thread()
    token = by_mail.token(thread, person.id)
    with by_mail.talk.site.sessions() as session:
        row = services.lock(session, thread.id)
        row.state, row.merged_into = "merged", into.id
        session.commit()
    assert by_mail.receive(plain(token, person.email, "Je suis là.")) is Outcome.POSTED
    assert said(by_mail, into) == ["Je suis là."]


def test_the_first_message_of_somebody_new_may_wait(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    now, by = by_mail.talk.site.clock.now, by_mail.talk.people["coordination"]
    token = by_mail.token(thread, person.id)
    with by_mail.talk.site.sessions.begin() as session:
        choose(session, Choices(first_post_waits=True), by=by, now=now)
    try:
        assert by_mail.receive(plain(token, person.email, "Bonjour, je débute.")) is Outcome.WAITING
    finally:
        with by_mail.talk.site.sessions.begin() as session:
            choose(session, Choices(), by=by, now=now)
    assert by_mail.talk.posts(thread)[-1].state == "waiting"
    assert by_mail.talk.now_of(thread).replies == 0


def test_a_mention_in_a_mail_is_a_mention(by_mail: Answering) -> None:
    person, thread, named = by_mail.person(), by_mail.talk.thread(), by_mail.person(name="Zineb Mention")
    assert named
    assert (
        by_mail.receive(plain(by_mail.token(thread, person.id), person.email, "Merci @zineb-mention")) is Outcome.POSTED
    )
    (mention,) = by_mail.talk.posts(thread)[-1].mentions
    assert mention["name"] == "Zineb Mention"


def test_two_programs_that_answer_each_other_stop(by_mail: Answering) -> None:
    """Neither says that it is one. Each answers whatever comes; the site tells each what the other said."""
    first, second, thread = by_mail.person(), by_mail.person(), by_mail.talk.thread()
    sent = 0
    for number in range(12):
        for who in (first, second):
            text = f"Je réponds toujours (message {number})." if who is first else "Je suis ailleurs."
            raw = plain(by_mail.token(thread, who.id), who.email, text)
            sent += by_mail.receive(raw) is Outcome.POSTED
            by_mail.talk.site.clock.now += timedelta(minutes=7)
    assert sent == 6  # one of who repeats, five a day of who does not
    (letter,) = by_mail.mails_to(first)  # and what we say of it stops as well
    assert "5 fois" in letter.text
    (letter,) = by_mail.mails_to(second)
    assert "la même chose" in letter.text


def test_the_same_words_again_are_said_to_be_so(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    token = by_mail.token(thread, person.id)
    assert by_mail.receive(plain(token, person.email, "Merci !")) is Outcome.POSTED
    for _again in range(3):
        by_mail.talk.site.clock.now += timedelta(minutes=10)
        assert by_mail.receive(plain(token, person.email, "merci  !")) is Outcome.LOOP
    (letter,) = by_mail.mails_to(person)  # one a day
    assert "la même chose" in letter.text
    with by_mail.talk.site.sessions() as session:
        assert drafts.mine(session, person.id) == []
    other = by_mail.talk.thread()
    assert by_mail.receive(plain(by_mail.token(other, person.id), person.email, "Merci !")) is Outcome.POSTED
    by_mail.talk.site.clock.now += timedelta(days=1, minutes=1)
    assert by_mail.receive(plain(token, person.email, "Merci !")) is Outcome.POSTED


def test_merci_to_two_people_is_no_loop(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    assert by_mail.receive(plain(by_mail.token(thread, person.id), person.email, "Merci !")) is Outcome.POSTED
    later = by_mail.token(thread, person.id)
    by_mail.talk.site.clock.now += timedelta(minutes=3)
    assert by_mail.receive(plain(later, person.email, "Merci !")) is Outcome.POSTED
    fast = by_mail.token(thread, person.id)
    assert by_mail.receive(plain(fast, person.email, "Merci !")) is Outcome.LOOP
    waited = by_mail.notice(thread, person.id)
    by_mail.talk.site.clock.now += timedelta(hours=1)
    with by_mail.talk.site.sessions.begin() as session:
        now, key = by_mail.talk.tick(), f"notice:{waited}"
        session.add(Mail(key=key, kind="x", recipient=person.email, lang="fr", subject="", text="", html="",
                         headers={}, created_at=now, due_at=now, sent_at=now))  # fmt: skip
        session.execute(sa.update(Notice).where(Notice.id == waited).values(mail_key=key))
    token = replies.token(by_mail.settings.secret, waited)
    assert by_mail.receive(plain(token, person.email, "Merci !")) is Outcome.LOOP, "told a second ago"


def test_what_was_refused_may_be_sent_again(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    token = by_mail.token(thread, person.id)
    with by_mail.talk.site.sessions.begin() as session:
        services.close(session, services.lock(session, thread.id), now=by_mail.talk.tick())
    assert by_mail.receive(plain(token, person.email, "Trop tôt.")) is Outcome.REFUSED
    with by_mail.talk.site.sessions.begin() as session:
        services.reopen(session, services.lock(session, thread.id))
    assert by_mail.receive(plain(token, person.email, "Trop tôt.")) is Outcome.POSTED


def test_more_than_ten_an_hour_wait_in_the_form(by_mail: Answering) -> None:
    person, threads = by_mail.person(), [by_mail.talk.thread() for _ in range(3)]
    tokens = [by_mail.token(thread, person.id) for thread in threads]
    found = [by_mail.receive(plain(tokens[n % 3], person.email, f"Message {n}")) for n in range(13)]
    assert found == [Outcome.POSTED] * 10 + [Outcome.LIMITED] * 3
    assert len(by_mail.mails_to(person)) == 1
    with by_mail.talk.site.sessions() as session:
        kept = " ".join(dict(one.fields)["texte"] for one in drafts.mine(session, person.id))
    assert all(f"Message {n}" in kept for n in (10, 11, 12))


def test_too_long_or_unreadable_or_too_large_is_told(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    token = by_mail.token(thread, person.id)
    assert by_mail.receive(plain(token, person.email, "mot juste. " * 2_000)) is Outcome.REFUSED
    raw = plain(token, person.email, "x")
    from reseau.threads.answering.services import receive

    assert receive(by_mail.office, raw[:-10], whole=False) is Outcome.REFUSED
    found = [("trop long" in one.text, "trop lourd" in one.text) for one in by_mail.mails_to(person)]
    assert sorted(found) == [(False, True), (True, False)], "queued at the same moment"
    assert said(by_mail, thread) == []


def test_a_social_security_number_is_not_published(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    token = by_mail.token(thread, person.id)
    number = "2 51 04 33 063 004 91"
    assert by_mail.receive(plain(token, person.email, f"Son numéro : {number[:18]}")) is Outcome.REFUSED
    (letter,) = by_mail.mails_to(person)
    assert "sécurité sociale" in letter.text
    assert "063" not in letter.text + letter.html
    with by_mail.talk.site.sessions() as session:
        (kept,) = drafts.mine(session, person.id)
    assert "063" in dict(kept.fields)["texte"]
    assert said(by_mail, thread) == []
    assert by_mail.receive(plain(token, person.email, "Appelez le 05 56 00 00 00 à Bordeaux 33700.")) is Outcome.POSTED


def test_an_answer_that_cannot_be_told_from_what_it_answers_is_told(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    below = (
        "De : Réseau <x@y.example>\nEnvoyé : mardi 10:12\nÀ : moi\nObjet : x\n\nLeur texte.\n\nMa réponse dessous.\n"
    )
    assert by_mail.receive(plain(by_mail.token(thread, person.id), person.email, below)) is Outcome.REFUSED
    (letter,) = by_mail.mails_to(person)
    assert "au-dessus" in letter.text


def test_nothing_of_a_mail_is_kept_beside_its_digest(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    assert by_mail.receive(plain(by_mail.token(thread, person.id), person.email, "Oui, bien sûr.")) is Outcome.POSTED
    with by_mail.talk.site.sessions() as session:
        (row,) = session.scalars(sa.select(MailReceived).where(MailReceived.person_id == person.id))
    assert (row.outcome, row.thread_id, len(row.digest)) == ("posted", thread.id, 64)

"""Files that come with an answer by mail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reseau.threads.answering.office import Outcome
from reseau.threads.answering.parcels import Later
from reseau.threads.base.models import Post
from resources.files import attached
from tests.threads.answering import Answering, with_files
from tests.threads.conftest import ONE_ENGINE, Talk
from tests.threads.test_answering_publishing import said

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 300


@pytest.fixture
def by_mail(talk: Talk) -> Answering:
    return Answering(talk)


def files_of(by_mail: Answering, post: Post) -> list[str]:
    with by_mail.talk.site.sessions() as session:
        return [one.ref.name for one in attached.of(session, "post", [post.id]).get(post.id, [])]


def test_files_are_kept_and_those_that_are_refused_are_named(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    raw = with_files(by_mail.token(thread, person.id), person.email, "Voici.", ("../../etc/fiche.pdf", PDF),
                     ("photo\u202egpj.exe", b"MZ" + b"\0" * 100), ("winmail.dat", b"x\x9f\x3e\x22" * 50))  # fmt: skip
    assert by_mail.receive(raw) is Outcome.POSTED
    post = by_mail.talk.posts(thread)[-1]
    assert files_of(by_mail, post) == ["fiche.pdf"]
    (letter,) = by_mail.mails_to(person)
    assert "programme" in letter.text
    assert "winmail" in letter.text
    assert "\u202e" not in letter.text
    assert f"/echanges/messages/{post.id}" in letter.text
    assert not list(by_mail.office.store.temporary.glob("*"))


def test_a_mail_of_only_a_file_is_a_post(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    raw = with_files(by_mail.token(thread, person.id), person.email, "", ("fiche.pdf", PDF + b"%2"))
    assert by_mail.receive(raw) is Outcome.POSTED
    assert files_of(by_mail, by_mail.talk.posts(thread)[-1]) == ["fiche.pdf"]


@ONE_ENGINE
def test_the_logo_of_a_signature_and_the_picture_of_a_quotation_stay_out(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    head = "Content-Type: image/png; name=logo.png\r\nContent-Disposition: inline\r\nContent-ID: <logo1>\r\n"
    token = by_mail.token(thread, person.id)
    big = PNG + b"\1" * 9_000
    html = "<p>Oui</p><div class='gmail_quote'><blockquote>x<img src='cid:logo1'></blockquote></div>"
    raw = with_files(token, person.email, "Oui.", ("logo.png", big), html=html, more=head)
    assert by_mail.receive(raw) is Outcome.POSTED
    assert files_of(by_mail, by_mail.talk.posts(thread)[-1]) == []
    raw = with_files(token, person.email, "Petit.", ("logo.png", PNG), html="<p><img src='cid:logo1'></p>", more=head)
    assert by_mail.receive(raw) is Outcome.POSTED
    assert files_of(by_mail, by_mail.talk.posts(thread)[-1]) == []
    raw = with_files(token, person.email, "Vu.", ("logo.png", big), html="<p>Vu<img src='cid:logo1'></p>", more=head)
    assert by_mail.receive(raw) is Outcome.POSTED
    assert files_of(by_mail, by_mail.talk.posts(thread)[-1]) == ["logo.png"]


@ONE_ENGINE
def test_a_mail_whose_files_cannot_be_looked_at_now_comes_again(by_mail: Answering) -> None:
    person, thread = by_mail.person(), by_mail.talk.thread()
    raw = with_files(by_mail.token(thread, person.id), person.email, "Voici.", ("fiche.pdf", PDF))
    away = replace(by_mail.office, settings=replace(by_mail.settings, files_scan="unix:/nulle/part"))
    from reseau.threads.answering.services import receive

    with pytest.raises(Later):
        receive(away, raw)
    assert said(by_mail, thread) == []
    assert by_mail.receive(raw) is Outcome.POSTED


@ONE_ENGINE
def test_too_many_files_and_a_bomb_are_refused(by_mail: Answering) -> None:
    import io
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("gros.txt", b"0" * 300_000_000)
    person, thread = by_mail.person(), by_mail.talk.thread()
    files = [(f"fiche{n}.pdf", PDF + b"%" * n) for n in range(7)]
    raw = with_files(by_mail.token(thread, person.id), person.email, "Tout.", ("bombe.zip", made.getvalue()), *files)
    assert by_mail.receive(raw) is Outcome.POSTED
    assert len(files_of(by_mail, by_mail.talk.posts(thread)[-1])) == 5
    (letter,) = by_mail.mails_to(person)
    assert "bombe.zip" in letter.text
    assert "fiche6.pdf" in letter.text

"""What real programs send, and what of it was written by hand. The expected texts were written before the code."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from reseau.settings import Settings
from reseau.threads.answering.charsets import decoded
from reseau.threads.answering.html import to_markdown
from reseau.threads.answering.reading import read
from reseau.threads.answering.recognising import automatic
from reseau.threads.answering.stripping import written
from tests.threads.answering import MAILS, fixture, plain

SETTINGS = Settings(secret="x" * 40, mail_replies="reponses@reseau.example")
WRITTEN = sorted(path.stem for path in MAILS.glob("*.txt"))
DROPPED = sorted(path.stem for path in MAILS.glob("rejet-*.eml"))


def text_of(raw: bytes) -> str:
    mail = read(raw)
    assert not mail.broken
    return written(mail.text, mail.flowed) or written(to_markdown(mail.html))


@pytest.mark.parametrize("name", WRITTEN)
def test_what_a_person_wrote_is_found_in_what_their_program_sent(name: str) -> None:
    raw = fixture(name)
    assert text_of(raw) == (MAILS / f"{name}.txt").read_text(encoding="utf-8").strip()
    assert automatic(read(raw), SETTINGS) == ""


@pytest.mark.parametrize("name", [name for name in DROPPED if name != "rejet-rien-ecrit"])
def test_what_programs_write_by_themselves_is_recognised(name: str) -> None:
    assert automatic(read(fixture(name, fresh=False)), SETTINGS)


def test_a_mail_in_which_nothing_was_written_is_empty() -> None:
    assert text_of(fixture("rejet-rien-ecrit")) == ""


@pytest.mark.parametrize(
    "header",
    ["Auto-Submitted: auto-replied", "Auto-Submitted: AUTO-GENERATED; x=y", "Precedence: junk", "X-Autoreply: yes",
     "X-Auto-Response-Suppress: OOF, AutoReply", "Return-Path: <>", "List-Id: <x.example>", "Precedence: auto_reply",
     "X-Autoresponder: 1", "Subject: Automatic reply: x", "Subject: Absence : x", "Subject: Out of Office", "Subject: =?utf-8?B?2LHYryDYqtmE2YLYp9im2Yo=?="],
)  # fmt: skip
def test_each_sign_of_a_program_counts_alone(header: str) -> None:
    raw = plain("x", "marie@lilas.example", "Bonjour").replace(b"Subject: Re: x\r\n", b"")
    assert automatic(read(header.encode() + b"\r\n" + raw), SETTINGS)
    assert not automatic(read(b"Auto-Submitted: no\r\nSubject: Re: Absence de rendez-vous ?\r\n" + raw), SETTINGS)


@pytest.mark.parametrize(
    "charset, declared",
    [("utf-8", "iso-8859-1"), ("utf-8", ""), ("cp1252", "us-ascii"), ("cp1252", "utf-8"), ("cp1252", "iso-8859-1"),
     ("iso-8859-15", "iso-8859-15"), ("cp1252", "nimporte"), ("utf-16", "utf-16"), ("cp1252", "base64")],
)  # fmt: skip
def test_french_is_read_whatever_its_charset_is_said_to_be(charset: str, declared: str) -> None:
    text = "Déjà reçu à l’accueil, où ça coûte 2 €" if charset != "iso-8859-15" else "Déjà reçu à l'accueil : 2 €"
    assert decoded(text.encode(charset), declared) == text


@pytest.mark.parametrize("declared", ["windows-1256", "iso-8859-1", "utf-8", "us-ascii", "windows-1252"])
def test_arabic_is_read_whatever_its_charset_is_said_to_be(declared: str) -> None:
    text = "مرحبا، نعم هذا ممكن في مكتب البريد"
    for charset in ("cp1256", "utf-8"):
        if not (charset == "cp1256" and declared == "windows-1252"):  # plausible Latin letters, said to be so
            assert decoded(text.encode(charset), declared) == text


def test_lines_that_were_broken_are_whole_and_short_ones_stay() -> None:
    long = "Nous utilisons une fiche plastifiée que la personne recopie elle-même,\navec son adresse.\nBien vu\n- un\n- deux"
    assert written(long) == (
        "Nous utilisons une fiche plastifiée que la personne recopie elle-même, avec son adresse.\nBien vu\n- un\n- deux"
    )


@pytest.mark.parametrize(
    "kept",
    ["Le 12 mars, la CPAM a écrit :\nvotre dossier est clos.", "Envoyée par courrier, la carte met une semaine.",
     "De : Roubaix\nÀ : Lille\nDate : mardi\nVoilà le trajet.", "Ce message est pour Karim : bravo.",
     "Bonjour\nEnvoyé depuis mon téléphone, le dossier est passé.\nMerci", "On 3 May the office wrote:\nclosed",
     "Un\n--\n" + "\n".join(f"ligne {n} du texte." for n in range(30)), "Envoyez-moi la suite depuis Outlook."],
)  # fmt: skip
def test_what_only_looks_like_a_quotation_or_a_signature_stays(kept: str) -> None:
    assert written(kept) == kept


@pytest.mark.parametrize(
    "gone",
    ["Envoyé de mon iPad", "Envoyé depuis Yahoo Mail pour Android", "Sent from my Galaxy", "Get Outlook for iOS<https://aka.example>",
     "Envoyé à partir d’Outlook pour Android", "Télécharger Outlook pour iOS", "أرسلت من الـ iPhone", "Garanti sans virus. www.avast.com",
     "Ce courriel et ses pièces jointes peuvent contenir des informations\nconfidentielles ; détruisez-le s’il vous est\nparvenu par erreur.",
     "Le 3 nov. 2026\nà 10:12, Marie Dupont <\nmarie@lilas.example> a écrit :\n\n> x", "On Nov 3, 2026, at 10:12 AM, A <a@b.example> wrote:\n\n> x",
     "Am 03.11.26 um 10:12 schrieb Marie:\n> x", "El mar, 3 nov 2026 a las 10:12, A (<a@b.example>) escribió:\n\n> x",
     "Le 3 novembre 2026, Marie a écrit :\n> x", "-----Message d'origine-----\nDe : x", "Début du message réexpédié :\n\n> De: x"],
)  # fmt: skip
def test_what_is_one_goes(gone: str) -> None:
    assert written(f"Oui, demain.\n\n{gone}") == "Oui, demain."


def test_a_long_paragraph_is_whole() -> None:
    long = "mot juste " * 1_500 + "fin."
    assert written(f"{long}\n\nLe 3 nov. 2026 à 10:12, Réseau a écrit :\n> x") == long


def test_a_closing_stays_when_a_sentence_follows_it() -> None:
    kept = "Voilà.\nCordialement,\nMarie\nPS : il faut appeler avant, 03 20 00 00 00, sinon c’est fermé ?"
    assert written(kept) == kept
    assert written("Voilà.\n\nCordialement,\nMarie\nAccueil\n03 20 00 00 00") == "Voilà."


def test_what_is_not_sent_is_not_read() -> None:
    forwarded = (
        "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nVoir :\r\n"
        "--x\r\nContent-Type: message/rfc822\r\n\r\nFrom: autre@b.example\r\nSubject: s\r\n\r\nUn secret.\r\n--x--\r\n"
    )
    mail = read(forwarded.encode())
    assert written(mail.text) == "Voir :"
    assert [one.filename for one in mail.attachments] == ["message.eml"]


@pytest.mark.parametrize(
    "text",
    ["On " + "a " * 40_000, " \n" * 40_000, "De : x\n" * 20_000, "Le 3 " * 40_000, "> " * 40_000 + "x",
     "Le 3\n" * 20_000, "-" * 200_000, "Le 12 " + "a écrit " * 20_000, "> x\ny\n" * 20_000, "\n\n_" * 20_000,
     "a\n" * 100_000, "x" * 380_000, "Le 3 a écrit :\n" * 4_000, "On 12 wrote:\n" * 4_000, "On x wrote:\n" * 4_000],
)  # fmt: skip
def test_a_hostile_text_is_read_in_little_time(text: str) -> None:
    before = time.process_time()
    written(text)
    assert time.process_time() - before < 4


@pytest.mark.parametrize(
    "html",
    ["<div>" * 20_000 + "x", "<blockquote>" * 5_000 + "x", "<table><tr><td>" * 3_000, "<b>" * 50_000,
     "<p>" + "<a href='https://x.example/'>x</a>" * 8_000, "<" * 200_000, "<!--" * 50_000, "&amp;" * 80_000],
)  # fmt: skip
def test_a_hostile_page_is_read_in_little_time(html: str) -> None:
    before = time.process_time()
    written(to_markdown(html))
    assert time.process_time() - before < 6


def cpu(work: Callable[[str], object], text: str) -> float:
    """Seconds of this process for one call; the best of three."""
    took = []
    for _ in range(3):
        before = time.process_time()
        work(text)
        took.append(time.process_time() - before)
    return min(took)


def page(html: str) -> str:
    return to_markdown(html)


HEAD = "On Nov 3, 2026, at 10:12 AM, A wrote:\n"


@pytest.mark.parametrize(
    "work, start, more",
    [(written, "", f"{HEAD}> q\n"), (written, "", "--\n"), (written, "", "Envoyé de mon iPhone\n"),
     (written, "", "Le 3 nov. 2026 à 10:12, R a écrit :\n> q\n"), (written, HEAD, "> q\n\n"),
     (written, "", "mot juste encore un mot très long pour remplir la ligne jusque la fin ok\n"),
     (page, "<ol>", "<li>a"), (page, "<ul>", "<li>a"), (page, "<table>", "<tr><td>a"), (page, "", "<p>a</p> ")],
)  # fmt: skip
def test_twice_the_mail_takes_twice_the_time(work: Callable[[str], object], start: str, more: str) -> None:
    once, twice = (cpu(work, start + more * n) for n in (2_500, 5_000))
    assert twice < 3 * once + 0.05


def test_a_list_of_a_page_keeps_its_numbers() -> None:
    html = "<ol><li>un<ul><li>a</li><li>b<br>suite</li></ul></li><li>deux</li></ol><ol><li>autre</li></ol>"
    assert written(to_markdown(html)) == "1. un\n   * a\n   * b  \n     suite\n2. deux\n\n1. autre".replace(
        "  \n", "\n"
    )


def test_a_page_that_is_too_large_is_its_words() -> None:
    assert written(to_markdown("<ol>" + "<li>a &amp; b</li>" * 20_000)).startswith("a & b\na & b\n")
    assert len(written(f"{HEAD}> q\n" * 3_300)) < 300_000


def test_a_page_leaves_no_script_no_picture_and_no_trap() -> None:
    page = (
        "<p>Bonjour <img src='https://pisteur.example/p.gif'><script>alert(1)</script><style>p{}</style>"
        "<a href='javascript:alert(1)'>ici</a> <a href='https://ok.example/'>là</a></p>"
    )
    made = written(to_markdown(page))
    assert made == "Bonjour ici [là](https://ok.example/)"


def test_a_message_of_a_thousand_parts_or_a_hundred_folds_is_bounded() -> None:
    parts = b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    many = parts + b"--x\r\nContent-Type: text/plain\r\n\r\nun\r\n" * 1_000 + b"--x--\r\n"
    assert read(many).text.count("un") < 250
    deep = b"From: a@b.example\r\nMIME-Version: 1.0\r\n"
    for n in range(100):
        deep += f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n".encode()
    assert read(deep + b"Content-Type: text/plain\r\n\r\nfond").text == ""
    for n in range(100, 3_000):
        deep += f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n".encode()
    assert read(deep).sender == "a@b.example"


@pytest.mark.parametrize(
    "raw",
    [b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 2_000_000,
     b"From: a@b.example\r\n\r\n" + b"x\n" * 10_000_000, b"From: a@b.example\r\n" + b"X: y\r\n" * 2_000_000,
     b"From: a@b.example\r\nTo: " + b"(" * 100_000 + b"\r\n\r\nx",
     b"From: a@b.example\r\nTo: " + b"a@b.example, " * 500_000 + b"\r\n\r\nx",
     b"From: a@b.example\r\nSubject: " + b"=?utf-8?Q?x?= " * 200_000 + b"\r\n\r\nx"],
    ids=["parts", "lines", "headers", "brackets", "recipients", "words"],
)  # fmt: skip
def test_a_huge_message_is_read_in_little_time(raw: bytes) -> None:
    before = time.process_time()
    mail = read(raw)
    assert mail.sender == "a@b.example"
    assert len(mail.subject) < 5_000
    assert time.process_time() - before < 4


def test_headers_that_lie_are_one_line_and_one_sender() -> None:
    twice = b"From: a@b.example\r\nFrom: c@d.example\r\n\r\nx"
    assert read(twice).sender == ""
    trick = read(b"From: a@b.example\r\nSubject: =?utf-8?Q?x=0D=0ABcc:_tous=40b.example?=\r\n\r\nx")
    assert "\n" not in trick.subject
    assert "\r" not in trick.subject
    assert read(b"\xff\xfe\x00").sender == ""
    assert read(b"").text == ""

"""What came back, taken apart: expected values from the standards, written by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.newsletter.bounces.judging import Verdict, status_in, verdict
from feeds.newsletter.bounces.parsing import Fate, parse
from tests.feeds.newsletter.bounces import letters
from tests.feeds.newsletter.bounces.letters import made

VERP = "retours+abc@reseau.example"
MARIE = "marie@ailleurs.example"


def only(raw: bytes) -> Fate:
    back = parse(raw)
    assert back.kind == "report"
    assert VERP in back.to
    (fate,) = back.fates
    return fate


@pytest.mark.parametrize(
    ("shape", "values", "wanted"),
    [
        (letters.POSTFIX, {}, ((MARIE,), "failed", "5.1.1", Verdict.HARD)),
        (letters.POSTFIX, {"status": "5.2.2", "words": "Mailbox full"}, ((MARIE,), "failed", "5.2.2", Verdict.SOFT)),
        (letters.POSTFIX, {"status": "4.4.1", "code": "451", "words": "timed out"},
         ((MARIE,), "failed", "4.4.1", Verdict.SOFT)),
        (letters.POSTFIX, {"status": "5.7.1", "code": "554", "words": "Service refused, user unknown to SPF"},
         ((MARIE,), "failed", "5.7.1", Verdict.POLICY)),
        (letters.POSTFIX, {"action": "delayed", "status": "4.0.0", "code": "450", "words": "try again"},
         ((MARIE,), "delayed", "4.0.0", Verdict.SOFT)),
        (letters.MICROSOFT, {}, ((MARIE,), "failed", "5.1.10", Verdict.HARD)),
        (letters.X400, {}, ((), "failed", "5.1.1", Verdict.HARD)),
        (letters.EXIM, {"words": "550 No such user here"}, ((MARIE,), "failed", "5.0.0", Verdict.HARD)),
        (letters.EXIM, {"words": "Unrouteable address"}, ((MARIE,), "failed", "", Verdict.HARD)),
        (letters.EXIM, {"words": "550 5.7.26 This mail is unauthenticated"},
         ((MARIE,), "failed", "5.7.26", Verdict.POLICY)),
        (letters.EXIM, {"words": "retry timeout exceeded"}, ((MARIE,), "failed", "", Verdict.SOFT)),
        (letters.QMAIL, {}, ((), "failed", "5.1.1", Verdict.HARD)),
        (letters.FRENCH, {}, ((), "failed", "", Verdict.SOFT)),
    ],
)  # fmt: skip
def test_what_servers_write(
    shape: str, values: dict[str, str], wanted: tuple[tuple[str, ...], str, str, Verdict]
) -> None:
    fate = only(made(shape, VERP, **values))
    assert (fate.recipients, fate.action, fate.status, verdict(fate.status, fate.said)) == wanted


def test_two_recipients_without_an_empty_line_between_them() -> None:
    back = parse(made(letters.SEVERAL, VERP, second="relayed", second_status="2.0.0"))
    assert [(one.recipients, one.action, one.status) for one in back.fates] == [
        (("un@liste.example",), "failed", "5.1.1"),
        (("deux@liste.example",), "relayed", "2.0.0"),
    ]


def test_absences_and_answers_of_people_are_no_reports() -> None:
    assert parse(made(letters.ABSENCE, VERP)).kind == "automatic"
    assert parse(made(letters.ANSWER, VERP)).kind == "unread"


def test_a_report_encoded_in_base64_or_cut_in_the_middle() -> None:
    import base64

    status = base64.b64encode(
        f"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; {MARIE}\nAction: failed\nStatus: 5.1.1\n".encode()
    ).decode()
    raw = (f"From: <postmaster@x.example>\r\nTo: {VERP}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; "
           "report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n"
           f"Content-Transfer-Encoding: base64\r\n\r\n{status}\r\n").encode()  # fmt: skip
    assert only(raw).recipients == (MARIE,)


def test_a_complaint_gives_its_proofs_and_the_link_to_leave() -> None:
    raw = made(letters.COMPLAINT, VERP, complaints="plaintes@reseau.example", key="k" * 32)
    back = parse(raw)
    assert back.kind == "complaint"
    assert VERP in back.to
    assert back.links[0] == "https://reseau.example/lettre/d/" + "k" * 32
    assert parse(made(letters.COMPLAINT, VERP, kind="not-spam")).kind == "automatic"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("550 5.1.1 <x>: unknown", "5.1.1"), ("smtp;550-5.7.26 x", "5.7.26"), ("5.1.1 (bad)", "5.1.1"),
        ("550 unknown", "5.0.0"), ("452 full", "4.0.0"), ("10.5.1.1 is a machine", ""), ("192.0.2.5", ""),
        ("", ""), ("5.1", ""), ("#5.1.1)", "5.1.1"), ("le 24/11/2026, 5500 personnes", ""),
    ],
)  # fmt: skip
def test_codes_are_found_in_texts(text: str, status: str) -> None:
    assert status_in(text) == status


@pytest.mark.parametrize(
    ("status", "said", "wanted"),
    [
        ("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable", Verdict.HARD),
        ("5.5.0", "command not understood", Verdict.SOFT),
        ("5.4.1", "Recipient address rejected: Access denied", Verdict.HARD),
        ("5.4.1", "no answer from host", Verdict.SOFT),
        ("5.0.0", "550 spam message rejected because of reputation", Verdict.POLICY),
        ("5.0.0", "Boîte aux lettres pleine", Verdict.SOFT),
        ("5.0.0", "Adresse d’au moins un destinataire invalide", Verdict.HARD),
        ("5.1.8", "bad sender", Verdict.POLICY),
        ("5.6.1", "media not supported", Verdict.POLICY),
        ("", "nobody knows", Verdict.SOFT),
        ("5.0.0", "no", Verdict.HARD),
    ],
)
def test_what_codes_mean(status: str, said: str, wanted: Verdict) -> None:
    assert verdict(status, said) is wanted


@given(st.binary(max_size=2000), st.integers(0, 3000))
def test_nothing_that_comes_stops_us(noise: bytes, at: int) -> None:
    raw = made(letters.POSTFIX, VERP)
    for one in (noise, raw[:at] + noise + raw[at:], raw[:at], b"Content-Type: message/rfc822\r\n\r\n" * 50 + noise):
        assert parse(one).kind in ("report", "complaint", "automatic", "unread")
        assert parse(one, whole=False).kind == "unread"

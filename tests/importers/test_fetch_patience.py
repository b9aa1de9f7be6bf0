"""Asking again: when, how often, how far apart; and what goes along. Clock, sleep and chance are ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from importers import sentences
from importers.fetch import Asker, shown
from importers.fetch.waiting import FURTHEST_S, pause, retry_after
from importers.pipeline import Refused
from tests.importers.server import Reply, Seen, StandIn, cut, html, redirect, status, typed

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
BODY = b'{"data": []}'


class Patient(Asker):
    """Its time passes only when it sleeps. ``slept``: seconds, in order."""

    def __init__(self, pace: float = 0.0, chance: float = 1.0) -> None:
        self.slept: list[float] = []
        super().__init__(
            True, pace, clock=lambda: NOW, sleep=self.slept.append, monotonic=lambda: sum(self.slept),
            random=lambda: chance,
        )  # fmt: skip


@pytest.fixture
def asker() -> Iterator[Patient]:
    with Patient() as made:
        yield made


def refusal(asker: Asker, url: str, **options: object) -> Refused:
    with pytest.raises(Refused) as refused:
        asker.get(url, **{"max_bytes": 10_000, **options})  # type: ignore[arg-type]
    assert sentences.refusal(refused.value)
    return refused.value


def test_what_passes_is_asked_again_later_and_later(server: StandIn, asker: Patient) -> None:
    server.serve("/a", BODY)
    server.breaks("/a", status(500), status(503), cut(3))
    assert asker.get(server.url + "/a", max_bytes=100).content == BODY
    assert asker.slept == [1.0, 2.0, 4.0]


def test_four_times_and_no_more(server: StandIn, asker: Patient) -> None:
    server.breaks("/a", status(502), always=True)
    refused = refusal(asker, server.url + "/a")
    assert (refused.code, len(server.seen), len(asker.slept)) == ("telechargement", 4, 3)
    assert "502" in sentences.refusal(refused)


def test_not_all_at_the_same_moment() -> None:
    assert [pause(n, None, lambda: 0.0) for n in range(3)] == [0.5, 1.0, 2.0]
    assert [pause(n, None, lambda: 0.5) for n in range(3)] == [0.75, 1.5, 3.0]
    assert pause(0, 30.0, lambda: 0.0) == 30.5, "never before the server said"


@pytest.mark.parametrize(("said", "seconds"), [
    ("0", 0.0), ("17", 17.0), (" 17 ", 17.0), ("Tue, 24 Nov 2026 09:30:45 GMT", 45.0),
    ("Tue, 24 Nov 2026 09:29:00 GMT", 0.0), ("9" * 40, FURTHEST_S), ("Fri, 31 Dec 9999 23:59:59 GMT", FURTHEST_S),
    ("", None), (None, None), ("bientôt", None), ("-5", None), ("1.5", None), ("٣", None),
    ("Tue, 99 Nov 2026 09:30:45 GMT", None),
])  # fmt: skip
def test_what_retry_after_says(said: str | None, seconds: float | None) -> None:
    assert retry_after(said, NOW) == seconds


@pytest.mark.parametrize("said", ["30", "Tue, 24 Nov 2026 09:30:30 GMT"])
def test_a_server_that_says_when_is_asked_then(server: StandIn, asker: Patient, said: str) -> None:
    server.serve("/a", BODY)
    server.breaks("/a", status(429, said))
    assert asker.get(server.url + "/a", max_bytes=100).status == 200
    assert asker.slept == [31.0]


@pytest.mark.parametrize("said", ["259200", "Fri, 27 Nov 2026 09:30:00 GMT"])
def test_one_that_says_in_three_days_is_left_to_the_schedule(server: StandIn, asker: Patient, said: str) -> None:
    server.breaks("/a", status(503, said))
    refused = refusal(asker, server.url + "/a")
    assert (refused.code, refused.details["until"]) == ("trop-tard", "2026-11-27T09:30:00+00:00")
    assert "27/11/2026 à 09 h 30" in sentences.refusal(refused)
    assert (asker.slept, len(server.seen)) == ([], 1)


def test_waiting_stays_within_the_deadline(server: StandIn, asker: Patient) -> None:
    asker.total_s = 100.0
    server.breaks("/a", status(429, "90"), always=True)
    assert refusal(asker, server.url + "/a").code == "telechargement"
    assert len(server.seen) == 2, "a third attempt would come after the deadline"


def test_one_host_is_asked_at_its_pace(server: StandIn) -> None:
    server.serve("/a", BODY)
    server.breaks("/b", redirect("/a"))
    server.breaks("/c", status(500))
    server.serve("/c", BODY)
    with Patient(pace=0.25, chance=0.0) as asker:
        for path in ("/a", "/a", "/b", "/c"):
            asker.get(server.url + path, max_bytes=100)
        assert asker.slept == [0.25, 0.25, 0.25, 0.25, 0.5], "redirects too; the pause after an error is long enough"
        asker.slept.append(10.0)
        asker.get(server.url + "/a", max_bytes=100)
        asker.get(f"http://localhost:{server.server_port}/a", max_bytes=100)
        assert asker.slept[6:] == [], "time has passed; another host has its own turn"


@pytest.mark.parametrize("code", [404, 410])
def test_what_is_not_there_is_an_answer(server: StandIn, asker: Patient, code: int) -> None:
    server.serve("/a", b"not-found", code=code, content_type="image/png")
    answer = asker.get(server.url + "/a", max_bytes=100, accept=("text/markdown",))
    assert (answer.status, answer.content, answer.content_type) == (code, b"not-found", "image/png")


def test_an_answer_says_where_it_was_found_and_what_it_is(server: StandIn, asker: Patient) -> None:
    server.breaks("/a", redirect("/b?x=1", 301))
    server.serve("/b", BODY, etag='W/"1"', content_type="Application/JSON; charset=utf-8")
    answer = asker.get(server.url + "/a", max_bytes=100, accept=("application/json",))
    assert (answer.url, answer.content_type) == (f"{server.url}/b?x=1", "application/json")
    assert answer.headers["etag"] == 'W/"1"'
    assert server.seen[0].headers["Accept"] == "application/json"


def test_not_modified_is_an_answer(server: StandIn, asker: Patient) -> None:
    server.serve("/a", BODY, etag='"1"')
    answer = asker.get(server.url + "/a", max_bytes=100, headers={"If-None-Match": '"1"'})
    assert (answer.status, answer.content) == (304, b"")


@pytest.mark.parametrize(("said", "accept", "code"), [
    ("text/csv", ("text/csv",), None), ("text/csv; charset=utf-8", ("text/*",), None), ("image/png", (), None),
    ("text/plain", ("text/csv",), None), ("application/octet-stream", ("text/csv",), None), ("", ("text/csv",), None),
    ("image/png", ("text/csv",), "type-inattendu"), ("text/html", ("text/csv",), "html"), ("text/html", (), None),
    ("text/html", ("text/*",), None), ("application/pdf", ("*/*",), None),
])  # fmt: skip
def test_what_will_do(server: StandIn, asker: Patient, said: str, accept: tuple[str, ...], code: str | None) -> None:
    server.serve("/a", BODY)
    server.breaks("/a", typed(said), always=True)
    if code is None:
        assert asker.get(server.url + "/a", max_bytes=100, accept=accept).content == BODY
    else:
        assert refusal(asker, server.url + "/a", accept=accept).code == code


def test_a_page_under_maintenance_is_not_data(server: StandIn, asker: Patient) -> None:
    server.serve("/a", BODY, content_type="application/json")
    server.breaks("/a", html)
    assert refusal(asker, server.url + "/a", accept=("application/json",)).code == "html"


def test_a_token_stays_with_the_host_it_was_meant_for(server: StandIn, asker: Patient) -> None:
    other = f"http://localhost:{server.server_port}"
    server.breaks("/a", redirect("/same"))
    server.breaks("/same", redirect(f"{other}/other"))
    server.breaks("/other", redirect(f"{server.url}/back"))
    server.serve("/back", BODY)
    asker.get(server.url + "/a", max_bytes=100, headers={"authorization": "Bearer abc", "X-Plain": "1"})
    sent = [(one.path, one.headers.get("authorization"), one.headers.get("X-Plain")) for one in server.seen]
    assert sent == [
        ("/a", "Bearer abc", "1"),
        ("/same", "Bearer abc", "1"),
        ("/other", None, "1"),
        ("/back", None, "1"),
    ]


@pytest.mark.parametrize(
    "url", ["", "/f", "file:///etc/passwd", "webcal://exemple.fr/a.ics", "http://[::1/", "http:///"]
)
def test_what_is_no_web_address_is_not_asked(asker: Patient, url: str) -> None:
    assert "l’adresse n’est pas valable" in sentences.refusal(refusal(asker, url))
    assert asker.slept == []


def test_no_cookie_and_no_password_of_the_machine(
    server: StandIn, asker: Patient, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w", encoding="ascii") as file:
        file.write("machine 127.0.0.1 login root password secret\n")
    monkeypatch.setenv("NETRC", netrc)
    server.answers("/a", lambda _seen: Reply(200, BODY, {"Set-Cookie": "who=me"}))
    for _ in range(2):
        asker.get(server.url + "/a", max_bytes=100)
    assert all("Cookie" not in one.headers and "Authorization" not in one.headers for one in server.seen)


def test_an_error_says_no_secret(server: StandIn, asker: Patient) -> None:
    secret = "abcdef0123456789abcdef0123456789"

    def elsewhere(_seen: Seen) -> Reply:
        return Reply(302, b"", {"Location": f"ftp://moi:{secret}@exemple.fr/f?token={secret}"})

    server.answers("/r", elsewhere)
    server.breaks("/e", status(403))
    addresses = (f"http://moi:{secret}@127.0.0.1:1/?token={secret}", f"{server.url}/r", f"{server.url}/e?key={secret}")
    for url in addresses:
        refused = refusal(asker, url)
        assert secret not in sentences.refusal(refused)
        assert secret not in f"{refused!r} {refused.details} {refused.__cause__!r}"


@pytest.mark.parametrize(("location", "expected"), [
    ("https://exemple.org/l?adresse[eq][code_insee]=59512", "https://exemple.org/l?adresse[eq][code_insee]=59512"),
    ("https://exemple.org/l?token=x1&page=2", "https://exemple.org/l?token=…&page=2"),
    ("https://exemple.org/l?api_key=x1", "https://exemple.org/l?api_key=…"),
    ("https://exemple.org/l?code_insee=59512", "https://exemple.org/l?code_insee=59512"),
    ("https://exemple.org/l?q=A1b2C3d4E5f6A1b2C3d4E5f6", "https://exemple.org/l?q=…"),
    ("https://moi:mdp@exemple.org/l", "https://exemple.org/l"),
    ("https://exemple.org/l?mail=moi@exemple.org", "https://exemple.org/l?mail=…"),
    ("/var/lib/lieux.csv", "/var/lib/lieux.csv"), ("http://[::1", "http://[::1"),
])  # fmt: skip
def test_an_address_as_it_may_be_shown(location: str, expected: str) -> None:
    assert shown(location) == expected

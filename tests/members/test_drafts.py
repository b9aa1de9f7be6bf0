"""What people are writing is kept on the server. Both engines."""

from __future__ import annotations

import threading
from datetime import timedelta

from reseau.members import drafts
from tests.directory.site import Page
from tests.members.conftest import House

PATH = "/annuaire/x/modifier"
FIELDS = [("a", "é\r\n‏مرحبا"), ("b", ""), ("a", "deux"), ("c", "\U0001f600")]


def test_the_last_one_written_wins(house: House) -> None:
    person, other, now = house.person(), house.person(), house.site.clock.now
    with house.site.sessions.begin() as session:
        assert drafts.read(session, person.id, PATH) is None
        assert drafts.save(session, person.id, PATH, [("a", "first")], now)
        assert drafts.save(session, other.id, PATH, [("a", "of another")], now)
        assert drafts.save(session, person.id, PATH, FIELDS, now + timedelta(seconds=1))
        assert drafts.read(session, person.id, PATH) == drafts.Kept(PATH, FIELDS, now + timedelta(seconds=1))
    with house.site.sessions.begin() as session:
        assert drafts.mine(session, person.id) == [drafts.Kept(PATH, FIELDS, now + timedelta(seconds=1))]
        drafts.drop(session, person.id, PATH)
        drafts.drop(session, person.id, PATH)
        assert drafts.mine(session, person.id) == []
        assert len(drafts.mine(session, other.id)) == 1


def test_what_is_too_large_leaves_the_former_draft(house: House) -> None:
    person, now = house.person(), house.site.clock.now
    with house.site.sessions.begin() as session:
        assert drafts.save(session, person.id, PATH, [("a", "x" * (64 * 1024 - 1))], now)
        assert not drafts.save(session, person.id, PATH, [("a", "é" * 32_768)], now)
        assert not drafts.save(session, person.id, "/" + "x" * 300, FIELDS, now)
        assert not drafts.save(session, person.id, "/\x00", FIELDS, now)
        assert drafts.save(session, person.id, "/nul", [("a\x00", "b\x00")], now)
        assert drafts.read(session, person.id, "/nul") == drafts.Kept("/nul", [("a", "b")], now)
        assert len(drafts.mine(session, person.id)) == 2


def test_fifty_drafts_at_most_the_oldest_go(house: House) -> None:
    person, now = house.person(), house.site.clock.now
    with house.site.sessions.begin() as session:
        for number in range(53):
            drafts.save(session, person.id, f"/{number}", FIELDS, now + timedelta(seconds=number))
        kept = [draft.path for draft in drafts.mine(session, person.id)]
    assert kept == [f"/{number}" for number in range(52, 2, -1)]


def test_two_windows_that_save_at_once_lose_neither_the_draft_nor_the_page(house: House) -> None:
    person, now, gate = house.person(), house.site.clock.now, threading.Barrier(6)
    errors: list[BaseException] = []

    def write(number: int) -> None:
        try:
            gate.wait()
            with house.site.sessions.begin() as session:
                drafts.save(session, person.id, PATH, [("a", str(number))], now)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with house.site.sessions() as session:
        assert len(drafts.mine(session, person.id)) == 1


def test_the_account_leads_back_to_what_was_being_written(house: House) -> None:
    person, now = house.person(), house.site.clock.now
    path = house.path("Centre social ECHO") + "/modifier"
    with house.site.sessions.begin() as session:
        drafts.save(session, person.id, f"/annuaire/-{house.places['echo']}/modifier", FIELDS, now)
    browser = house.browser(person.id)
    with house.site.statements() as one:
        page = browser.get("/compte")
    assert f'href="{path}"' in page.text
    assert "Reprendre : fiche Centre social ECHO" in Page(page.text).text
    with house.site.sessions.begin() as session:
        drafts.save(session, person.id, f"/annuaire/-{house.places['epeule']}/modifier", FIELDS, now)
        drafts.save(session, person.id, "/annuaire/-00000000-0000-7000-8000-000000000000/modifier", FIELDS, now)
        drafts.save(session, person.id, "/ailleurs", FIELDS, now)
    with house.site.statements() as four:
        page = browser.get("/compte")
    assert page.text.count("Reprendre") == 4
    assert len(one) == len(four)

""" "C’est toujours exact": from the sheet, from a mail; and the reminders, over months. Both engines."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa

from reseau.core.actors import Actor, Side
from reseau.core.audit import Audit
from reseau.core.jobs import Tools
from reseau.core.mail import Mail
from reseau.core.tokens import sign
from reseau.directory import verification
from reseau.directory.models import Cause, Structure
from reseau.directory.reproject import Because
from reseau.editing import jobs, reminders
from reseau.members.models import Membership, Person
from reseau.members.places import with_referent
from tests.directory.site import Page, dump
from tests.editing.conftest import Keepers
from tests.editing.keeping import SOURCES, changes, form_to, mails, said, save, set_columns, well_formed
from tests.people import person

NOON = datetime.fromisoformat("2026-11-24T12:00:00+00:00")


# --- From the sheet -------------------------------------------------------------------------------------------


def test_one_click_from_the_sheet(keepers: Keepers) -> None:
    id_, path = keepers.place["id"], keepers.sheet_path()
    app = keepers.as_(keepers.member)
    sheet = app.get(path)
    assert "C’est toujours exact" in well_formed(sheet).text
    assert "C’est toujours exact" not in keepers.as_(None).get(path).text
    before = keepers.row(id_)
    assert "Vérifié le" not in sheet.text
    done = form_to(sheet, "/verifier").submit().follow()
    assert "C’est noté, merci" in said(done)
    main = done.text.split("<main")[1]
    assert main.index("C’est noté, merci") < main.index("s-horaires"), "at the top, not under the hours of a phone"
    text = well_formed(keepers.as_(None).get(path)).text
    assert "Vérifié le 24 novembre 2026 par le lieu" in text
    assert "plus d’un an" not in text
    now = keepers.row(id_)
    assert now["rev"] == before["rev"] + 1
    assert (now["fresh_on"], now["due_on"]) == ("2026-11-24", "2027-05-24")
    assert "Vérifié le 24 novembre 2026" in keepers.as_(None).get(path + "/imprimer").text
    twin = keepers.as_(None).get(path + ".json").json
    assert (twin["verifie_le"], twin["verifie_par"]) == ("2026-11-24", "lieu")
    assert changes(keepers, id_)[-1].cause == "verify"
    form_to(sheet, "/verifier").submit()
    assert keepers.row(id_)["rev"] == now["rev"], "twice on one day is once"
    assert "Fiche vérifiée" in keepers.as_(keepers.member).get(path + "/historique").text
    form_to(keepers.as_(keepers.coordinator).get(path), "/verifier").submit()
    assert "par la coordination" in keepers.as_(None).get(path).text
    keepers.reindex()
    first = keepers.client().get("/annuaire.json?tri=date").json
    assert first["items"][0]["id"] == str(id_), "the newest first counts verification"


def test_who_may_not_verify(keepers_lite: Keepers) -> None:
    site = keepers_lite
    path = site.sheet_path()
    for who in (None, site.stranger, site.elsewhere):
        app = site.as_(who)
        app.get(path + "/verifier", status=403)
        token = form_to(app.get(path + "/signaler"), "/signaler")["csrf_token"].value
        app.post(path + "/verifier", {"csrf_token": token}, status=403)
        app.post(path + "/rythme", {"csrf_token": token, "mois": "1"}, status=403)
    member = site.as_(site.member)
    token = form_to(member.get(path), "/verifier")["csrf_token"].value
    member.post(path + "/rythme", {"csrf_token": token, "mois": "1"}, status=403)
    member.post(path + "/verifier", status=400)


def test_the_owner_chooses_the_rhythm(keepers: Keepers) -> None:
    path = keepers.sheet_path(keepers.other["id"])
    app = keepers.as_(keepers.elsewhere)
    page = app.get(path + "/verifier")
    well_formed(page)
    form = form_to(page, "/rythme")
    assert form["mois"].value == "6"
    before = keepers.row(keepers.other["id"])
    form["mois"] = "12"
    assert "C’est noté" in said(form.submit().follow())
    now = keepers.row(keepers.other["id"])
    assert now["verify_every"] == 12
    assert now["rev"] == before["rev"], "nothing that is published changed"
    assert (
        int(now["due_on"][:4]) * 12 + int(now["due_on"][5:7])
        == int(before["due_on"][:4]) * 12 + int(before["due_on"][5:7]) + 6
    )
    assert "tous les 12 mois" in app.get(path + "/historique").text
    for strange in ("", "0", "2", "x", "-1", "١", "12\x00", "9" * 500):
        app.post(path + "/rythme", {"csrf_token": form["csrf_token"].value, "mois": strange}, status=404)
    with keepers.sessions() as session, pytest.raises(ValueError):
        verification.set_rhythm(session, keepers.other["id"], 2, Because(Cause.EDIT, Actor(Side.PLACE)), SOURCES, NOON)


def test_what_is_due_comes_oldest_first(keepers: Keepers) -> None:
    rows = {row["id"]: row for row in keepers.rows()}
    with keepers.sessions() as session:
        every = verification.due(session, date(2040, 1, 1))
        assert every.total == len(every.rows) == len(rows)
        days = [row["due_on"] or "" for row in every.rows]
        assert days == sorted(days)
        some = verification.due(session, date(2040, 1, 1), [every.rows[3]["id"], every.rows[1]["id"]], 1, 1)
        assert (some.total, [row["id"] for row in some.rows]) == (2, [every.rows[3]["id"]])
        assert verification.due(session, date(2000, 1, 1)).total == sum(row["due_on"] is None for row in rows.values())
        assert verification.due(session, date(2040, 1, 1), []).total == 0


# --- Reminders ------------------------------------------------------------------------------------------------


@pytest.fixture
def quiet(keepers: Keepers) -> Iterator[Keepers]:
    """A site on which nothing is due, nobody was told anything, and which is left as it was."""
    with keepers.sessions.begin() as session:
        before = {row["id"]: row for row in keepers.rows()}
        session.execute(sa.delete(Mail))
        session.execute(sa.delete(Audit).where(Audit.action == reminders.TOLD))
        session.execute(sa.update(Structure).values(due_on="2099-01-01", reminders=0))
    keepers.clock.now = NOON
    yield keepers
    with keepers.sessions.begin() as session:
        for id_, row in before.items():
            values = {name: row[name] for name in ("due_on", "reminders")}
            session.execute(sa.update(Structure).where(Structure.id == id_).values(**values))


def run(site: Keepers) -> str | None:
    return jobs.ask_to_verify(Tools(site.sessions, site.settings, site.clock))


def link(mail: Any) -> str:
    found = re.findall(r"http://localhost:6543(/verifier/\S+)", mail.text)
    return str(found[0])


def test_a_reminder_asks_says_what_is_shown_and_is_answered_in_one_click(quiet: Keepers) -> None:
    id_ = quiet.place["id"]
    set_columns(quiet, [id_], due_on="2026-11-24")
    assert run(quiet)
    (mail,) = mails(quiet, "verification")
    row = quiet.row(id_)
    assert mail.recipient == "ines@reseau.example"
    assert mail.subject == f"Vérifiez la fiche « {row['nom']} » : est-elle toujours exacte ?"
    assert row["adresse"].split()[-1] in mail.text
    assert "Téléphone" in mail.text
    app = quiet.as_(None)
    before = dump(quiet.engine)
    page = app.get(link(mail))
    assert "Tout est exact" in well_formed(page).text
    assert any("/modifier" in (a.get("href") or "") for a in Page(page.text).all("a"))
    assert dump(quiet.engine) == before, "opening the link does nothing: mail scanners open all links"
    form = next(f for f in page.forms.values() if f.method.lower() == "post")
    done = form.submit()
    assert done.status_int == 303
    assert "merci" in said(done.follow())
    now = quiet.row(id_)
    assert (now["verified_by"], now["reminders"], now["fresh_on"]) == ("lieu", 0, "2026-11-24")
    told = changes(quiet, id_)[-1]
    assert (told.cause, told.author_id) == ("verify", quiet.referent.id)
    assert "déjà fait, merci" in said(app.get(link(mail)))
    rev = quiet.row(id_)["rev"]
    with quiet.sessions() as session:
        audits = list(session.scalars(sa.select(Audit).where(Audit.action == "sheet.verify").order_by(Audit.id)))
        assert audits[-1].person_id == quiet.referent.id
    form.submit()
    assert quiet.row(id_)["rev"] == rev, "single use"
    with quiet.sessions() as session:
        again = session.scalars(sa.select(Audit).where(Audit.action == "sheet.verify")).all()
        assert len(again) == len(audits), "what writes nothing is not journaled"


def test_links_that_lead_nowhere(quiet: Keepers) -> None:
    id_, secret, app = quiet.place["id"], quiet.settings.secret, quiet.as_(None)
    token = form_to(app.get(quiet.sheet_path() + "/signaler"), "/signaler")["csrf_token"].value
    good = [str(id_), str(quiet.referent.id), ""]
    forged = [
        sign("another secret, long enough to be one", "verify", good, quiet.clock.now),
        sign(secret, "sign-in", good, quiet.clock.now),
        sign(secret, "verify", good, quiet.clock.now - timedelta(days=61)),
        sign(secret, "verify", ["x", "y", "z"], quiet.clock.now),
        sign(secret, "verify", "x", quiet.clock.now),
        sign(secret, "verify", {"a": 1}, quiet.clock.now),
        sign(secret, "verify", [str(quiet.referent.id), str(id_), ""], quiet.clock.now),
        "a" * 50, "." * 50, "a" * 2000,
    ]  # fmt: skip
    for one in forged:
        app.get(f"/verifier/{one}", status=410)
        app.post(f"/verifier/{one}", {"csrf_token": token}, status=410)
    app.get("/verifier/court", status=404)
    gone = sign(secret, "verify", [str(id_), str(quiet.stranger.id), ""], quiet.clock.now)
    assert "ne faites plus partie" in said(app.get(f"/verifier/{gone}"))
    before = quiet.row(id_)
    app.post(f"/verifier/{gone}", {"csrf_token": token}, status=403)
    app.post(f"/verifier/{sign(secret, 'verify', good, quiet.clock.now)}", status=400)
    assert quiet.row(id_) == before


def test_over_months_each_is_asked_when_due_and_never_twice(quiet: Keepers) -> None:
    """The job runs twice a day; one mail a person a day; second after 14 days; then one mail to the coordination."""
    with quiet.sessions.begin() as session:
        both = person(session, "Deux", referent_of=[quiet.place["id"], quiet.other["id"]], now=NOON)
        off = person(session, "Muet", referent_of=[quiet.place["id"]], now=NOON)
        off.mails = {"rappels": False}
        session.flush()
        extra = [both.id, off.id]
    try:
        ids = [quiet.place["id"], quiet.other["id"]]
        set_columns(quiet, ids, due_on="2026-11-26")
        lonely = next(row["id"] for row in quiet.rows() if row["id"] not in ids)
        set_columns(quiet, [lonely], due_on="2020-01-01")
        for day in range(70):
            for hour in (6, 18):
                quiet.clock.now = NOON.replace(hour=hour) + timedelta(days=day)
                run(quiet)
        sent = [
            (mail.created_at.date().isoformat(), mail.recipient.split("@")[0]) for mail in mails(quiet, "verification")
        ]
        assert sorted(sent) == sorted(
            (day, who) for day in ("2026-11-26", "2026-12-10") for who in ("ines", "paul", "deux")
        )
        (two,) = [m for m in mails(quiet, "verification") if m.recipient.startswith("deux") and m.created_at.day == 26]
        assert two.subject == "Vérifiez 2 fiches : sont-elles toujours exactes ?"
        assert len(re.findall(r"/verifier/", two.text)) == 2
        assert len(re.findall(r'<a href="[^"]*/verifier/', two.html)) == 2
        (coordination,) = mails(quiet, "verification-coordination")
        assert coordination.created_at.date().isoformat() == "2026-12-24"
        assert coordination.recipient == "carole@reseau.example"
        assert all(quiet.row(id_)["nom"] in coordination.text for id_ in ids)
        assert quiet.row(lonely)["nom"] not in coordination.text
        assert all(quiet.row(id_)["reminders"] == 3 for id_ in ids)
        per_day = Counter(
            (m.recipient, m.created_at.date()) for m in mails(quiet, "verification", "verification-coordination")
        )
        assert set(per_day.values()) == {1}
        # Verified at last: nothing for six months, then it begins again.
        with quiet.sessions.begin() as session:
            because = Because(Cause.VERIFY, Actor(Side.PLACE, quiet.referent.id))
            assert verification.verify(session, ids[0], because, SOURCES, quiet.clock.now)
        assert quiet.row(ids[0])["reminders"] == 0
        before = len(mails(quiet, "verification"))
        for days in (1, 30, 170):
            quiet.clock.now += timedelta(days=days)
            run(quiet)
        new = mails(quiet, "verification")[before:]
        assert {mail.recipient.split("@")[0] for mail in new} == {"ines", "deux"}
        assert len(new) == 2
    finally:
        with quiet.sessions.begin() as session:
            session.execute(sa.delete(Membership).where(Membership.person_id.in_(extra)))
            session.execute(sa.delete(Person).where(Person.id.in_(extra)))


def test_referents_who_want_no_mail_are_told_to_the_coordination(quiet: Keepers) -> None:
    """Nobody would ever be asked: the coordination is, once, and again when the sheet is due another time."""
    id_ = quiet.place["id"]
    with quiet.sessions.begin() as session:
        session.get_one(Person, quiet.referent.id).mails = {"rappels": False}
        session.get_one(Person, quiet.coordinator.id).mails = {"rappels": False}
    try:
        set_columns(quiet, [id_], due_on="2026-11-24", reminders=3, reminded_for="2026-05-24")
        for _ in range(40):
            run(quiet)
            quiet.clock.now += timedelta(days=1)
        assert mails(quiet, "verification") == []
        (mail,) = mails(quiet, "verification-coordination")
        assert mail.recipient == "carole@reseau.example", "reminders to référents are one preference, this is another"
        assert quiet.row(id_)["nom"] in mail.text
        assert quiet.row(id_)["reminders"] == 3
        with quiet.sessions.begin() as session:
            session.get_one(Person, quiet.coordinator.id).mails = {"bilan": False}
        set_columns(quiet, [id_], due_on="2026-11-25")
        run(quiet)
        assert len(mails(quiet, "verification-coordination")) == 1
    finally:
        with quiet.sessions.begin() as session:
            for who in (quiet.referent, quiet.coordinator):
                session.get_one(Person, who.id).mails = {}


def test_sheets_without_a_referent_are_not_read(quiet: Keepers) -> None:
    set_columns(quiet, [row["id"] for row in quiet.rows()], due_on="2026-11-24")
    with quiet.sessions() as session:
        found = reminders.clusters(session, date(2026, 11, 24))
        named = {id_ for cluster in found for id_ in cluster.sheets}
        assert named == {quiet.place["id"], quiet.other["id"]}
        assert set(reminders._late(session, date(2026, 11, 24), Structure.id.in_(with_referent()))) == named


def test_correcting_one_value_answers_nothing_verifying_begins_again(quiet: Keepers) -> None:
    id_ = quiet.other["id"]
    set_columns(quiet, [id_], due_on="2026-11-24")
    run(quiet)
    assert quiet.row(id_)["reminders"] == 1
    save(quiet, id_, {"telephone": f"+3332001{quiet.clock.now:%d%H}"}, quiet.elsewhere.id)
    assert quiet.row(id_)["due_on"] < "2026-11-25", "nobody said that the rest is exact"
    with quiet.sessions.begin() as session:
        because = Because(Cause.VERIFY, Actor(Side.PLACE, quiet.elsewhere.id))
        assert verification.verify(session, id_, because, SOURCES, quiet.clock.now)
    assert quiet.row(id_)["due_on"] > "2026-11-25"
    quiet.clock.now += timedelta(days=400)
    run(quiet)
    assert len(mails(quiet, "verification")) == 2
    assert quiet.row(id_)["reminders"] == 1, "the first one of another time"


def test_killed_between_mail_and_commit_nobody_is_mailed_twice(quiet: Keepers) -> None:
    ids = [quiet.place["id"], quiet.other["id"]]
    set_columns(quiet, ids, due_on="2026-11-24")

    class Killed(BaseException):
        pass

    for _ in range(2):
        with mock.patch.object(reminders, "_tell", side_effect=Killed), pytest.raises(Killed):
            run(quiet)
        assert mails(quiet, "verification") == []
        assert all(quiet.row(id_)["reminders"] == 0 for id_ in ids)
    real, calls = reminders.remind, []

    def second_dies(*args: Any) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        return real(*args)

    with mock.patch.object(jobs, "remind", second_dies), pytest.raises(Killed):
        run(quiet)
    assert len(mails(quiet, "verification")) == 1
    run(quiet)
    run(quiet)
    quiet.clock.now += timedelta(hours=20)
    run(quiet)
    assert sorted(mail.recipient for mail in mails(quiet, "verification")) == [
        "ines@reseau.example",
        "paul@reseau.example",
    ]


def test_two_jobs_at_once_mail_once(quiet: Keepers) -> None:
    set_columns(quiet, [quiet.place["id"], quiet.other["id"]], due_on="2026-11-24")
    threads = [threading.Thread(target=run, args=(quiet,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(mails(quiet, "verification")) == 2
    assert [quiet.row(one["id"])["reminders"] for one in (quiet.place, quiet.other)] == [1, 1]


def test_a_mail_in_the_language_of_who_reads_it(quiet: Keepers) -> None:
    with quiet.sessions.begin() as session:
        session.get_one(Person, quiet.referent.id).lang = "ar"
    try:
        set_columns(quiet, [quiet.place["id"]], due_on="")
        run(quiet)
        (mail,) = mails(quiet, "verification")
        assert mail.lang == "ar"
        assert 'dir="rtl"' in mail.html
    finally:
        with quiet.sessions.begin() as session:
            session.get_one(Person, quiet.referent.id).lang = "fr"

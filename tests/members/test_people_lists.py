"""Lists of people: what is read, what is refused, what happens, once. Hostile files included."""

from __future__ import annotations

import contextlib
import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webtest import TestApp, Upload

from reseau.core.actors import SYSTEM
from reseau.core.audit import Audit
from reseau.directory import lifecycle
from reseau.directory.models import Cause, Structure
from reseau.directory.reproject import Because
from reseau.members import invitations, list_reading, people_lists, places
from reseau.members.list_reading import MAX_BYTES, Unreadable, decode, read
from reseau.members.models import Invitation, PeopleList, Person
from tests.directory.site import Page
from tests.members.conftest import ECHO, EPEULE, House, csrf
from tests.members.test_invitations import at_once, invite, post

HEADER = "courriel;nom;role;lieu\n"


def give(
    house: House, text: str = "", data: bytes | None = None, status: Any = 303, browser: TestApp | None = None
) -> Any:
    browser = browser or house.browser("coordination")
    forms = browser.get("/gestion/personnes/importer").forms.values()
    paste = next(f for f in forms if "texte" in f.fields)
    send = next(f for f in forms if "fichier" in f.fields)
    if data is None:
        paste["texte"] = text
    else:
        send["fichier"] = Upload("liste.csv", data, "text/csv")
    one = paste if data is None else send
    answer = one.submit(status=status)
    return browser.get(answer.location) if status == 303 else answer


def apply(browser: TestApp, page: Any) -> Any:
    path = page.request.path
    return browser.post(f"{path}/appliquer", {"csrf_token": csrf(browser)})


def test_every_row_is_told_and_nothing_is_sent_before(house: House) -> None:
    new, asked, browser = house.stranger(), house.stranger(), house.browser("coordination")
    invite(house, browser, asked)
    lines = [
        f"{new.upper()};Amina <b>B.</b>;Référente;{ECHO}, Roubaix",
        f"{new};Amina;référent·e;{ECHO}",
        f"{asked};Zoé;;{house.path(ECHO)}",
        f"membre@reseau.example;Membre;membre;{house.places['echo']}",
        f"pas une adresse;X;membre;{ECHO}",
        f"{house.stranger()};X;chef;{ECHO}",
        f"{house.stranger()};X;membre;Centre sociale Echo Roubaix",
        f"{house.stranger()};X;membre;",
        f'{house.stranger()};X;membre;"00000000-0000-7000-8000-000000000000"',
    ]
    page = give(house, HEADER + "\n".join(lines), browser=browser)
    seen = Page(page.text)
    assert seen.errors == []
    assert "<b>B.</b>" not in page.text
    for words in ("Recevra une invitation (référent)", "Déjà plus haut", "déjà une invitation", "Déjà dans l’équipe",
                  "Adresse mail incomplète", "Rôle inconnu", "Lieu introuvable", "Lieu manquant"):  # fmt: skip
        assert words in seen.text, words
    assert "Peut-être :" in seen.text
    assert house.mails(new) == []
    result = apply(browser, page).follow()
    assert "1 invitation envoyée" in Page(result.text).text
    (mail,) = house.mails(new)
    assert mail.subject == f"coordination vous invite à tenir à jour la fiche « {ECHO} »"
    again = apply(browser, page).follow()
    assert "avait déjà été envoyée" in again.text
    assert "Invitation envoyée (référent)" in Page(again.text).text
    assert len(house.mails(new)) == 1


def test_applied_twice_at_once_sends_once(house: House) -> None:
    addresses = [house.stranger() for _ in range(5)]
    rows = "\n".join(f"{address};N;membre;{name}" for address in addresses for name in (ECHO, house.path(EPEULE)))
    page = give(house, HEADER + rows)
    other = give(house, HEADER + "\n".join(reversed(rows.splitlines())))
    jobs = []
    for path in (page.request.path, page.request.path, other.request.path):
        browser = house.browser("coordination")
        token = csrf(browser)
        jobs.append(lambda b=browser, t=token, p=path: b.post(f"{p}/appliquer", {"csrf_token": t}))
    assert [answer.status_int for answer in at_once(*jobs)] == [303] * 3
    for address in addresses:
        assert len(house.rows(Invitation, Invitation.email == address)) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_files_as_spreadsheets_write_them(encoding: str, delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([["Prénom", "NOM", "Adresse e-mail", "Rôle", "Structure", "Ville"],
                      ["Zoé", "L’Épée", "zoe@exemple.fr", "référent(e)", "Centre; social, été", "Roubaix"], [], ["", "", ""]])  # fmt: skip
    (line,) = read(decode(out.getvalue().encode(encoding)))
    assert (line.name, line.email, line.role, line.place) == (
        "Zoé L’Épée", "zoe@exemple.fr", "référent(e)", "Centre; social, été, Roubaix",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (HEADER, "empty"),
        (" \n;;;\n", "empty"),
        ("nom;role\nX;membre", "header"),
        ("courriel;mail;lieu\na;b;c", "header"),
        (HEADER + '"a;b;c', "quotes"),
        (HEADER + "a\x00b;c;d;e", "binary"),
        (HEADER + ";" * 10_000, "columns"),
        (";".join(["a"] * 10_000), "columns"),
        (HEADER + "a@b.fr;n;membre;x\n" * 501, "rows"),
        (HEADER + "é" * (MAX_BYTES // 2), "large"),
    ],
)
def test_what_cannot_be_read_says_why(house: House, text: str, code: str) -> None:
    with pytest.raises(Unreadable) as error:
        read(text)
    assert error.value.code == code
    refused = give(house, text, status=422)
    assert "La liste n’a pas pu être lue" in refused.text
    assert Page(refused.text).errors == []


def test_files_that_are_no_text(house: House) -> None:
    for data in (b"PK\x03\x04" + bytes(range(256)) * 20, b"\xff\xfe\x00", b"\x81\x8d\x8f" * 50, bytes(70_000)):
        assert "n’a pas pu être lue" in give(house, data=data, status=422).text
    browser = house.browser("coordination")
    post(browser, "/gestion/personnes/importer", 422, fichier="pas un fichier")
    assert house.rows(PeopleList, PeopleList.rows.is_(None)) == []


def test_formulas_and_tags_are_words(house: House) -> None:
    new = house.stranger()
    rows = f'{new};"=HYPERLINK(""http://mal.example"")";membre;{ECHO}\n{house.stranger()};<script>x</script>;@SUM(1);+cmd|x'
    page = give(house, HEADER + rows)
    assert "<script>x" not in page.text
    apply(house.browser("coordination"), page)
    (row,) = house.rows(Invitation, Invitation.email == new)
    assert not row.name.startswith("=")


def test_five_hundred_rows_ask_the_same_as_one(house: House) -> None:
    browser, seen = house.browser("coordination"), []
    for number in (1, 500):
        page = give(
            house, HEADER + "".join(f"p{n}@masse.example;N;;{ECHO if n % 2 else f'Lieu {n}'}\n" for n in range(number))
        )
        with house.site.statements() as statements:
            browser.get(page.request.path)
        seen.append(len(statements))
    assert seen[0] == seen[1] <= 12


def test_for_coordinators_only(house: House) -> None:
    page = give(house, HEADER + f"{house.stranger()};N;;{ECHO}")
    for who in ("referent", "admin", "personne", None):
        browser = house.browser(who)
        for path in ("/gestion/personnes", "/gestion/personnes/importer", page.request.path):
            browser.get(path, status=403)
        post(browser, f"{page.request.path}/appliquer", 403)
    house.browser("coordination").get("/gestion/personnes/importer/00000000-0000-7000-8000-000000000000", status=404)
    post(
        house.browser("coordination"), "/gestion/personnes/importer/00000000-0000-7000-8000-000000000000/appliquer", 404
    )


def test_people_are_found_by_name_and_address(house: House) -> None:
    place = house.places["echo"]
    made = [house.person(f"Éloïse{n:02}", member_of=[place]) for n in range(51)]
    with house.site.sessions.begin() as session:
        session.get_one(Person, made[0].id).name = "Éloïse <script>alert(1)</script>"
    browser = house.browser("coordination")
    page = browser.get("/gestion/personnes?q=eloise")
    assert Page(page.text).errors == []
    assert "<script>alert" not in page.text
    assert "51 personnes" in Page(page.text).text
    assert "Éloïse50" not in page.text
    assert "Éloïse50" in browser.get("/gestion/personnes?q=eloise&page=2").text
    assert "1 personne" in Page(browser.get("/gestion/personnes", {"q": made[3].email}).text).text
    for query in ("q=%25", "q=%00", "page=0", "page=999999", "page=x", "q=" + "a" * 5000, "page=%D9%A1"):
        browser.get("/gestion/personnes?" + query)
    counts = []
    for query in ("q=eloise07", "q=eloise"):
        with house.site.statements() as statements:
            browser.get("/gestion/personnes?" + query)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 9


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Unreadable):
        list_reading.read(list_reading.decode(data))


@given(st.lists(st.lists(st.text(max_size=20), max_size=6), max_size=6))
def test_any_cells_are_read_or_refused(rows: list[list[str]]) -> None:
    try:
        lines = list_reading.read(HEADER + "\n".join(";".join(cells) for cells in rows))
    except Unreadable:
        return
    assert all(len(line.name) <= 120 for line in lines)


def test_an_unknown_place_of_a_known_city_is_made_if_it_stays_ticked(house: House) -> None:
    one, two, three, four = (house.stranger() for _ in range(4))
    lines = [
        f"{one};Amina;référent;La Ruche numérique, Roubaix",
        f"{two};Zoé;membre;la ruche NUMERIQUE, 59100 roubaix",
        f"{one};Amina;membre;La Ruche numérique, Roubaix",
        f"{three};Léa;membre;Chez Zézette, Roubaix",
        f"{four};Max;membre;Centre social de l’Écho, Roubaix",
        f"{four};Max;membre;Sans ville connue, Nullepart",
    ]
    browser = house.browser("coordination")
    page = give(house, HEADER + "\n".join(lines), browser=browser)
    seen = Page(page.text)
    assert seen.errors == []
    assert seen.text.count("il sera créé") == 4, "three rows, and the line of totals"
    assert seen.text.count("Déjà plus haut dans la liste") == 2
    assert seen.text.count("Lieu introuvable") == 3
    form = page.forms["envoi"]
    boxes = form.fields["creer"]
    assert [box.checked for box in boxes] == [True] * 3
    boxes[2].checked = False
    result = form.submit().follow()
    assert Page(result.text).errors == []
    assert "2 invitations envoyées" in Page(result.text).text
    assert "Lieu non créé" in result.text
    made = house.site.named("La Ruche numérique")
    assert (made["commune"], made["code_insee"], made["code_postal"]) == ("Roubaix", "59512", "59100")
    assert str(made["id"]) in result.text, "the line leads to the new sheet"
    for email, role in ((one, "referent"), (two, "member")):
        (row,) = house.rows(Invitation, Invitation.email == email)
        assert (row.structure_id, row.role) == (made["id"], role)
    assert house.mails(three) == house.mails(four) == []
    assert not house.rows(Structure, Structure.nom == "Chez Zézette")
    assert len(house.rows(Audit, Audit.action == "sheet.create", Audit.object_id == made["id"])) == 1
    again = give(house, HEADER + f"{three};Léa;membre;La Ruche numérique, Roubaix", browser=browser)
    assert "Recevra une invitation" in again.text, "it is known now"


def test_two_lists_with_one_new_place_make_it_once(house: House) -> None:
    paths = [
        give(house, HEADER + f"{house.stranger()};N;membre;Fabrique des liens, Roubaix").request.path for _ in range(3)
    ]
    jobs = []
    for path in paths:
        browser = house.browser("coordination")
        token = csrf(browser)
        jobs.append(lambda b=browser, t=token, p=path: b.post(f"{p}/appliquer", {"csrf_token": t, "creer": "2"}))
    assert [answer.status_int for answer in at_once(*jobs)] == [303] * 3
    (made,) = house.rows(Structure, Structure.nom == "Fabrique des liens")
    assert len(house.rows(Invitation, Invitation.structure_id == made.id)) == 3


def test_homonyms_are_told_apart_by_their_street(house: House) -> None:
    now = house.site.clock.now
    with house.site.sessions.begin() as session:
        for street in ("1 rue Nain", "2 rue du Fort"):
            values = {"nom": "Le Double", "commune": "Roubaix", "adresse": street}
            lifecycle.create(session, values, Because(Cause.CREATE, SYSTEM), ("cartographie",), now)
    page = give(house, HEADER + f"{house.stranger()};N;membre;Le Double, Roubaix")
    assert "Plusieurs lieux ont ce nom" in page.text
    for street in ("1 rue Nain", "2 rue du Fort"):
        assert street in page.text


def test_names_are_compared_when_the_list_is_given_only(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    page = give(house, HEADER + f"{house.stranger()};N;membre;Centre sociale Echo\n{house.stranger()};N;;{ECHO}")

    def no(*_args: Any, **_more: Any) -> Any:
        raise AssertionError("names are compared again")

    monkeypatch.setattr(people_lists, "match", no)
    monkeypatch.setattr(people_lists.process, "extract", no)
    browser = house.browser("coordination")
    assert "Peut-être" in browser.get(page.request.path).text
    assert apply(browser, page).status_int == 303


def test_what_changed_since_is_seen_when_it_is_applied(house: House) -> None:
    email = house.stranger()
    page = give(house, HEADER + f"{email};N;membre;{ECHO}")
    with house.site.sessions.begin() as session:
        person = invitations.account(session, email, "N", "fr", house.site.clock.now)
        places.join_structure(session, person.id, house.places["echo"], "member", None)
    browser = house.browser("coordination")
    assert "Déjà dans l’équipe" in apply(browser, page).follow().text
    assert house.mails(email) == []


def test_ticks_that_are_none_make_nothing(house: House) -> None:
    page = give(house, HEADER + f"{house.stranger()};N;membre;Nulle part ici, Roubaix")
    browser = house.browser("coordination")
    path = f"{page.request.path}/appliquer"
    fields = [("csrf_token", csrf(browser)), *(("creer", word) for word in ("x", "", "²", "9" * 5000, "-1", "\x00"))]
    assert browser.post(path, fields).status_int == 303
    assert not house.rows(Structure, Structure.nom == "Nulle part ici")

"""A référent keeps the sheet of the place true: the form, its errors, what it keeps for later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from reseau.core.ids import new_id
from reseau.core.mail import Mail
from reseau.directory.models import FieldChange, Override
from reseau.members.models import Draft
from tests.directory.site import Page
from tests.editing.conftest import Keepers
from tests.editing.forms import edit, main_form, open_form
from tests.members.conftest import last_link


def history(site: Keepers, field: str, id_: UUID | None = None) -> list[FieldChange]:
    """The history of a field, oldest first."""
    with site.sessions() as session:
        wanted = sa.select(FieldChange).where(
            FieldChange.structure_id == (id_ or site.place["id"]), FieldChange.field == field
        )
        return list(session.scalars(wanted.order_by(FieldChange.id)))


def drafts_of(site: Keepers, person_id: UUID) -> list[Draft]:
    with site.sessions() as session:
        return list(session.scalars(sa.select(Draft).where(Draft.person_id == person_id)))


def test_from_the_sheet_to_the_sheet(keepers: Keepers) -> None:
    """Sheet, « Modifier », one field, « Enregistrer »: the sheet says so, and the register does not undo it."""
    app = keepers.as_(keepers.referent)
    form = main_form(app.get(keepers.sheet_path()).click("Modifier", index=0))
    form["telephone"] = "03 20 81 57 58"
    answer = form.submit()
    assert answer.status_int == 303
    sheet = answer.follow()
    assert "C’est enregistré" in sheet
    assert "Téléphone" in Page(sheet.text).text
    assert "03 20 81 57 58" in sheet
    row = keepers.row(keepers.place["id"])
    assert row["telephone"] == "+33320815758"
    assert row["provenance"]["telephone"]["source"] == "reseau"
    assert row["verified_at"] is None, "one number was changed: nobody said that the rest is exact"
    (told,) = history(keepers, "telephone")
    assert (told.before["v"], told.after["v"], told.cause, told.author_id) == (
        keepers.place["telephone"],
        "+33320815758",
        "edit",
        keepers.referent.id,
    )
    keepers.import_again()
    assert keepers.row(keepers.place["id"])["telephone"] == "+33320815758"
    assert "Écrit par le lieu" in app.get(keepers.sheet_path() + "/modifier")
    edit(app, keepers, telephone="03 20 81 57 57")


def test_a_form_that_nobody_touched_writes_nothing(keepers_lite: Keepers) -> None:
    """Whatever a register wrote: the form of each of the 39 places goes and comes back without a change."""
    app = keepers_lite.as_(keepers_lite.coordinator)
    for row in keepers_lite.rows():
        form = open_form(app, keepers_lite, row["id"])
        answer = form.submit()
        assert "enregistre=rien" in answer.location, row["nom"]
        assert keepers_lite.row(row["id"])["rev"] == row["rev"]


def test_each_unit_is_written_alone(keepers_lite: Keepers) -> None:
    app = keepers_lite.as_(keepers_lite.referent)
    for name, value, field, wanted in (
        (
            "courriels",
            "accueil@ccas-roubaix.fr\ncontact@ccas-roubaix.fr",
            "courriels",
            ["accueil@ccas-roubaix.fr", "contact@ccas-roubaix.fr"],
        ),
        ("site_web", "www.ccas-roubaix.fr", "site_web", ["http://www.ccas-roubaix.fr"]),
        (
            "presentation_resume",
            "  On vous aide \n pour vos démarches ",
            "presentation_resume",
            "On vous aide pour vos démarches",
        ),
        ("presentation_detail", "Ligne 1\r\n\r\nLigne 2", "presentation_detail", "Ligne 1\n\nLigne 2"),
        ("autres_formations_labels", "Un\nDeux\nUn", "autres_formations_labels", ["Un", "Deux"]),
        ("structure_parente", "Mairie", "structure_parente", "Mairie"),
    ):
        answer = edit(app, keepers_lite, **{name: value})
        assert answer.location.endswith(f"enregistre={field}"), (name, answer.location)
        assert keepers_lite.row(keepers_lite.place["id"])[field] == wanted


def test_choices_and_a_type_from_the_list(keepers_lite: Keepers) -> None:
    app = keepers_lite.as_(keepers_lite.referent)
    form = open_form(app, keepers_lite)
    form.set("demarches", True, index=1)
    form.set("frais_a_charge", True, index=1)
    form["typologie_plus"] = "ASSO"
    before = keepers_lite.row(keepers_lite.place["id"])
    answer = form.submit()
    row = keepers_lite.row(keepers_lite.place["id"])
    assert row["demarches"] == [*before["demarches"], "ameli"]
    assert "ASSO" in row["typologie"]
    assert set(row["frais_a_charge"]) >= {"gratuit-sous-condition"}
    assert set(answer.location.split("=")[1].split("%2C")) == {"demarches", "frais_a_charge", "typologie"}
    keepers_lite.reindex()
    assert str(row["id"]) in {found["id"] for found in keepers_lite.json(demarche="ameli")["items"]}


def test_a_move_clears_the_position(keepers: Keepers) -> None:
    app, id_ = keepers.as_(keepers.coordinator), keepers.other["id"]
    assert keepers.row(id_)["latitude"] is not None
    answer = edit(app, keepers, id_, adresse="1 rue Nouvelle", commune="tourcoing", code_postal="", demenage=True)
    assert answer.status_int == 303, Page(answer.text).notes
    row = keepers.row(id_)
    assert (row["adresse"], row["commune"], row["code_postal"], row["code_insee"]) == (
        "1 rue Nouvelle",
        "Tourcoing",
        "59200",
        "59599",
    )
    assert row["latitude"] is row["longitude"] is None
    edit(app, keepers, id_, latitude="50,72", longitude="3.16")
    row = keepers.row(id_)
    assert (row["latitude"], row["longitude"]) == (50.72, 3.16)
    keepers.import_again()
    assert keepers.row(id_)["adresse"] == "1 rue Nouvelle"


def test_a_town_that_could_be_several_is_asked(keepers_lite: Keepers) -> None:
    app, id_ = keepers_lite.as_(keepers_lite.coordinator), keepers_lite.other["id"]
    refused = edit(app, keepers_lite, id_, commune="Saint-Denis", code_postal="")
    assert refused.status_int == 422
    form = main_form(refused)
    assert len(form["code_insee"].options) > 2
    form["code_insee"] = "93066"
    assert form.submit().status_int == 303
    row = keepers_lite.row(id_)
    assert (row["commune"], row["code_insee"]) == ("Saint-Denis", "93066")


@pytest.mark.parametrize(
    "name, value, sentence",
    [
        ("telephone", "12", "Écrivez un numéro français"),
        ("telephone", "06 39 98 00 00", "n’existe pas"),
        ("telephone", "+32 2 555 12 12", "pas français"),
        ("telephone", "0" * 41, "trop long"),
        ("courriels", "jean.dupont@mairie.fr", "celle d’une personne"),
        ("courriels", "rien du tout", "adresse complète"),
        ("courriels", "\n".join(f"contact{n}@lieu.fr" for n in range(6)), "5 lignes"),
        ("site_web", "javascript:alert(1)", "ne peut pas être publiée"),
        ("prise_rdv", "https://un.fr https://deux.fr", "une seule adresse"),
        ("fiche_acces_libre", "pas une adresse", "adresse de site complète"),
        ("code_postal", "5910", "cinq chiffres"),
        ("commune", "Xyzzyville", "ne connaissons pas cette ville"),
        ("latitude", "nord", "nombre de degrés"),
        ("latitude", "nan", "nombre de degrés"),
        ("latitude", "", "les deux nombres"),
        ("longitude", "200", "nombre de degrés"),
        ("nom", "  ", "nom du lieu"),
        ("nom", "x" * 256, "trop long"),
        ("presentation_resume", "x" * 281, "trop long"),
        ("presentation_detail", "Demandez marie.durand@mairie.fr", "celle d’une personne"),
        ("presentation_detail", "x" * 5001, "trop long"),
        ("autres_formations_labels", "1\n2\n3\n4\n5\n6", "5 lignes"),
    ],
)  # fmt: skip
def test_each_field_says_what_is_wrong(keepers_lite: Keepers, name: str, value: str, sentence: str) -> None:
    app, before = keepers_lite.as_(keepers_lite.referent), keepers_lite.row(keepers_lite.place["id"])
    refused = edit(app, keepers_lite, **{name: value})
    assert refused.status_int == 422
    page = Page(refused.text)
    assert not page.errors
    assert any(sentence in text for text in page.text_of(".error-text")), page.text_of(".error-text")
    summary = [link["href"] for link in page.all("a") if link.get("href", "").startswith("#")]
    assert any(f"#{field}" in summary for field in (name, "code_insee", "longitude"))
    assert main_form(refused)[name].value.replace("\r\n", "\n").strip() == value.strip()
    assert keepers_lite.row(keepers_lite.place["id"])["rev"] == before["rev"]
    app.post(
        keepers_lite.sheet_path() + "/modifier/brouillon/effacer",
        {"csrf_token": main_form(refused)["csrf_token"].value},
    )


@pytest.mark.parametrize("name", ["services", "demarches", "typologie_plus", "publics_specifiquement_adresses"])
def test_a_choice_that_was_not_offered(keepers_lite: Keepers, name: str) -> None:
    app = keepers_lite.as_(keepers_lite.referent)
    form = open_form(app, keepers_lite)
    refused = app.post(form.action, [*form.submit_fields(), (name, "<script>")], status=422)
    assert "Choisissez une des réponses proposées." in refused
    assert "<script>" not in refused.text.split("<main")[1].split("</main>")[0]


def test_hostile_forms(keepers: Keepers) -> None:
    """Anything that is posted gets an answer, and what was not in the form is left."""
    app, path = keepers.as_(keepers.referent), keepers.sheet_path() + "/modifier"
    form, before = open_form(app, keepers), keepers.row(keepers.place["id"])
    token, marks = form["csrf_token"].value, {n: v for n, v in form.submit_fields() if n.startswith("vu-")}
    answers = [
        app.post(path, {"csrf_token": token}),
        app.post(path, {"csrf_token": token, "telephone": "03 20 81 57 59"}),  # without its mark: not of our form
        app.post(path, {"csrf_token": token, **marks, "vu-telephone": "x", "telephone": "0320815759"}, status=422),
        app.post(path, {"csrf_token": token, **marks, "nom": "a\x00b" * 200}, status=422),
        app.post(
            path, {"csrf_token": token, **marks, "h-9-9-de": "x", "h-0-1-de": "9" * 400, "h-rythme": "9/9"}, status=422
        ),
        app.post(
            path, {"csrf_token": token, "vu-inconnu": "x", "conflit": ["rien", "nom"], "choix-nom": "tout"}, status=422
        ),
        app.post(path, {"csrf_token": token, **marks, "verify_every": "7", "latitude": "1e999"}, status=422),
        app.post(path, {"csrf_token": token, **marks, "presentation_detail": "é" * 20_000}, status=422),
        app.post(path, [("csrf_token", token), ("vu-nom", marks["vu-nom"]), ("nom", "‮‏")], status=422),
    ]
    assert all(answer.status_int in (303, 422) for answer in answers)
    after = keepers.row(keepers.place["id"])
    assert after["verify_every"] == before["verify_every"]
    assert {n: after[n] for n in ("nom", "telephone", "horaires")} == {
        n: before[n] for n in ("nom", "telephone", "horaires")
    }
    app.post(path, {"csrf_token": token, **marks, "presentation_detail": "é" * 200_000}, status="4*")
    app.post(path, {"csrf_token": token}, upload_files=[("telephone", "a.txt", b"x")])
    app.post(path, b"\xff\xfe=\xff", status="4*")


def test_what_is_refused_is_kept_as_a_draft(keepers: Keepers) -> None:
    """A 422 commits: whoever leaves the page then finds the text again."""
    app = keepers.as_(keepers.referent)
    refused = edit(app, keepers, telephone="12", presentation_detail="Un long texte")
    assert refused.status_int == 422
    again = app.get(keepers.sheet_path() + "/modifier")
    assert "Vous aviez commencé le" in again
    form = main_form(again)
    assert (form["telephone"].value, form["presentation_detail"].value.strip()) == ("12", "Un long texte")
    form["telephone"] = "0320815757"
    assert form.submit().status_int == 303
    assert "Vous aviez commencé" not in app.get(keepers.sheet_path() + "/modifier")
    assert keepers.row(keepers.place["id"])["presentation_detail"] == "Un long texte"


def test_a_draft_without_javascript(keepers: Keepers) -> None:
    app, rev = keepers.as_(keepers.referent), keepers.row(keepers.place["id"])["rev"]
    form = open_form(app, keepers)
    form["structure_parente"] = "Ville de Roubaix"
    form.set("demarches", True, index=3)
    kept = app.post(form.action + "/brouillon", form.submit_fields("garder")).follow()
    assert "Votre brouillon est gardé" in kept
    other = keepers.as_(keepers.coordinator).get(keepers.sheet_path() + "/modifier")
    assert "Vous aviez commencé" not in other  # a draft is one person's
    form = main_form(app.get(keepers.sheet_path() + "/modifier"))
    assert form["structure_parente"].value == "Ville de Roubaix"
    assert form.get("demarches", index=3).checked
    assert keepers.row(keepers.place["id"])["rev"] == rev
    drop = main_form(kept, "/effacer")
    fresh = drop.submit().follow()
    assert "Vous aviez commencé" not in fresh
    assert main_form(fresh)["structure_parente"].value != "Ville de Roubaix"
    assert not drafts_of(keepers, keepers.referent.id)


def test_a_draft_by_script(keepers_lite: Keepers) -> None:
    app = keepers_lite.as_(keepers_lite.referent)
    form = open_form(app, keepers_lite)
    form["telephone"] = "03 20"
    assert app.post(form.action + "/brouillon", form.submit_fields()).status_int == 204
    (draft,) = drafts_of(keepers_lite, keepers_lite.referent.id)
    assert ["telephone", "03 20"] in draft.fields["fields"]
    assert "csrf_token" not in dict(draft.fields["fields"])
    big = [(n, v) for n, v in form.submit_fields() if n != "presentation_detail"]
    assert app.post(form.action + "/brouillon", [*big, ("presentation_detail", "x" * 70_000)]).status_int == 204
    (draft,) = drafts_of(keepers_lite, keepers_lite.referent.id)
    assert ["telephone", "03 20"] in draft.fields["fields"]  # too large: the former one stays
    app.post(form.action + "/brouillon/effacer", {"csrf_token": form["csrf_token"].value})


def test_a_session_that_expired_loses_nothing(keepers: Keepers) -> None:
    """Sent too late: a mailed link, and the text is there, ready to be sent again."""
    app, here = keepers.as_(keepers.referent), {"Origin": "http://localhost"}
    form = open_form(app, keepers)
    form["presentation_resume"] = f"Écrit trop tard {keepers.engine.dialect.name}"
    form.set("demarches", True, index=5)
    keepers.clock.now += timedelta(days=31)
    refused = app.post(form.action, form.submit_fields(), headers=here, status=403)
    ask = main_form(refused, "/connexion")
    ask["adresse"] = keepers.referent.email
    ask.submit(headers=here)
    with keepers.sessions() as session:
        mail = list(session.scalars(sa.select(Mail).where(Mail.recipient == keepers.referent.email).order_by(Mail.id)))[
            -1
        ]
    link = last_link(mail)
    resumed = main_form(app.get(link), link).submit().follow()
    again = main_form(resumed, "/modifier").submit()
    assert again.status_int == 303
    row = keepers.row(keepers.place["id"])
    assert row["presentation_resume"] == f"Écrit trop tard {keepers.engine.dialect.name}"
    assert "mutuelle-complementaire" in row["demarches"]


def test_a_draft_outlives_a_new_name(keepers_lite: Keepers) -> None:
    app = keepers_lite.as_(keepers_lite.referent)
    form = open_form(app, keepers_lite)
    form["structure_parente"] = "Gardé"
    app.post(form.action + "/brouillon", form.submit_fields())
    edit(keepers_lite.as_(keepers_lite.coordinator), keepers_lite, nom="Un autre nom")
    old = app.get(form.action)
    assert old.status_int == 301
    assert main_form(old.follow())["structure_parente"].value == "Gardé"
    app.post(keepers_lite.sheet_path() + "/modifier/brouillon/effacer", {"csrf_token": form["csrf_token"].value})


def test_rhythm_and_verification(keepers: Keepers) -> None:
    app = keepers.as_(keepers.coordinator)
    id_ = next(row["id"] for row in keepers.rows() if row["verified_at"] is None)
    answer = edit(app, keepers, id_, verify_every="12")
    assert answer.status_int == 303
    row = keepers.row(id_)
    assert (row["verify_every"], row["verified_at"]) == (12, None)
    assert "C’est enregistré" in answer.follow()
    assert not open_form(app, keepers, id_)["verifie"].checked, "nobody read the folded parts yet"
    assert "exacte aujourd" in edit(app, keepers, id_, verifie=True).follow()
    assert keepers.row(id_)["verified_by"] == "coordination"


def test_the_register_that_contradicts_is_told(keepers_lite: Keepers) -> None:
    app, id_ = keepers_lite.as_(keepers_lite.referent), keepers_lite.place["id"]
    edit(app, keepers_lite, telephone="03 20 81 57 60")
    with keepers_lite.sessions() as session:
        mine = sa.select(Override).where(Override.structure_id == id_, Override.field == "telephone")
        override = session.scalars(mine).one()
        override.source_now, override.conflict_since = {"v": "+33320000001"}, keepers_lite.clock.now
        session.commit()
    page = app.get(keepers_lite.sheet_path() + "/modifier")
    assert "Cartographie nationale dit maintenant" in page
    assert "03 20 00 00 01" in page


def test_who_may_edit(keepers: Keepers) -> None:
    path = keepers.sheet_path() + "/modifier"
    allowed = {"referent": 200, "coordinator": 200, "member": 403, "elsewhere": 403, "stranger": 403}
    for name, status in allowed.items():
        app = keepers.as_(getattr(keepers, name))
        page = app.get(path, status=status)
        sheet = app.get(keepers.sheet_path())
        assert (f'href="{path}"' in sheet) == (status == 200), name
        assert ("/rejoindre" in sheet) == (name in ("elsewhere", "stranger")), name
        token = "x"
        if status == 200:
            token = main_form(page)["csrf_token"].value
        else:
            report = app.get(keepers.sheet_path() + "/signaler")
            token = main_form(report, "/signaler")["csrf_token"].value
        for url in (path, path + "/brouillon", path + "/brouillon/effacer", keepers.sheet_path() + "/offres/nouvelle"):
            answer = app.post(url, {"csrf_token": token}, status="*")
            assert (answer.status_int == 403) == (status == 403), (name, url, answer.status_int)
        app.get(keepers.sheet_path() + "/offres/nouvelle", status=status)
    visitor = keepers.as_(None)
    assert visitor.get(path, status="*").status_int in (303, 403)
    assert "/modifier" not in visitor.get(keepers.sheet_path())
    assert "C’est enregistré" not in visitor.get(keepers.sheet_path() + "?enregistre=nom")


def test_unknown_places(keepers_lite: Keepers) -> None:
    app = keepers_lite.as_(keepers_lite.coordinator)
    for path in (
        f"/annuaire/x-{new_id()}/modifier",
        f"/annuaire/x-{new_id()}/offres/nouvelle",
        f"/annuaire/x-{new_id()}/offres/{new_id()}",
    ):
        app.get(path, status=404)
    app.get(keepers_lite.sheet_path() + f"/offres/{new_id()}", status=404)


def test_statements_do_not_grow(keepers: Keepers) -> None:
    app = keepers.as_(keepers.coordinator)
    counts = []
    for row in [row for row in keepers.rows() if row["id"] != keepers.place["id"]][:3]:  # nobody contradicts these
        with keepers.statements() as seen:
            app.get(keepers.sheet_path(row["id"]) + "/modifier")
        counts.append(len([s for s in seen if s.lstrip().upper().startswith("SELECT")]))
    assert len(set(counts)) == 1
    assert counts[0] <= 9  # who asks (2), the sheet (5), the draft, what people wrote


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_page_is_well_formed(keepers_lite: Keepers, language: str) -> None:
    app = keepers_lite.as_(keepers_lite.referent, language)
    page: Any = Page(app.get(keepers_lite.sheet_path() + "/modifier").text)
    assert not page.errors
    ids = [a["id"] for _tag, a in page.elements if a.get("id")]
    assert len(ids) == len(set(ids))
    labels = {a.get("for") for a in page.all("label")}
    for kind in ("input", "select", "textarea"):
        for one in page.all(kind):
            assert one.get("type") in ("hidden", "search") or one.get("id") in labels or one in page.labelled, one

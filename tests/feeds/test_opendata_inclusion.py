"""data·inclusion v1 as it leaves: every row taken by the official models, what cannot be said left out and counted."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from data_inclusion.schema.v1 import ReseauPorteur, Service, Structure
from pydantic import TypeAdapter
from sqlalchemy.orm import sessionmaker

from feeds.opendata import files, inclusion
from feeds.opendata.inclusion import Publisher, Told
from feeds.opendata.reading import Place, of_site, places
from reseau.core.clock import utcnow
from reseau.core.db import ReseauSession
from reseau.directory.models import Service as Offer
from reseau.directory.models import Structure as Row
from tests.conftest import ROUBAIX_CSV
from tests.feeds.test_opendata_places import ID, place, run

BY = Publisher("Réseau de Roubaix", "https://reseau.example")


def one(**values: Any) -> Place:
    return Place(place(slug="le-lieu", date_maj="2024-05-06", **values), (), ())


def offered(*offers: Offer, **values: Any) -> Place:
    return Place(one(**values).row, (), offers)


def offer(**values: Any) -> Offer:
    empty: dict[str, Any] = {name: [] for name in ("thematiques", "demarches", "publics", "modes_accueil")}
    base = {"nom": "Permanence santé", "description": "Une aide pour ouvrir son espace.", "updated_at": utcnow()}
    return Offer(id=ID, **{**empty, **base, **values})


def structures(*found: Place) -> tuple[list[dict[str, Any]], Told]:
    told = Told()
    return list(inclusion.structures(found, BY, told)), told


def services(*found: Place) -> tuple[list[dict[str, Any]], Told]:
    told = Told()
    return list(inclusion.services(found, BY, told)), told


def test_a_place_is_a_structure() -> None:
    (made,), told = structures(one(
        pivot="26590512500018", typologie=["CCAS", "MDPH", "ACI", "CS", "PREF"], latitude=50.69, longitude=3.17,
        courriels=["jean.dupont@ccas.fr", "contact@ccas.fr"], dispositif_programmes_nationaux=["aidants-connect"],
        presentation_resume="Un résumé.", site_web=["https://ccas.example"], horaires="Mo-Fr 09:00-12:00",
    ))  # fmt: skip
    assert made == {
        "source": "reseau-de-roubaix", "id": f"reseau-de-roubaix--{ID}", "nom": "Le Lieu", "date_maj": "2024-05-06",
        "description": "Un résumé.", "lien_source": f"https://reseau.example/annuaire/le-lieu-{ID}",
        "siret": "26590512500018", "commune": "Roubaix", "code_postal": "59100", "adresse": "1 rue du Lieu",
        "longitude": 3.17, "latitude": 50.69, "courriel": "contact@ccas.fr", "site_web": "https://ccas.example",
        "horaires_accueil": "Mo-Fr 09:00-12:00", "reseaux_porteurs": ["aci", "aidants-connect", "ccas-cias", "mdph"],
    }  # fmt: skip
    assert (told.written, dict(told.left_out), dict(told.dropped)) == (1, {}, {})


def test_what_v1_requires_and_nobody_said_is_left_out_and_counted() -> None:
    made, told = structures(one(nom="AB"), Place({**one().row, "date_maj": None}, (), ()), one())
    assert (len(made), told.written, dict(told.left_out)) == (1, 1, {"nom": 1, "date_maj": 1})


def test_a_service_of_a_structure_that_is_left_out_is_left_out_too() -> None:
    made, told = services(one(nom="AB", services=["aide-aux-demarches-administratives"]))
    assert (made, dict(told.left_out)) == ([], {"structure_id": 1})


def test_an_optional_value_that_v1_refuses_is_dropped_alone() -> None:
    (made,), told = structures(one(site_web=["pas une adresse"], code_postal="591"))
    assert "site_web" not in made
    assert "code_postal" not in made
    assert dict(told.dropped) == {"site_web": 1, "code_postal": 1}


def test_an_rna_is_no_siret() -> None:
    (made,), _ = structures(one(pivot="W595001234"))
    assert "siret" not in made


def test_a_place_without_offers_is_one_service_made_of_its_labels() -> None:
    (made,), _ = services(one(
        services=["aide-aux-demarches-administratives"], frais_a_charge=["gratuit-sous-condition"],
        modalites_acces=["telephoner", "envoyer-un-mail-avec-une-fiche-de-prescription"],
        modalites_accompagnement=["dans-un-atelier-collectif", "a-distance"],
        publics_specifiquement_adresses=["familles-et-ou-enfants"], prise_en_charge_specifique=["illettrisme"],
    ))  # fmt: skip
    assert made["nom"] == "Aide aux démarches administratives"
    assert made["description"] == "Aide aux démarches administratives."
    assert made["structure_id"] == f"reseau-de-roubaix--{ID}"
    assert (made["frais"], made["frais_precisions"]) == ("gratuit", "Gratuit sous condition")
    assert (made["type"], made["modes_accueil"]) == ("atelier", ["a-distance", "en-presentiel"])
    assert made["modes_mobilisation"] == ["envoyer-un-courriel", "telephoner"]
    assert made["mobilisable_par"] == ["professionnels", "usagers"]
    assert (made["publics"], made["publics_precisions"]) == (["familles"], "Prise en charge : Illettrisme")
    assert "contact_nom_prenom" not in made


def test_a_place_for_everybody_says_so_and_two_fees_are_none() -> None:
    (made,), _ = services(one(services=["loisirs-et-creations-numeriques", "aide-aux-demarches-administratives"],
                              frais_a_charge=["gratuit", "payant"]))  # fmt: skip
    assert (made["nom"], made["publics"]) == ("Médiation numérique", ["tous-publics"])
    assert "frais" not in made
    assert made["frais_precisions"] == "Gratuit, Payant"


def test_offers_stand_instead_and_those_of_data_inclusion_do_not_go_back() -> None:
    ours = offer(demarches=["mdph-aah"], publics=["seniors"], horaires_accueil="le mardi de 14 h à 16 h",
                 courriel="marie.durand@ccas.fr", frais="gratuit")  # fmt: skip
    theirs = offer(source="data-inclusion", source_id="dora--1")
    changed = offer(source="data-inclusion", source_id="dora--2", updated_by=ID, nom="Corrigé ici")
    made, told = services(offered(ours, theirs, changed, services=["loisirs-et-creations-numeriques"]))
    assert [one["nom"] for one in made] == ["Permanence santé", "Corrigé ici"]
    assert told.theirs == 1
    assert made[0]["thematiques"] == ["sante--constituer-un-dossier-mdph-invalidite"]
    assert (made[0]["publics"], made[0]["horaires_accueil"]) == (["seniors"], "Tu 14:00-16:00")
    assert "courriel" not in made[0], "a person's"


def test_an_offer_without_description_is_left_out() -> None:
    made, told = services(offered(offer(description=None)))
    assert (made, dict(told.left_out)) == ([], {"description": 1})


def test_the_mapping_names_only_networks_of_v1() -> None:
    known = {one.value for one in ReseauPorteur}
    named = {value for values in inclusion._tables()["reseaux"].values() for value in values}
    assert named <= known


def test_the_files_are_taken_whole_by_the_official_models(
    sessions: sessionmaker[ReseauSession], tmp_path: Path
) -> None:
    run(sessions, ROUBAIX_CSV)
    with sessions.begin() as session:
        first = session.scalars(sa.select(Row).order_by(Row.id)).first()
        assert first is not None
        session.add(Offer(structure_id=first.id, nom="Atelier", description="Un atelier par semaine.", type="atelier"))
    with sessions() as session:
        texts = {
            name: "".join(files.pieces(session, of_site(()), name, BY, Told()))
            for name in ("structures.json", "services.json")
        }
        again = "".join(files.pieces(session, of_site(()), "services.json", BY, Told()))
        assert len(list(places(session, of_site(())))) == 39
    assert again == texts["services.json"], "the same each time"
    found = TypeAdapter(list[Structure]).validate_json(texts["structures.json"])
    offers = TypeAdapter(list[Service]).validate_json(texts["services.json"])
    assert len(found) == 39
    assert len(offers) == 39
    assert {one.structure_id for one in offers} <= {one.id for one in found}
    assert "1e-" not in texts["structures.json"]
    assert all(isinstance(json.loads(text), list) for text in texts.values())
    assert datetime.fromisoformat(str(found[0].date_maj))

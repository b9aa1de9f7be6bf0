"""What would make somebody who is helped recognised: seen before it is published; what is nobody's secret is not."""

from __future__ import annotations

import time

import pytest

from reseau.threads.base.personal_words import Found, Seen, holds_number, seen

NUMBERS = ["1 84 12 76 451 089 46", "184127645108946", "1841276451089", "2 51 04 2A 004 012", "2.51.04.33.063.012"]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_social_security_number_is_seen(number: str) -> None:
    text = f"Le compte du {number} est bloqué."
    assert seen(text) == [Found(Seen.NUMBER, number)]
    assert holds_number(text)


@pytest.mark.parametrize(
    "text",
    ["née le 3/4/1951", "Né le 12 mars 1960 à Oran", "né(e) le 01.02.1999", "Date de naissance : 3/4/1951",
     "nee le 1er août 51"],
)  # fmt: skip
def test_a_birth_date_is_seen(text: str) -> None:
    assert [one.seen for one in seen(f"Une dame, {text}, attend.")] == [Seen.BIRTH]


@pytest.mark.parametrize(
    ("text", "words"),
    [("J’aide Mme Benali", "Mme Benali"), ("M. Dupont n’a pas de code", "M. Dupont"),
     ("avec Madame Fatima Ben", "Madame Fatima Ben"), ("pour monsieur K. demain", "monsieur K."),
     ("Mme Éloïse d’Arc", "Mme Éloïse")],
)  # fmt: skip
def test_a_name_after_a_title_is_seen(text: str, words: str) -> None:
    assert seen(text) == [Found(Seen.NAME, words)]


def test_a_mobile_number_is_seen_beside_a_name_only() -> None:
    assert seen("Appelez la permanence au 06 12 34 56 78.") == []
    found = seen("Mme Benali, 06 12 34 56 78, n’a pas de code.")
    assert [one.seen for one in found] == [Seen.NAME, Seen.PHONE]
    assert [one.seen for one in seen("Mme Benali attend." + " mot" * 60 + " Permanence : 06 12 34 56 78")] == [
        Seen.NAME
    ]


@pytest.mark.parametrize(
    "text",
    ["Mme la directrice", "Madame la Présidente", "Monsieur le maire de Pessac", "Madame, Monsieur,", "Bonjour madame",
     "Mme Maire", "Madame Directrice", "33700 Mérignac", "Le 3646 et le 05 56 00 00 00", "+33 5 56 00 00 00",
     "Réunion le 3/4/2027 à 14 h", "Elle est née en 1951", "Né d’un besoin, le 12 mars 2024 l’atelier a ouvert",
     "SIRET 821 234 567 00012", "RNA W332012345", "IBAN FR76 3000 6000 0112 3456 7890 189", "Le numéro 1234567890123456",
     "Carte 1 84 12 76 451 089 47", "https://a.example/1841376451", "6 à 8 M. de câble", "@mme-benali", "il a 1 840 euros",
     "Commande 2027 11 22 093 000 1234"],
)  # fmt: skip
def test_what_is_nobodys_secret_is_not_seen(text: str) -> None:
    assert seen(text) == []
    assert not holds_number(text)


@pytest.mark.parametrize("piece", ["1 ", "Mme ", "né ", "Mme A ", "né le 1 ", "1841276451089 ", "0612345678 "])
def test_it_does_not_take_long(piece: str) -> None:
    def cost(text: str) -> float:
        before = time.process_time()
        for _ in range(5):
            seen(text)
        return time.process_time() - before

    short, long = piece * 500, piece * 2_000
    cost(short)
    assert cost(long) < max(20 * cost(short), 0.2)

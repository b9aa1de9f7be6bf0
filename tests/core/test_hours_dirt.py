"""Every dirty value of hours met in mednum-cli's own tests, with what a French reader understands for sure.

None where the text says more than OSM can, or may be read in two ways. The tables differ on purpose from the
column ``attendu_mednum_cli``, whose tool drops what it does not know ("sauf le mercredi", "1 semaine sur 2").
"""

import csv
from pathlib import Path

import pytest

from reseau.core.hours import Hours
from reseau.core.hours_text import read, read_day

DIRT = Path(__file__).parents[1] / "data" / "dirt-hours-contact.csv"

DAY: dict[str, str | None] = {
    "9:00 - 12:00 / 14:00 - 18:00": "09:00-12:00,14:00-18:00",
    "8h45 à 12h15": "08:45-12:15",
    "9-12/14-18": "09:00-12:00,14:00-18:00",
    "9H-12H /14H-18H": "09:00-12:00,14:00-18:00",
    "09h-12h / 14h-18h": "09:00-12:00,14:00-18:00",
    "8h30 - 12h / 14h - 17h30": "08:30-12:00,14:00-17:30",
    "8h30 à 12h - 14h à 17h30": "08:30-12:00,14:00-17:30",
    "16h-19h": "16:00-19:00",
    "9h-12h et 14h-16h30": "09:00-12:00,14:00-16:30",
    "de 9h à 12h et de 14h à 17h": "09:00-12:00,14:00-17:00",
    "13h30-17H00": "13:30-17:00",
    "09H00-17H00": "09:00-17:00",
    "9h/17h": "09:00-17:00",
    "8h30-12h/13h30-17h": "08:30-12:00,13:30-17:00",
    "8 h 30 - 12 h -  et 13 h 30 -17 h": "08:30-12:00,13:30-17:00",
    " 9h00-12h00  13h00-17h00": "09:00-12:00,13:00-17:00",
    "9h/12h45-13h30/17h": "09:00-12:45,13:30-17:00",
    "8h30 12h / 14h 17h30": "08:30-12:00,14:00-17:30",
    "9h12h / 14h-17h": "09:00-12:00,14:00-17:00",
    "9h – 12h30 / 13h30 – 17h": "09:00-12:30,13:30-17:00",
    "9h-12h 13h30-16h30": "09:00-12:00,13:30-16:30",
    "de 8h30 h à 12 h et de 13 h 30 à 17 h": "08:30-12:00,13:30-17:00",
    "09:00-12:00 hors premier Lundi du mois": None,
    "8h30-12 / 13h30 17h30": "08:30-12:00,13:30-17:30",
    "8:30 -12:00 /14: - 17:30": "08:30-12:00,14:00-17:30",
    "8:30/12:00 -14:/18:": "08:30-12:00,14:00-18:00",
    "10:/12:": "10:00-12:00",
    "8:30-12- /14: - 17:30": "08:30-12:00,14:00-17:30",
    "9h30-12h (jusqu'en juin 2022)": None,
    "14h-18h sur RDV uniquement": '14:00-18:00 open "sur rendez-vous"',
    "10 à 12h - 14h à 16h": "10:00-12:00,14:00-16:00",
    "9h30 à 12h30*-*fermé vacances": None,
    "9h00/12h00  13h30/17h30": "09:00-12:00,13:30-17:30",
    "9h00/12h00 atelier cyber  13h30/17h30 atelier f'AB": None,
    "Pas d'accueil.": None,
    "Sans rendez-vous de 9h30 à 12h": '09:30-12:00 open "sans rendez-vous"',
    "9h à 12h  14h à 17h30": "09:00-12:00,14:00-17:30",
    "10h30 12h": "10:30-12:00",
    "9H-12H / Après-midi sur RDV": None,
    "11h/12h30 et 14h/19h": "11:00-12:30,14:00-19:00",
    "8h30-12h30 13h30 -17h30": "08:30-12:30,13:30-17:30",
    "8h30-12h30 13h30 17h30": "08:30-12:30,13:30-17:30",
    "9h30-12h30, 14h-17h": "09:30-12:30,14:00-17:00",
    "12h3019h": "12:30-19:00",
    "9-12h  13h30-18h": "09:00-12:00,13:30-18:00",
    "Fermé  le matin - 13h30 à 18h": "13:30-18:00",
    "8h à 12h &amp; 13h30 à 17h30": "08:00-12:00,13:30-17:30",
    "9hè16h": "09:00-16:00",
    "9h-12h - 14h-17h": "09:00-12:00,14:00-17:00",
    "9h30-12h0/ 13h-16h": "09:30-12:00,13:00-16:00",
    "13h30 a 16h30 sur rendez-vous": '13:30-16:30 open "sur rendez-vous"',
    "9h12h 14h18h(Mandela)": None,
    "En location_reservation": None,
    "9h-12h00 ; 13h30-17h00": "09:00-12:00,13:30-17:00",
    "18h": None,
    "10h00 - 12h30 | 13h30 - 16h00": "10:00-12:30,13:30-16:00",
    "10h-12h     14h-18h": "10:00-12:00,14:00-18:00",
    "9h à 12h30 et de 13h30 à 16h3": None,
    "08h30-12h00/13h30-1730": "08:30-12:00,13:30-17:30",
    "9h30-12h30 / 1er samedi du moi": None,
    "1x par mois de 10h à 12h": None,
    "ateliers collectifs réguliers; avec LE LAVOIR": None,
    "10h/12h et 13h30/16h30": "10:00-12:00,13:30-16:30",
    "Permanence 14h à 16h tous les 15 jours": None,
    "Permanences de 9h à 12h (à partir du 14/04/2022": None,
    "Permanence de 13h30 à 16h30 1 Semaine /2": None,
    "9h à 12h _ 13h30 à 17h": "09:00-12:00,13:30-17:00",
    "8h30 à12h30 13h30 à 16h30": "08:30-12:30,13:30-16:30",
    "| Présence sur Chambéry / Annecy": None,
    "9H a 12H  14H a 17H": "09:00-12:00,14:00-17:00",
    "-----": None,
    "Juillet-août : 10h-12h / 13h30-17h30": None,
    "1 samedi sur 2 : 9:00 - 12:30": None,
    "9h à 12h et de 13h30 à 18h hors et en vacances scolaires": "09:00-12:00,13:30-18:00",
    "9h - 12h le 1er et le dernier samedi du mois": None,
    "9h-12h30 et 1er de chaque mois uniquement : 14h-17h30": None,
    "08:30 12:30 - 13:30 17:00": "08:30-12:30,13:30-17:00",
    "9h-12h 14h18h": "09:00-12:00,14:00-18:00",
    "samedi de 14 h 30 à 18 h 30 pinto 5 rue des fortes terres": None,
    "9h30-12h et 13h,17h": "09:30-12:00,13:00-17:00",
    "9h,12/ 13h30-17h30": "09:00-12:00,13:30-17:30",
    "9h 12h - 13h30 17h": "09:00-12:00,13:30-17:00",
    "14 15 h et 16 19h": "14:00-15:00,16:00-19:00",
    "10h-18h  -  pendant les vacances : >": None,
    "9h 12h et 14h 19h": "09:00-12:00,14:00-19:00",
}

WEEK: dict[str, str | None] = {
    "Lundi au samedi de 9h à 19h": "Mo-Sa 09:00-19:00",
    "Lundi au vendredi de 9h à 19h": "Mo-Fr 09:00-19:00",
    "Du lundi au jeudi : 08:30-12:00 et 13:30-16:30": "Mo-Th 08:30-12:00,13:30-16:30",
    "Lundi-vendredi 9h30-17h30": "Mo-Fr 09:30-17:30",
    "Il y a des créneaux accès libre au public les lundi, mardi et jeudi de 16h30 à 18h.": None,
    "-----": None,
    "Ateliers sur réservation et accès libre": None,
    "Mercredi 9h30-12h30": "We 09:30-12:30",
    "Mercredi : 15:00-17:00 / Vendredi : 16:00-18:00 /  Samedi : 10:30 - 12:00": "We 15:00-17:00; Fr 16:00-18:00; Sa 10:30-12:00",
    "Lundi, mardi, jeudi et vendredi : 09:00-12:00 et 13:30-16:15 / Mercredi et samedi : 09:00-12:00": "Mo,Tu,Th,Fr 09:00-12:00,13:30-16:15; We,Sa 09:00-12:00",
    "mercredi de 16 h à 18 h et le samedi de 10 h à 12 h": "We 16:00-18:00; Sa 10:00-12:00",
    "SANS RENDEZ-VOUS du lundi au vendredi  : 08h30 - 12h30 / AVEC RENDEZ-VOUS du lundi au jeudi : 12h30 - 16h15": 'Mo-Th 08:30-12:30 open "sans rendez-vous", Mo-Th 12:30-16:15 open "sur rendez-vous"; Fr 08:30-12:30 open "sans rendez-vous"',
    "Mardi : 14:00-19:00 / Mercredi au samedi : 10:00-12:00 et 14:00-18:00 / Jeudi : 14:00-18:00": "Tu 14:00-19:00; We,Fr,Sa 10:00-12:00,14:00-18:00; Th 14:00-18:00",
    "Sessions libre du fablab les V14h-21h et S 10h-13h / L au V 8h30-19h": None,
    "1er mardi matin du mois": None,
    "lundi : 8h30-12h/14h-18h, mardi au vendredi : 8h30-12h/14h-17h30": "Mo 08:30-12:00,14:00-18:00; Tu-Fr 08:30-12:00,14:00-17:30",
    "9h30-12h 14h-16h (sauf le lundi matin / mardi)": None,
    "du lundi au vendredi : de 8h30 à 12h et de 13h30 à 17h30    samedi : de 14h à 17h30   fermeture en août": "Mo-Fr 08:30-12:00,13:30-17:30; Sa 14:00-17:30; Aug off",
    "LUNDI 9H30/12H30": "Mo 09:30-12:30",
    "lundi au jeudi de 8h à 12h et de 13h30 à 17h30. le mercredi de 10h à 12h et de 13h30 à 17h30. le vendredi de 8h à 12h et de 13h30 à 16h30": "Mo,Tu,Th 08:00-12:00,13:30-17:30; We 10:00-12:00,13:30-17:30; Fr 08:00-12:00,13:30-16:30",
    "lundi 13:00 17:00 , du mardi au vendredi 08:30 12:30 - 13:30 17:00": "Mo 13:00-17:00; Tu-Fr 08:30-12:30,13:30-17:00",
    "mardi 17h30-19h mercredi 9h-12h 14h18h jeudi 18h-19h30 vendredi 17h30-19h samedi 09h-12h 14h-17h": "Tu,Fr 17:30-19:00; We 09:00-12:00,14:00-18:00; Th 18:00-19:30; Sa 09:00-12:00,14:00-17:00",
    "du lundi au vendredi, de 9h à 12h et de 13h30 à 17h30, sauf le mercredi, de 9h à 12h": None,
    "LUNDI 13:00 17:00 , DU MARDI AU VENDREDI    08:00 - 17:00": "Mo 13:00-17:00; Tu-Fr 08:00-17:00",
    "9h-19h du lundi au samedi": "Mo-Sa 09:00-19:00",
    "lu au ve 09:00 19:00": "Mo-Fr 09:00-19:00",
    "lundi 10h30-12h 13h30-17h / mardi à jeudi 9h-12h  13h30-18h / vendredi 9h-12h  16h-17h": "Mo 10:30-12:00,13:30-17:00; Tu-Th 09:00-12:00,13:30-18:00; Fr 09:00-12:00,16:00-17:00",
    "Lundi: 9h00 à 12h00 / 14h à 17h00 - Mardi 9h00 à 12h00 / 14h à 17h00 - Mercredi 9h00 à 12h00 - Jeudi 9h00 à 12h00 / 14h à 17h00 - Vendredi 9h00 à 12h00 / 14h à 17h00": "Mo,Tu,Th,Fr 09:00-12:00,14:00-17:00; We 09:00-12:00",
    "lundi au vendredi 9h/12/ 13h30-17h30": "Mo-Fr 09:00-12:00,13:30-17:30",
    "lundi de 13 h 30 à 17 h 30 - du mardi au vendredi : de 9 h 00 à 12 h 00 et de 13 h 30 h à 17 h 30": "Mo 13:30-17:30; Tu-Fr 09:00-12:00,13:30-17:30",
    "mardi 14-18 / mercredi 10-12/14-18 / jeudi 14-17 / vendredi 14-17 / samedi 10-12/14-17": "Tu 14:00-18:00; We 10:00-12:00,14:00-18:00; Th,Fr 14:00-17:00; Sa 10:00-12:00,14:00-17:00",
    "lundi / et mardi 9h-12h / 14h-16h30": "Mo,Tu 09:00-12:00,14:00-16:30",
    "lundi de 13h30 à 16h30, vendredi de 15h30 à 18h30": "Mo 13:30-16:30; Fr 15:30-18:30",
    "lundi sur rendez vous au 03.21.89.04.66": None,
    "du mardi au vendredi 14h-18h le samedi de 9h-12h et de 14h-17h": "Tu-Fr 14:00-18:00; Sa 09:00-12:00,14:00-17:00",
    "le jeudi et vendredi : 09:30-11:30 --- en autonomie : du lundi au jeudi : 09:00-11:30 et 14:00-17:30": None,
    "fermeture exceptionnelle le vendredi après midi 1 fois par trimestre": None,
    "9h à 17h30 du lundi au vendredi. Fermé pendant les vacances de Noël.": None,
    "du lundi au vendredi   9h30 - 12h   14h - 18h": "Mo-Fr 09:30-12:00,14:00-18:00",
    "8h-12h du Lundi au Samedi et  13h30-17h30 le mercredi": "Mo,Tu,Th-Sa 08:00-12:00; We 08:00-12:00,13:30-17:30",
    "lundi 14 18 h mardi 9 12 h et 14 21 h": "Mo 14:00-18:00; Tu 09:00-12:00,14:00-21:00",
    "lundi de 13h30 à 18h du mardi au vendredi de 9h à 12 et de 13h30 à 18h": "Mo 13:30-18:00; Tu-Fr 09:00-12:00,13:30-18:00",
    "du lundi au vendredi de 9h 0 12h et de 13h45 0 17h15": "Mo-Fr 09:00-12:00,13:45-17:15",
    "lundi 16h00-19h00   mardi 10h00-12h00   mercredi 14h00-19h00": "Mo 16:00-19:00; Tu 10:00-12:00; We 14:00-19:00",
    "lundi 14h-7h vendredi 9h-12h": None,
    "Mar : 14h-19hMer :14h-18hJeu : 14h-18hVen : 14h-18h": "Tu 14:00-19:00; We-Fr 14:00-18:00",
    "Mo-Th 9:00-16:00": "Mo-Th 09:00-16:00",
    "Mo-Fr 09:00-11:45,13:30-16:30": "Mo-Fr 09:00-11:45,13:30-16:30",
    "mardi entre 10h et 12h": "Tu 10:00-12:00",
    "24/7": "24/7",
    "Tous les jours 9h-20h": "Mo-Su 09:00-20:00",
    "A partir du 4 septembre permanences au 18bis rue des 4 Freres Peignot 75015 Paris de 10h à 12h et de 14h à 18h du lundi à vendredi": None,
    "lundi 13h30 -17h30 mardi 8h -12h et 13h30- 17h30 jeudi 8h-12h et 13h30 -17h30 vendredi 8h-12h": "Mo 13:30-17:30; Tu,Th 08:00-12:00,13:30-17:30; Fr 08:00-12:00",
    "Ouvert du Lundi au Vendredi de 8h30 à 12h00 et de 13h00 à 16h30Samedi et Dimanche fermé\xa0": "Mo-Fr 08:30-12:00,13:00-16:30; Sa,Su off",
    "Mo-Fr 09:00-17 :00": "Mo-Fr 09:00-17:00",
    "> mardi : 14h-18h30 > mercredi : 10h-18h30 > jeudi : 14h-18h30 > vendredi : 10h-18h30 > samedi : 10h-18h  -  horaires pendant les vacances scolaires : > mardi : 14h-18h > mercredi : 10h-12h et 14h-18h > jeudi : 14h-18h > vendredi : 10h-12h et 14h-18h > samedi : 10h-12h et 14h-18h  -  la médiathèque est fermée les jours fériés.": None,
    "Tu,Th 14:00-18:30; We,Fr 10:00-18:30; Sa 10:00-18:00": "Tu,Th 14:00-18:30; We,Fr 10:00-18:30; Sa 10:00-18:00",
    "Tu, Th, Fr 13:30-18:00; We, Sa 10:30-12:30, 13:30-18:00": "Tu,Th,Fr 13:30-18:00; We,Sa 10:30-12:30,13:30-18:00",
    "Mo-Fr 14h00-19h00;Sa 14h00-18h00": "Mo-Fr 14:00-19:00; Sa 14:00-18:00",
    "Lundi : 08:30 - 12:30 - 13:30 - 17:30 \n + Mardi : 09:30 - 13:30 / 14:30 - 18:30": "Mo 08:30-12:30,13:30-17:30; Tu 09:30-13:30,14:30-18:30",
    "Lundi : 08:30 - 12:30 - 13:30 - 17:30 \n + Mardi : 08:30 - 12:30 / 13:30 - 17:30 \n + Mercredi : 08:30 - 12:30 / 13:30 - 17:30 \n + Jeudi : 08:30 - 12:30 / 13:30 - 17:30 Vendredi : 08:30 - 12:30 / 13:30 - 17:30 Samedi : 14:00 -15:00": "Mo-Fr 08:30-12:30,13:30-17:30; Sa 14:00-15:00",
    "Lundi : 08:30 - 12:30 - 13:30 - 16:30 \nMardi : 08:30 - 12:30 / 13:30 - 16:30 Mercredi : 08:30 - 12:30 / 13:30 - 16:30 \nJeudi : 08:30 - 12:30 / 13/30 - 16:30 Vendredi : 08:30 - 12:30 / 13:30 – 16:30": "Mo-Fr 08:30-12:30,13:30-16:30",
    "Mardi : 9h - 12h / 14h - 18h\nMercredi : 9h - 12h / 14h - 18h\nJeudi : 9h - 12h / 14h - 18h\nVendredi : 9h - 13h": "Tu-Th 09:00-12:00,14:00-18:00; Fr 09:00-13:00",
    "Mo 09:30-12:30,13:30-15:30; PH off": "Mo 09:30-12:30,13:30-15:30; PH off",
}


def _values(field):
    with DIRT.open(encoding="utf-8", newline="") as file:
        return [row["valeur_sale"] for row in csv.DictReader(file) if row["champ"] == field]


def test_the_tables_cover_the_file():
    assert set(_values("horaires_jour")) == DAY.keys()
    assert set(_values("horaires_semaine")) == WEEK.keys()


@pytest.mark.parametrize("raw", DAY)
def test_a_day(raw):
    assert read_day(raw) == DAY[raw]
    if DAY[raw] is not None:
        Hours(f"Mo {DAY[raw]}")


@pytest.mark.parametrize("raw", WEEK)
def test_a_week(raw):
    reading = read(raw)
    assert reading.osm == WEEK[raw]
    assert reading.raw == raw

"""Reading hours as registers write them: what is tidied, what is understood, and what must not be read."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reseau.core.hours import MAX_LENGTH, Hours
from reseau.core.hours_text import Reading, read, read_day

DIRT = Path(__file__).parents[1] / "data" / "dirt-hours-contact.csv"
PUBLISHED = Path(__file__).parents[1] / "data" / "hours-published.txt"
MONDAY = date(2026, 3, 2)


def _dirt():
    with DIRT.open(encoding="utf-8", newline="") as file:
        return [row["valeur_sale"] for row in csv.DictReader(file) if row["champ"].startswith("horaires")]


# Not from the file: OSM as registers damage it.


@pytest.mark.parametrize(
    ("raw", "osm"),
    [
        ("Mo-Fr 09:00-12:00;", "Mo-Fr 09:00-12:00"),
        (" ; Mo-Fr 09:00-12:00 ;; Sa 10:00-12:00 ; ", "Mo-Fr 09:00-12:00; Sa 10:00-12:00"),
        ("Mo-Fr 09:00-12:00;Sa 10:00-12:00", "Mo-Fr 09:00-12:00; Sa 10:00-12:00"),
        ("Mo-Fr 9h-12h", "Mo-Fr 09:00-12:00"),
        ("Mo-Fr 09:00 – 12:00 , 14:00 – 17:00", "Mo-Fr 09:00-12:00,14:00-17:00"),
        ("Mo, Tu, Th-Fr 09:00-12:00", "Mo,Tu,Th-Fr 09:00-12:00"),
        ("\u200eMo-Fr\u00a009:00-12:00\u200f", "Mo-Fr 09:00-12:00"),
        ("Mo-Fr 09:00-12:00 open ＂sur rendez-vous＂", 'Mo-Fr 09:00-12:00 open "sur rendez-vous"'),
        ('Mo 09:00-12:00 "9:00 ;  ici"', 'Mo 09:00-12:00 "9:00 ; ici"'),
        ('"sur rendez-vous"', '"sur rendez-vous"'),
        ('Mo-Fr "sur rendez-vous"', 'Mo-Fr "sur rendez-vous"'),
        ("week 1-53/2 Mo 09:00-12:00; PH off", "week 1-53/2 Mo 09:00-12:00; PH off"),
        ("Jul-Aug Mo-Fr 10:00-12:00", "Jul-Aug Mo-Fr 10:00-12:00"),
        ("Mo-Fr 09:00-12:00; Dec 24-Jan 02 off", "Mo-Fr 09:00-12:00; Dec 24-Jan 02 off"),
        ("Mo-Fr 09:00-12:00; Mo[1] off", "Mo-Fr 09:00-12:00; Mo[1] off"),
        ("Mo-Fr 09:00-12:00, We 14:00-17:00", "Mo-Fr 09:00-12:00, We 14:00-17:00"),
        (
            "Tu-Fr 08:00-12:00,13:30-17:00; We 13:30-17:00; Sa 08:00-11:00",
            "Tu-Fr 08:00-12:00,13:30-17:00; We 13:30-17:00; Sa 08:00-11:00",
        ),
        ("Mo-Sa 10:00-13:00,15:00-18:00; Th off", "Mo-Sa 10:00-13:00,15:00-18:00; Th off"),
    ],
)
def test_osm_is_tidied_without_a_change_of_meaning(raw, osm):
    assert read(raw).osm == osm


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "Mo-Sun 00:00-00:00",  # mednum-cli's way with 24/7
        "Mo-Su 00:00-00:00",
        "Mo,Tu 13:30-15:30; Th 00:00-00:00; Fr 13:30-13:30",
        "Mo 14:00-07:00",
        "Mo 22:00-26:00",
        "09:00-12:00",
        "Jul-Aug 10:00-12:00",
        "Mo-Fr",
        "Mo off",
        "closed",
        "Mo,Tu 08:30",
        "Mo 08:30-25:00",
        "Mo 08:75-12:00",
        "Mo-Th 08:00-12:00; Fr 08:00-14:00-17:00",
        "Mo-Fr 09:00-12:00,11:00-14:00",
        "Mo-Fr 09:00-12:00, Mo 11:00-14:00",
        "Mo 09:00-12:00; Mo 14:00-17:00",  # OSM keeps the second only; the writer meant both
        "PH off; Mo-Fr 09:00-12:00",  # OSM opens the holidays again
        "Mo-Fr 09:00-12:00; SH off",
        "Mo-Fr 09:00+",
        "Mo-Fr sunrise-sunset",
        "Feb 30 10:00-12:00",
        'Mo-Fr 09:00-12:00 || "sur rendez-vous"',
        "WE 10:00-12:00",  # Wednesday, or the French week-end?
        "We 10h-12h",
        'Mo 09:00-12:00 "un "deux" trois"',
    ],
)
def test_osm_that_cannot_be_meant_is_kept_as_text(raw):
    assert read(raw) == Reading(None, raw, read(raw).rules)


# Not from the file: French.


@pytest.mark.parametrize(
    ("raw", "osm"),
    [
        ("tous les jours sauf le dimanche 9h-12h", "Mo-Sa 09:00-12:00"),
        ("Tous les jours de 9h à 12h sauf le dimanche", "Mo-Sa 09:00-12:00; Su off"),
        ("du lundi au vendredi de 9h à 12h sauf le mercredi", "Mo,Tu,Th,Fr 09:00-12:00; We off"),
        ("du lundi au vendredi sauf le mercredi de 9h à 12h", "Mo,Tu,Th,Fr 09:00-12:00"),
        ("lundi au vendredi 9h-12h hors premier lundi du mois", "Mo-Fr 09:00-12:00; Mo[1] off"),
        ("Du lundi au vendredi 9h-17h, fermé les jours fériés", "Mo-Fr 09:00-17:00; PH off"),
        ("lundi au vendredi 9h-17h sauf jours fériés", "Mo-Fr 09:00-17:00; PH off"),
        ("lundi au vendredi 9h-17h. Fermé en juillet et août", "Mo-Fr 09:00-17:00; Jul,Aug off"),
        ("2ème et 4ème jeudi du mois 14h-17h", "Th[2,4] 14:00-17:00"),
        ("9h - 12h le 1er et le dernier samedi du mois", "Sa[1,-1] 09:00-12:00"),
        ("Fermé le lundi. Mardi au samedi 9h-12h", "Tu-Sa 09:00-12:00; Mo off"),
        ("lundi fermé mardi 9h-12h", "Tu 09:00-12:00; Mo off"),
        ("Ouvert 7j/7, 24h/24", "24/7"),
        ("le week-end de 10h à 18h", "Sa,Su 10:00-18:00"),
        ("lun.-ven. 9h-17h", "Mo-Fr 09:00-17:00"),
        ("Ma 10:00-12:00", "Tu 10:00-12:00"),
        ("les lundis et jeudis de 9h à midi", "Mo,Th 09:00-12:00"),
        ("lundi-mardi-jeudi-vendredi 8h30-12h", "Mo,Tu,Th,Fr 08:30-12:00"),
        ("lundi de 9h à 12h le matin et de 14h à 17h l'après-midi", "Mo 09:00-12:00,14:00-17:00"),
        ("le lundi matin de 9h à 12h et l'après-midi de 14h à 17h", "Mo 09:00-12:00,14:00-17:00"),
        ("lundi : fermé le matin, 14h-18h", "Mo 14:00-18:00"),
        ("lundi 9h-12h, lundi 14h-17h", "Mo 09:00-12:00,14:00-17:00"),
        ("samedi 9h30-12h (sur rdv)", 'Sa 09:30-12:00 open "sur rendez-vous"'),
        (
            "Sur rendez-vous du lundi au vendredi 9h-12h et 14h-17h",
            'Mo-Fr 09:00-12:00,14:00-17:00 open "sur rendez-vous"',
        ),
        (
            "lundi 9h-12h sur rdv, mardi 14h-17h",
            'Mo 09:00-12:00 open "sur rendez-vous"; Tu 14:00-17:00',
        ),
    ],
)
def test_french(raw, osm):
    assert read(raw).osm == osm
    assert read(raw).rules[-1] == "french"


@pytest.mark.parametrize(
    "raw",
    [
        "lundi mardi 9h-12h",
        "lundi / mardi 9h-12h",
        "mardi-jeudi 9h-12h",
        "samedi au lundi 9h-12h",
        "lundi 9h",
        "lundi 9h-12h, 14h",
        "mercredi 10h, 14h",
        "lundi 9h/11h/14h/16h",
        "lundi 9h 11h 14h 16h",
        "mardi 9/12 14h-18h",
        "lundi 10-12 : 14-18",
        "lundi 9:12 14:18",
        "lundi 8 h 15 h",
        "lundi 9h 15",
        "lundi 14h-7h",
        "lundi 2h-5h",
        "lundi 9h-12h (14h-17h)",
        "lundi 9h-12h (1er étage)",
        "lundi 9h-12h 1 semaine sur 2",
        "lundi 9h-12h semaine paire",
        "lundi 9h-12h hors vacances scolaires",
        "lundi 9h-12h jusqu'en juin",
        "lundi 9h-12h à partir du 3 mai",
        "lundi 9h-12h, lundi 10h-17h",
        "lundi 9h-12h et mardi",
        "lundi 9h-12h, mardi 14h-17h sur rdv",
        "lundi 9h-12h et 14h-17h sur rdv",
        "lundi: sur rdv; mardi 9h-12h",
        "lundi au vendredi 9h-12h 14h-18h sauf mercredi après-midi",
        "lundi au vendredi 9h-17h fermé le midi",
        "lundi au vendredi 9h-17h fermé entre 12h et 14h",
        "lundi au vendredi 9h-17h, fermé en août 2022",
        "lundi au vendredi 9h-17h, fermé du 1 au 15 août",
        "lundi au vendredi 9h-17h sauf dimanche",
        "9h-17h du lundi au vendredi, sauf le mercredi 9h-12h, samedi",
        "9h-12h du lundi au vendredi, samedi 10h-12h, dimanche 14h-17h",
        "9h-12h du lundi au vendredi. samedi 10h-12h",
        "Fermé le lundi, mardi au samedi 9h-12h",
        "lundi et mardi matin 9h-12h et 14h-16h",
        "mardi 9h-12h, 3ème mardi du mois 14h-17h",
        "lu-je 9h-12h",
        "9h-12h",
        "fermé",
        "fermé le mercredi",
    ],
)
def test_what_can_be_read_two_ways_is_not_read(raw):
    assert read(raw).osm is None


def test_a_day_wants_no_name_of_day():
    for raw in ("lundi 9h-12h", "9h-12h le lundi", "fermé", "9h-12h et 14h-17h sur rdv", "", "12h-9h"):
        assert read_day(raw) is None


def test_rules_name_what_was_done():
    assert read("Mo-Fr 09:00-12:00").rules == ()
    assert read("Mo-Fr 9:00-12:00;").rules == ("two-digit-hours", "rule-separators", "trailing-separator")
    assert read("lundi 8h à 12h &amp; 13h30 à 17h30").rules == ("html-entities", "french")
    assert read("lundi 9h 0 12h").rules == ("0-for-a", "french")


def test_long_and_hostile_values_are_kept():
    for raw in (
        "Mo-Fr 09:00-12:00; " * 1_000_000,
        "lundi 9h-12h " * 1_000_000,
        "9" * (MAX_LENGTH + 1),
        "((((" * 200,
        '"' * 999,
        "; " * 499,
        "lundi " * 150,
        "9h-" * 300,
        "\x00\x1b[31m\u202e\ud800\ufffe",
        "＂" * 900,
        "&lt;" * 200,
        "1er et " * 140,
    ):
        assert read(raw) == Reading(None, raw, read(raw).rules)
        assert read_day(raw) is None


# What registers publish

PUBLISHED_KEPT = {
    "Mo-Th 08:00-12:00,14:00-17:00; Fr 08:00-14:00-17:00",
    "Tu-Fr 08:30-12:00,08:30-12:00; Mo 08:30-12:00,13:30-17:00",
    "Mo,Tu 08:30",
    "Mo,We 13:00-17:00; Tu 09:00-12:00,13:30-16:30; Th 08:30-12:00-13:30; Fr 09:00-13:00",
    "Mo,Tu 13:30-15:30; Th 00:00-00:00; Fr 13:30-13:30",
    "Mo-Th 09:00-16:30,13:30-16:30; Fr 09:00-12:00",
    "Mo-Fr 09:00-12:00-14:00",
}


def test_published_hours_are_read_or_kept():
    """The distinct values of three published files (Licence Ouverte 2.0): Hauts-de-France and Roubaix in 1.0.2,
    the conseillers numériques of 2022 in 0.1."""
    values = set(PUBLISHED.read_text(encoding="utf-8").splitlines())
    assert len(values) == 311
    assert {value for value in values if read(value).osm is None} == PUBLISHED_KEPT
    assert all(read(value).osm == value for value in values - PUBLISHED_KEPT)


# Properties

PIECES = st.sampled_from(
    [
        "lundi",
        "mardi",
        "mercredi",
        "dimanche",
        "lun.",
        "ma",
        "sa",
        "vendredi",
        "9h",
        "12h",
        "14h30",
        "17:00",
        "9",
        "12",
        "1730",
        "8",
        "h",
        "30",
        "-",
        "/",
        "à",
        "au",
        "du",
        "de",
        "et",
        ",",
        ";",
        ".",
        "sauf",
        "fermé",
        "matin",
        "après-midi",
        "sur",
        "rdv",
        "sans",
        "rendez-vous",
        "1er",
        "dernier",
        "du",
        "mois",
        "août",
        "tous",
        "les",
        "jours",
        "jours",
        "fériés",
        "Mo",
        "Tu-Fr",
        "We",
        "09:00-12:00",
        "13:30-17:00",
        "PH",
        "off",
        "open",
        "Mo[1]",
        "week",
        "24/7",
        "|",
        ":",
        "+",
        "(",
        ")",
        ">",
        "entre",
        "midi",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(PIECES, max_size=14).map(" ".join),
    st.lists(PIECES, max_size=14).map("".join),
    st.lists(st.sampled_from(_dirt()), min_size=1, max_size=3).map(" ".join),
)


@settings(max_examples=600, deadline=None)
@given(TEXTS)
@example("\ud800")
@example("&#x110000; &#0;")
@example("²h-³h lundi ½")
@example("lundi ١٢h-١٤h")
def test_read_never_raises_and_is_understood(raw):
    reading = read(raw)
    assert reading.raw == raw
    if reading.osm is not None:
        Hours(reading.osm).week(MONDAY)
        again = read(reading.osm)
        assert again.osm == reading.osm
        assert again.rules == ()


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_read_day_never_raises_and_makes_a_rule(raw):
    times = read_day(raw)
    if times is not None:
        assert read(f"Mo {times}").osm == f"Mo {times}"
        assert Hours(f"Mo {times}").week(MONDAY)[0].intervals


DAY_NAMES = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]
STYLES = ["{0}h{1}", "{0} h {1}", "{0}:{1}", "{0}H{1}"]
RANGES = ["{} - {}", "{}-{}", "de {} à {}", "{} à {}", "{}/{}"]


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, 6),
    st.integers(0, 6),
    st.lists(st.integers(6 * 12, 24 * 12 - 1), min_size=4, max_size=4, unique=True).map(sorted),
    st.sampled_from(STYLES),
    st.sampled_from(RANGES),
    st.sampled_from([" et ", ", ", " ; ", " puis "]),
)
def test_what_is_written_is_what_is_read(first, last, moments, style, span, between):
    """The way back: any range of days and two openings, in usual French, mean those minutes and no other."""
    first, last = sorted((first, last))
    minutes = [moment * 5 for moment in moments]
    texts = [style.format(minute // 60, f"{minute % 60:02}") for minute in minutes]
    days = DAY_NAMES[first] if first == last else f"du {DAY_NAMES[first]} au {DAY_NAMES[last]}"
    raw = f"{days} : {span.format(*texts[:2])}{between}{span.format(*texts[2:])}"
    osm = read(raw).osm
    assert osm is not None
    expected = [(minutes[0], minutes[1]), (minutes[2], minutes[3])]
    for number, day in enumerate(Hours(osm).week(MONDAY)):
        found = [(interval.start, interval.end) for interval in day.intervals]
        assert found == (expected if first <= number <= last else [])

"""Values of a sheet in words, for history, conflicts, suggestions and mails. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import get_day_names

from reseau.core.hours_grid import Grid, GridDay, from_osm, write_time
from reseau.core.wording import LOCALES, Wording, _
from reseau.directory import present
from reseau.directory.fields import BY_NAME, group_of
from reseau.directory.projection import is_empty
from reseau.directory.words import FIELD_LABELS, GROUP_LABELS

Say = Callable[..., str]
MAX_LINES = 9

FRENCH = frozenset(
    {"nom", "commune", "adresse", "complement_adresse", "horaires_texte", "presentation_resume", "presentation_detail",
     "structure_parente", "autres_formations_labels"}
)  # fmt: skip
"""Fields whose values are French text, whatever the language of the page."""
LEFT_TO_RIGHT = frozenset(
    {"telephone", "courriels", "site_web", "pivot", "code_postal", "code_insee", "latitude", "longitude",
     "fiche_acces_libre", "prise_rdv"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the language, and how sentences are said in it. ``today``: the day where the place is."""

    lang: str
    say: Say
    today: date


def title(name: str, reader: Reader) -> str:
    """The name of a field in words; of an unknown one, as it is written."""
    return reader.say(FIELD_LABELS[name]) if name in FIELD_LABELS else name


def lines(name: str, value: Any, reader: Reader) -> list[str]:
    """A value in words, one line for each part; [] when it is not known."""
    if is_empty(value):
        return []
    if name == "horaires":
        return hours(str(value), reader)
    if name == "telephone":
        return [phone(str(value))]
    if name == "verify_every":
        return [reader.say(_("tous les %(months)s mois") if value != 1 else _("chaque mois"), months=value)]
    if isinstance(value, bool):
        return [reader.say(_("oui") if value else _("non"))]
    if isinstance(value, list):
        known = name in BY_NAME and [v for v in value if isinstance(v, str)] == value
        return present.field_labels(name, value, reader.lang) if known else [str(one) for one in value]
    return str(value).splitlines() or [str(value)]


def group_lines(values: Mapping[str, Any], group: tuple[str, ...], reader: Reader) -> list[str]:
    """Values that only mean something together, in words. :param values: what is known of ``group``."""
    if group[0] == "adresse":
        street = [str(values[n]) for n in ("adresse", "complement_adresse") if values.get(n)]
        town = " ".join(str(values[n]) for n in ("code_postal", "commune") if values.get(n))
        return [*street, *([town] if town else [])]
    if group[0] == "latitude":
        point = [values.get(name) for name in group]
        return [] if None in point else [", ".join(f"{number:.5f}" for number in point if number is not None)]
    return [line for name in group for line in lines(name, values.get(name), reader)]


def group_title(name: str, reader: Reader) -> str:
    """The name of a group of fields, by one of them."""
    head = group_of(name)[0]
    return reader.say(GROUP_LABELS[head]) if head in GROUP_LABELS else title(head, reader)


def list_difference(before: Any, after: Any) -> tuple[list[Any], list[Any]]:
    """(added, removed) items of a list."""
    old, new = before or [], after or []
    return [one for one in new if one not in old], [one for one in old if one not in new]


def phone(value: str) -> str:
    """A number as it is dialled in France: ``03 20 81 57 57``; a short or an overseas one as it is."""
    if value.startswith("+33") and len(value) == 12:
        national = "0" + value[3:]
        return " ".join(national[i : i + 2] for i in range(0, 10, 2))
    return value


@lru_cache(512)  # reading one takes 10 ms, and a history has the same ones again and again
def _grid(osm: str, today: date) -> Grid | None:
    return from_osm(osm, today)


def hours(osm: str, reader: Reader) -> list[str]:
    """OSM hours in a few lines; as they are written when they say more than a week says."""
    grid = _grid(osm, reader.today)
    if grid is None:
        return [osm]
    found = [*_week(grid, reader), *_exceptions(grid, reader)]
    return found if len(found) <= MAX_LINES else [osm]


def _week(grid: Grid, reader: Reader) -> Iterator[str]:
    runs: list[tuple[list[int], GridDay]] = []
    for number, day in enumerate(grid.days):
        if runs and runs[-1][1] == day:
            runs[-1][0].append(number)
        else:
            runs.append(([number], day))
    for numbers, day in runs:
        spans = [f"{write_time(s.start)} – {write_time(s.end)}" for s in day.spans]
        if spans or day.by_appointment:
            said = [", ".join(spans)] if spans else []
            said += [reader.say(_("sur rendez-vous"))] if day.by_appointment else []
            yield f"{_days(numbers, reader.lang)} {' '.join(said)}"


def _exceptions(grid: Grid, reader: Reader) -> Iterator[str]:
    words = Wording(reader.lang)
    if grid.cycle:
        yield reader.say(_("%(on)s semaines ouvertes sur %(every)s"), on=grid.cycle.on, every=grid.cycle.every)
    if grid.holidays == "closed":
        yield reader.say(_("fermé les jours fériés"))
    for closure in grid.closures:
        first, last = words.date(closure.start), words.date(closure.end)
        yield reader.say(_("fermé du %(first)s au %(last)s"), first=first, last=last)


def _days(numbers: list[int], lang: str) -> str:
    names = get_day_names("abbreviated", "stand-alone", LOCALES[lang])
    return names[numbers[0]] if len(numbers) == 1 else f"{names[numbers[0]]}–{names[numbers[-1]]}"

"""Sources and runs in the words of the pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import PurePath
from typing import Any

from importers import fetch, sentences
from importers.models import ImportRun, RunState, Trigger
from importers.pipeline.contract import COUNTS
from reseau.core.masking import masked
from reseau.core.wording import Wording, _

#: A refusal before there was a file.
UNREAD = "unread"
#: What the guard and refusals end with; pages say it once, in the meaning of the state.
NOTHING = re.compile(r"(?: :|\.) [Rr]ien n[’']a été changé\.$")
STATES: dict[str, str] = {
    UNREAD: _("lecture échouée"),
    RunState.RUNNING: _("en cours"),
    RunState.DONE: _("fait"),
    RunState.SAME: _("rien de nouveau"),
    RunState.REFUSED: _("fichier refusé"),
    RunState.HELD: _("attend votre décision"),
    RunState.DROPPED: _("écarté"),
    RunState.FAILED: _("interrompu"),
}
#: What a state means, on the page of a run.
MEANINGS: dict[str, str] = {
    RunState.RUNNING: _("L’import est en train de se faire. Cette page se met à jour d’elle-même."),
    RunState.DONE: _("L’import est allé jusqu’au bout."),
    RunState.SAME: _("La source n’avait rien de nouveau : rien n’a été changé."),
    RunState.REFUSED: _("Le fichier n’est pas ce qu’il devrait être : rien n’a été changé."),
    UNREAD: _("Rien n’a été reçu de la source : rien n’a été changé."),
    RunState.HELD: _("L’import est arrêté avant d’avoir rien changé : il attend qu’une personne regarde."),
    RunState.DROPPED: _("L’import a été écarté : rien n’a été changé."),
    RunState.FAILED: _("L’import s’est arrêté en route. Ce qui est fait est gardé, le prochain continue."),
}
TRIGGERS = {
    Trigger.COMMAND: _("lancé par une commande"),
    Trigger.SCHEDULE: _("lancé à l’heure prévue"),
    Trigger.BUTTON: _("demandé sur cette page"),
    Trigger.REPLAY: _("rejoué depuis le fichier gardé"),
    Trigger.ACCEPT: _("accepté par une personne"),
}
LABELS = {
    "read": _("Lignes lues"),
    "created": _("Créés"),
    "updated": _("Modifiés"),
    "unchanged": _("Inchangés"),
    "merged": _("Réunis"),
    "linked": _("Rattachés à une fiche connue"),
    "queued": _("Paires à comparer"),
    "rejected": _("Lignes refusées"),
    "outside": _("Hors du territoire"),
    "absent": _("Plus vus dans la source"),
    "archived": _("Retirés des listes"),
}
STEPS = {
    "fetch": _("télécharger"), "check": _("vérifier"), "read": _("lire"), "preview": _("essayer"),
    "apply": _("écrire"), "absent": _("chercher ce qui manque"),
}  # fmt: skip
_UNITS = (86_400, 3_600, 60)


def counts(found: Mapping[str, Any]) -> list[tuple[str, int]]:
    """(msgid, number) of what is worth a line: what was read, and what is not zero."""
    every = [(name, found.get(name)) for name in COUNTS if name in LABELS]
    return [(LABELS[name], n) for name, n in every if isinstance(n, int) and (n or name == "read")]


def keyed(found: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """As :func:`counts`, each with its name in the summary."""
    names = {label: name for name, label in LABELS.items()}
    return [(label, n, names[label]) for label, n in counts(found)]


def steps(found: Mapping[str, Any]) -> list[tuple[str, float]]:
    """(msgid or name, seconds) of the steps of a run."""
    every = found.get("seconds")
    numbers = every.items() if isinstance(every, Mapping) else ()
    return [(STEPS.get(str(name), str(name)), float(n)) for name, n in numbers if isinstance(n, int | float)]


def meaning(run: ImportRun) -> str:
    """What its state means (msgid). The source may have nothing new, and places leave the lists for it."""
    state = state_of(run)
    return MEANINGS[RunState.DONE if state == RunState.SAME and run.summary.get("archived") else state]


def state_of(run: ImportRun) -> str:
    """Its state, for ``STATES`` and ``MEANINGS``: of a file that never came nothing can be wrong."""
    return UNREAD if run.state == RunState.REFUSED.value and run.raw is None else str(run.state)


def why(run: ImportRun) -> str:
    """The sentence of a refusal or of the guard, in French; "" when there is none. No secret of an address is in it."""
    if not run.error:
        return ""
    places = {name: address(str(value)) for name, value in run.error_detail.items() if name in ("path", "address")}
    return NOTHING.sub(".", masked(sentences.said(run.error, {**run.error_detail, **places})))


def lasting(span: timedelta, lang: str) -> str:
    """``3 jours``, ``2 heures``: the largest unit, whole."""
    say, seconds = Wording.of(lang), max(int(span.total_seconds()), 0)
    if n := seconds // _UNITS[0]:
        return say.ngettext("%(num)s jour", "%(num)s jours", n)
    if n := seconds // _UNITS[1]:
        return say.ngettext("%(num)s heure", "%(num)s heures", n)
    return say.ngettext("%(num)s minute", "%(num)s minutes", seconds // _UNITS[2])


def raw_rows(raw: Mapping[str, Any] | None, limit: int = 1500) -> list[tuple[str, str]]:
    """A row as it came, for a page: what is not empty, cut at ``limit`` characters in all."""
    found, left = [], limit
    for name, value in (raw or {}).items():
        text = str(value)
        if value in (None, "", [], {}) or left <= 0:
            continue
        found.append((str(name)[:80], text[:left] + ("…" if len(text) > left else "")))
        left -= len(text)
    return found


def address(location: str) -> str:
    """An address without what may be secret in it; of a file of this machine only its name: its folders are nobody's
    business."""
    return fetch.shown(location) if fetch.is_web(location) else masked(PurePath(location).name)

"""The details of a row of the journal, in words. Rows hold codes and ids: who reads is no programmer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from reseau.core.ids import parse_id
from reseau.core.wording import Wording
from reseau.desk.words import BULK
from reseau.directory.words import FIELD_LABELS, SOURCE_LABELS
from reseau.members.joining_emails import ROLE_NAMES
from reseau.threads.base.shapes import KIND_LABELS as THREAD_LABELS
from reseau.threads.base.shapes import REASONS as THREAD_REASONS
from reseau.web.i18n import _
from resources.base import langs
from resources.base.shapes import KIND_LABELS
from resources.saying.collecting import LABELS
from resources.saying.reports import REASONS

#: Details whose value is the id of a place, or of a person.
PLACES, PEOPLE = ("lost", "parent", "place", "structure"), ("person",)
RESOURCES, THREADS = ("origin",), ("into", "made")
#: Ids of what has no page for an administrator; ``due`` is on the sheet, which section is on the page of translations.
UNSAID = frozenset({"suggestion", "asked", "offer", "due", "section", "document"})
GOVERNANCE = {
    "pilote": _("qui pilote"),
    "pilote_texte": _("présentation du pilotage"),
    "contact_courriel": _("mail de contact"),
    "contact_telephone": _("téléphone de contact"),
    "charte": _("charte"),
}
CHOICES = {
    "garder": _("valeur du réseau gardée"), "prendre": _("valeur de la cartographie prise"),
    "accepter": _("accepté"), "refuser": _("refusé"),
}  # fmt: skip
VERDICTS = {
    "same": _("c’est le même lieu"), "distinct": _("ce sont deux lieux"), "inside": _("l’un est dans l’autre"),
    "around": _("l’un est dans l’autre"), "passer": _("on ne sait pas"),
}  # fmt: skip
#: Details that are true or false: what is said of each; None: nothing worth a line.
FLAGS: dict[str, tuple[str | None, str | None]] = {
    "verified": (_("fiche vérifiée en même temps"), None),
    "made": (None, _("avait déjà été fait")),
    "sent": (None, _("était déjà invité, ou déjà membre")),
    "again": (_("liste déjà envoyée"), None),
    "asked": (_("une relecture est demandée"), None),
    "minor": (_("fautes de frappe seulement"), None),
    "resolved": (_("c’est réglé"), _("rien n’a été changé")),
    "waits": (
        _("les premiers messages sont relus avant d’être publiés"),
        _("les premiers messages paraissent tout de suite"),
    ),
    "archived": (_("archivé"), _("rouvert")),
    "pinned": (_("mis en tête"), _("retiré de la tête")),
    "on": (_("mise en marche"), _("arrêtée")),
    "trial": (_("pour essayer seulement"), None),
}
THREAD_KINDS = {str(kind): label for kind, label in THREAD_LABELS.items()}
SEEN = {
    "public": _("Tout le monde"), "network": _("Les personnes du réseau"), "group": _("Les membres du groupe"),
}  # fmt: skip
ANSWERS = {"published": _("publiée"), "sent-back": _("renvoyée aux auteurs")}
#: Details that are a number.
NUMBERS: dict[str, Callable[[Wording, int], str]] = {
    "sessions": lambda say, n: say.ngettext("%(num)s appareil déconnecté", "%(num)s appareils déconnectés", n),
    "rows": lambda say, n: say.ngettext("%(num)s ligne", "%(num)s lignes", n),
    "sent": lambda say, n: say.ngettext("%(num)s invitation envoyée", "%(num)s invitations envoyées", n),
    "mails": lambda say, n: say.ngettext("%(num)s mail envoyé", "%(num)s mails envoyés", n),
    "number": lambda say, n: say.ngettext("%(num)s lieu", "%(num)s lieux", n),
    "read": lambda say, n: say.ngettext("%(num)s lieu lu", "%(num)s lieux lus", n),
    "created": lambda say, n: say.ngettext("%(num)s lieu créé", "%(num)s lieux créés", n),
    "updated": lambda say, n: say.ngettext("%(num)s lieu modifié", "%(num)s lieux modifiés", n),
    "merged": lambda say, n: say.ngettext("%(num)s lieu réuni à un autre", "%(num)s lieux réunis à un autre", n),
    "rejected": lambda say, n: say.ngettext("%(num)s ligne refusée", "%(num)s lignes refusées", n),
    "sections": lambda say, n: say.ngettext("%(num)s partie", "%(num)s parties", n),
    "days": lambda say, n: say.ngettext("après %(num)s jour", "après %(num)s jours", n),
    "posts": lambda say, n: say.ngettext("%(num)s message", "%(num)s messages", n),
    "version": lambda say, n: say.gettext(_("version %(number)s"), number=n),
    "linked": lambda say, n: say.ngettext("%(num)s lieu reconnu", "%(num)s lieux reconnus", n),
    "queued": lambda say, n: say.ngettext("%(num)s paire à regarder", "%(num)s paires à regarder", n),
    "archived": lambda say, n: say.ngettext("%(num)s lieu archivé", "%(num)s lieux archivés", n),
    "absent": lambda say, n: say.ngettext("%(num)s lieu qui n’y est plus", "%(num)s lieux qui n’y sont plus", n),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads. ``people``, ``places``, ``resources`` and ``threads``: what the ids of :func:`ids_of` are called;
    those that are gone are not there."""

    words: Wording
    people: Mapping[UUID, str]
    places: Mapping[UUID, Any]
    resources: Mapping[UUID, Any] = field(default_factory=dict)
    threads: Mapping[UUID, Any] = field(default_factory=dict)


def ids_of(details: Iterable[Mapping[str, Any]], keys: Iterable[str]) -> list[UUID]:
    """The ids that some details hold under ``keys``."""
    found = (parse_id(str(detail[key])) for detail in details for key in keys if key in detail)
    return [id_ for id_ in found if id_]


def told(action: str, detail: Mapping[str, Any], reader: Reader) -> list[str]:
    """A few words for each detail of a row; nothing for what says nothing. A key that is not known (an older version, a
    room to come) is said as it is written."""
    said = ((key, value) for key, value in detail.items() if key not in UNSAID or isinstance(value, bool))
    found = (_one(action, key, value, reader) for key, value in said)
    return [words for words in found if words]


def _one(action: str, key: str, value: Any, reader: Reader) -> str | None:
    say = reader.words.gettext
    if isinstance(value, bool) and key in FLAGS:
        words = FLAGS[key][0 if value else 1]
        return say(words) if words else None
    if action == "sheet.remind" and key == "number":
        return say(_("rappel n° %(number)s"), number=value)
    if isinstance(value, int) and key in NUMBERS:
        nothing = value == 0 and action == "import.run"
        return None if nothing else NUMBERS[key](reader.words, value)
    if key in WORDS:
        return WORDS[key](value, reader)
    return None if value is None or parse_id(str(value)) else f"{key} : {value}"


def _listed(table: Mapping[str, str]) -> Callable[[Any, Reader], str | None]:
    def words(value: Any, reader: Reader) -> str | None:
        names = value if isinstance(value, list) else [value] if value else []
        return ", ".join(reader.words.gettext(table[one]) if one in table else str(one) for one in names) or None

    return words


def _place(sentence: str) -> Callable[[Any, Reader], str | None]:
    def words(value: Any, reader: Reader) -> str | None:
        found = reader.places.get(parse_id(str(value)))  # type: ignore[arg-type]
        return reader.words.gettext(sentence, place=found["nom"]) if found else None

    return words


def _person(value: Any, reader: Reader) -> str:
    return reader.people.get(parse_id(str(value))) or reader.words.gettext(_("ancien membre"))  # type: ignore[arg-type]


def _months(value: Any, reader: Reader) -> str:
    return reader.words.gettext(_("chaque mois") if value == 1 else _("tous les %(months)s mois"), months=value)


def _by(value: Any, reader: Reader) -> str:
    return reader.words.gettext(_("par le lien d’un mail")) if value == "link" else str(value)


def _state(value: Any, reader: Reader) -> str | None:
    return reader.words.gettext(_("arrêté avant la fin")) if value == "failed" else None


def _resource(value: Any, reader: Reader) -> str | None:
    found = reader.resources.get(parse_id(str(value)))  # type: ignore[arg-type]
    return reader.words.gettext(_("d’après « %(title)s »"), title=found["title"]) if found else None


def _thread(value: Any, reader: Reader) -> str | None:
    found = reader.threads.get(parse_id(str(value)))  # type: ignore[arg-type]
    return reader.words.gettext(_("avec « %(title)s »"), title=found["title"]) if found else None


def _lang(value: Any, reader: Reader) -> str:
    return langs.name(str(value), reader.words.lang)


def _quoted(value: Any, reader: Reader) -> str:
    return reader.words.gettext(_("« %(query)s »"), query=value)


WORDS: dict[str, Callable[[Any, Reader], str | None]] = {
    "fields": _listed(FIELD_LABELS),
    "keys": _listed(GOVERNANCE),
    "choice": _listed(CHOICES),
    "verdict": _listed(VERDICTS),
    "role": _listed(ROLE_NAMES),
    "what": _listed(BULK),
    "source": _listed(SOURCE_LABELS),
    "lost": _place(_("fiche retirée : %(place)s")),
    "parent": _place(_("antenne de %(place)s")),
    "person": _person,
    "months": _months,
    "by": _by,
    "state": _state,
    "place": _place(_("lieu : %(place)s")),
    "structure": _place(_("lieu : %(place)s")),
    "reason": _listed({**REASONS, **THREAD_REASONS}),
    "visibility": _listed({one.value: label for one, label in LABELS.items()}),
    "answer": _listed(ANSWERS),
    "kind": _listed({**{one.value: label for one, label in KIND_LABELS.items()}, **THREAD_KINDS}),
    "origin": _resource,
    "into": _thread,
    "made": _thread,
    "seen": _listed(SEEN),
    "lang": _lang,
    "word": _quoted,
    "title": _quoted,
}

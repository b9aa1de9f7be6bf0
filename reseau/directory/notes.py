"""What a person must know of how their question was understood: one sentence for each thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reseau.directory.params import Criteria
from reseau.directory.search import Found
from reseau.directory.words import PARAMETERS
from reseau.web.formats import format_number
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request

UNDERSTOOD = _("Vous avez écrit « %(typed)s ». Nous avons cherché « %(understood)s ».")
IGNORED = _("%(title)s : nous n’avons pas compris « %(value)s » et ne l’avons pas utilisé.")
LOOSENED = _("Aucun lieu ne répond à tous les mots. En voici qui répondent à une partie des mots.")
NOBODY_SAYS = _("Aucun lieu ne dit qu’il aide pour « %(name)s ». Ceux-ci aident pour les démarches en général.")
ALL_SAY = _("Ces lieux aident pour « %(name)s ».")
UNUSED = {
    "page": _("Cette page n’existe pas. Voici la première page."),
    "tri": _("Pour trier par distance, dites d’abord où : une ville et une distance, ou votre position."),
    "rayon": _("Nous ne savons pas où se trouve cette ville : la distance n’a pas été utilisée."),
}


def notes(request: Request, criteria: Criteria, found: Found) -> list[str]:
    """The sentences, in the language of the request."""
    return [*_words(request, criteria, found), *_ignored(request, criteria, found), *_left_out(request, found)]


def _words(request: Request, criteria: Criteria, found: Found) -> Iterator[str]:
    corrections = list(found.corrections)
    if criteria.where and criteria.where.corrected:
        corrections.append((criteria.where.text, criteria.where.label))
    for typed, understood in corrections:
        yield request.gettext(UNDERSTOOD, typed=typed, understood=understood)
    if found.loosened:
        yield request.gettext(LOOSENED)
    if found.procedure and found.total:
        yield _procedure(request, found, found.procedure.label(request.lang))


def _procedure(request: Request, found: Found, name: str) -> str:
    """Which places say that they help with the procedure, and which may."""
    if found.precise in (0, found.total):
        return str(request.gettext(ALL_SAY if found.precise else NOBODY_SAYS, name=name))
    return str(
        request.ngettext(
            "Le premier lieu aide pour « %(name)s ». Les suivants aident pour les démarches en général.",
            "Les %(total)s premiers lieux aident pour « %(name)s ». Les suivants aident pour les démarches en général.",
            found.precise,
            name=name,
            total=format_number(found.precise, request.lang),
        )
    )


def _ignored(request: Request, criteria: Criteria, found: Found) -> Iterator[str]:
    for name, value in criteria.ignored:
        yield request.gettext(IGNORED, title=request.gettext(PARAMETERS.get(name, name)), value=value)
    for name, _value in found.unused:
        yield request.gettext(UNUSED[name])


def _left_out(request: Request, found: Found) -> Iterator[str]:
    if found.without_hours:
        yield request.ngettext(
            "%(total)s lieu n’a pas donné ses horaires : il n’est pas dans cette liste.",
            "%(total)s lieux n’ont pas donné leurs horaires : ils ne sont pas dans cette liste.",
            found.without_hours,
            total=format_number(found.without_hours, request.lang),
        )

"""The mails that keep sheets true: reminders to verify, suggestions that arrive, answers to who suggested.

Each function gives one letter in the language of who will read it. The subject says what to do; a link opens a page
with one button, it does nothing by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from reseau.core.letters import Letter, Link
from reseau.core.wording import Wording, _
from reseau.editing.values import Reader, group_lines, hours, phone
from reseau.settings import Settings

_WHY_REFERENT = _(
    "Vous recevez ce message parce que vous tenez cette fiche à jour. "
    "Vous pouvez choisir vos messages dans votre compte."
)
_WHY_COORDINATES = _(
    "Vous recevez ce message parce que vous êtes de la coordination. "
    "Vous pouvez choisir vos messages dans votre compte."
)
_WHY_SUGGESTED = _("Vous recevez ce message parce que vous avez signalé une erreur sur ce site.")
_ASK_ONE = _("Voici ce que montre la fiche. Est-ce toujours vrai ? Répondez en un clic, sans mot de passe.")
_ASK_MANY = _("Ouvrez le lien de chaque lieu : vous voyez la fiche et répondez en un clic, sans mot de passe.")
_SUGGESTED = _("Une personne dit que quelque chose est faux. Acceptez sa correction, ou refusez-la en disant pourquoi.")
_ONE_AN_HOUR = _(
    "Si d’autres erreurs sont signalées dans l’heure, nous ne vous écrivons pas à nouveau : "
    "vous les trouvez dans « Gestion »."
)
_UNKNOWN = _("non renseigné")


@dataclass(frozen=True, slots=True)
class Asked:
    """A sheet that is to be verified (all its columns), and the link with which one person does it."""

    row: Mapping[str, Any]
    url: str


def still_exact(lang: str, sheets: Sequence[Asked], today: date, *, again: bool = False) -> Letter:
    """Are these sheets still exact? :param sheets: one or several. :param again: nobody answered the first time."""
    say = Wording.of(lang)
    first = sheets[0].row
    if len(sheets) == 1:
        subject = say.gettext(_("Vérifiez la fiche « %(place)s » : est-elle toujours exacte ?"), place=first["nom"])
        text = say.gettext(_ASK_ONE)
    else:
        total = len(sheets)
        subject = say.ngettext(
            "Vérifiez %(num)s fiche : est-elle toujours exacte ?",
            "Vérifiez %(num)s fiches : sont-elles toujours exactes ?",
            total,
        )
        text = say.gettext(_ASK_MANY)
    reminder = (say.gettext(_("C’est un rappel : nous vous avons écrit il y a deux semaines.")),) if again else ()
    one = len(sheets) == 1
    return Letter(
        kind="verification",
        lang=say.lang,
        subject=subject,
        paragraphs=(text, *reminder),
        facts=_facts(first, say, today) if one else tuple((asked.row["nom"], Link(asked.url)) for asked in sheets),
        button=(say.gettext(_("Répondre")), sheets[0].url) if one else None,
        after=(say.gettext(_("Chaque lien marche pendant 60 jours.")),),
        why=say.gettext(_WHY_REFERENT),
    )


def _facts(row: Mapping[str, Any], say: Wording, today: date) -> tuple[tuple[str, str], ...]:
    reader = Reader(say.lang, say.gettext, today)
    said = " ; ".join(hours(row["horaires"], reader)) if row["horaires"] else row["horaires_texte"]
    address = ", ".join(group_lines(row, ("adresse", "complement_adresse", "code_postal", "commune"), reader))
    unknown = say.gettext(_UNKNOWN)
    return (
        (say.gettext(_("Horaires")), said or unknown),
        (say.gettext(_("Téléphone")), phone(row["telephone"]) if row["telephone"] else unknown),
        (say.gettext(_("Adresse")), address or unknown),
    )


def nobody_answered(lang: str, sheets: Sequence[tuple[str, str]], settings: Settings) -> Letter:
    """To the coordination: the référents of these places were asked twice, or want no mail. :param sheets: (name,
    address)."""
    say = Wording.of(lang)
    return Letter(
        kind="verification-coordination",
        lang=say.lang,
        subject=say.ngettext(
            "Vérifiez %(num)s fiche restée sans réponse",
            "Vérifiez %(num)s fiches restées sans réponse",
            len(sheets),
        ),
        paragraphs=(
            say.gettext(
                _(
                    "Les personnes qui tiennent ces fiches à jour n’ont pas répondu à deux mails, ou ne veulent pas "
                    "de rappel. Appelez-les, ou vérifiez vous-même."
                )
            ),
        ),
        facts=tuple((name, Link(url)) for name, url in sheets),
        button=(say.gettext(_("Ouvrir la page de gestion")), f"{settings.public_url.rstrip('/')}/gestion"),
        why=say.gettext(_WHY_COORDINATES),
    )


def suggested(lang: str, place: str, what: str, url: str, *, coordination: bool) -> Letter:
    """Somebody says that something is wrong.

    :param what: the reason, in the reader's language. :param url: where to answer.
    """
    say = Wording.of(lang)
    return Letter(
        kind="suggestion",
        lang=say.lang,
        subject=say.gettext(_("Répondez : une erreur est signalée sur la fiche « %(place)s »"), place=place),
        paragraphs=(say.gettext(_SUGGESTED),),
        facts=((say.gettext(_("Ce qui est faux")), what),),
        button=(say.gettext(_("Voir et répondre")), url),
        after=(say.gettext(_ONE_AN_HOUR),),
        why=say.gettext(_WHY_COORDINATES if coordination else _WHY_REFERENT),
    )


def accepted(lang: str, place: str, url: str) -> Letter:
    """To who suggested: it was corrected. :param url: of the sheet."""
    say = Wording.of(lang)
    return Letter(
        kind="suggestion-reponse",
        lang=say.lang,
        subject=say.gettext(_("Merci : la fiche « %(place)s » est corrigée"), place=place),
        paragraphs=(say.gettext(_("Vous avez signalé une erreur. Elle est corrigée grâce à vous.")),),
        button=(say.gettext(_("Voir la fiche")), url),
        why=say.gettext(_WHY_SUGGESTED),
    )


def refused(lang: str, place: str, reason: str, url: str) -> Letter:
    """To who suggested: it was not changed, and why. :param reason: as it was written."""
    say = Wording.of(lang)
    return Letter(
        kind="suggestion-reponse",
        lang=say.lang,
        subject=say.gettext(_("Lisez la réponse à votre message sur %(place)s"), place=place),
        paragraphs=(
            say.gettext(_("Vous avez signalé une erreur. La fiche n’a pas été changée. Voici pourquoi :")),
            reason,
        ),
        button=(say.gettext(_("Voir la fiche")), url),
        why=say.gettext(_WHY_SUGGESTED),
    )

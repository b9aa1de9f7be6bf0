"""The mails of the letter's writing, to the coordination: a day comes, somebody is to approve, an issue was kept
back."""

from __future__ import annotations

from datetime import date

from reseau.core.letters import Letter
from reseau.core.wording import Wording, _

_WHY = _("Vous recevez ce message parce que vous êtes de la coordination.")


def reminder(lang: str, day: date, days: int, title: str, url: str) -> Letter:
    """A day of the calendar comes, and no issue is ready. :param days: until then; 0: today. :param title: of the day,
    as the coordination wrote it, or ""."""
    say = Wording.of(lang)
    if days:
        subject = say.ngettext(
            "Préparez la lettre : elle est prévue demain",
            "Préparez la lettre : elle est prévue dans %(num)s jours",
            days,
        )
    else:
        subject = say.gettext(_("Envoyez la lettre : elle est prévue aujourd’hui"))
    facts = ((say.gettext(_("Jour prévu")), say.date(day)),) + (((say.gettext(_("Titre")), title),) if title else ())
    return Letter(
        kind="lettre-calendrier", lang=say.lang, subject=subject,
        paragraphs=(
            say.gettext(_("Aucun numéro n’est encore prêt.")),
            say.gettext(_("Le brouillon se remplit tout seul : il reste à le relire et à l’envoyer.")),
        ),
        facts=facts, button=(say.gettext(_("Ouvrir la lettre")), url), why=say.gettext(_WHY),
    )  # fmt: skip


def approval(lang: str, by: str, subject: str, url: str) -> Letter:
    """Somebody asks for a second pair of eyes. :param by: their name, or "". :param subject: of the issue."""
    say = Wording.of(lang)
    first = _("%(name)s a préparé la lettre « %(subject)s » et demande une relecture.") if by else _(
        "La lettre « %(subject)s » est prête et demande une relecture."
    )  # fmt: skip
    return Letter(
        kind="lettre-relecture", lang=say.lang,
        subject=say.gettext(_("Relisez la lettre avant son envoi")),
        paragraphs=(
            say.gettext(first, name=by, subject=subject),
            say.gettext(_("Elle part seulement quand une deuxième personne l’a approuvée.")),
        ),
        button=(say.gettext(_("Relire et approuver")), url), why=say.gettext(_WHY),
    )  # fmt: skip


def kept_back(lang: str, subject: str, url: str) -> Letter:
    """A scheduled issue did not leave: its check list found something at the last moment."""
    say = Wording.of(lang)
    return Letter(
        kind="lettre-retenue", lang=say.lang,
        subject=say.gettext(_("Regardez la lettre : elle n’est pas partie")),
        paragraphs=(
            say.gettext(_("La lettre « %(subject)s » devait partir."), subject=subject),
            say.gettext(_("Quelque chose a changé depuis qu’elle a été relue. Elle est de nouveau un brouillon.")),
        ),
        button=(say.gettext(_("Voir ce qui bloque")), url), why=say.gettext(_WHY),
    )  # fmt: skip

"""The mails of imports, to the coordination, when something needs a person: a run is held, a source fails again and
again. A run that went well is never told."""

from __future__ import annotations

from reseau.core.letters import Letter
from reseau.core.wording import Wording, _

_WHY = _(
    "Vous recevez ce message parce que vous êtes de la coordination. "
    "Vous pouvez choisir vos messages dans votre compte."
)


def held(lang: str, source: str, reason: str, url: str) -> Letter:
    """A run waits for a person. :param source: its title. :param reason: the guard's sentence, in French."""
    say = Wording.of(lang)
    return Letter(
        kind="import-a-decider",
        lang=say.lang,
        subject=say.gettext(_("Décidez d’un import : %(source)s"), source=source),
        paragraphs=(
            say.gettext(_("Bonjour,")),
            say.gettext(
                _("L’import de « %(source)s » s’est arrêté avant d’avoir rien changé : il n’est pas comme d’habitude."),
                source=source,
            ),
            reason,
            say.gettext(_("Regardez ce qu’il changerait, puis acceptez-le ou refusez-le.")),
        ),
        button=(say.gettext(_("Voir l’import")), url),
        why=say.gettext(_WHY),
    )


def failing(lang: str, source: str, failures: int, reason: str, url: str) -> Letter:
    """A source fails again and again. :param reason: what the last run said, in French; "" when it said nothing."""
    say = Wording.of(lang)
    return Letter(
        kind="source-en-panne",
        lang=say.lang,
        subject=say.gettext(_("Regardez une source qui ne répond plus : %(source)s"), source=source),
        paragraphs=(
            say.gettext(_("Bonjour,")),
            say.ngettext(
                "La source « %(source)s » n’a pas pu être lue. Rien n’est perdu : ce qui est déjà sur le site reste.",
                "La source « %(source)s » n’a pas pu être lue, %(num)s fois de suite. "
                "Rien n’est perdu : ce qui est déjà sur le site reste.",
                failures, source=source,
            ),
            *((reason,) if reason else ()),
            say.gettext(
                _("Le site réessaie de lui-même. Vous ne recevrez pas d’autre message tant qu’elle ne va pas mieux.")
            ),
        ),
        button=(say.gettext(_("Voir la source")), url),
        why=say.gettext(_WHY),
    )  # fmt: skip

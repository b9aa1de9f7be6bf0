"""The mails of writing: a co-author, a review, a publication, a resource that is to be verified."""

from __future__ import annotations

from collections.abc import Sequence

from reseau.core.letters import Letter, Link
from reseau.core.wording import Wording, _

_WHY_AUTHOR = _(
    "Vous recevez ce message parce que vous écrivez cette ressource. "
    "Vous pouvez choisir vos messages dans votre compte."
)
_WHY_COORDINATES = _(
    "Vous recevez ce message parce que vous êtes de la coordination. "
    "Vous pouvez choisir vos messages dans votre compte."
)
_WHY_KEEPS = _(
    "Vous recevez ce message parce que vous écrivez ces ressources, ou tenez le lieu qui les partage. "
    "Vous pouvez choisir vos messages dans votre compte."
)


def made_author(lang: str, who: str, title: str, url: str) -> Letter:
    """Somebody lets you write a resource with them."""
    say = Wording.of(lang)
    return Letter(
        kind="ressource-auteur",
        lang=say.lang,
        subject=say.gettext(_("%(who)s vous propose d’écrire « %(title)s » ensemble"), who=who, title=title),
        paragraphs=(say.gettext(_("Vous pouvez maintenant modifier cette ressource.")),),
        button=(say.gettext(_("Ouvrir la ressource")), url),
        after=(say.gettext(_("Vous ne voulez pas ? Choisissez « Quitter » sur la page des auteurs.")),),
        why=say.gettext(_WHY_AUTHOR),
    )


def to_review(lang: str, who: str, title: str, url: str) -> Letter:
    """To the coordination: a resource waits."""
    say = Wording.of(lang)
    return Letter(
        kind="ressource-relecture",
        lang=say.lang,
        subject=say.gettext(_("Relisez « %(title)s » avant sa publication"), title=title),
        paragraphs=(
            say.gettext(_("%(who)s demande à publier cette ressource. Publiez-la, ou dites ce qu’il faut changer."),
                        who=who),
        ),
        button=(say.gettext(_("Relire")), url),
        why=say.gettext(_WHY_COORDINATES),
    )  # fmt: skip


def published(lang: str, title: str, note: str, url: str) -> Letter:
    """To the authors: readers see it. :param note: what changed, "" for nothing said."""
    say = Wording.of(lang)
    return Letter(
        kind="ressource-publiee",
        lang=say.lang,
        subject=say.gettext(_("« %(title)s » est publiée"), title=title),
        paragraphs=(say.gettext(_("La ressource que vous écrivez vient d’être publiée.")),),
        facts=((say.gettext(_("Ce qui a changé")), note),) if note else (),
        button=(say.gettext(_("Voir la ressource")), url),
        why=say.gettext(_WHY_AUTHOR),
    )


def sent_back(lang: str, title: str, reason: str, url: str) -> Letter:
    """To the authors: what to change before it is published."""
    say = Wording.of(lang)
    return Letter(
        kind="ressource-renvoyee",
        lang=say.lang,
        subject=say.gettext(_("Corrigez « %(title)s » avant sa publication"), title=title),
        paragraphs=(say.gettext(_("La coordination a relu la ressource. Voici ce qu’il faut changer :")), reason),
        button=(say.gettext(_("Corriger")), url),
        why=say.gettext(_WHY_AUTHOR),
    )


def still_right(lang: str, resources: Sequence[tuple[str, str]]) -> Letter:
    """Are these resources still right? :param resources: (title, address of the page that asks), at least one."""
    say = Wording.of(lang)
    total = len(resources)
    subject = (
        say.gettext(_("Vérifiez « %(title)s » : est-ce toujours juste ?"), title=resources[0][0])
        if total == 1
        else say.ngettext(
            "Vérifiez %(num)s ressource : est-elle toujours juste ?",
            "Vérifiez %(num)s ressources : sont-elles toujours justes ?",
            total,
        )
    )
    return Letter(
        kind="ressource-a-verifier",
        lang=say.lang,
        subject=subject,
        paragraphs=(say.gettext(_("Relisez, essayez les liens, corrigez s’il le faut, puis répondez en un clic.")),),
        facts=tuple((title, Link(url)) for title, url in resources) if total > 1 else (),
        button=(say.gettext(_("Répondre")), resources[0][1]),
        after=(say.gettext(_("Nous vous écrivons une fois par mois au plus.")),),
        why=say.gettext(_WHY_KEEPS),
    )

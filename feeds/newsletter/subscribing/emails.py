"""Mails about the subscription itself; the letter is not one of them."""

from __future__ import annotations

from reseau.core.letters import Go, Letter
from reseau.core.wording import Wording, _

_REFUSE = _("Refuser : ensuite, un message comme celui-ci en 30 jours au plus")
_NO_INVITATION = _("Ne plus recevoir d’invitation à la lettre")
_NOT_YOU = _("Ce n’était pas vous ? Ne faites rien : sans votre clic, vous ne recevrez pas la lettre.")
_ONCE = _("Ce lien sert une seule fois, pendant 7 jours.")
_FREE = _("Vous pourrez vous désinscrire à tout moment, en un clic, depuis chaque lettre.")


def confirm(lang: str, link: str, leave: str) -> Letter:
    """To an address that somebody gave in the form. :param leave: where its owner refuses any more of these."""
    say = Wording.of(lang).gettext
    return Letter(
        kind="letter-confirm", lang=lang, subject=say(_("Confirmez votre inscription à la lettre")),
        paragraphs=(
            say(_("Bonjour,")),
            say(_("Vous avez demandé à recevoir la lettre du réseau à cette adresse. Confirmez avec le bouton.")),
        ),
        button=(say(_("Recevoir la lettre")), link), after=(say(_ONCE), say(_FREE), say(_NOT_YOU)),
        why=say(_("Vous recevez ce message parce que quelqu’un a écrit cette adresse sur la page de la lettre.")),
        foot=(Go(say(_REFUSE), leave),),
    )  # fmt: skip


def already(lang: str, link: str) -> Letter:
    """To an address that receives the letter, and that somebody gave in the form."""
    say = Wording.of(lang).gettext
    return Letter(
        kind="letter-already", lang=lang, subject=say(_("Vous recevez déjà la lettre")),
        paragraphs=(
            say(_("Bonjour,")),
            say(_("Vous êtes déjà dans la liste : vous n’avez rien à faire, la prochaine lettre arrivera ici.")),
            say(_("Vous pouvez changer de langue ou de thèmes, recevoir moins de lettres, ou vous désinscrire.")),
        ),
        button=(say(_("Choisir ce que je reçois")), link),
        why=say(_("Vous recevez ce message parce que quelqu’un a écrit cette adresse sur la page de la lettre.")),
    )  # fmt: skip


def invited(lang: str, link: str, leave: str, relay: str) -> Letter:
    """To an address of a list that the coordination has. :param relay: name of the structure that would pass the letter
    on; "": nobody's."""
    say = Wording.of(lang).gettext
    first = say(
        _("L’équipe du réseau vous propose de recevoir sa lettre : ce qui change, les nouveaux outils, les dates.")
    )
    more = (say(_("Pour %(name)s, ce sera l’édition à transmettre : à vos membres, à vos collègues."), name=relay),)
    return Letter(
        kind="letter-invite", lang=lang, subject=say(_("Voulez-vous recevoir la lettre du réseau ?")),
        paragraphs=(
            say(_("Bonjour,")), first, *(more if relay else ()),
            say(_("Rien ne sera envoyé sans votre accord. Si vous voulez la recevoir, dites-le avec le bouton.")),
        ),
        button=(say(_("Oui, je veux la recevoir")), link), after=(say(_ONCE), say(_FREE)),
        why=say(_("Vous recevez ce message, une seule fois, parce que la coordination du réseau a noté cette adresse "
                  "parmi ses contacts professionnels. Sans réponse, elle est effacée de la lettre après 30 jours.")),
        foot=(Go(say(_NO_INVITATION), leave),),
    )  # fmt: skip


def labelled(lang: str, link: str) -> Letter:
    """To a member of a structure that holds the label, whom its agreement subscribes."""
    say = Wording.of(lang).gettext
    return Letter(
        kind="letter-label", lang=lang, subject=say(_("Vous allez recevoir la lettre du réseau")),
        paragraphs=(
            say(_("Bonjour,")),
            say(_("Votre structure a le label. Comme le prévoit son engagement, vous recevrez la lettre du réseau.")),
            say(_("Vous n’en voulez pas, ou moins souvent ? C’est votre choix, et il n’a aucun effet sur le label.")),
        ),
        button=(say(_("Choisir ou me désinscrire")), link),
        why=say(_("Vous recevez ce message parce que vous avez un compte, et que votre structure a le label.")),
    )  # fmt: skip


def label_ended(lang: str, link: str) -> Letter:
    """To who received the letter by the label alone."""
    say = Wording.of(lang).gettext
    return Letter(
        kind="letter-label", lang=lang, subject=say(_("Vous ne recevrez plus la lettre, sauf si vous le voulez")),
        paragraphs=(
            say(_("Bonjour,")),
            say(_("Vous receviez la lettre du réseau grâce au label de votre structure. Il ne vous concerne plus.")),
            say(_("Vous pouvez continuer à la recevoir : dites-le dans votre compte, à la page « La lettre ».")),
        ),
        button=(say(_("Ouvrir la page « La lettre »")), link),
        why=say(_("Vous recevez ce message, une seule fois, parce que vous receviez la lettre du réseau.")),
    )  # fmt: skip

"""The mails about entering and about one's own account; those about joining a place are in ``joining_emails``.

A link opens a page with one button: nothing happens when a mail program opens it by itself.
"""

from __future__ import annotations

from reseau.core.letters import Letter
from reseau.core.wording import Wording, _

_WHY_ASKED = _("Vous recevez ce message parce que quelqu’un a écrit cette adresse sur la page de connexion du site.")
_WHY_ACCOUNT = _("Vous recevez ce message parce que vous avez un compte sur ce site.")
_NOT_YOU = _("Ce n’était pas vous ? Ne faites rien : sans ce lien, personne ne peut ouvrir votre compte.")
_ONCE = _("Ce lien sert une seule fois, pendant 15 minutes.")


def open_session(lang: str, link: str) -> Letter:
    """To someone who has an account and asked to come in."""
    say = Wording.of(lang).gettext
    return Letter(
        kind="sign-in", lang=lang, subject=say(_("Connectez-vous avec ce lien")),
        paragraphs=(say(_("Bonjour,")), say(_("Voici votre lien pour vous connecter."))),
        button=(say(_("Me connecter")), link),
        after=(say(_ONCE), say(_NOT_YOU)), why=say(_WHY_ASKED),
    )  # fmt: skip


def create_account(lang: str, link: str) -> Letter:
    """To an address that has no account."""
    say = Wording.of(lang).gettext
    first = say(_("Cette adresse n’a pas encore de compte sur le site. Ce lien vous permet d’en créer un."))
    return Letter(
        kind="sign-in", lang=lang, subject=say(_("Créez votre compte")),
        paragraphs=(say(_("Bonjour,")), first), button=(say(_("Créer mon compte")), link),
        after=(say(_ONCE), say(_("Ce n’était pas vous ? Ne faites rien : aucun compte ne sera créé."))),
        why=say(_WHY_ASKED),
    )  # fmt: skip


def suspended(lang: str) -> Letter:
    """To someone whose account was suspended and who asked to come in."""
    say = Wording.of(lang).gettext
    return Letter(
        kind="sign-in", lang=lang, subject=say(_("Votre compte est suspendu : écrivez à la coordination")),
        paragraphs=(
            say(_("Bonjour,")),
            say(_("Vous avez voulu vous connecter, mais votre compte est suspendu.")),
            say(_("Pour en connaître la raison, écrivez à la coordination du réseau.")),
        ),
        why=say(_WHY_ASKED),
    )  # fmt: skip


def kept_out(lang: str, reason: str) -> Letter:
    """To someone whose account was suspended. :param reason: as the coordination wrote it."""
    say = Wording.of(lang).gettext
    return Letter(
        kind="suspended", lang=lang, subject=say(_("Votre compte est suspendu")),
        paragraphs=(
            say(_("Bonjour,")),
            say(_("La coordination a suspendu votre compte : vous ne pouvez plus vous connecter. Voici pourquoi :")),
            reason,
            say(_("Ce que vous avez écrit reste. Si vous n’êtes pas d’accord, écrivez à la coordination.")),
        ),
        why=say(_WHY_ACCOUNT),
    )  # fmt: skip


def restored(lang: str, link: str) -> Letter:
    """To someone whose account is not suspended any more. :param link: where one signs in."""
    say = Wording.of(lang).gettext
    return Letter(
        kind="restored", lang=lang, subject=say(_("Votre compte est rétabli : vous pouvez vous connecter")),
        paragraphs=(say(_("Bonjour,")), say(_("Votre compte n’est plus suspendu. Tout ce qui était à vous y est."))),
        button=(say(_("Me connecter")), link), why=say(_WHY_ACCOUNT),
    )  # fmt: skip


def new_address(lang: str, link: str) -> Letter:
    """To the address that someone wants to use from now on."""
    say = Wording.of(lang).gettext
    return Letter(
        kind="new-address", lang=lang, subject=say(_("Confirmez votre nouvelle adresse mail")),
        paragraphs=(
            say(_("Bonjour,")),
            say(_("Vous avez demandé à utiliser cette adresse pour votre compte. Confirmez-la avec le bouton.")),
        ),
        button=(say(_("Confirmer cette adresse")), link),
        after=(
            say(_("Ce lien sert une seule fois, pendant une heure.")),
            say(_("Ce n’était pas vous ? Ne faites rien : aucun compte ne prendra cette adresse.")),
        ),
        why=say(_("Vous recevez ce message parce que quelqu’un a donné cette adresse comme la sienne sur le site.")),
    )  # fmt: skip


def address_taken(lang: str) -> Letter:
    """To an address that has an account, and that the owner of another account says is theirs."""
    say = Wording.of(lang).gettext
    return Letter(
        kind="new-address", lang=lang, subject=say(_("Votre adresse mail a déjà un compte : utilisez-le")),
        paragraphs=(
            say(_("Bonjour,")),
            say(_("Quelqu’un a voulu utiliser cette adresse pour un autre compte du site. Rien n’a été changé.")),
            say(_("Si c’était vous : connectez-vous avec cette adresse, ou supprimez d’abord l’un des deux comptes.")),
        ),
        why=say(_WHY_ACCOUNT),
    )  # fmt: skip


def address_changed(lang: str, new: str) -> Letter:
    """To the former address, once another one is used."""
    say = Wording.of(lang).gettext
    return Letter(
        kind="new-address", lang=lang, subject=say(_("Votre adresse mail a changé : vérifiez que c’était vous")),
        paragraphs=(
            say(_("Bonjour,")),
            say(_("Votre compte utilise maintenant une autre adresse. Les liens de connexion y seront envoyés.")),
        ),
        facts=((say(_("Nouvelle adresse")), new),),
        after=(say(_("Ce n’était pas vous ? Écrivez tout de suite à la coordination du réseau.")),),
        why=say(_("Vous recevez ce message parce que votre compte utilisait cette adresse.")),
    )  # fmt: skip


def account_deleted(lang: str) -> Letter:
    """To the former address of someone who deleted their account."""
    say = Wording.of(lang).gettext
    return Letter(
        kind="account-deleted", lang=lang, subject=say(_("Votre compte est supprimé : vous n’avez rien à faire")),
        paragraphs=(say(_("Bonjour,")), say(_("Comme vous l’avez demandé, votre compte est supprimé.")), say(_REMAINS)),
        after=(say(_("Ce message est le dernier. Vous pourrez recréer un compte quand vous voudrez.")),),
        why=say(_("Vous recevez ce message parce que votre compte utilisait cette adresse.")),
    )  # fmt: skip


_REMAINS = _(
    "Votre nom, votre adresse et vos réglages sont effacés. Ce que vous avez écrit sur les fiches reste, "
    "sous le nom « ancien membre »."
)


def asleep(lang: str, link: str, until: str) -> Letter:
    """To someone who did nothing for 24 months. :param until: the day of the deletion, in words of ``lang``."""
    say = Wording.of(lang).gettext
    subject = say(_("Connectez-vous avant le %(date)s pour garder votre compte"), date=until)
    first = say(_("Vous n’avez pas utilisé votre compte depuis deux ans. Il sera supprimé le %(date)s."), date=until)
    return Letter(
        kind="asleep", lang=lang, subject=subject,
        paragraphs=(say(_("Bonjour,")), first, say(_("Pour le garder, connectez-vous une fois."))),
        button=(say(_("Se connecter")), link),
        after=(say(_("Si vous n’en avez plus besoin, ne faites rien.")),), why=say(_WHY_ACCOUNT),
    )  # fmt: skip


def asleep_suspended(lang: str, until: str) -> Letter:
    """The same to someone whose account is suspended: signing in would not keep it."""
    say = Wording.of(lang).gettext
    subject = say(_("Écrivez à la coordination avant le %(date)s pour garder votre compte"), date=until)
    first = say(_("Vous n’avez pas utilisé votre compte depuis deux ans. Il sera supprimé le %(date)s."), date=until)
    return Letter(
        kind="asleep", lang=lang, subject=subject,
        paragraphs=(
            say(_("Bonjour,")),
            first,
            say(_("Votre compte est suspendu : pour le garder, écrivez à la coordination du réseau.")),
        ),
        after=(say(_("Si vous n’en avez plus besoin, ne faites rien.")),), why=say(_WHY_ACCOUNT),
    )  # fmt: skip


def gone(lang: str) -> Letter:
    """To the former address of someone who did nothing for 24 months and did not answer the warning."""
    say = Wording.of(lang).gettext
    return Letter(
        kind="asleep", lang=lang, subject=say(_("Votre compte est supprimé : vous n’avez rien à faire")),
        paragraphs=(
            say(_("Bonjour,")),
            say(_("Votre compte n’a pas servi depuis deux ans : comme nous vous l’avions écrit, il est supprimé.")),
            say(_REMAINS),
        ),
        after=(say(_("Ce message est le dernier. Vous pourrez recréer un compte quand vous voudrez.")),),
        why=say(_("Vous recevez ce message parce que votre compte utilisait cette adresse.")),
    )  # fmt: skip

"""The words of the desk: French msgids, translated when a page is made."""

from __future__ import annotations

from reseau.web.i18n import _

REFUSALS = {
    "action": _("Choisissez ce qu’il faut faire."),
    "rien": _("Cochez au moins un lieu."),
    "trop": _("Cochez 500 lieux au plus à la fois."),
    "adresse": _("Écrivez une adresse complète, par exemple nom@exemple.fr."),
    "suspendu": _("Le compte de cette personne est suspendu : choisissez quelqu’un d’autre."),
    "trop-invitations": _(
        "Cette personne n’est pas encore dans le réseau. Elle recevrait un mail par lieu : cochez 20 lieux au plus."
    ),
}
ACTIONS = {
    "verifier": _("Dire que les fiches sont exactes aujourd’hui"),
    "referent": _("Donner un référent"),
    "ajouter": _("Ajouter au territoire"),
    "retirer": _("Retirer du territoire"),
}
#: What was done, where an action of the journal says it otherwise than ``ACTIONS``.
BULK = {**ACTIONS, "inviter": _("Inviter un référent")}
#: Actions of the journal. One that is not here is shown as its code.
AUDITED = {
    "account.expire": _("Compte inutilisé depuis 2 ans, supprimé"),
    "address.ask": _("Changement d’adresse demandé"),
    "address.change": _("Adresse changée"),
    "conflict.decide": _("Choix entre deux versions"),
    "demo.enter": _("Entrée dans la démonstration"),
    "governance.edit": _("Page « Qui sommes-nous ? » modifiée"),
    "held.discard": _("Texte en attente effacé"),
    "import.run": _("Import d’un registre"),
    "invitation.accept": _("Invitation acceptée"),
    "invitation.resend": _("Invitation renvoyée"),
    "invitation.revoke": _("Invitation annulée"),
    "joining.forget": _("Demandes anciennes effacées"),
    "mail.cancel": _("Mail annulé"),
    "mail.retry": _("Mail envoyé à nouveau"),
    "membership.assign": _("Référent donné à un lieu"),
    "offer.create": _("Aide ajoutée"),
    "offer.edit": _("Aide modifiée"),
    "offer.remove": _("Aide retirée"),
    "people.apply": _("Invitations envoyées depuis une liste"),
    "people.list": _("Liste de personnes essayée"),
    "person.leave": _("Compte supprimé par la personne"),
    "person.restore": _("Compte rétabli"),
    "person.suspend": _("Compte suspendu"),
    "person.update": _("Profil modifié"),
    "proposal.accept": _("Lieu proposé accepté"),
    "proposal.create": _("Lieu proposé"),
    "proposal.refuse": _("Lieu proposé refusé"),
    "request.accept": _("Demande acceptée"),
    "request.create": _("Demande pour rejoindre un lieu"),
    "request.escalate": _("Demande transmise à la coordination"),
    "request.refuse": _("Demande refusée"),
    "request.withdraw": _("Demande retirée"),
    "role.add": _("Rôle donné"),
    "role.remove": _("Rôle retiré"),
    "session.end": _("Déconnexion"),
    "session.end-all": _("Déconnexion partout"),
    "session.open": _("Connexion"),
    "sheet.branch": _("Antenne créée"),
    "sheet.close": _("Lieu fermé"),
    "sheet.create": _("Lieu créé"),
    "sheet.edit": _("Fiche modifiée"),
    "sheet.merge": _("Lieux réunis"),
    "sheet.remind": _("Rappel de vérification envoyé"),
    "sheet.reopen": _("Lieu rouvert"),
    "sheet.restore": _("Fiche remise comme avant"),
    "sheet.rhythm": _("Rythme de vérification changé"),
    "sheet.verify": _("Fiche vérifiée"),
    "sheets.bulk": _("Action sur plusieurs fiches"),
    "sign-in.ask": _("Lien de connexion demandé"),
    "suggestion.accept": _("Correction acceptée"),
    "suggestion.create": _("Erreur signalée"),
    "suggestion.done": _("Erreur corrigée"),
    "suggestion.forget": _("Adresses effacées après une erreur signalée"),
    "suggestion.refuse": _("Correction refusée"),
    "team.invite": _("Invitation envoyée"),
    "team.leave": _("Équipe quittée"),
    "team.remove": _("Personne retirée d’une équipe"),
    "team.role": _("Rôle changé dans une équipe"),
    "territory.add": _("Lieu ajouté au territoire"),
    "territory.remove": _("Lieu retiré du territoire"),
}
SIDES = {
    "lieu": _("pour un lieu"),
    "coordination": _("pour la coordination"),
    "administration": _("pour l’administration du site"),
    "personne": _("en son nom"),
    "visiteur": _("visiteur"),
    "import": _("import"),
    "systeme": _("le site lui-même"),
}

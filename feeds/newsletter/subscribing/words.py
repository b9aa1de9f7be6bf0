"""Codes of subscribers, as the coordination reads them."""

from __future__ import annotations

from reseau.core.wording import _

STATES = {
    "pending": _("N’a pas encore confirmé"),
    "active": _("Reçoit la lettre"),
    "left": _("Ne la reçoit plus"),
    "bounced": _("Son adresse ne répond pas"),
}
EDITIONS = {"general": _("La lettre"), "relay": _("L’édition à transmettre (relais)")}
SOURCES = {
    "form": _("Page de la lettre"),
    "profile": _("Compte du réseau"),
    "label": _("Engagement du label"),
    "list": _("Liste invitée"),
    "relay": _("Contact d’un relais"),
}
SEGMENTS = {
    "labelled": _("Membres de structures labellisées"),
    "network": _("Membres du réseau"),
    "health": _("Professionnels de santé"),
    "public": _("Autres personnes"),
}
REASONS = {
    "left": _("S’est désinscrit"),
    "complaint": _("A signalé la lettre comme indésirable"),
    "bounce": _("Adresse qui ne répond pas"),
    "erased": _("Effacé à sa demande"),
    "asked": _("Désinscrit à sa demande"),
}
ACTS = {
    "asked": _("A demandé la lettre"),
    "invited": _("A été invité"),
    "confirmed": _("A confirmé"),
    "agreed": _("Inscrit par l’engagement du label"),
    "changed": _("A changé ses choix"),
    "left": _("Ne la reçoit plus"),
    "undone": _("A annulé sa désinscription"),
    "complained": _("L’a signalée comme indésirable"),
    "bounced": _("Le mail est revenu"),
}
#: Where it was done (``consenting``).
PLACES = {
    "form": _("page de la lettre"),
    "mail": _("lien d’un mail"),
    "page": _("page de choix"),
    "one-click": _("bouton du logiciel de mail"),
    "profile": _("compte"),
    "desk": _("par la coordination"),
    "list": _("liste"),
    "relay": _("liste d’un relais"),
    "label": _("label"),
    "label-ended": _("fin du label"),
    "address": _("changement d’adresse du compte"),
}
#: Code of ``inviting.Unreadable`` → what to do.
PROBLEMS = {
    "empty": _("La liste est vide : collez des adresses, une par ligne, ou choisissez un fichier."),
    "large": _("La liste est trop lourde. Gardez seulement la colonne des adresses, puis recommencez."),
    "binary": _("Ce fichier ne peut pas être lu. Dans votre tableur, enregistrez-le au format CSV, puis recommencez."),
    "many": _("La liste a plus de 2 000 adresses. Coupez-la en plusieurs listes."),
}

"""What the pages of the letter's writing say."""

from __future__ import annotations

from feeds.newsletter.models import DeliveryState, Edition, IssueState
from reseau.core.wording import _

STATES = {
    IssueState.DRAFT.value: _("Brouillon"),
    IssueState.APPROVAL.value: _("Attend une deuxième personne"),
    IssueState.SCHEDULED.value: _("Programmé"),
    IssueState.SENDING.value: _("En cours d’envoi"),
    IssueState.PAUSED.value: _("En pause"),
    IssueState.SENT.value: _("Envoyé"),
    IssueState.CANCELLED.value: _("Annulé"),
}
EDITIONS = {
    Edition.GENERAL.value: _("Édition pour les abonnés"),
    Edition.RELAY.value: _("Édition à transmettre, pour les relais"),
}
DELIVERIES = {
    DeliveryState.ACCEPTED.value: _("Remis à la messagerie"),
    DeliveryState.FAILED.value: _("Refusés"),
    DeliveryState.UNKNOWN.value: _("Incertains"),
    DeliveryState.SUPPRESSED.value: _("Désabonnés entre-temps"),
    DeliveryState.WAITING.value: _("En attente"),
    DeliveryState.CANCELLED.value: _("Annulés"),
}
TEXT_STATES = {
    "source": _("texte d’origine"),
    "unit": _("traduction publiée"),
    "machine": _("traduit par une machine, pas relu"),
    "hand": _("écrit à la main"),
    "": _("pas traduit"),
}
SOURCES = {"log": _("Du site"), "watch": _("De la veille"), "event": _("De l’agenda"), "hand": _("Ajouté à la main")}
DONE = {
    "prepare": _("Le brouillon est prêt : il dit ce qui est nouveau depuis le dernier numéro. Relisez, puis envoyez."),
    "ecrit": _("C’est enregistré."),
    "retire": _("C’est retiré."),
    "remis": _("C’est remis."),
    "ajoute": _("C’est ajouté."),
    "a-jour": _("Le brouillon est à jour."),
    "deja-a-jour": _("Le brouillon était déjà à jour."),
    "supprime": _("Le brouillon est supprimé."),
    "essai": _("L’essai est parti. Regardez vos messages."),
    "programme": _("C’est programmé."),
    "demande": _("Les autres personnes de la coordination sont prévenues : l’une d’elles peut approuver."),
    "approuve": _("C’est approuvé."),
    "repris": _("C’est de nouveau un brouillon."),
    "lance": _("La lettre part."),
    "pause": _("L’envoi est en pause."),
    "reprise": _("L’envoi reprend."),
    "annule": _("Ce qui n’était pas parti ne partira pas."),
    "renvoye": _("Les envois incertains partent à nouveau."),
    "ouvert": _("Ce brouillon est déjà en préparation : terminez-le, ou supprimez-le pour en faire un autre."),
    "parti": _("Ce numéro est déjà parti : il part une seule fois."),
    "deja": _("Quelqu’un d’autre l’a déjà fait, ou ce n’est plus possible : rien n’a changé."),
}
FROZEN = _("Ce numéro n’est plus un brouillon : rien n’a changé.")
CLASH = _("Quelqu’un d’autre a changé ce texte pendant que vous écriviez. Comparez, puis enregistrez.")
NO_EMAIL = _("Votre compte n’a pas d’adresse mail : ajoutez-en une pour recevoir un essai.")
TOO_MANY = _("Ce numéro a déjà 200 informations : retirez-en d’abord.")
REFUSED = {
    "late": _("Ce moment est passé : choisissez une date et une heure à venir."),
    "far": _("C’est dans plus d’un an : choisissez une date plus proche."),
    "own": _("Une autre personne doit approuver ce que vous avez demandé d’envoyer."),
    "state": _("Quelqu’un a changé ce numéro entre-temps : relisez-le."),
    "nobody": _("Personne ne recevrait ce numéro : changez les destinataires."),
}
WHY_STOPPED = {
    "sender": _("Le serveur de courriels refuse l’expéditeur lui-même : parlez-en à qui s’occupe du site."),
    "refusals": _("Trop d’adresses sont refusées : l’envoi s’est arrêté tout seul. Lisez les réponses."),
}

"""Sentences of writing: who will read, what a kind is for, what the buttons of the toolbar write."""

from __future__ import annotations

from reseau.core.wording import _
from reseau.threads.base.models import ThreadKind, TopicSeen

#: Who reads a topic, in one sentence; in two words for a list of topics.
READERS: dict[str, str] = {
    TopicSeen.PUBLIC.value: _("Tout le monde peut lire ce sujet, même sans compte."),
    TopicSeen.NETWORK.value: _("Seules les personnes du réseau peuvent lire ce sujet."),
    TopicSeen.GROUP.value: _("Seuls les membres de ce groupe, et la coordination, peuvent lire ce sujet."),
}
READERS_SHORT: dict[str, str] = {
    TopicSeen.PUBLIC.value: _("tout le monde"),
    TopicSeen.NETWORK.value: _("réseau seulement"),
    TopicSeen.GROUP.value: _("groupe seulement"),
}
KIND_HINTS: dict[ThreadKind, str] = {
    ThreadKind.QUESTION: _("Vous cherchez une réponse."),
    ThreadKind.DISCUSSION: _("Vous voulez échanger, raconter, proposer."),
    ThreadKind.SONDAGE: _("Vous voulez connaître l’avis des autres, par un vote."),
    ThreadKind.ANNONCE: _("La coordination prévient tout le monde. Elle reste en haut jusqu’à une date."),
}
#: What each button of the toolbar writes at the end of the text, without a script.
FORMATS: dict[str, tuple[str, str]] = {
    "gras": (_("Gras"), _("**mots importants**")),
    "italique": (_("Italique"), _("*mots en italique*")),
    "liste": (_("Liste"), _("- une chose\n- une autre")),
    "citation": (_("Citation"), _("> ce que quelqu’un a écrit")),
    "lien": (_("Lien"), _("[mots du lien](https://)")),
}
CLOSED = _("Ce fil est fermé : on n’y répond plus. Votre texte est gardé, vous pouvez commencer un autre fil avec.")
TOO_MANY_THREADS = _("Vous avez commencé beaucoup de fils en une heure. Votre texte est gardé : réessayez plus tard.")
TOO_MANY_POSTS = _("Vous avez écrit beaucoup de messages en une heure. Votre texte est gardé : réessayez plus tard.")
ANSWERED = _("Quelqu’un a répondu : gardez un sujet qui est lu par les mêmes personnes.")
NOT_THERE = _("Ce dont vous parliez n’est plus là, ou n’est pas pour vous. Nous l’avons retiré du message.")
MORE_PUBLIC = _("« %(title)s » n’est pas public : choisissez un sujet qui n’est pas lu par plus de monde.")

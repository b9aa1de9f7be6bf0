"""French sentences of writing that several modules say."""

from __future__ import annotations

from reseau.core.wording import _
from resources.base.models import Visibility
from resources.base.shapes import BlockKind, Kind

VISIBILITIES = {
    Visibility.PUBLIC.value: _("Tout le monde"),
    Visibility.NETWORK.value: _("Les personnes du réseau seulement"),
}
RHYTHMS = {1: _("chaque mois"), 3: _("tous les 3 mois"), 6: _("tous les 6 mois"), 12: _("chaque année"),
           24: _("tous les 2 ans")}  # fmt: skip
KIND_HINTS = {
    Kind.KIT: _("De quoi préparer et animer un atelier."),
    Kind.TUTORIEL: _("Une tâche, un geste par étape."),
    Kind.EXPERIENCE: _("Le récit d’une action qui a eu lieu, pour que d’autres s’en inspirent."),
    Kind.OUTIL: _("Un site ou une application, avec votre avis."),
    Kind.LIEN: _("Une page utile sur un autre site."),
}
#: What each kind of block is for.
BLOCK_HINTS = {
    BlockKind.TEXTE: _("Un paragraphe, une liste, des consignes."),
    BlockKind.ETAPE: _("Une seule consigne, avec une image si elle aide."),
    BlockKind.DOCUMENT: _("Une affiche, un flyer, des cartes ou une fiche, faits à partir de votre texte."),
    BlockKind.FICHIER: _("Un fichier à télécharger : PDF, document, image."),
    BlockKind.VIDEO: _("Le lien d’une vidéo, avec le texte de ce qui y est dit."),
    BlockKind.LIEN: _("Une page d’un autre site."),
    BlockKind.RESSOURCE: _("Un kit, un tutoriel ou une fiche qui est déjà ici."),
    BlockKind.PARTENAIRE: _("Une structure qui a pris part, ou qui a financé."),
    BlockKind.MOYEN: _("Ce qu’il a fallu : salle, ordinateurs, heures, euros."),
    BlockKind.TEMOIGNAGE: _("Les mots d’une personne, avec son accord."),
}
HEADER_LABELS = {
    "title": _("Titre"), "summary": _("Résumé"), "themes": _("Thèmes"), "demarches": _("Démarches de santé"),
    "publics": _("Pour qui"), "supports": _("Sorte de support"), "niveau": _("Niveau"), "licence": _("Licence"),
    "duree": _("Durée, en minutes"), "groupe": _("Nombre de personnes"), "territoire": _("Où"), "periode": _("Quand"),
    "url": _("Adresse du site"), "credits": _("Crédits"), "verifier_tous_les": _("À vérifier"),
    "lang": _("Langue du texte"),
}  # fmt: skip
BLOCK_LABELS = {
    "part": _("Partie"), "title": _("Titre"), "text": _("Texte"), "minutes": _("Durée, en minutes"),
    "image": _("Image"), "alt": _("Description de l’image"), "note_kind": _("Encadré"), "note": _("Texte de l’encadré"),
    "url": _("Adresse du site"), "ressource": _("Ressource"), "file": _("Fichier"), "layout": _("Forme"),
    "role": _("Rôle"), "quantite": _("Quantité"), "unite": _("Unité"), "prenom": _("Prénom"),
    "consentement": _("Accord de la personne"), "exact": _("Doit être exact"),
}  # fmt: skip
AUTHOR_ANSWERS = {
    "unknown": _("Personne du réseau n’a cette adresse. La personne doit d’abord rejoindre un lieu."),
    "already": _("Cette personne écrit déjà cette ressource."),
    "outsider": _("Pour écrire à plusieurs, rejoignez d’abord un lieu du réseau."),
    "too-many": _("Vous avez ajouté beaucoup de personnes. Réessayez dans une heure."),
}

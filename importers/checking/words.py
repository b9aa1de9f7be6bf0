"""What the page says of a file: a sentence for each reason, and what to write instead."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Final

from importers.checking.findings import Finding, Report, joined
from reseau.core.wording import Wording, _

SCHEMAS: Final = {
    "national": _("lieux de médiation numérique (standard national 1.0.2)"),
    "structures": _("structures (data·inclusion v1)"),
    "services": _("services (data·inclusion v1)"),
}
REFUSALS: Final = {
    "vide": _("Le fichier est vide : il n’y a rien à vérifier."),
    "html": _("C’est une page web, pas un fichier de données. Téléchargez le fichier lui-même, puis choisissez-le."),
    "objet": _("Ce fichier JSON ne contient pas une liste. Il doit commencer par « [ »."),
    "json": _("Ce fichier JSON ne peut pas être lu : il manque sans doute une virgule, un guillemet ou un crochet."),
    "autre-format": _("Ce n’est ni un CSV, ni un JSON, ni un XLSX. Enregistrez-le dans un de ces formats."),
    "illisible": _("Ce fichier ne peut pas être lu : ce n’est ni un CSV, ni un JSON, ni un XLSX."),
    "tableur": _("Ce fichier XLSX ne peut pas être lu. Ouvrez-le avec un tableur, puis enregistrez-le en CSV."),
    "tronque": _("Le fichier est coupé avant la fin : un guillemet ou un crochet n’est pas fermé."),
    "trop-gros": _("Une fois décompressé, le fichier est trop grand."),
    "trop-de-colonnes": _("Le fichier a trop de colonnes."),
    "hors-schema": _("Il manque des colonnes au fichier : %(missing)s."),
    "inconnu": _("Les colonnes du fichier ne sont ni celles du standard national, ni celles de data·inclusion."
                 " La première ligne doit donner les noms des colonnes."),
    "trop-long": _("Le fichier est trop long ou trop compliqué à vérifier. Coupez-le en plusieurs morceaux."),
    "occupe": _("D’autres personnes vérifient un fichier en ce moment. Réessayez dans un instant."),
    "trop-souvent": _("Beaucoup de fichiers ont été vérifiés depuis votre connexion. Réessayez dans une heure."),
    "trop-lourd": _("Le fichier est trop lourd : 5 Mo au plus."),
    "aucun": _("Choisissez un fichier."),
    "envoi": _("L’envoi s’est interrompu. Choisissez le fichier à nouveau."),
}  # fmt: skip
#: Reason → (what is wrong, what to write instead; "": the sentence says it).
REASONS: Final = {
    "obligatoire": (_("Valeur obligatoire absente"), _("Remplissez cette colonne à chaque ligne.")),
    "format": (_("Écriture refusée par le schéma"), ""),
    "trop-long": (_("Texte trop long"), _("%(detail)s caractères au plus.")),
    "trop-court": (_("Texte trop court"), _("%(detail)s caractères au moins.")),
    "trop-petit": (_("Nombre trop petit"), _("Au moins %(detail)s.")),
    "liste-vide": (_("Liste vide"), _("Écrivez au moins une valeur, ou enlevez la liste.")),
    "pas-une-liste": (_("Une liste est attendue"), _("En JSON : [\"valeur\"].")),
    "pas-un-texte": (_("Un texte est attendu"), _("En JSON : entre guillemets.")),
    "separateur": (_("Valeurs séparées par un point-virgule"), _("Séparez les valeurs par une barre : |")),
    "autre-ecriture": (_("Autre écriture d’une valeur connue"), _("Écrivez : %(detail)s")),
    "valeur-inconnue": (_("Valeur que le schéma ne connaît pas"), _("Choisissez une valeur de la liste du schéma.")),
    "identifiant-deja-lu": (_("Identifiant donné deux fois"), _("Donnez à chaque ligne un identifiant à elle.")),
    "identifiant-sans-source": (_("Identifiant sans le nom de la source"), _("Écrivez : source--numéro")),
    "id-manquant": (_("Ligne sans identifiant"), _("Donnez à chaque ligne un identifiant qui ne change pas.")),
    "id-trop-long": (_("Identifiant trop long"), _("2 000 octets au plus.")),
    "nom-manquant": (_("Lieu sans nom"), _("Écrivez le nom du lieu.")),
    "sans-lieu": (_("Lieu sans commune, ni code postal, ni position"), _("Écrivez au moins la commune.")),
    "ligne-illisible": (_("Ligne illisible"), _("Vérifiez les guillemets et le nombre de colonnes.")),
    "trop-de-colonnes": (_("Ligne avec trop de colonnes"),
                         _("Mettez entre guillemets un texte qui contient le séparateur.")),
    "colonnes-manquantes": (_("Ligne avec trop peu de colonnes"),
                            _("Mettez entre guillemets un texte qui va à la ligne.")),
    "champ-trop-long": (_("Valeur beaucoup trop longue"), _("Raccourcissez le texte.")),
    "octet-nul": (_("Caractère interdit (octet nul)"), _("Enregistrez à nouveau le fichier en UTF-8.")),
    "pas-un-objet": (_("Ceci n’est pas un lieu"), _("Chaque élément de la liste est un objet : {\"id\": …}.")),
    "type-inattendu": (_("Une liste ou un objet à la place d’un texte"), _("Écrivez un texte.")),
    "date-impossible": (_("Date d’avant 2000 ou future"), _("Écrivez le jour de la dernière mise à jour : 2026-11-24")),
    "date-invalide": (_("Date illisible ou future"), _("Écrivez l’année, le mois et le jour : 2026-11-24")),
    "tous-publics-seul": (_("« tous-publics » avec d’autres valeurs"), _("Écrivez-le seul, ou enlevez-le.")),
    "conseil": (_("Le nom finit par un point"), _("Enlevez le point.")),
    "horaires-non-lus": (_("Horaires qu’un programme ne peut pas lire"),
                         _("Écrivez comme OpenStreetMap : Mo-Fr 09:00-12:00")),
    "coordonnees-invalides": (_("Position impossible"), _("Latitude vers 50, longitude vers 3, en degrés : 50.6903")),
    "telephone-illisible": (_("Téléphone illisible"), _("Un seul numéro, avec l’indicatif : +33320000000")),
    "telephone-fictif": (_("Numéro réservé à la fiction"), _("Écrivez le vrai numéro.")),
    "telephone-etranger": (_("Téléphone hors de France"), _("Écrivez un numéro français.")),
    "courriel-illisible": (_("Adresse mail illisible"), _("Écrivez : accueil@exemple.fr")),
    "courriel-fictif": (_("Adresse mail d’un domaine qui n’existe pas"), _("Écrivez l’adresse de l’accueil.")),
    "courriel-nominatif": (_("Adresse mail d’une personne"),
                           _("Écrivez plutôt celle de l’accueil : elle sera publiée.")),
    "url-illisible": (_("Adresse web illisible"), _("Écrivez : https://www.exemple.fr")),
    "url-interdite": (_("Adresse web d’un type interdit"), _("Écrivez : https://www.exemple.fr")),
    "url-fictive": (_("Adresse web d’un domaine qui n’existe pas"), _("Écrivez la vraie adresse.")),
    "pivot-invalide": (_("SIRET ou RNA faux"), _("14 chiffres, ou W et 9 signes. Inconnu : 00000000000000")),
    "code-postal-invalide": (_("Code postal faux"), _("Cinq chiffres : 59100")),
    "code-insee-invalide": (_("Code INSEE faux"), _("Cinq signes, le code de la commune : 59512")),
}  # fmt: skip
OTHER: Final = (_("Valeur à vérifier"), "")
#: What a value of a column looks like, when its form is refused.
FORMS: Final = {
    "pivot": _("14 chiffres, ou W et 9 signes. Inconnu : 00000000000000"),
    "siret": _("Quatorze chiffres, sans espace"),
    "code_postal": _("Cinq chiffres : 59100"),
    "code_insee": _("Cinq signes, le code de la commune : 59512"),
    "telephone": _("Un seul numéro, avec l’indicatif : +33320000000"),
    "date_maj": _("Écrivez l’année, le mois et le jour : 2026-11-24"),
    "latitude": _("Un nombre avec un point : 50.6903"),
    "longitude": _("Un nombre avec un point : 3.1745"),
    "courriel": _("Écrivez : accueil@exemple.fr"),
    "zone_eligibilite": _("Des codes de communes, de départements ou d’intercommunalités"),
    **dict.fromkeys(
        ("site_web", "lien_source", "lien_mobilisation", "accessibilite_lieu"), _("Écrivez : https://www.exemple.fr")
    ),
}  # fmt: skip
_LINES = (_("ligne %(rows)s"), _("lignes %(rows)s"))
_RECORDS = (_("élément %(rows)s"), _("éléments %(rows)s"))
_RUN = _("%(first)s à %(last)s")
_MORE = _("et %(count)s autres")
_HEAD = (_("Gravité"), _("Colonne"), _("Ce qui ne va pas"), _("Où"), _("Exemple"), _("Quoi écrire"))
ERROR, WARNING = _("Erreur"), _("Avertissement")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in words. ``where``: « lignes 3 à 17, 21 »."""

    finding: Finding
    what: str
    advice: str
    where: str


def told(finding: Finding, kind: str, say: Wording) -> Told:
    """One finding in the language of who reads. :param kind: format of the file."""
    what, advice = REASONS.get(finding.reason, OTHER)
    if finding.reason == "format":
        advice = FORMS.get(finding.field, advice)
    return Told(
        finding, say.gettext(what), say.gettext(advice, detail=finding.detail) if advice else "",
        where(finding, kind, say),
    )  # fmt: skip


def where(finding: Finding, kind: str, say: Wording) -> str:
    """The rows, as a spreadsheet numbers them (the header is the first), or the elements of a JSON list."""
    table = kind in ("csv", "xlsx")
    runs = joined(finding.ranges, 2 if table else 1)
    listed = ", ".join(say.gettext(_RUN, first=low, last=high) if low != high else str(low) for low, high in runs)
    shown = sum(high - low + 1 for low, high in runs)
    if rest := finding.count - shown:
        listed = f"{listed} {say.gettext(_MORE, count=rest)}"
    one, many = _LINES if table else _RECORDS
    return say.gettext(one if finding.count == 1 else many, rows=listed)


def refusal(report: Report, say: Wording) -> str:
    """Why nothing could be checked."""
    details = {"missing": "", **report.details}
    return say.gettext(REFUSALS.get(report.refused, REFUSALS["illisible"]), **details)


def as_csv(report: Report, say: Wording) -> str:
    """The table of errors and warnings, for a spreadsheet: no cell runs as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([say.gettext(head) for head in _HEAD])
    for level, found in ((ERROR, report.errors), (WARNING, report.warnings)):
        for finding in found:
            one = told(finding, report.format, say)
            cells = (say.gettext(level), finding.field, one.what, one.where, finding.example, one.advice)
            writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()

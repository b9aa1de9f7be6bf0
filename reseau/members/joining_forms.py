"""The forms of joining: inviting, accepting, asking, deciding, proposing a place, lists, governance."""

from __future__ import annotations

from typing import Any

from wtforms import Field, Form, HiddenField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from reseau.core.contacts import clean_phone
from reseau.core.ids import parse_id
from reseau.core.vocabularies import vocabulary
from reseau.members import governance
from reseau.members.forms import SelectMultipleField
from reseau.members.invitations import clean_address
from reseau.members.joining_emails import ROLE_NAMES
from reseau.web.forms import EmailAddress, MaxLength, Required, ReseauForm
from reseau.web.i18n import NAMES, _

LANGUAGES = list(NAMES.items())
ROLES = [
    ("referent", _("Référent : tient la fiche à jour et invite des collègues")),
    ("member", _("Membre : confirme que la fiche est exacte")),
]


def storable(value: str | None) -> str | None:
    """Without NUL, which people do not type and PostgreSQL does not hold; without blanks around."""
    return value and value.replace("\x00", "").strip()


def one_line(value: str | None) -> str | None:
    """On one line: names go into the subject of mails."""
    return value and " ".join(value.replace("\x00", "").split())


class Deliverable:
    """A mail address to which a mail can go."""

    def __call__(self, _form: Form, field: Field) -> None:
        if field.data and clean_address(field.data) is None:
            text = _("Écrivez une adresse complète, par exemple nom@exemple.fr.")
            raise ValidationError(field.gettext(text))


class InviteForm(ReseauForm):
    """Ask someone to join the team of a place."""

    courriel = StringField(
        _("Adresse mail"),
        validators=[
            Required(_("Écrivez l’adresse mail de la personne.")),
            MaxLength(254),
            EmailAddress(),
            Deliverable(),
        ],
        filters=[storable],
    )
    nom = StringField(_("Prénom et nom"), validators=[MaxLength(120)], filters=[one_line])
    role = RadioField(_("Rôle"), choices=ROLES, default="member", validators=[Required(_("Choisissez un rôle."))])
    langue = SelectField(_("Langue du mail"), choices=LANGUAGES, default="fr", validators=[Required()])

    @property
    def address(self) -> str:
        """The address in its normal form."""
        return clean_address(self.courriel.data or "") or ""


class RoleForm(ReseauForm):
    """Change the role of someone of the team."""

    role = RadioField(_("Rôle"), choices=ROLES, validators=[Required(_("Choisissez un rôle."))])


class AcceptForm(ReseauForm):
    """Accept an invitation: how one is called, when the account is new."""

    nom = StringField(
        _("Votre prénom et votre nom"),
        validators=[Required(_("Écrivez votre prénom et votre nom.")), MaxLength(120)],
        filters=[one_line],
    )


class JoinForm(ReseauForm):
    """Ask to join a place."""

    message = TextAreaField(
        _("Un mot pour vous présenter"),
        description=_("Par exemple : « Je suis médiatrice numérique ici depuis mars »."),
        validators=[MaxLength(1000)],
        filters=[storable],
    )


class DecideForm(ReseauForm):
    """Accept a request."""

    role = RadioField(_("Rôle"), choices=ROLES, default="member", validators=[Required(_("Choisissez un rôle."))])


class RefuseForm(ReseauForm):
    """Refuse a request: why, which is mailed to the person."""

    motif = TextAreaField(
        _("Pourquoi ? La personne lira votre réponse."),
        validators=[Required(_("Écrivez pourquoi : la personne lira votre réponse.")), MaxLength(1000)],
        filters=[storable],
    )


class SuspendForm(ReseauForm):
    """Suspend an account: why, which is mailed to the person."""

    motif = TextAreaField(
        _("Pourquoi ? La personne lira cette raison."),
        validators=[Required(_("Écrivez pourquoi : la personne lira cette raison.")), MaxLength(1000)],
        filters=[storable],
    )


class ProposeForm(ReseauForm):
    """A place that is not in the directory. ``vus``: ids of the places that were shown as possibly the same."""

    nom = StringField(
        _("Nom du lieu"), validators=[Required(_("Écrivez le nom du lieu.")), MaxLength(255)], filters=[one_line]
    )
    adresse = StringField(
        _("Adresse"), description=_("Numéro et rue."), validators=[MaxLength(300)], filters=[one_line]
    )
    commune = StringField(_("Ville"), validators=[Required(_("Écrivez la ville.")), MaxLength(100)], filters=[one_line])
    code_postal = StringField(_("Code postal"), validators=[MaxLength(5)], filters=[one_line])
    telephone = StringField(_("Téléphone du lieu"), validators=[MaxLength(40)], filters=[one_line])
    services = SelectMultipleField(_("Ce qu’on y fait"))
    message = TextAreaField(
        _("Un mot pour la coordination"),
        description=_("Par exemple : qui tient ce lieu, quel est votre rôle."),
        validators=[MaxLength(1000)],
        filters=[storable],
    )
    vus = HiddenField(filters=[storable])

    def __init__(self, request: Any, **data: Any) -> None:
        super().__init__(request, **data)
        terms = vocabulary("services").terms
        self.services.choices = [SelectChoice(term.code, term.label(request.lang)) for term in terms]

    def validate_telephone(self, field: Field) -> None:
        """A number that can be called, or nothing."""
        if field.data and clean_phone(field.data).value is None:
            raise ValidationError(
                field.gettext(_("Écrivez un numéro de téléphone français, par exemple 03 20 00 00 00."))
            )

    @property
    def seen(self) -> set[str]:
        """Ids of the places that were shown already."""
        return {word for word in (self.vus.data or "").split(",")[:50] if parse_id(word)}

    @property
    def phone(self) -> str | None:
        """The number, as the directory writes it."""
        return clean_phone(self.telephone.data or "").value

    def values(self, commune: Any) -> dict[str, Any]:
        """The fields of the place, in the words of the standard."""
        postcode = self.code_postal.data or (commune.postcodes[0] if len(commune.postcodes) == 1 else "")
        said = {
            "nom": self.nom.data, "adresse": self.adresse.data, "commune": commune.name, "code_postal": postcode,
            "code_insee": commune.code, "telephone": self.phone, "services": list(self.services.data or []),
        }  # fmt: skip
        return {name: value for name, value in said.items() if value}


class PeopleListForm(ReseauForm):
    """A list of people and places, pasted; a file comes beside it."""

    texte = TextAreaField(_("Collez la liste"))


class GovernanceForm(ReseauForm):
    """Who pilots this site."""

    pilote = StringField(
        _("Qui s’occupe de ce site"),
        description=_("Un nom : association, collectivité, groupe de lieux…"),
        validators=[MaxLength(200)],
        filters=[one_line],
    )
    pilote_texte = TextAreaField(_("Qui décide de quoi"), validators=[MaxLength(10_000)], filters=[storable])
    contact_courriel = StringField(
        _("Adresse mail de contact"), validators=[MaxLength(254), EmailAddress(), Deliverable()], filters=[storable]
    )
    contact_telephone = StringField(_("Téléphone de contact"), validators=[MaxLength(40)], filters=[one_line])
    charte = TextAreaField(_("Charte du réseau"), validators=[MaxLength(20_000)], filters=[storable])

    @property
    def values(self) -> dict[str, str]:
        """Key → words."""
        return {key: self[key].data or "" for key in governance.KEYS}


class AddRoleForm(ReseauForm):
    """Give a role on the site to an address."""

    courriel = StringField(
        _("Adresse mail"),
        validators=[
            Required(_("Écrivez l’adresse mail de la personne.")),
            MaxLength(254),
            EmailAddress(),
            Deliverable(),
        ],
        filters=[storable],
    )
    role = RadioField(
        _("Rôle"), choices=[(role, ROLE_NAMES[role]) for role in governance.ROLES],
        validators=[Required(_("Choisissez un rôle."))],
    )  # fmt: skip
    langue = SelectField(_("Langue du mail"), choices=LANGUAGES, default="fr", validators=[Required()])

    @property
    def address(self) -> str:
        """The address in its normal form."""
        return clean_address(self.courriel.data or "") or ""


class RemoveRoleForm(ReseauForm):
    """Take a role from a person."""

    personne = HiddenField()
    role = HiddenField()

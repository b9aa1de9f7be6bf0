"""The forms of requests: what somebody looks for; the resource that answers, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from reseau.core.ids import new_id, parse_id
from reseau.core.vocabularies import vocabulary
from reseau.web.forms import EmailAddress, HoneypotMixin, MaxLength, Required, ReseauForm
from reseau.web.i18n import _
from resources.base import langs
from resources.finding.asking import MAX_ANSWER, MAX_CONTACT, MAX_DETAILS, MAX_WORDS, Wish

if TYPE_CHECKING:
    from pyramid.request import Request

NO_ANSWER = {
    "adresse": _("Copiez l’adresse de la page de la ressource, par exemple /tutoriels/creer-son-compte-ameli."),
    "ailleurs": _(
        "Cette adresse est celle d’un autre site. Ajoutez d’abord un lien ou un outil à nos ressources, "
        "puis donnez son adresse ici."
    ),
    "absente": _("Il n’y a pas de ressource publiée à cette adresse. Vérifiez-la, ou publiez d’abord la ressource."),
    "reseau": _(
        "Cette ressource est réservée au réseau : la personne qui demande ne pourrait pas la lire. Choisissez-en une "
        "que tout le monde peut lire."
    ),
}


def storable(value: str | None) -> str | None:
    """Without NUL, which people do not type and PostgreSQL does not hold."""
    return value and value.replace("\x00", "")


class AskForm(HoneypotMixin, ReseauForm):
    """What somebody looks for. ``numero``: the form's own number; sent twice, it is kept once."""

    mots = StringField(
        _("Que cherchez-vous ?"),
        description=_("En quelques mots. Par exemple : « un tutoriel pour prendre un rendez-vous à l’hôpital »."),
        validators=[Required(_("Écrivez en quelques mots ce que vous cherchez.")), MaxLength(MAX_WORDS)],
        filters=[storable],
    )
    details = TextAreaField(
        _("Pour quoi faire, et pour qui ?"),
        description=_("Par exemple : un atelier avec six personnes qui débutent, en deux heures."),
        validators=[MaxLength(MAX_DETAILS)],
        filters=[storable],
    )
    langue_voulue = SelectField(_("Dans quelle langue ?"), validate_choice=True)
    theme = SelectField(_("Sur quel thème ?"), validate_choice=True)
    contact = StringField(
        _("Votre adresse mail, si vous voulez une réponse"),
        description=_("Elle sert seulement à vous répondre. Elle est effacée 30 jours après la réponse."),
        validators=[MaxLength(MAX_CONTACT), EmailAddress()],
        filters=[storable],
    )
    echanges = BooleanField(
        _("Demander aussi aux personnes du réseau, dans les échanges (sous mon nom)"),
        description=_("Ce que vous avez écrit ici est publié. Votre adresse mail ne l’est pas."),
        default=True,
    )
    numero = HiddenField(default=lambda: str(new_id()))

    def __init__(self, request: Request, **data: Any) -> None:
        """:param data: what is known already (``mots``, ``theme``, ``langue_voulue``); wrong values are left out."""
        themes = [(term.code, term.label(request.lang)) for term in vocabulary("themes").terms]
        spoken = [(tag, langs.name(tag, request.lang)) for tag in langs.OFFERED]
        if (tag := langs.tag(data.get("langue_voulue") or "")) and tag not in langs.OFFERED:
            spoken.append((tag, langs.name(tag, request.lang)))
        data["langue_voulue"] = tag or ""
        data["theme"] = data.get("theme") if data.get("theme") in dict(themes) else ""
        data["mots"] = (data.get("mots") or "")[:MAX_WORDS]
        super().__init__(request, **data)
        if not (request.identity and request.registry.get("resource.asked")):
            del self.echanges
        self.theme.choices = [("", request.gettext(_("Je ne sais pas"))), *themes]
        self.langue_voulue.choices = [("", request.gettext(_("Peu importe"))), *spoken]
        sent = self.langue_voulue.data or ""
        if sent and sent == langs.tag(sent) and sent not in dict(spoken):  # a language that a link asked for
            self.langue_voulue.choices.append((sent, langs.name(sent, request.lang)))

    @property
    def number(self) -> UUID:
        """The number as sent; a new one when somebody made it up (then only a double click is not caught)."""
        return parse_id(self.numero.data or "") or new_id()

    @property
    def shared(self) -> bool:
        """Whether who asks wants the people of the network to be asked too, under their name."""
        return "echanges" in self and bool(self.echanges.data)

    @property
    def wish(self) -> Wish:
        """What was asked, of a form that is valid."""
        contact = (self.contact.data or "").strip() or None
        words = " ".join(self.mots.data.split())
        return Wish(words, (self.details.data or "").strip(), self.theme.data, self.langue_voulue.data, contact,
                    self.request.lang)  # fmt: skip


class AnswerForm(ReseauForm):
    """The resource that answers."""

    adresse = StringField(
        _("Adresse de la ressource"),
        description=_("Ouvrez la page de la ressource, copiez son adresse et collez-la ici."),
        validators=[Required(_("Donnez l’adresse de la ressource qui répond.")), MaxLength(500)],
        filters=[storable],
    )
    message = TextAreaField(
        _("Un mot pour la personne"),
        description=_("Elle le recevra avec la ressource, si elle a donné une adresse."),
        validators=[MaxLength(MAX_ANSWER)],
        filters=[storable],
    )

    def no_answer(self, code: str) -> None:
        """Say what is wrong with the address."""
        self.adresse.errors = [self.request.gettext(NO_ANSWER[code])]


class DeclineForm(ReseauForm):
    """Why there is none."""

    motif = TextAreaField(
        _("Pourquoi ?"),
        description=_("La personne qui a demandé recevra cette réponse, si elle a donné une adresse."),
        validators=[Required(_("Écrivez pourquoi, en une phrase.")), MaxLength(MAX_ANSWER)],
        filters=[storable],
    )

"""The forms of requests: what is asked of the network, the resource that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from wtforms import HiddenField, SelectChoice, SelectField, StringField, TextAreaField

from reseau.core.ids import new_id, parse_id
from reseau.threads.base.shapes import MAX_TEXT, MAX_TITLE
from reseau.web.forms import MaxLength, Required, ReseauForm, on_text
from reseau.web.i18n import _
from resources.base.content import clean_text, one_line
from resources.finding.asking_forms import NO_ANSWER

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.threads.base.models import Topic

MAX_ADDRESS = 500
_line, _text = on_text(one_line), on_text(clean_text)


class ShareForm(ReseauForm):
    """The thread of a request, as a coordinator puts it."""

    sujet = SelectField(_("Sujet"), validators=[Required(_("Choisissez un sujet."))])
    titre = StringField(
        _("Titre"), validators=[Required(_("Écrivez un titre.")), MaxLength(MAX_TITLE)], filters=[_line],
    )  # fmt: skip
    texte = TextAreaField(
        _("Le message"),
        description=_("Retirez tout ce qui permettrait de reconnaître une personne, ou de la joindre."),
        validators=[Required(_("Écrivez le message.")), MaxLength(MAX_TEXT)],
        filters=[_text],
    )

    def __init__(self, request: Request, topics: list[Topic], **data: Any) -> None:
        super().__init__(request, **data)
        self.sujet.choices = [SelectChoice(str(one.id), one.title(request.lang)) for one in topics]


class ResourceForm(ReseauForm):
    """The resource that answers, chosen in a list or by its address. ``numero``: the id that the message will have."""

    adresse = StringField(
        _("Ou l’adresse d’une ressource du site"),
        description=_("Ouvrez la page de la ressource, copiez son adresse et collez-la ici."),
        validators=[MaxLength(MAX_ADDRESS)],
        filters=[_line],
    )
    ressource = HiddenField()
    message = TextAreaField(
        _("Votre message"),
        description=_("Dites en quoi elle répond, comment vous l’utilisez."),
        validators=[MaxLength(MAX_TEXT - MAX_ADDRESS)],
        filters=[_text],
    )
    q = HiddenField(filters=[_line])
    numero = HiddenField(default=lambda: str(new_id()))

    @property
    def number(self) -> UUID:
        """The number as sent; a new one when somebody made it up."""
        return parse_id(self.numero.data or "") or new_id()

    @property
    def chosen(self) -> UUID | None:
        """The resource of the list."""
        return parse_id(self.ressource.data or "")

    def complain(self, sentence: str) -> None:
        """Say what is wrong with the resource."""
        self.adresse.errors = [self.request.gettext(sentence)]

    def no_answer(self, code: str) -> None:
        """The same, as ``asking.NoAnswer`` says it."""
        self.complain(NO_ANSWER[code])

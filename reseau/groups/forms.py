"""The forms of groups."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField

from reseau.core.ids import new_id, parse_id
from reseau.groups import documents
from reseau.groups.belonging import MAX_MESSAGE
from reseau.groups.choosing import ChoosingForm
from reseau.groups.documents import Writing
from reseau.groups.models import Joining, Seen
from reseau.groups.services import Said
from reseau.groups.words import JOINING, SEEN
from reseau.web.forms import MaxLength, Required, ReseauForm, on_text
from reseau.web.i18n import _
from resources.base import langs
from resources.base.content import clean_text, one_line

if TYPE_CHECKING:
    from pyramid.request import Request

MAX_NAME, MAX_DESCRIPTION = 100, 5_000


_TEXT, _LINE = on_text(lambda text: clean_text(text).strip()), on_text(one_line)


class _Written(ReseauForm):
    """What is written in a language. ``vu``: revision that was read. ``numero``: the id that it has or will have."""

    vu = HiddenField(default="0")
    numero = HiddenField(default=lambda: str(new_id()))

    def __init__(self, request: Request, **before: Any) -> None:
        before.setdefault("langue", request.lang)
        super().__init__(request, data=before)
        offered = dict.fromkeys((before["langue"], *langs.OFFERED))
        field = self["langue"]
        if (said := field.data or "") and said == langs.tag(said):
            offered.setdefault(said)
        field.choices = [(tag, langs.name(tag, request.lang)) for tag in offered]

    @property
    def seen_rev(self) -> int:
        """What the writer had read, 0 when nobody knows."""
        text = self.vu.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0

    @property
    def nonce(self) -> UUID:
        """The id as sent; a new one when somebody made it up, which the form then keeps."""
        found = parse_id(self.numero.data or "") or new_id()
        self.numero.data = str(found)
        return found


class GroupForm(_Written, ChoosingForm):
    """A group. ``animateur`` is asked once, when it is made."""

    nom = StringField(
        _("Nom du groupe"), validators=[Required(_("Écrivez le nom du groupe.")), MaxLength(MAX_NAME)], filters=[_LINE]
    )
    description = TextAreaField(
        _("À quoi sert-il ?"),
        description=_("Ce que le groupe veut faire, quand il se réunit. Vous pouvez mettre en forme avec Markdown."),
        validators=[Required(_("Écrivez à quoi sert le groupe, en une phrase.")), MaxLength(MAX_DESCRIPTION)],
        filters=[_TEXT],
    )
    langue = SelectField(_("Langue de ce texte"), choices=[], validators=[Required()])
    visible = RadioField(
        _("Qui peut lire sa page et ses documents ?"), choices=list(SEEN.items()), default=Seen.NETWORK.value,
        validators=[Required(_("Choisissez qui peut lire."))],
    )  # fmt: skip
    entree = RadioField(
        _("Comment entre-t-on dans le groupe ?"), choices=list(JOINING.items()), default=Joining.ASK.value,
        validators=[Required(_("Choisissez comment on entre."))],
    )  # fmt: skip
    animateur = StringField(
        _("Qui l’anime ?"),
        description=_("Le nom ou l’adresse mail d’une personne du réseau. Elle pourra nommer d’autres personnes."),
        validators=[Required(_("Écrivez le nom ou l’adresse d’une personne du réseau.")), MaxLength(254)],
        filters=[_LINE],
    )

    def __init__(self, request: Request, *, new: bool, **before: Any) -> None:
        super().__init__(request, **before)
        if not new:
            del self.animateur, self.choix, self.cherche

    @property
    def said(self) -> Said:
        """What was said, of a form that is valid."""
        return Said(self.nom.data, self.description.data or "", self.langue.data, self.visible.data, self.entree.data)


class JoinForm(ReseauForm):
    """A word to the animators."""

    message = TextAreaField(
        _("Un mot pour les personnes qui l’animent"),
        validators=[MaxLength(MAX_MESSAGE)], filters=[_TEXT],
    )  # fmt: skip


class InviteForm(ChoosingForm):
    """Somebody of the network."""

    personne = StringField(
        _("Inviter une personne du réseau"),
        description=_("Son nom, le début de son nom, ou son adresse mail."),
        validators=[Required(_("Écrivez le nom ou l’adresse d’une personne du réseau.")), MaxLength(254)],
        filters=[_LINE],
    )


class DocumentForm(_Written):
    """Minutes or a page."""

    titre = StringField(
        _("Titre"), validators=[Required(_("Écrivez un titre.")), MaxLength(documents.MAX_TITLE)], filters=[_LINE]
    )
    jour = DateField(
        _("Jour de la réunion"), format=["%Y-%m-%d", "%d/%m/%Y"], validators=[Required(_("Écrivez le jour."))]
    )
    texte = TextAreaField(
        _("Texte"),
        description=_("N’écrivez rien qui permette de reconnaître une personne que vous aidez."),
        validators=[Required(_("Écrivez le texte.")), MaxLength(documents.MAX_TEXT)],
        filters=[_TEXT],
    )
    langue = SelectField(_("Langue de ce texte"), choices=[], validators=[Required()])

    def __init__(self, request: Request, *, minutes: bool, today: date | None, **before: Any) -> None:
        super().__init__(request, **({"jour": today} | before))
        if not minutes:
            del self.jour

    @property
    def writing(self) -> Writing:
        """What was written, of a form that is valid."""
        day = self["jour"].data.isoformat() if "jour" in self else ""
        return Writing(self.titre.data, self.texte.data, self.langue.data, day)

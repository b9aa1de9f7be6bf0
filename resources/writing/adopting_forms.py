"""The form with which a resource is adopted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from wtforms import SelectChoice, SelectField, TextAreaField

from reseau.core.ids import parse_id
from reseau.core.wording import _
from reseau.web.forms import MaxLength, Required, ReseauForm
from resources.base.content import clean_text
from resources.base.models import Resource

if TYPE_CHECKING:
    from pyramid.request import Request

MAX_WORDS = 2000


class AdoptForm(ReseauForm):
    """What it is worth, for whom, in whose name, and a kit to put it in."""

    valeur = TextAreaField(
        _("Ce que ça vaut"),
        description=_("Par exemple : clair, en gros caractères. À montrer une étape à la fois."),
        validators=[Required(_("Dites ce que cette ressource vaut, en une ou deux phrases.")), MaxLength(MAX_WORDS)],
    )
    pour_qui = TextAreaField(
        _("Pour qui"),
        description=_("Par exemple : des personnes qui lisent le français, avec quelqu’un à côté d’elles."),
        validators=[MaxLength(MAX_WORDS)],
    )
    lieu = SelectField(_("Au nom de"))
    kit = SelectField(_("La mettre dans un de vos kits"), description=_("Dans le brouillon du kit, à la fin."))

    def __init__(self, request: Request, places: list[tuple[str, str]], kits: list[Resource], **data: Any) -> None:
        """:param places: (id, name) of theirs. :param kits: that they may write."""
        super().__init__(request, **data)
        self.lieu.choices = [SelectChoice(id_, name) for id_, name in places]
        self.lieu.flags.required = True
        none = SelectChoice("", request.gettext(_("Aucun")))
        self.kit.choices = [none, *(SelectChoice(str(kit.id), kit.title) for kit in kits)]
        if not places:
            del self.lieu
        if not kits:
            del self.kit

    @property
    def words(self) -> tuple[str, str]:
        """What is said: its worth, for whom; after validation."""
        return clean_text(self.valeur.data or ""), clean_text(self.pour_qui.data or "")

    @property
    def structure_id(self) -> UUID | None:
        """The place in whose name; None: they have none."""
        return parse_id(self.lieu.data or "") if "lieu" in self else None

    @property
    def kit_id(self) -> UUID | None:
        """The kit to put it in, or None."""
        return parse_id(self.kit.data or "") if "kit" in self else None

"""Forms of what is read."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, SelectField, TextAreaField

from reseau.threads.base.shapes import MAX_TEXT
from reseau.web.forms import MaxLength, Required, ReseauForm
from reseau.web.i18n import _
from resources.base import langs


class TranslateForm(ReseauForm):
    """A translation of a post. ``vu``: digest of the post that its writer saw; ``avant``: of the translation.

    :param but: language of the post.
    """

    langue = SelectField(_("Dans quelle langue ?"), validators=[Required()])
    texte = TextAreaField(_("Traduction"), validators=[Required(_("Écrivez la traduction.")), MaxLength(MAX_TEXT)])
    vu = HiddenField()
    avant = HiddenField()

    def __init__(self, request: Any, but: str, wanted: str = "", **more: Any) -> None:
        super().__init__(request, **more)
        offered = dict.fromkeys(lang for lang in (*langs.OFFERED, wanted) if lang and lang != but)
        self.langue.choices = [(lang, langs.name(lang, request.lang)) for lang in offered]

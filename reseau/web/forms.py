"""The base of every form: WTForms, our messages, one summary of errors, and nothing that a visitor typed
lost.

A form never asks who the person helped is: no patient data, and templates say so (macro ``no_patient_data``).
CSRF is Pyramid's (hidden field, macro ``csrf_field``), not WTForms': one check, before the view, for all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from webob.multidict import MultiDict
from wtforms import Field, Form, SelectChoice, StringField
from wtforms.validators import StopValidation, ValidationError

from reseau.web import DOMAIN
from reseau.web.i18n import _

if TYPE_CHECKING:
    from pyramid.request import Request

UNPROCESSABLE = 422
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")

# What WTForms says by itself, in English, and what we say instead.
OWN_WORDS = {
    "This field is required.": _("Remplissez ce champ."),
    "Not a valid choice.": _("Choisissez une des réponses proposées."),
    "Not a valid choice": _("Choisissez une des réponses proposées."),
    "Invalid Choice: could not coerce.": _("Choisissez une des réponses proposées."),
    "Not a valid integer value.": _("Écrivez un nombre entier, en chiffres."),
    "Not a valid number.": _("Écrivez un nombre, en chiffres."),
    "Not a valid date value.": _("Écrivez une date, par exemple 31/12/2026."),
    "Not a valid time value.": _("Écrivez une heure, par exemple 14:30."),
}


class _Words:
    """WTForms' translations: our catalogues, and our own words for its built-in messages."""

    def __init__(self, request: Request) -> None:
        self.request = request

    def gettext(self, string: str) -> str:
        return str(self.request.localizer.translate(OWN_WORDS.get(string, string), domain=DOMAIN))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(self.request.localizer.pluralize(singular, plural, n, domain=DOMAIN))


def on_text(change: Callable[[str], str]) -> Callable[[Any], Any]:
    """A filter of fields that changes what was typed; what is no text (nothing was sent) stays."""
    return lambda value: change(value) if isinstance(value, str) else value


class Required:
    """The field must hold something other than blanks. :param message: what to do, as a French msgid."""

    field_flags = {"required": True}

    def __init__(self, message: str = OWN_WORDS["This field is required."]) -> None:
        self.message = message

    def __call__(self, _form: Form, field: Field) -> None:
        if field.data is None or (isinstance(field.data, str) and not field.data.strip()) or field.data == []:
            field.errors = []  # "not a valid choice" says less than our own words about the same emptiness
            raise StopValidation(field.gettext(self.message))


class Said:
    """What stands after the label instead of "(facultatif)", for a field that depends on others. :param words: French
    msgid; "": nothing."""

    def __init__(self, words: str = "") -> None:
        self.field_flags = {"said": words}

    def __call__(self, _form: Form, _field: Field) -> None:
        """Nothing is checked: the form does."""


class MaxLength:
    """At most ``limit`` characters; the message says how many there are, and the text stays."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.field_flags = {"maxlength": limit}

    def __call__(self, _form: Form, field: Field) -> None:
        length = len(field.data or "")
        if length > self.limit:
            text = field.gettext(_("Ce texte est trop long : %(length)s caractères, %(limit)s au plus."))
            raise ValidationError(text % {"length": length, "limit": self.limit})


class EmailAddress:
    """Something that can be an e-mail address, or nothing. Whether it exists, only a message to it can tell."""

    def __call__(self, _form: Form, field: Field) -> None:
        if field.data and not _EMAIL.fullmatch(field.data.strip()):
            text = _("Écrivez une adresse complète, par exemple nom@exemple.fr.")
            raise ValidationError(field.gettext(text))


class ReseauForm(Form):  # type: ignore[misc]
    """A form in the language of the request, filled from ``formdata`` if given (a draft), else from its POST, else from
    ``obj`` or ``data``.

    Labels, descriptions and choices (``(code, label)`` pairs) are French msgids, translated when the form is made.
    """

    def __init__(self, request: Request, obj: Any = None, formdata: Any = None, **data: Any) -> None:
        self.request = request
        if formdata is None and request.method == "POST":
            # A file where text is asked for would be an object that no field can read.
            formdata = MultiDict((name, value) for name, value in request.POST.items() if isinstance(value, str))
        super().__init__(formdata=formdata, obj=obj, **data)
        for field in self:
            field.label.text = request.gettext(field.label.text)
            field.description = field.description and request.gettext(field.description)

    class Meta:
        """Hooks of WTForms."""

        def get_translations(self, form: ReseauForm) -> _Words:
            return _Words(form.request)

        def bind_field(self, form: ReseauForm, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Make the field; its choices, ``(code, msgid)`` pairs, become translated options."""
            if choices := unbound_field.kwargs.get("choices"):
                options["choices"] = [SelectChoice(code, form.request.gettext(text)) for code, text in choices]
            return unbound_field.bind(form=form, **options)

    @property
    def refused(self) -> list[Field]:
        """The fields with an error, in the order of the page: what the summary lists."""
        return [field for field in self if field.errors]


class HoneypotMixin:
    """A field that people do not see and that programs fill in. Told apart by :attr:`is_spam`, never by an
    error.
    """

    adresse_du_site = StringField(_("Laissez ce champ vide"))

    @property
    def is_spam(self) -> bool:
        """Whether the hidden field holds something: thank the sender, store nothing."""
        return bool(self.adresse_du_site.data)


def refuse(request: Request, **values: Any) -> dict[str, Any]:
    """``return refuse(request, form=form)``: the template's values, with status 422."""
    request.response.status_int = UNPROCESSABLE
    return values

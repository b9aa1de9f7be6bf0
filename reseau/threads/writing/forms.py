"""The forms of writing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from webob.multidict import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional, ValidationError

from reseau.threads.base.models import ThreadKind
from reseau.threads.base.shapes import KIND_LABELS, MAX_OPTION, MAX_TEXT, MAX_TITLE, OPTIONS
from reseau.threads.base.text import guess_lang
from reseau.web.forms import MaxLength, Required, ReseauForm, on_text
from reseau.web.i18n import _
from resources.base import langs
from resources.base.content import clean_text, one_line

if TYPE_CHECKING:
    from pyramid.request import Request

Pairs = list[tuple[str, str]]
MAX_DAYS = 366
_LETTER = re.compile(r"\w")
_line, _text = on_text(one_line), on_text(clean_text)


_ORDER = ("type", "sujet", "titre", "texte", "options", "plusieurs", "fin", "jusqu_au", "fichiers", "langue", "lieu")


class Said:
    """Words, not only signs that nobody sees. :param message: what to do."""

    field_flags = {"required": True}

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, _form: Form, field: Field) -> None:
        if not _LETTER.search(field.data or ""):
            raise ValidationError(field.gettext(self.message))


class SoonEnough:
    """A day from tomorrow on, within a year; or nothing. The form has ``today``."""

    def __call__(self, form: Any, field: Field) -> None:
        if field.data and not form.today < field.data <= form.today + timedelta(days=MAX_DAYS):
            raise ValidationError(field.gettext(_("Choisissez un jour à partir de demain, dans l’année qui vient.")))


class WritingForm(ReseauForm):
    """What every message has: text, language, the place in whose name one writes. ``numero``: the id it will have."""

    texte = TextAreaField(
        _("Votre message"),
        validators=[Required(_("Écrivez votre message.")), Said(_("Écrivez votre message.")), MaxLength(MAX_TEXT)],
        filters=[_text],
    )
    langue = SelectField(_("Langue de votre message"))
    lieu = SelectField(_("Au nom de"))
    fichiers = StringField(_("Fichiers joints"))
    numero = HiddenField()

    def __init__(self, request: Request, pairs: Pairs | None, places: list[tuple[str, str]], **data: Any) -> None:
        """:param pairs: as sent, or as a draft kept them; None: not yet. What they leave out is as ``data`` says."""
        self.today: date = request.registry["clock"]().astimezone(ZoneInfo(request.config.timezone)).date()
        if pairs is not None:
            known = {name for name, _value in pairs}
            fill = [(name, data[name]) for name in ("langue", "lieu", "sujet", "type") if data.get(name) is not None]
            pairs = [*pairs, *((name, str(value)) for name, value in fill if name not in known)]
            super().__init__(request, formdata=MultiDict(pairs), **data)
        else:
            # Not the base's own: on a POST it would read the form that was sent.
            self.request = request
            Form.__init__(self, **data)
            for field in self:
                field.label.text = request.gettext(field.label.text)
                field.description = field.description and request.gettext(field.description)
        self._choose(request, places)

    def _choose(self, request: Request, places: list[tuple[str, str]]) -> None:
        guess = SelectChoice("", request.gettext(_("La reconnaître d’après le texte")))
        tags = dict.fromkeys([*langs.OFFERED, *([self.langue.data] if langs.tag(self.langue.data or "") else [])])
        self.langue.choices = [guess, *(SelectChoice(tag, langs.name(tag, request.lang)) for tag in tags)]
        self.langue.flags.required = self.lieu.flags.required = True  # they have an answer in any case
        if not places:
            del self.lieu
            return
        alone = SelectChoice("", request.gettext(_("Moi seulement")))
        self.lieu.choices = [*(SelectChoice(id_, name) for id_, name in places), alone]

    @property
    def lang(self) -> str:
        """The language that was chosen, else the one that the words look like."""
        chosen = langs.tag(self.langue.data or "")
        title = self["titre"].data or "" if "titre" in self else ""
        return chosen or guess_lang(f"{title}\n{self.texte.data or ''}"[:MAX_TEXT], self.request.lang)

    @property
    def refused(self) -> list[Field]:
        """The fields with an error, in the order of the pages, which is not that of the classes."""
        return sorted(super().refused, key=lambda field: _ORDER.index(field.name) if field.name in _ORDER else 0)

    def complain(self, name: str, sentence: str) -> None:
        """An error that the form did not find itself."""
        self[name].errors = [*self[name].errors, sentence]

    def end_of(self, day: date | None) -> datetime | None:
        """The last second of a day, where the site is: the day itself is said, and is included."""
        if day is None:
            return None
        zone = ZoneInfo(self.request.config.timezone)
        midnight = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
        return midnight - timedelta(seconds=1)


def _title_field() -> Any:
    return StringField(
        _("Titre"),
        description=_("En une phrase. Par exemple : Où trouver le code de carte Vitale ?"),
        validators=[Required(_("Écrivez un titre.")), Said(_("Écrivez un titre.")), MaxLength(MAX_TITLE)],
        filters=[_line],
    )


class NewForm(WritingForm):
    """A new thread."""

    type = RadioField(_("C’est"))
    sujet = SelectField(_("Sujet"), validators=[Required(_("Choisissez un sujet."))])
    titre = _title_field()
    options = TextAreaField(
        _("Réponses proposées"),
        description=_("Une par ligne, de deux à dix. Pour un sondage seulement."),
        filters=[_text],
    )
    plusieurs = BooleanField(_("On peut choisir plusieurs réponses"))
    fin = DateField(
        _("Dernier jour pour répondre"), format=["%Y-%m-%d", "%d/%m/%Y"], validators=[Optional(), SoonEnough()]
    )
    jusqu_au = DateField(
        _("Épinglée jusqu’au"), format=["%Y-%m-%d", "%d/%m/%Y"], validators=[Optional(), SoonEnough()],
        description=_("Pour une annonce seulement : elle reste en haut jusqu’à ce jour."),
    )  # fmt: skip
    objet = HiddenField()

    def __init__(
        self, request: Request, pairs: Pairs | None, places: list[tuple[str, str]], kinds: list[ThreadKind],
        topics: list[tuple[str, str]], **data: Any,
    ) -> None:  # fmt: skip
        super().__init__(request, pairs, places, **data)
        self.type.choices = [SelectChoice(kind.value, request.gettext(KIND_LABELS[kind])) for kind in kinds]
        self.type.flags.required = True
        self.sujet.choices = [SelectChoice(slug, title) for slug, title in topics]
        if not self.sujet.data:  # nothing says which: the first of the list would be a choice that nobody made
            self.sujet.choices.insert(0, SelectChoice("", request.gettext(_("Choisissez un sujet.")).rstrip(".")))
        if ThreadKind.ANNONCE not in kinds:
            del self.jusqu_au

    @property
    def kind(self) -> ThreadKind | None:
        """What was chosen, if it is one of those offered."""
        chosen = next((one.value for one in self.type.choices if one.value == self.type.data), None)
        return ThreadKind(chosen) if chosen else None

    @property
    def labels(self) -> list[str]:
        """The answers of the poll, without empty lines."""
        if self.kind is not ThreadKind.SONDAGE:
            return []
        return [line for raw in (self.options.data or "").split("\n") if (line := one_line(raw).lstrip("-•* "))]

    def validate(self, extra_validators: Any = None) -> bool:
        """With what a poll needs; what belongs to another kind is not looked at."""
        super().validate(extra_validators)
        if self.kind is not ThreadKind.SONDAGE:
            self.fin.errors = []
        elif said := self._poll_error():
            self.complain("options", said)
        if "jusqu_au" in self and self.kind is not ThreadKind.ANNONCE:
            self.jusqu_au.errors = []
        return not self.refused

    def _poll_error(self) -> str:
        labels, say = self.labels, self.request.gettext
        if len(labels) not in OPTIONS:
            return str(say(_("Écrivez de deux à dix réponses, une par ligne.")))
        if len({label.casefold() for label in labels}) < len(labels):
            return str(say(_("Deux réponses sont les mêmes.")))
        if max(map(len, labels)) > MAX_OPTION:
            return str(say(_("Une réponse est trop longue : %(limit)s caractères au plus."), limit=MAX_OPTION))
        return ""


class ReplyForm(WritingForm):
    """An answer. ``citer``: the message that it quotes."""

    citer = HiddenField()


class EditForm(WritingForm):
    """One's own message. ``rev``: what was read of it."""

    sujet = SelectField(_("Sujet"))
    titre = _title_field()
    rev = HiddenField()

    def __init__(
        self, request: Request, pairs: Pairs | None, *, first: bool, topics: list[tuple[str, str]], **data: Any
    ) -> None:
        """:param topics: (slug, words) of those among which the thread may be; one or none: it stays."""
        super().__init__(request, pairs, [], **data)
        if not first:
            del self.titre
        known = {"", data.get("sujet"), *(slug for slug, _title in topics)}
        if len(topics) < 2 and dict(pairs or []).get("sujet", "") in known:
            del self.sujet
            return
        self.sujet.choices = [SelectChoice(slug, title) for slug, title in topics]
        self.sujet.flags.required = True

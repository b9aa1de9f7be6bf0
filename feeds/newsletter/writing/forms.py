"""The forms of an issue: its words, a line, who receives it, when it leaves, a day of the calendar."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from wtforms import (
    DateField,
    Field,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import Optional, StopValidation, ValidationError

from feeds.newsletter.audience import WHO, Segments
from feeds.newsletter.content import SECTIONS
from feeds.newsletter.models import Issue, Line
from feeds.newsletter.writing import planning, reaching
from feeds.newsletter.writing.services import Wish, Words
from reseau.core.communes import communes
from reseau.core.vocabularies import vocabulary
from reseau.directory.params import find_commune
from reseau.settings import LANGUAGES
from reseau.web.forms import MaxLength, Required, ReseauForm, Said, on_text
from reseau.web.i18n import NAMES, _
from resources.base.content import clean_text, one_line

if TYPE_CHECKING:
    from pyramid.request import Request

MAX_SUBJECT, MAX_INTRO, MAX_TITLE, MAX_TEXT, MAX_NOTE, MAX_URL = 200, 10_000, 300, 4_000, 200, 2_000
MAX_COMMUNES = 30
_line = on_text(lambda text: one_line(text.replace("\x00", "")))
_text = on_text(lambda text: clean_text(text).strip())
WHO_LABELS = {
    "labelled": _("Les personnes des lieux labellisés"),
    "network": _("Les personnes du réseau"),
    "health": _("Les professionnels de santé"),
    "public": _("Les autres abonnés"),
}
NOW, RELAYS, LATER = "maintenant", "relais", "date"


def _subject(*validators: Any) -> StringField:
    return StringField(_("Objet"), validators=[*validators, MaxLength(MAX_SUBJECT)], filters=[_line])


def _intro() -> TextAreaField:
    return TextAreaField(_("Introduction"), validators=[MaxLength(MAX_INTRO)], filters=[_text])


def _title(*validators: Any) -> StringField:
    return StringField(_("Titre"), validators=[*validators, MaxLength(MAX_TITLE)], filters=[_line])


def _words() -> TextAreaField:
    return TextAreaField(_("Texte"), validators=[MaxLength(MAX_TEXT)], filters=[_text])


def shown(other: str) -> tuple[str, ...]:
    """The languages that stand side by side: French, and the one that was chosen."""
    return ("fr", other) if other in LANGUAGES and other != "fr" else ("fr",)


class IssueForm(ReseauForm):
    """Subject and introduction in each language, and in which languages it leaves."""

    objet_fr, objet_en, objet_ar = _subject(Required(_("Écrivez un objet."))), _subject(), _subject()
    intro_fr, intro_en, intro_ar = _intro(), _intro(), _intro()
    langues = SelectMultipleField(
        _("Langues de ce numéro"),
        description=_("Chaque abonné le reçoit dans sa langue si elle y est, en français sinon."),
        choices=[(code, NAMES[code]) for code in LANGUAGES if code != "fr"],
        validators=[Optional()],
    )

    @classmethod
    def of(cls, request: Request, issue: Issue) -> IssueForm:
        """The form of an issue as it is."""
        data = {f"objet_{lang}": issue.subject.get(lang, "") for lang in LANGUAGES}
        data |= {f"intro_{lang}": issue.intro.get(lang, "") for lang in LANGUAGES}
        return cls(request, langues=[lang for lang in issue.langs if lang != "fr"], **data)

    def words(self, name: str, former: dict[str, Any]) -> dict[str, str]:
        """Language → what was written; languages that the form did not show keep what they have."""
        posted = self.request.POST
        return {
            lang: (self[f"{name}_{lang}"].data or "") if f"{name}_{lang}" in posted else former.get(lang, "")
            for lang in LANGUAGES
        }


class LineForm(ReseauForm):
    """A line, in French and in one other language."""

    rubrique = SelectField(_("Rubrique"), choices=list(SECTIONS.items()))
    titre_fr, titre_en, titre_ar = _title(Said()), _title(), _title()  # a title, in French or another language
    texte_fr, texte_en, texte_ar = _words(), _words(), _words()
    adresse = StringField(
        _("Adresse de la page"),
        description=_("Une adresse complète (https://…), ou une page de ce site (/annuaire/…)."),
        validators=[MaxLength(MAX_URL)],
        filters=[on_text(str.strip)],
    )
    note = StringField(
        _("Précision"), description=_("Une commune, une source."), validators=[MaxLength(MAX_NOTE)], filters=[_line]
    )

    @classmethod
    def of(cls, request: Request, line: Line) -> LineForm:
        """The form of a line as it is."""
        data = {f"titre_{lang}": line.texts.get(lang, {}).get("title", "") for lang in LANGUAGES}
        data |= {f"texte_{lang}": line.texts.get(lang, {}).get("text", "") for lang in LANGUAGES}
        return cls(request, rubrique=line.section, adresse=line.url, note=line.note, **data)

    def validate_adresse(self, field: StringField) -> None:
        """A page of this site, or a whole address of the web."""
        url = field.data or ""
        if not url or (url.startswith("/") and not url.startswith("//") and "\\" not in url and url.isprintable()):
            return
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname or " " in url or not url.isprintable():
            raise ValidationError(field.gettext(_("Écrivez une adresse complète, ou une page de ce site.")))

    def wish(self, langs: tuple[str, ...]) -> Wish:
        """The line that was asked for; only of a form that is valid. :param langs: those that the form shows."""
        words = {lang: Words(self[f"titre_{lang}"].data or "", self[f"texte_{lang}"].data or "") for lang in langs}
        return Wish(words, self.rubrique.data, self.adresse.data or "", self.note.data or "")

    def titled(self, langs: tuple[str, ...], former: dict[str, Any]) -> bool:
        """Whether a title is left in some language; else its field says so."""
        if any(self[f"titre_{lang}"].data for lang in langs) or set(former) - set(langs):
            return True
        first = self[f"titre_{langs[0]}"]
        first.errors = [*first.errors, first.gettext(_("Écrivez un titre."))]
        return False


class SegmentsForm(ReseauForm):
    """Who receives it. Nothing chosen: everybody."""

    qui = SelectMultipleField(
        _("Qui"), description=_("Rien de coché : tous les abonnés."),
        choices=[(code, WHO_LABELS[code]) for code in WHO], validators=[Optional()],
    )  # fmt: skip
    communes = TextAreaField(
        _("Communes"), description=_("Une par ligne. Rien : partout."), validators=[MaxLength(2_000)]
    )
    langues = SelectMultipleField(
        _("Langues des abonnés"), choices=[(code, NAMES[code]) for code in LANGUAGES], validators=[Optional()]
    )
    themes = SelectMultipleField(
        _("Thèmes"), description=_("Qui n’a choisi aucun thème les reçoit tous."), choices=[], validators=[Optional()]
    )
    typologies = SelectMultipleField(_("Types de lieu"), choices=[], validators=[Optional()])

    def __init__(self, request: Request, **data: Any) -> None:
        super().__init__(request, **data)
        there = reaching.typologies(request.db) | set(self.typologies.data or ())  # chosen before: stays
        for field, name in ((self.themes, "themes"), (self.typologies, "typologies")):
            terms = ((term.code, term.label(request.lang)) for term in vocabulary(name).terms)
            kept = [one for one in terms if name == "themes" or one[0] in there]
            field.choices = sorted(kept, key=lambda one: one[1])

    @classmethod
    def of(cls, request: Request, segments: Segments) -> SegmentsForm:
        """The form of choices as they are."""
        known = communes()
        names = [found.name if (found := known.by_code(code)) else code for code in segments.communes]
        return cls(
            request, qui=list(segments.who), communes="\n".join(names), langues=list(segments.langs),
            themes=list(segments.themes), typologies=list(segments.typologies),
        )  # fmt: skip

    def _named(self) -> list[tuple[str, list[str]]]:
        said = [one_line(text) for text in (self.communes.data or "").splitlines() if text.strip()]
        return [(text, [c.code for c in found.communes] if (found := find_commune(text)) else []) for text in said]

    def validate_communes(self, field: TextAreaField) -> None:
        """Communes that there are."""
        named = self._named()
        unknown = [text for text, codes in named if not codes]
        if unknown:
            text = field.gettext(_("Nous ne trouvons pas cette commune : %(name)s."))
            raise ValidationError(text % {"name": unknown[0]})
        if len(named) > MAX_COMMUNES:
            raise ValidationError(field.gettext(_("Choisissez 30 communes au plus.")))

    @property
    def segments(self) -> Segments:
        """The choices; only of a form that is valid."""
        codes = dict.fromkeys(code for _text, found in self._named() for code in found)
        return Segments(
            who=tuple(self.qui.data or ()), communes=tuple(codes), langs=tuple(self.langues.data or ()),
            themes=tuple(self.themes.data or ()), typologies=tuple(self.typologies.data or ()),
        )  # fmt: skip


class WhenChosen:
    """The day and the hour are needed when a date is chosen, and mean nothing else. :param message: French msgid."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, form: Any, field: Field) -> None:
        if form.quand.data != LATER:
            field.errors = []
            raise StopValidation
        if field.data is None and not any(map(str.strip, field.raw_data or ())):
            field.errors = []
            raise StopValidation(field.gettext(self.message))


class WhenForm(ReseauForm):
    """When it leaves."""

    quand = RadioField(
        _("Quand"),
        choices=[
            (NOW, _("Maintenant, à tout le monde")),
            (RELAYS, _("Maintenant aux relais, dans deux jours à 9 h à tout le monde")),
            (LATER, _("À une date choisie")),
        ],
        default=NOW,
        validators=[Required(_("Choisissez quand ce numéro part."))],
    )
    jour = DateField(
        _("Jour"), format=["%Y-%m-%d", "%d/%m/%Y"], validators=[Said(), WhenChosen(_("Choisissez un jour."))]
    )
    heure = TimeField(_("Heure"), default=planning.HOUR, validators=[Said(), WhenChosen(_("Choisissez une heure."))])
    avant = SelectField(
        _("Les relais le reçoivent avant"), default=str(planning.BEFORE),
        choices=[("0", _("Le même jour")), ("1", _("1 jour avant")), ("2", _("2 jours avant")),
                 ("3", _("3 jours avant")), ("7", _("7 jours avant"))],
    )  # fmt: skip

    def when(self, now: datetime) -> planning.When:
        """The moment; only of a form that is valid. :raises planning.Refused: it makes no sense."""
        if self.quand.data == NOW:
            return planning.at_once(now)
        if self.quand.data == RELAYS:
            return planning.relays_first(now, self.request.config.timezone)
        moment = datetime.combine(self.jour.data, self.heure.data, ZoneInfo(self.request.config.timezone))
        return planning.on(moment, int(self.avant.data or 0), now)


class DateForm(ReseauForm):
    """A day of the calendar."""

    jour = DateField(_("Jour"), format=["%Y-%m-%d", "%d/%m/%Y"], validators=[Required(_("Choisissez un jour."))])
    titre = StringField(
        _("Titre"), description=_("Par exemple : rentrée, semaine du numérique."), validators=[MaxLength(120)],
        filters=[_line],
    )  # fmt: skip

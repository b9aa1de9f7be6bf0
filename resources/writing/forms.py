"""The forms of a resource: a new one, its header, its publication, its co-authors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from webob.multidict import MultiDict
from wtforms import (
    BooleanField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import ValidationError

from reseau.core.ids import parse_id
from reseau.core.vocabularies import vocabulary
from reseau.web.forms import EmailAddress, MaxLength, Required, ReseauForm
from reseau.web.i18n import _
from resources.base import langs
from resources.base.content import Content, ContentError, clean_text, is_web_address
from resources.base.models import Visibility
from resources.base.sentences import SENTENCES
from resources.base.shapes import KIND_LABELS, MAX_ALT, MAX_SUMMARY, MAX_TITLE, NIVEAUX, Kind
from resources.writing.words import HEADER_LABELS, RHYTHMS, VISIBILITIES

if TYPE_CHECKING:
    from pyramid.request import Request

VOCABULARIES = {"themes": "themes", "demarches": "demarches", "publics": "publics_ressources", "supports": "supports"}
Pairs = list[tuple[str, str]]
MAX_NOTE_LINE = 300
#: Where the error of a content is shown in the form of the header.
_WHERE = {"no-title": "titre", "long-title": "titre", "long-summary": "resume", "no-summary": "resume",
          "no-theme": "themes", "bad-url": "url", "no-url": "url"}  # fmt: skip


def _said(speaker: Any, code: str) -> str:
    """The sentence of a code, by whoever speaks the language of the page: a field or a request."""
    sentence = SENTENCES[code]
    return str(speaker.gettext(sentence))


class Whole:
    """A whole number in digits between two bounds, or nothing."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def __call__(self, _form: Any, field: Field) -> None:
        text = (field.data or "").strip()
        if text and not (text.isascii() and text.isdigit() and len(text) < 6):
            raise ValidationError(field.gettext(_("Écrivez un nombre entier, en chiffres.")))
        if text and not self.least <= int(text) <= self.most:
            said = field.gettext(_("Écrivez un nombre entre %(least)s et %(most)s."))
            raise ValidationError(said % {"least": self.least, "most": self.most})


class WebAddress:
    """The address of a site, or nothing."""

    def __call__(self, _form: Any, field: Field) -> None:
        if (field.data or "").strip() and not is_web_address(field.data.strip()):
            raise ValidationError(_said(field, "bad-url"))


def number(field: Field) -> int | None:
    """What a field of :class:`Whole` says."""
    text = (field.data or "").strip()
    return int(text) if text else None


def vocabulary_choices(request: Request, name: str, kept: Any = ()) -> list[SelectChoice]:
    """The terms of a vocabulary in the language of the page; codes that are ``kept`` and no longer there stay."""
    known = {term.code: term.label(request.lang) for term in vocabulary(name).terms}
    known |= {code: code for code in kept if code not in known}
    return [SelectChoice(code, label) for code, label in known.items()]


def licence_choices(request: Request, kept: str, only: str | None) -> list[SelectChoice]:
    """The licences that there are, and the one that it has. :param only: the one that a copy must have."""
    choices = vocabulary_choices(request, "licences", [kept])
    return [choice for choice in choices if choice.value in (only or choice.value, kept)]


def in_order(chosen: Iterable[str] | None, former: Sequence[str]) -> tuple[str, ...]:
    """What is ticked, in the order that it had: a form that changes nothing must change nothing."""
    ticked = list(chosen or ())
    return (*(code for code in former if code in ticked), *(code for code in ticked if code not in former))


def complain(form: ReseauForm, name: str, sentence: str) -> None:
    """An error that the form did not find itself."""
    form[name].errors = [*form[name].errors, sentence]


class Filled(ReseauForm):
    """A form filled from pairs that were sent (a multipart form too), else from ``data``."""

    def need(self, *names: str) -> None:
        """Fields that have an answer in any case, or without which nothing is published: they are not optional."""
        for name in names:
            if name in self:
                self[name].flags.required = True

    def __init__(self, request: Request, pairs: Pairs | None = None, **data: Any) -> None:
        if pairs is not None:
            super().__init__(request, formdata=MultiDict(pairs), **data)
            return
        # Not the base's own: on a POST it would read the form that was sent, which is another one, or multipart.
        self.request = request
        Form.__init__(self, **data)
        for field in self:
            field.label.text = request.gettext(field.label.text)
            field.description = field.description and request.gettext(field.description)


class NewForm(Filled):
    """A title, and a file or an address or nothing. ``type``: "" lets us tell by what is given."""

    titre = StringField(
        _("Titre"),
        description=_("Ce que les gens chercheront. Par exemple : Prendre rendez-vous en ligne."),
        validators=[Required(_("Donnez un titre.")), MaxLength(MAX_TITLE)],
    )
    fichier = StringField(_("Fichier"), description=_("PDF, document, image… Vous pourrez en ajouter d’autres."))
    adresse = StringField(
        _("Ou l’adresse d’une page"), description=_("Par exemple : https://www.ameli.fr"), validators=[WebAddress()]
    )
    type = RadioField(_("C’est"), choices=[(kind.value, label) for kind, label in KIND_LABELS.items()])
    lieu = SelectField(_("Au nom de"))

    def __init__(self, request: Request, pairs: Pairs | None, places: list[tuple[str, str]], **data: Any) -> None:
        super().__init__(request, pairs, **data)
        self.need("lieu")
        if not places:
            del self.lieu
            return
        self.lieu.choices = [*(SelectChoice(id_, name) for id_, name in places),
                             SelectChoice("", request.gettext(_("Moi seulement")))]  # fmt: skip

    @property
    def kind(self) -> Kind:
        """What it is: an address that comes without a file is a link unless another kind was chosen on purpose."""
        chosen = Kind(self.type.data)
        return Kind.LIEN if self.adresse.data and chosen is Kind.KIT else chosen

    @property
    def structure_id(self) -> Any:
        """The place in whose name, or None."""
        return parse_id(self.lieu.data or "") if "lieu" in self else None


class HeaderForm(Filled):
    """The header of a resource."""

    titre = StringField(HEADER_LABELS["title"], validators=[Required(_("Donnez un titre.")), MaxLength(MAX_TITLE)])
    resume = TextAreaField(
        HEADER_LABELS["summary"],
        description=_("Une ou deux phrases : ce que l’on saura faire, pour qui."),
        validators=[MaxLength(MAX_SUMMARY)],
    )
    themes = SelectMultipleField(HEADER_LABELS["themes"])
    demarches = SelectMultipleField(HEADER_LABELS["demarches"])
    publics = SelectMultipleField(HEADER_LABELS["publics"])
    supports = SelectMultipleField(HEADER_LABELS["supports"])
    niveau = RadioField(HEADER_LABELS["niveau"], choices=[("", _("Je ne sais pas")), *NIVEAUX.items()])
    licence = SelectField(HEADER_LABELS["licence"], description=_("Ce que les autres ont le droit d’en faire."))
    duree = StringField(HEADER_LABELS["duree"], validators=[Whole(1, 1440)])
    groupe_de = StringField(_("Nombre de personnes, au moins"), validators=[Whole(1, 1000)])
    groupe_a = StringField(_("Nombre de personnes, au plus"), validators=[Whole(1, 1000)])
    territoire = StringField(HEADER_LABELS["territoire"], validators=[MaxLength(MAX_TITLE)])
    periode = StringField(
        HEADER_LABELS["periode"], description=_("Par exemple : automne 2024."), validators=[MaxLength(60)]
    )
    url = StringField(HEADER_LABELS["url"], validators=[WebAddress()])
    credits = StringField(
        HEADER_LABELS["credits"],
        description=_("D’où viennent les images ou les textes que vous n’avez pas faits."),
        validators=[MaxLength(MAX_ALT)],
    )
    verifier_tous_les = SelectField(
        HEADER_LABELS["verifier_tous_les"], choices=[(str(months), label) for months, label in RHYTHMS.items()]
    )
    langue = SelectField(HEADER_LABELS["lang"])
    vu = HiddenField()

    def __init__(
        self, request: Request, content: Content, pairs: Pairs | None = None, *, fresh: bool = True,
        licence: str | None = None,
    ) -> None:  # fmt: skip
        """:param fresh: never published: its language can still be changed. :param licence: the only one that a copy
        may have; None: any."""
        super().__init__(request, pairs, **({} if pairs is not None else _typed(content)))
        self.content = content
        for name, terms in VOCABULARIES.items():
            self[name].choices = vocabulary_choices(request, terms, getattr(content, name))
        self.licence.choices = licence_choices(request, content.licence, licence)
        tags = dict.fromkeys([content.lang, *langs.OFFERED])
        self.langue.choices = [SelectChoice(tag, langs.name(tag, request.lang)) for tag in tags]
        self.need("resume", "themes", "licence", "url", "verifier_tous_les", "langue")
        if content.kind is not Kind.EXPERIENCE:
            del self.territoire, self.periode
        if content.kind in (Kind.OUTIL, Kind.LIEN):
            del self.duree, self.groupe_de, self.groupe_a
        else:
            del self.url
        if content.kind is not Kind.KIT and "groupe_de" in self:
            del self.groupe_de, self.groupe_a
        if not fresh:
            del self.langue

    def validate(self, extra_validators: Any = None) -> bool:
        """Also that the smallest group is not larger than the largest."""
        valid = bool(super().validate(extra_validators))
        if valid and "groupe_de" in self and (group := self._group()) and group[0] > group[1]:
            complain(self, "groupe_a", self.request.gettext(_("Ce nombre est plus petit que le premier.")))
            return False
        return valid

    def _group(self) -> tuple[int, int] | None:
        least, most = number(self.groupe_de), number(self.groupe_a)
        return (least or most or 0, most or least or 0) if least or most else None

    @property
    def values(self) -> dict[str, Any]:
        """What is to be written, by names of ``Content``; after :meth:`validate`."""
        said: dict[str, Any] = {"title": self.titre.data, "summary": self.resume.data or ""}
        said |= {name: in_order(self[name].data, getattr(self.content, name)) for name in VOCABULARIES}
        said |= {"niveau": self.niveau.data or "", "licence": self.licence.data, "credits": self.credits.data or "",
                 "verifier_tous_les": int(self.verifier_tous_les.data)}  # fmt: skip
        said |= {name: self[name].data or "" for name in ("territoire", "periode", "url") if name in self}
        said |= {"duree": number(self.duree)} if "duree" in self else {}
        said |= {"groupe": self._group()} if "groupe_de" in self else {}
        return said | ({"lang": self.langue.data} if "langue" in self else {})


def _typed(content: Content) -> dict[str, Any]:
    least, most = content.groupe or ("", "")
    return {
        "titre": content.title, "resume": content.summary,
        **{name: list(getattr(content, name)) for name in VOCABULARIES},
        "niveau": content.niveau, "licence": content.licence, "duree": str(content.duree or ""),
        "groupe_de": str(least), "groupe_a": str(most), "territoire": content.territoire, "periode": content.periode,
        "url": content.url, "credits": content.credits, "verifier_tous_les": str(content.verifier_tous_les),
        "langue": content.lang,
    }  # fmt: skip


def show_error(form: ReseauForm, error: ContentError, sentence: str, fallback: str) -> None:
    """Put the error of a content at the field that it is about."""
    name = _WHERE.get(error.code, fallback)
    complain(form, name if name in form else fallback, sentence)


class PublishForm(Filled):
    """What is said when a resource is published. ``rev``: of the draft that its author has seen."""

    resume = TextAreaField(
        HEADER_LABELS["summary"],
        description=_("Une ou deux phrases : ce que l’on saura faire, pour qui."),
        validators=[Required(SENTENCES["no-summary"]), MaxLength(MAX_SUMMARY)],
    )
    themes = SelectMultipleField(HEADER_LABELS["themes"])
    demarches = SelectMultipleField(HEADER_LABELS["demarches"])
    licence = SelectField(HEADER_LABELS["licence"], description=_("Ce que les autres ont le droit d’en faire."))
    visibilite = RadioField(_("Qui peut la lire"), choices=list(VISIBILITIES.items()))
    note = StringField(
        _("Ce qui a changé"),
        description=_("Une ligne, pour qui utilise déjà cette ressource."),
        validators=[MaxLength(MAX_NOTE_LINE)],
    )
    orthographe = BooleanField(
        _("J’ai seulement corrigé l’orthographe"),
        description=_("Le sens est le même : les traductions restent à jour."),
    )
    verifie = BooleanField(_("J’ai vérifié que tout est juste aujourd’hui"))
    rev = HiddenField()

    def __init__(
        self, request: Request, content: Content, pairs: Pairs | None, *, first: bool, only: str | None, **data: Any
    ) -> None:
        """:param only: the licence that a copy must have; None: any."""
        super().__init__(request, pairs, **({} if pairs is not None else data))
        self.first, self.content = first, content
        self.need("themes", "licence", "visibilite", "note")
        for name in ("themes", "demarches"):
            self[name].choices = vocabulary_choices(request, VOCABULARIES[name], getattr(content, name))
        self.licence.choices = licence_choices(request, content.licence, only)
        if first:
            del self.note, self.orthographe

    def validate(self, extra_validators: Any = None) -> bool:
        """Also a theme or a procedure."""
        valid = bool(super().validate(extra_validators))
        if not (self.themes.data or self.demarches.data):
            complain(self, "themes", _said(self.request, "no-theme"))
            return False
        return valid

    @property
    def header(self) -> dict[str, Any]:
        """What it writes into the draft."""
        return {
            "summary": clean_text(self.resume.data or ""),
            "themes": in_order(self.themes.data, self.content.themes),
            "demarches": in_order(self.demarches.data, self.content.demarches),
            "licence": self.licence.data,
        }

    @property
    def visibility(self) -> Visibility:
        """Who reads it."""
        return Visibility(self.visibilite.data)

    @property
    def seen_rev(self) -> int:
        """The revision that was seen; -1 for what is none."""
        text = self.rev.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


class AuthorForm(Filled):
    """Somebody more who may write it."""

    courriel = StringField(
        _("Adresse mail"),
        description=_("Celle avec laquelle la personne se connecte ici."),
        validators=[Required(_("Écrivez une adresse mail.")), EmailAddress(), MaxLength(254)],
    )


class SendBackForm(Filled):
    """Why a resource is not published yet."""

    raison = TextAreaField(
        _("Ce qu’il faut changer"),
        description=_("Les auteurs reçoivent ce texte par mail."),
        validators=[Required(_("Dites ce qu’il faut changer.")), MaxLength(2000)],
    )

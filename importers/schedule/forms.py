"""The form of a source: what all ask, and the options of its way of reading."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wtforms import BooleanField, Field, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from importers import fetch
from importers.models import KEEP_RAW, ImportSource
from importers.pipeline.contract import Adapter
from importers.schedule import options, sources
from importers.schedule.calendar import MAX_EVERY_H
from reseau.core import territories
from reseau.web.forms import MaxLength, Required, ReseauForm, on_text
from reseau.web.i18n import _
from resources.base.content import clean_text, is_web_address, one_line

if TYPE_CHECKING:
    from pyramid.request import Request

MAX_TITLE, MAX_URL, MAX_TERRITORY, MAX_RAW, MAX_TEXT = 120, 2000, 4000, 60, 4000
_line = on_text(one_line)
_lines = on_text(lambda text: clean_text(text).strip())
_HOURS = _("Écrivez un nombre d’heures, entre 1 et 2208 (3 mois).")
_KEPT = _("Écrivez un nombre entre 1 et 60.")


class Address:
    """An address of the web, or nothing."""

    def __call__(self, _form: Any, field: Field) -> None:
        if field.data and not is_web_address(field.data):
            text = _("Écrivez une adresse complète qui commence par https:// ou http://, sans mot de passe.")
            raise ValidationError(field.gettext(text))
        allowed = _form.request.config.allow_private_addresses
        if field.data and not allowed and fetch.private_host(urlsplit(field.data).hostname or ""):
            text = _("Cette adresse est celle d’une machine ou d’un réseau privé : le site ne peut pas la lire.")
            raise ValidationError(field.gettext(text))


class SecretField(StringField):  # type: ignore[misc]
    """What is written and never shown again, not even to who has just written it."""

    def _value(self) -> str:
        return ""


class SourceForm(ReseauForm):
    """A source. Fields of options are named ``option_…``; see :func:`form_of`."""

    adapter: Adapter

    titre = StringField(
        _("Nom de la source"), description=_("Comme on la nomme sur les fiches et dans les listes."),
        validators=[Required(_("Écrivez le nom de la source.")), MaxLength(MAX_TITLE)], filters=[_line],
    )  # fmt: skip
    nom = StringField(
        _("Nom court"),
        description=_("Lettres sans accent, chiffres, tirets. Il ne changera plus. Vide : fait d’après le nom."),
        validators=[Optional(), MaxLength(sources.MAX_NAME)], filters=[_line],
    )  # fmt: skip
    adresse = StringField(
        _("Adresse"), description=_(
            "L’adresse web du fichier ou du service, qui ne change pas d’une fois à l’autre. Si elle contient une clé, "
            "elle n’est montrée en entier que dans ce formulaire."
        ),
        validators=[MaxLength(MAX_URL), Address()], filters=[_line],
    )  # fmt: skip
    territoire = TextAreaField(
        _("Territoire"),
        description=_(
            "Des communes par leur code INSEE (59512 pour Roubaix), un département par son numéro (dep:59 pour le "
            "Nord), une intercommunalité par son numéro SIREN (epci:200093201 pour la Métropole européenne de Lille), "
            "séparés par des virgules. Vide : le territoire du site."
        ),
        validators=[MaxLength(MAX_TERRITORY)],
        filters=[_lines],
    )
    heures = IntegerField(
        _("Lire toutes les … heures"), description=_("24 : chaque nuit. 168 : chaque semaine."),
        validators=[InputRequired(_HOURS), NumberRange(1, MAX_EVERY_H, _HOURS)],
    )  # fmt: skip
    complete = BooleanField(
        _("Chaque lecture donne toute la source"),
        description=_("Ce qui n’y est plus quitte les listes après trois lectures et sept jours."),
    )  # fmt: skip
    bruts = IntegerField(
        _("Fichiers d’origine à garder"), description=_("Pour rejouer un import sans rien demander à la source."),
        validators=[InputRequired(_KEPT), NumberRange(1, MAX_RAW, _KEPT)],
    )  # fmt: skip

    def validate_nom(self, field: Field) -> None:
        """What can be in an address."""
        name = field.data or ""
        if name and (not sources.NAME.fullmatch(name) or name in sources.RESERVED):
            raise ValidationError(
                field.gettext(_("Écrivez des lettres minuscules sans accent, des chiffres, des tirets."))
            )

    def validate_territoire(self, field: Field) -> None:
        """Codes that mean something."""
        try:
            territories.codes(self.codes)
        except territories.UnknownTerritory as error:
            text = field.gettext(_("Ces codes ne sont pas connus : %(codes)s. Un code postal n’est pas un code INSEE."))
            raise ValidationError(text % {"codes": ", ".join(error.codes[:10])[:300]}) from None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the territory, as they were written."""
        return tuple(re.findall(r"[^\s,;]+", re.sub(r"\s*:\s*", ":", self.territoire.data or "")))

    @property
    def option_fields(self) -> list[tuple[options.Option, Field]]:
        """Options with their fields, in order."""
        return [(one, self[f"option_{one.name}"]) for one in options.options_of(self.adapter.code)]

    def wanted(self, source: ImportSource | None = None) -> sources.Wanted:
        """What it says. :param source: that is changed. A secret of it goes to no other site than those it was for."""
        stored = dict(source.options) if source else {}
        written = {one.name: field.data or "" for one, field in self.option_fields}
        forgotten = [one.name for one, _field in self.option_fields if self._forgets(one)]
        code, location = self.adapter.code, self.adresse.data or ""
        merged = options.merged(code, stored, written, forgotten)
        if source and not options.origins(code, location, merged) <= options.origins(code, source.location, stored):
            merged = options.without_secrets(code, merged, written)
        return sources.Wanted(
            self.titre.data, location, self.codes, self.heures.data, bool(self.complete.data),
            self.bruts.data, merged,
        )  # fmt: skip

    def _forgets(self, one: options.Option) -> bool:
        name = f"oublier_{one.name}"
        return name in self and bool(self[name].data)


def form_of(request: Request, adapter: Adapter, source: ImportSource | None = None) -> SourceForm:
    """The form of a source that is read by ``adapter``. :param source: that is changed."""
    fields: dict[str, Any] = {"adapter": adapter}
    for one in options.options_of(adapter.code):
        fields[f"option_{one.name}"] = _field_of(one)
        if source is not None and options.has_secret(one, source.options):
            fields[f"oublier_{one.name}"] = BooleanField(_("Effacer la clé enregistrée"))
    made = type("SourceFormWithOptions", (SourceForm,), fields)
    hours = max(1, int(adapter.every.total_seconds() // 3600))
    before: dict[str, Any] = {"heures": hours, "complete": adapter.complete, "bruts": KEEP_RAW}
    if source is not None:
        before = {
            "titre": source.title, "adresse": source.location, "territoire": ", ".join(source.territory),
            "heures": source.every_h, "complete": source.complete, "bruts": source.keep_raw,
        }  # fmt: skip
        before |= {f"option_{one.name}": options.shown(one, source.options) for one in options.options_of(adapter.code)}
    form: SourceForm = made(request, data=before)
    if source is not None:
        del form.nom
    if adapter.address:
        form.adresse.validators = [Required(_("Écrivez l’adresse de la source.")), *form.adresse.validators]
        form.adresse.flags.required = True
    return form


def _field_of(one: options.Option) -> Any:
    if one.kind == "lines":
        return TextAreaField(one.label, description=one.help, validators=[MaxLength(MAX_TEXT)], filters=[_lines])
    if one.kind == "secret":
        return SecretField(one.label, description=one.help, validators=[MaxLength(options.MAX_LINE)], filters=[_line])
    checks = [MaxLength(MAX_URL), Address()] if one.kind == "address" else [MaxLength(options.MAX_LINE)]
    return StringField(one.label, description=one.help, validators=checks, filters=[_line])

"""The forms of moderation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from reseau.core.ids import new_id, parse_id
from reseau.core.vocabularies import vocabulary
from reseau.threads.base.choices import FORGOTTEN_DAYS
from reseau.threads.base.models import ThreadKind, Topic, TopicSeen
from reseau.threads.base.shapes import KIND_LABELS, MAX_TITLE, REASONS
from reseau.threads.moderating.posts import MAX_REASON, MAX_REPORT
from reseau.web.forms import HoneypotMixin, MaxLength, Required, ReseauForm, on_text
from reseau.web.i18n import _
from resources.base.content import clean_text, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyramid.request import Request

KINDS = (ThreadKind.QUESTION, ThreadKind.DISCUSSION)
"""Kinds that moderators change into each other."""
SEEN_LABELS = {
    TopicSeen.PUBLIC.value: _("Tout le monde"),
    TopicSeen.NETWORK.value: _("Les personnes du réseau"),
}
MAX_NAME, MAX_DESCRIPTION, MAX_SEARCH = 80, 500, 500
_line, _text = on_text(one_line), on_text(lambda text: clean_text(text).strip())


class ReportForm(HoneypotMixin, ReseauForm):
    """What is wrong with a post."""

    raison = RadioField(
        _("Que se passe-t-il avec ce message ?"), choices=list(REASONS.items()),
        validators=[Required(_("Choisissez ce qui ne va pas."))],
    )  # fmt: skip
    message = TextAreaField(
        _("Expliquez en quelques mots"),
        description=_("Une phrase suffit. Écrivez dans la langue que vous voulez."),
        validators=[MaxLength(MAX_REPORT)],
        filters=[_text],
    )
    numero = HiddenField(default=lambda: str(new_id()))

    @property
    def nonce(self) -> UUID:
        """The nonce as sent; a new one when somebody made it up."""
        return parse_id(self.numero.data or "") or new_id()


class ReasonForm(ReseauForm):
    """Why a post is hidden or refused, or a thread closed: those who wrote there read it."""

    motif = TextAreaField(
        _("Pourquoi ?"),
        description=_("Une phrase. La personne qui a écrit la lira."),
        validators=[Required(_("Écrivez pourquoi, en une phrase.")), MaxLength(MAX_REASON)],
        filters=[_text],
    )


class CloseForm(ReasonForm):
    """Why a thread is closed: all its readers read it."""

    motif = TextAreaField(
        _("Pourquoi fermer ce fil ?"),
        description=_("Une phrase. Elle est affichée en haut du fil."),
        validators=[Required(_("Écrivez pourquoi, en une phrase.")), MaxLength(MAX_REASON)],
        filters=[_text],
    )


class PinForm(ReseauForm):
    """First in the lists until a day."""

    jour = DateField(
        _("En tête des listes jusqu’au"),
        format=["%Y-%m-%d", "%d/%m/%Y"],
        validators=[Required(_("Choisissez un jour."))],
    )


class MoveForm(ReseauForm):
    """Into another topic. ``confirme``: the topic for which the change of readers was read."""

    sujet = SelectField(_("Sujet"), validators=[Required(_("Choisissez un sujet."))], choices=[])
    confirme = HiddenField(default="")

    def __init__(self, request: Request, topics: Iterable[Topic], **data: Any) -> None:
        super().__init__(request, **data)
        self.sujet.choices = [(str(topic.id), topic.title(request.lang)) for topic in topics]


class KindForm(ReseauForm):
    """A question that asks nothing, a discussion that asks."""

    genre = RadioField(
        _("C’est une…"), choices=[(kind.value, KIND_LABELS[kind]) for kind in KINDS],
        validators=[Required(_("Choisissez : question ou discussion."))],
    )  # fmt: skip


class TitleForm(ReseauForm):
    """A title by which it is found."""

    titre = StringField(
        _("Titre du fil"), validators=[Required(_("Écrivez un titre.")), MaxLength(MAX_TITLE)], filters=[_line]
    )


class MergeForm(ReseauForm):
    """Into another thread: its address, or words of its title. ``confirme``: the thread for which the change of
    readers was read."""

    vers = StringField(
        _("Adresse de l’autre fil, ou mots de son titre"),
        validators=[Required(_("Écrivez l’adresse de l’autre fil, ou des mots de son titre.")), MaxLength(MAX_SEARCH)],
        filters=[_line],
    )
    confirme = HiddenField(default="")


class SplitForm(ReseauForm):
    """Some posts become a thread of their own."""

    nouveau = StringField(
        _("Titre du nouveau fil"), validators=[Required(_("Écrivez un titre.")), MaxLength(MAX_TITLE)], filters=[_line]
    )
    genre = RadioField(
        _("C’est une…"), choices=[(kind.value, KIND_LABELS[kind]) for kind in KINDS], default=KINDS[0].value,
        validators=[Required(_("Choisissez : question ou discussion."))],
    )  # fmt: skip
    messages = SelectMultipleField(_("Messages à déplacer"), validate_choice=False)
    suite = BooleanField(_("Et tous les messages qui suivent le dernier coché"))


class SettingsForm(ReseauForm):
    """What the coordination sets."""

    jours = IntegerField(
        _("Une question sans réponse est proposée aux personnes qui connaissent le sujet après (jours)"),
        validators=[
            InputRequired(_("Écrivez un nombre de jours, entre 1 et 90.")),
            NumberRange(FORGOTTEN_DAYS[0], FORGOTTEN_DAYS[-1], _("Écrivez un nombre de jours, entre 1 et 90.")),
        ],
    )
    attente = BooleanField(_("Le premier message d’une nouvelle personne attend qu’on le lise"))


class TopicForm(ReseauForm):
    """A topic. ``confirme``: who changes it has read how many threads all may read from now on."""

    titre_fr = StringField(
        _("Nom en français"), validators=[Required(_("Écrivez un nom.")), MaxLength(MAX_NAME)], filters=[_line]
    )
    titre_en = StringField(_("Nom en anglais"), validators=[Optional(), MaxLength(MAX_NAME)], filters=[_line])
    titre_ar = StringField(_("Nom en arabe"), validators=[Optional(), MaxLength(MAX_NAME)], filters=[_line])
    description = TextAreaField(
        _("De quoi parle-t-on ici ?"), validators=[MaxLength(MAX_DESCRIPTION)], filters=[_text]
    )  # fmt: skip
    lecteurs = RadioField(
        _("Qui peut lire ?"), choices=list(SEEN_LABELS.items()), default=TopicSeen.PUBLIC.value,
        validators=[Required(_("Choisissez qui peut lire."))],
    )  # fmt: skip
    demarches = SelectMultipleField(
        _("Démarches"), description=_("Un fil sur une ressource qui parle d’une de ces démarches est proposé ici.")
    )
    place = IntegerField(
        _("Place dans la liste"),
        validators=[Optional(), NumberRange(1, 999, _("Écrivez un nombre, 1 pour le premier."))],
    )
    confirme = HiddenField(default="")

    def __init__(self, request: Request, topic: Topic | None = None, place: int | None = None) -> None:
        """:param topic: that is changed. That of a group is read by its group, whatever a form says. :param place: its
        own among the topics, from 1."""
        before: dict[str, Any] = {}
        if topic is not None:
            before = {f"titre_{lang}": topic.titles.get(lang, "") for lang in ("fr", "en", "ar")}
            before |= {"description": topic.description, "lecteurs": topic.seen, "demarches": topic.procedures}
            before |= {"place": place}
        super().__init__(request, data=before)
        if topic is not None and topic.group_id:
            del self.lecteurs
        if topic is None or topic.group_id:
            del self.place
        terms = vocabulary("demarches").terms
        self.demarches.choices = [SelectChoice(term.code, term.label(request.lang)) for term in terms]

    @property
    def titles(self) -> dict[str, str]:
        """Names by language, without the empty ones."""
        said = {lang: self[f"titre_{lang}"].data or "" for lang in ("fr", "en", "ar")}
        return {lang: name for lang, name in said.items() if name}

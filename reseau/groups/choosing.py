"""Whom a form of a group means: by an address, a name, or a part of one, which is then chosen from a list."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session
from wtforms import HiddenField, RadioField

from reseau.core.ids import parse_id
from reseau.groups import belonging
from reseau.groups.access import in_network
from reseau.members.models import Person
from reseau.web.forms import ReseauForm
from reseau.web.i18n import _

UNKNOWN = _("Nous ne trouvons personne du réseau avec ce nom ou cette adresse.")
WHICH = _("Choisissez la personne dans la liste.")
MANY = _("Il y en a d’autres : écrivez plus de lettres du nom.")


class ChoosingForm(ReseauForm):
    """A form with a field of a name. ``choix``: who it means, of those it may mean; ``cherche``: the name then."""

    choix = RadioField(_("Qui voulez-vous dire ?"), choices=[], validate_choice=False)
    cherche = HiddenField()


def chosen(session: Session, form: ChoosingForm, name: str) -> Person | None:
    """Who is meant by the field ``name`` of a form that is valid; None: the form says why, and offers names."""
    field = form[name]
    text, picked = field.data or "", parse_id(form.choix.data or "")
    if picked and form.cherche.data == text:
        person = session.get(Person, picked)
        if person is not None and in_network(session, person):
            return person
    found = belonging.named(session, text)
    if len(found) == 1 and belonging.is_whole(found[0], text):
        return found[0]
    say = form.request.gettext
    if not found:
        field.errors = [say(UNKNOWN)]
        return None
    _offer(session, form, found)
    form.cherche.data = text
    form.choix.errors = [say(MANY if len(found) > belonging.MOST_ALIKE else WHICH)]
    return None


def _offer(session: Session, form: ChoosingForm, found: Sequence[Person]) -> None:
    shown = found[: belonging.MOST_ALIKE]
    where = belonging.places_of_people(session, [one.id for one in shown])
    form.choix.data, form.choix.flags.required = None, True
    form.choix.choices = [
        (str(one.id), f"{one.name}, {', '.join(where[one.id])}" if one.id in where else one.name) for one in shown
    ]

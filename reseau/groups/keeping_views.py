"""Keeping a group: what it says of itself, who is in it, whether it still works."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPBadRequest, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.ids import parse_id
from reseau.core.limits import Limit, allow
from reseau.core.paging import Page, nearest
from reseau.groups import access, belonging, inviting, mailing, services
from reseau.groups.belonging import Done
from reseau.groups.choosing import chosen
from reseau.groups.forms import GroupForm, InviteForm
from reseau.groups.models import Belonging
from reseau.groups.routes import GroupContext, page_number
from reseau.groups.views import answered
from reseau.groups.words import JOINING, SEEN
from reseau.members.models import Person
from reseau.web.forms import refuse
from reseau.web.i18n import _
from reseau.web.security import Permission
from resources.base import langs

if TYPE_CHECKING:
    from pyramid.request import Request

#: An address that is tried says whether somebody of the network has it.
PER_HOUR = Limit("group-invite", 30, timedelta(hours=1))
TOO_MANY = _("Vous avez cherché beaucoup de personnes en une heure. Recommencez plus tard.")
MEMBERS = "/membres"


@view_defaults(route_name="groups.edit", permission=Permission.GROUP_KEEP, renderer="templates/group_form.jinja2")
class Edit:
    """What the group says of itself."""

    def __init__(self, context: GroupContext, request: Request) -> None:
        self.context, self.request, self.group = context, request, context.group

    def _form(self) -> GroupForm:
        group = self.group
        return GroupForm(self.request, new=False, nom=group.name, description=group.description, langue=group.lang,
                         visible=group.seen, entree=group.joining, vu=str(group.rev))  # fmt: skip

    def _page(self, form: GroupForm, clash: Any = None) -> dict[str, Any]:
        return {"form": form, "group": self.group, "clash": clash, "seen": SEEN, "joining": JOINING,
                "direction": langs.direction, "here": self.request.script_name + self.context.path}  # fmt: skip

    @view_config(request_method="GET")
    def form(self) -> dict[str, Any]:
        return self._page(self._form())

    @view_config(request_method="POST", journal="group.edit")
    def save(self) -> Any:
        request, form = self.request, self._form()
        if not form.validate():
            return refuse(request, **self._page(form))
        try:
            services.edit(request.db, self.group.id, form.said, seen_rev=form.seen_rev)
        except services.Clash as clash:
            form.vu.data = str(clash.theirs.rev)
            return refuse(request, **self._page(form, clash.theirs))
        request.journal(self.group.id)
        return HTTPSeeOther(f"{request.script_name}{self.context.path}?fait=change")


@view_config(
    route_name="groups.archive", permission=Permission.GROUP_KEEP, request_method="POST", journal="group.archive"
)  # fmt: skip
def archive(context: GroupContext, request: Request) -> HTTPSeeOther:
    """Close the group, or open it again (``rouvrir``)."""
    archived = "rouvrir" not in request.POST
    done = services.archive(request.db, context.group.id, archived, request.registry["clock"]())
    return answered(context, request, Done.CHANGED if done else Done.NOTHING, "", archived=archived)


@view_defaults(route_name="groups.members", permission=Permission.GROUP_KEEP, renderer="templates/members.jinja2")
class Members:
    """Who asked, who is invited, who is in; inviting."""

    def __init__(self, context: GroupContext, request: Request) -> None:
        self.context, self.request, self.group = context, request, context.group

    def _page(self, form: InviteForm) -> dict[str, Any]:
        request, total = self.request, self.context.found.members
        number = nearest(page_number(request), total, access.PEOPLE)
        asked, invited = (access.people(request.db, self.group.id, one) for one in (Belonging.ASKED, Belonging.INVITED))
        rows = access.people(request.db, self.group.id, number=number)
        return {"group": self.group, "form": form, "asked": asked, "invited": invited,
                "found": Page(rows, total, number, access.PEOPLE), "done": request.GET.get("fait"),
                "here": request.script_name + self.context.path, "direction": langs.direction}  # fmt: skip

    @view_config(request_method="GET")
    def show(self) -> dict[str, Any]:
        return self._page(InviteForm(self.request))

    @view_config(request_method="POST", journal="group.invite")
    def invite(self) -> Any:
        request, form = self.request, InviteForm(self.request)
        person = self._person(form) if form.validate() else None
        if person is None:
            return refuse(request, **self._page(form))
        now = request.registry["clock"]()
        done = belonging.invite(request.db, self.group.id, person.id, now)
        if done is Done.INVITED:
            inviting.tell(request.db, self.group.id, person.id, now)
            mailing.tell_invited(request.db, self.group, person, request.identity.name, request.config, now)
        if done is Done.IN:
            mailing.tell_answered(request.db, self.group, person.id, True, request.config, now)
        return answered(self.context, request, done, MEMBERS, person=str(person.id))

    def _person(self, form: InviteForm) -> Person | None:
        request = self.request
        if not allow(request.db, PER_HOUR, str(request.identity.person_id), request.registry["clock"]()):
            form.personne.errors = [request.gettext(TOO_MANY)]
            return None
        return chosen(request.db, form, "personne")


@view_defaults(permission=Permission.GROUP_KEEP, request_method="POST")
class OneMember:
    """What is done about one person (``personne``)."""

    def __init__(self, context: GroupContext, request: Request) -> None:
        self.context, self.request, self.group = context, request, context.group

    @property
    def _person_id(self) -> UUID:
        """:raises HTTPBadRequest: nobody is named."""
        found = parse_id(self.request.POST.get("personne", ""))
        if found is None:
            raise HTTPBadRequest
        return found

    def _back(self, done: Done, **detail: Any) -> HTTPSeeOther:
        return answered(self.context, self.request, done, MEMBERS, person=str(self._person_id), **detail)

    @view_config(route_name="groups.accept", journal="group.accept")
    def accept(self) -> HTTPSeeOther:
        request, now = self.request, self.request.registry["clock"]()
        done = belonging.accept(request.db, self.group.id, self._person_id, now)
        if done is Done.IN:
            mailing.tell_answered(request.db, self.group, self._person_id, True, request.config, now)
        return self._back(done)

    @view_config(route_name="groups.refuse", journal="group.refuse")
    def refuse(self) -> HTTPSeeOther:
        request, now = self.request, self.request.registry["clock"]()
        done = belonging.refuse(request.db, self.group.id, self._person_id)
        if done is Done.CHANGED:
            mailing.tell_answered(request.db, self.group, self._person_id, False, request.config, now)
        return self._back(done)

    @view_config(route_name="groups.animator", journal="group.animator")
    def animator(self) -> HTTPSeeOther:
        animates = self.request.POST.get("anime", "1") == "1"
        return self._back(
            belonging.set_animator(self.request.db, self.group.id, self._person_id, animates), animates=animates
        )

    @view_config(route_name="groups.remove", journal="group.remove")
    def remove(self) -> HTTPSeeOther:
        return self._back(belonging.remove(self.request.db, self.group.id, self._person_id))

"""The groups that somebody may see, a new one, the page of one; coming in and leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyramid.httpexceptions import HTTPForbidden, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.markdown import to_html
from reseau.core.paging import Page, nearest
from reseau.groups import access, belonging, documents, mailing, services
from reseau.groups.belonging import Done
from reseau.groups.choosing import chosen
from reseau.groups.forms import GroupForm, JoinForm
from reseau.groups.models import DOCUMENT_KIND, DocumentKind
from reseau.groups.routes import GroupContext, page_number, reader_of
from reseau.groups.words import JOINING, SEEN, plain
from reseau.groups.words import direction as written
from reseau.members.models import Person
from reseau.web.forms import refuse
from reseau.web.security import Permission
from resources.base import langs
from resources.files import attached
from resources.files.serving import address

if TYPE_CHECKING:
    from pyramid.request import Request


@view_config(
    route_name="groups.list", permission=Permission.GROUP_READ, request_method="GET", cache="public",
    renderer="templates/list.jinja2",
)  # fmt: skip
def listed(request: Request) -> dict[str, Any]:
    """The groups."""
    reader = reader_of(request)
    return {
        "found": access.listed(request.db, reader, page_number(request)), "reader": reader, "plain": plain,
        "seen": SEEN, "joining": JOINING, "direction": langs.direction, "written": written,
    }  # fmt: skip


@view_defaults(route_name="groups.new", permission=Permission.GROUP_CREATE, renderer="templates/group_form.jinja2")
class NewGroup:
    """A new group."""

    def __init__(self, request: Request) -> None:
        self.request = request

    @view_config(request_method="GET")
    def form(self) -> dict[str, Any]:
        form = GroupForm(self.request, new=True, animateur=self.request.identity.name)
        return {"form": form, "group": None, "clash": None}

    @view_config(request_method="POST", journal="group.create")
    def create(self) -> Any:
        request, form = self.request, GroupForm(self.request, new=True)
        person = self._animator(form) if form.validate() else None
        if person is None:
            return refuse(request, form=form, group=None, clash=None)
        now = request.registry["clock"]()
        try:
            made = services.found(
                request.db, form.said, person.id, by=request.identity.person_id, now=now, id_=form.nonce
            )
            for told in request.registry["group.created"]:
                told(request.db, made, now)
            request.journal(made.id)
        except services.Taken as taken:
            made = taken.group
            request.journal_nothing()
        return HTTPSeeOther(f"{request.script_name}/groupes/{made.slug}?fait=cree")

    def _animator(self, form: GroupForm) -> Person | None:
        """Who keeps it first: whoever makes it, unless they say another name."""
        identity = self.request.identity
        if form.animateur.data == identity.name:
            own: Person | None = self.request.db.get(Person, identity.person_id)
            return own
        return chosen(self.request.db, form, "animateur")


def group_page(context: GroupContext, request: Request, form: JoinForm | None = None) -> dict[str, Any]:
    """The page of a group: six statements at most, with those of who asks."""
    found, group = context.found, context.group
    reads, names = found.reads(context.reader), found.names(context.reader)
    minutes = documents.newest(request.db, group.id, DocumentKind.MINUTES) if reads else []
    pages = documents.newest(request.db, group.id, DocumentKind.PAGE) if reads else []
    known = [*minutes[: documents.SHOWN], *pages[: documents.SHOWN]]
    files = attached.of(request.db, DOCUMENT_KIND, [one.id for one in known])
    return {
        "found": found, "group": group, "reader": context.reader, "reads": reads, "names": names,
        "keeps": context.keeps, "writes": context.writes, "about": to_html(group.description),
        "people": access.people(request.db, group.id) if names else [], "minutes": minutes, "pages": pages,
        "shown": documents.SHOWN, "day_of": documents.day_of,
        "files": [(one, file) for one in known for file in files.get(one.id, [])][:40], "address": address,
        "seen": SEEN, "joining": JOINING, "direction": langs.direction, "written": written,
        "here": request.script_name + context.path, "done": request.GET.get("fait"),
        "panels": request.registry.get("group.panels", []) if reads else [],
        "form": form or JoinForm(request),
    }  # fmt: skip


@view_config(
    route_name="groups.group", permission=Permission.GROUP_READ, request_method="GET", cache="public",
    renderer="templates/group.jinja2",
)  # fmt: skip
def group(context: GroupContext, request: Request) -> dict[str, Any]:
    """A group."""
    return group_page(context, request)


@view_config(
    route_name="groups.people", permission=Permission.GROUP_READ, request_method="GET",
    renderer="templates/people.jinja2",
)  # fmt: skip
def people(context: GroupContext, request: Request) -> dict[str, Any]:
    """All its members, a hundred a page."""
    if not context.found.names(context.reader):
        raise HTTPForbidden
    total = context.found.members
    number = nearest(page_number(request), total, access.PEOPLE)
    rows = access.people(request.db, context.group.id, number=number)
    return {"group": context.group, "found": Page(rows, total, number, access.PEOPLE),
            "here": request.script_name + context.path, "direction": langs.direction}  # fmt: skip


@view_config(
    route_name="groups.join", permission=Permission.GROUP_JOIN, request_method="POST", journal="group.join",
    renderer="templates/group.jinja2",
)  # fmt: skip
def join(context: GroupContext, request: Request) -> Any:
    """Come in, ask to, or accept an invitation."""
    form, now = JoinForm(request), request.registry["clock"]()
    if not form.validate():
        return refuse(request, **group_page(context, request, form))
    group, person_id = context.group, request.identity.person_id
    done = belonging.join(request.db, group.id, person_id, form.message.data or "", now)
    if done is Done.CLOSED:
        raise HTTPForbidden
    if done is Done.ASKED:
        mailing.tell_asked(request.db, group, request.config, now)
    return answered(context, request, done, "")


@view_config(
    route_name="groups.leave", permission=Permission.ACCOUNT_OWN, request_method="POST", journal="group.leave"
)  # fmt: skip
def leave(context: GroupContext, request: Request) -> Any:
    """Leave, take a request back, or decline: whoever has lost their place in the network may still leave."""
    group, person_id = context.group, request.identity.person_id
    done = belonging.leave(request.db, group.id, person_id)
    gone = done is Done.LEFT and not _stays(context)
    return answered(context, request, done, "", to=f"{request.script_name}/groupes" if gone else "")


def _stays(context: GroupContext) -> bool:
    """Whether who leaves still knows the group."""
    return context.reader.coordinates or context.group.seen == "public" or (
        context.group.seen == "network" and context.reader.network
    )  # fmt: skip


def answered(
    context: GroupContext, request: Request, done: Done, suffix: str, to: str = "", **detail: Any
) -> HTTPSeeOther:
    """Back to a page of the group, which says what came of it; what changed nothing leaves no row in the journal."""
    if done in (Done.NOTHING, Done.LAST, Done.CLOSED):
        request.journal_nothing()
    else:
        request.journal(context.group.id, **detail)
    return HTTPSeeOther(f"{to or request.script_name + context.path + suffix}?fait={done.value}")

"""Pages of one's own notices: the list, how one is told, what one follows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pyramid.httpexceptions import HTTPBadRequest, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from reseau.core.ids import parse_id
from reseau.groups import services as working
from reseau.members import profile
from reseau.notices import following, services, showing
from reseau.notices.forms import ChoicesForm
from reseau.notices.models import Level
from reseau.web.forms import refuse
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

A_PAGE = 50  # of what one follows


class _Own:
    """A page of the person who is signed in."""

    def __init__(self, request: Request) -> None:
        self.request, self.db = request, request.db
        self.now = request.registry["clock"]()
        self.person = profile.active(request.db, request.identity.person_id)

    def to(self, route: str, **query: str) -> HTTPSeeOther:
        """Show that page next."""
        return HTTPSeeOther(self.request.route_path(route, _query=query or None))


@view_config(
    route_name="notices.list", permission=Permission.ACCOUNT_OWN, request_method="GET",
    renderer="templates/avis.jinja2",
)  # fmt: skip
def show_list(request: Request) -> dict[str, Any]:
    """What I was told, newest first."""
    now, before = request.registry["clock"](), _place(request.GET.get("avant"))
    person = profile.active(request.db, request.identity.person_id)
    notices, more = services.page(request.db, person.id, now, before)
    last = notices[-1] if more else None
    return {
        "groups": showing.groups(request.db, person, notices, request.config, request.lang),
        "next": request.address(avant=_mark(last.at, last.id)) if last else None,
        "later": before is not None,
        "to": str(_micros(max((one.at for one in notices), default=now))),
    }


def _micros(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)


def _mark(at: datetime, id_: UUID) -> str:
    """Where the next page begins, in its address: what :func:`_place` reads."""
    return f"{_micros(at)}-{id_}"


def _moment(text: str) -> datetime | None:
    if not (text.isascii() and text.isdecimal()) or len(text) > 16:
        return None
    seconds, micros = divmod(int(text), 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)


def _place(text: str | None) -> services.Place | None:
    """Where a page begins; what is not one of ours is the first page."""
    at, _, id_ = (text or "").partition("-")
    moment, found = _moment(at), parse_id(id_)
    return (moment, found) if moment and found else None


@view_config(
    route_name="notices.seen", permission=Permission.ACCOUNT_OWN, request_method="POST",
    journal_exempt_reason="what one has read is nobody's business",
)  # fmt: skip
def see_all(request: Request) -> HTTPSeeOther:
    """All that the page showed, and what is older, is seen."""
    to = _moment(request.POST.get("jusqua", ""))
    services.see_all(request.db, request.identity.person_id, request.registry["clock"](), to)
    return HTTPSeeOther(request.route_path("notices.list"))


@view_defaults(route_name="notices.choices", permission=Permission.ACCOUNT_OWN, renderer="templates/reglages.jinja2")
class ChoicesPages(_Own):
    """How I am told, what I follow."""

    @view_config(request_method="GET")
    def page(self) -> dict[str, Any]:
        return self._shown(ChoicesForm.of(self.request, services.choice_of(self.db, self.person.id)))

    @view_config(request_method="POST", journal="notice.choose")
    def save(self) -> Any:
        form = ChoicesForm(self.request)
        if not form.validate():
            return refuse(self.request, **self._shown(form))
        choice = services.choice_of(self.db, self.person.id)
        off, modes = bool(choice and choice.off_at), form.modes(choice)
        if off and not form.nothing:
            services.resume(self.db, self.person)
        services.choose(self.db, self.person.id, modes, hour=int(form.heure.data), weekday=int(form.jour.data),
                        now=self.now, timezone=self.request.config.timezone)  # fmt: skip
        if form.nothing and not off:
            services.stop_all(self.db, self.person, self.now)
            return self.to("notices.choices")
        return self.to("notices.choices", enregistre="1")

    def _shown(self, form: ChoicesForm) -> dict[str, Any]:
        choice = services.choice_of(self.db, self.person.id)
        network = self.request.allows(Permission.NETWORK_READ)
        rows, next_ = {}, {}
        for level, name in ((Level.FOLLOW, "suivis"), (Level.MUTE, "tus")):
            after = _place(self.request.GET.get(name))
            rows[level], more = following.page(self.db, self.person.id, level, A_PAGE, after)
            last = rows[level][-1] if more else None
            next_[level] = f"{self.request.address(**{name: _mark(last.at, last.object_id)})}#{name}" if last else None
        mine = working.mine(self.db, self.person.id)
        every = showing.followed(self.db, [*rows[Level.FOLLOW], *rows[Level.MUTE]], network=network, groups=mine)
        count = len(rows[Level.FOLLOW])
        return {
            "form": form, "off": bool(choice and choice.off_at), "saved": "enregistre" in self.request.GET,
            "followed": every[:count], "muted": every[count:],
            "followed_next": next_[Level.FOLLOW], "muted_next": next_[Level.MUTE],
        }  # fmt: skip


@view_defaults(permission=Permission.ACCOUNT_OWN, request_method="POST")
class FollowPages(_Own):
    """All mails off and on; one thing followed or not."""

    @view_config(route_name="notices.off", journal="notice.off")
    def off(self) -> HTTPSeeOther:
        services.stop_all(self.db, self.person, self.now)
        return self.to("notices.choices")

    @view_config(route_name="notices.on", journal="notice.on")
    def on(self) -> HTTPSeeOther:
        services.resume(self.db, self.person)
        return self.to("notices.choices", enregistre="1")

    @view_config(route_name="notices.unfollow", journal="notice.unfollow")
    def unfollow(self) -> HTTPSeeOther:
        services.stop_about(self.db, self.person, self._said(), self.now)
        return self.to("notices.choices", enregistre="1")

    @view_config(route_name="notices.follow", journal="notice.follow")
    def follow(self) -> HTTPSeeOther:
        following.follow(self.db, self.person.id, self._said(), self.now)
        return self.to("notices.choices", enregistre="1")

    def _said(self) -> tuple[str, UUID]:
        """What the form names, if the person said something of it before: the page undoes that, no more. One follows a
        thing on its own page."""
        ref = self._ref()
        if following.level(self.db, self.person.id, ref) is None:
            raise HTTPBadRequest
        return ref

    def _ref(self) -> tuple[str, UUID]:
        kind, id_ = self.request.POST.get("kind", ""), parse_id(self.request.POST.get("id", ""))
        if id_ is None or not kind.isascii() or not 0 < len(kind) <= 20 or not kind.isprintable():
            raise HTTPBadRequest
        return kind, id_

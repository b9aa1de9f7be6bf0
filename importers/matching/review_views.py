"""Pages of the review: the queue, one pair side by side, what imports joined by themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from importers.matching import links, review, words
from importers.matching.standing import TOLD, standing
from importers.models import Verdict
from reseau.core.clock import local_day
from reseau.core.ids import parse_id
from reseau.directory import present
from reseau.directory.lifecycle import NotMergeable
from reseau.directory.models import Cause
from reseau.directory.reproject import Because
from reseau.directory.splitting import NotNestable, NotSplittable
from reseau.editing.values import Reader, group_lines, group_title
from reseau.web.forms import refuse
from reseau.web.params import page_number
from reseau.web.security import Permission

if TYPE_CHECKING:
    from pyramid.request import Request

HERE = "/gestion/rapprochements"
_COMMUNE = re.compile(r"(?:\d{2}|2[AB])\d{3}", re.ASCII)
_ANSWERED = frozenset(["same", "distinct", "inside", "around"])


class _Review:
    """What all of these pages need of a request."""

    def __init__(self, request: Request) -> None:
        self.request, self.db, self.settings = request, request.db, request.config
        self.now = request.registry["clock"]()
        given = dict(request.query_items)
        town = given.get("commune", "")
        self.town = town if _COMMUNE.fullmatch(town) else ""
        self.done = given.get("fait", "")
        self.last = parse_id(given.get("sur", ""))
        self.decided = given.get("etat") == "decides"

    def page(self, **values: Any) -> dict[str, Any]:
        """What the templates share."""
        say = self.request.gettext
        about = review.answer(self.db, self.last) if self.last and self.done in words.DONE else None
        undoable = about is not None and about.undoable and self.done in _ANSWERED
        return {
            "town": self.town, "done": words.DONE.get(self.done, ""), "did": self.done, "about": about,
            "undoable": about.id if about and undoable else None,
            "path": lambda place: self.request.script_name + present.path(place["slug"], place["id"]),
            "reasons": lambda found: words.reasons(found, say), **values,
        }  # fmt: skip

    def because(self, cause: Cause) -> Because:
        return Because(cause, self.request.actor)

    def go(self, path: str = "", **query: Any) -> HTTPSeeOther:
        """To another page of the review, in the same commune."""
        asked = {"commune": self.town or None, **query}
        said = urlencode({name: value for name, value in asked.items() if value})
        return HTTPSeeOther(self.request.script_name + HERE + path + (f"?{said}" if said else ""))

    def lines(self) -> dict[str, Any]:
        """What the tables of two sheets side by side say their values with."""
        say = self.request.gettext
        reader = Reader(self.request.lang, say, local_day(self.now, self.settings.timezone))
        return {
            "title": lambda group: group_title(group[0], reader),
            "lines": lambda values, group: group_lines(values, group, reader),
            "standing": standing,
            "standing_told": {name: say(told) for name, told in TOLD.items()},
        }

    def go_on(self, pair_id: Any, done: str, **query: Any) -> HTTPSeeOther:
        """To the pair that comes next, or to the list when there is none."""
        following = review.following(self.db, pair_id, self.town)
        return self.go(f"/{following}" if following else "", fait=done or None, **query)


@view_config(
    route_name="review.queue",
    request_method="GET",
    permission=Permission.NETWORK_COORDINATE,
    renderer="templates/review_queue.jinja2",
)
def queue(request: Request) -> dict[str, Any]:
    """Pairs that await somebody; with ``etat=decides``, those that somebody has decided."""
    pages = _Review(request)
    if pages.decided:
        request.override_renderer = "importers.matching:templates/review_decided.jinja2"
        return pages.page(answers=review.decided(request.db, page_number(request)), said=words.SAID)
    found = review.queue(request.db, pages.town, page_number(request))
    return pages.page(found=found, towns=review.towns(request.db))


@view_defaults(route_name="review.pair", permission=Permission.NETWORK_COORDINATE)
class PairPages(_Review):
    """Two places side by side, and what they are."""

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self.id = UUID(request.matchdict["id"])

    def _page(self, error: str = "") -> dict[str, Any]:
        found = review.review(self.db, self.id)
        if found is None:
            raise HTTPNotFound
        say = self.request.gettext
        return self.page(
            found=found, error=say(words.REFUSED[error]) if error else "",
            said=say(words.SAID[Verdict(found.pair.verdict)]) if found.pair.verdict != Verdict.OPEN else "",
            apart=words.distance(found.metres, say) if found.metres is not None else "",
            **self.lines(),
        )  # fmt: skip

    @view_config(request_method="GET", renderer="templates/review_pair.jinja2")
    def look(self) -> Any:
        try:
            return self._page()
        except HTTPNotFound:
            if self.done or review.exists(self.db, self.id):
                raise self.go(fait=self.done or "deja") from None
            raise

    @view_config(request_method="POST", renderer="templates/review_pair.jinja2", journal="import.pair")
    def decide(self) -> Any:
        posted = self.request.POST
        said = str(posted.get("verdict", ""))
        if said == "passer":
            self.request.journal_nothing()
            return self.go_on(self.id, "passer", sur=self.id)
        try:
            verdict = Verdict(said)
        except ValueError:
            verdict = Verdict.OPEN
        if verdict is Verdict.OPEN:
            return refuse(self.request, **self._page("choix"))
        kept = parse_id(str(posted.get("garder", "")))
        try:
            review.decide(self.db, self.id, verdict, kept, self.because(Cause.EDIT), self.settings, self.now)
        except LookupError:
            raise HTTPNotFound from None
        except review.Decided:
            self.request.journal_nothing()
            return self.go_on(self.id, "deja", sur=self.id)
        except (NotMergeable, NotNestable) as error:
            return refuse(self.request, **self._page(error.code))
        self.request.journal(self.id, verdict=verdict.value)
        return self.go_on(self.id, verdict.value, sur=self.id)


@view_config(
    route_name="review.undo",
    request_method="POST",
    permission=Permission.NETWORK_COORDINATE,
    journal="import.unpair",
)
def undo(request: Request) -> Any:
    """Ask again."""
    pages = _Review(request)
    id_ = UUID(request.matchdict["id"])
    try:
        done = review.undo(request.db, id_, pages.because(Cause.EDIT), pages.settings, pages.now)
    except LookupError:
        raise HTTPNotFound from None
    except NotNestable:
        done = False
    if not done:
        request.journal_nothing()
        return pages.go(fait="rien")
    request.journal(id_)
    return pages.go(f"/{id_}", fait="annule", sur=id_)


@view_defaults(route_name="review.joined", permission=Permission.NETWORK_COORDINATE)
class JoinedPages(_Review):
    """What imports joined by themselves, and the way back."""

    def _page(self, error: str = "") -> dict[str, Any]:
        found = links.joined(self.db, page_number(self.request))
        return self.page(found=found, error=self.request.gettext(words.REFUSED[error]) if error else "")

    @view_config(request_method="GET", renderer="templates/review_joined.jinja2")
    def listed(self) -> dict[str, Any]:
        return self._page()

    @view_config(request_method="POST", renderer="templates/review_joined.jinja2", journal="import.separate")
    def separate(self) -> Any:
        id_ = parse_id(str(self.request.POST.get("separer", "")))
        if id_ is None:
            return refuse(self.request, **self._page("gone"))
        try:
            pair, reached = links.separate(self.db, id_, self.because(Cause.SPLIT), self.settings, self.now)
        except NotSplittable as error:
            return refuse(self.request, **self._page(error.code))
        self.request.journal(reached)
        return self.go("/liens", fait="separe", sur=pair)


@view_config(
    route_name="review.record",
    request_method="GET",
    permission=Permission.NETWORK_COORDINATE,
    renderer="templates/review_record.jinja2",
)
def record(request: Request) -> Any:
    """The two places that separating would make, side by side."""
    pages = _Review(request)
    found = links.parting(request.db, UUID(request.matchdict["id"]), request.config)
    if found is None:
        raise HTTPNotFound
    return pages.page(found=found, **pages.lines())

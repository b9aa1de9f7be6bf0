"""What happens beside a request for a resource: its thread starts with it, and closes when it is answered elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reseau.core import limits
from reseau.core.ids import new_id
from reseau.core.wording import Wording, _
from reseau.threads.base import personal_words
from reseau.threads.base import services as threads
from reseau.threads.base.addresses import path_of
from reseau.threads.base.models import Thread
from reseau.threads.base.services import Writing
from reseau.threads.base.shapes import THREADS_PER_HOUR
from reseau.threads.base.text import guess_lang
from reseau.threads.requests import services
from resources.base.addresses import path_of as resource_path
from resources.base.models import Resource, ResourceRequest
from resources.finding import asking

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from pyramid.request import Request

PANEL = "reseau.threads.requests:templates/panel.jinja2"
HERE_IT_IS = _("Voici une ressource qui répond :")


def writing_of(request: Request, text: str, mentions: Sequence[dict[str, str]] = ()) -> Writing:
    """A text as a message, in the language that it looks like."""
    return Writing(text, guess_lang(text, request.lang), mentions)


def doubts(request: Request, *texts: str) -> dict[str, Any]:
    """What the page of a form is given when its words seem to speak of somebody who is helped, and who sent it has not
    said that it may be published all the same; nothing otherwise."""
    found, sure = personal_words.seen("\n\n".join(texts)), personal_words.digest_of(*texts)
    if not found or request.POST.get("sur") == sure:
        return {}
    return {"doubts": found, "sure": sure, "doubt_label": lambda one: request.gettext(personal_words.LABELS[one.seen])}


def answering(lang: str, message: str, resource: Resource, site_url: str) -> str:
    """The message by which a resource answers: its address is enough, its title is for those who may read it."""
    said = message.strip() or Wording.of(lang).gettext(HERE_IT_IS)
    return f"{said}\n\n{site_url.rstrip('/')}{resource_path(resource)}"


def asked(request: Request, wanted: ResourceRequest, form: Any) -> str | None:
    """The thread of a request that was just made by who is signed in and wants one.

    :return: where it is, or where its author reads that it waits for a look; None: there is none.
    """
    if not (form.shared and request.identity and wanted.author_id):
        return None
    now, reader = request.registry["clock"](), request.reader
    topic = services.topic_for(reader.writable(), wanted)
    if topic is None or not limits.allow(request.db, THREADS_PER_HOUR, str(reader.person_id), now):
        return None
    writing = writing_of(request, services.text_of(wanted, request.lang))
    made = services.start(
        request.db, wanted.id, topic.id, services.title_of(wanted), writing,
        services.author_of(request.db, reader), id_=new_id(), now=now, site_url=request.config.public_url,
    )  # fmt: skip
    return path_of(made)


def answered(request: Request, wanted: ResourceRequest, resource: Resource) -> None:
    """A request was answered on its own page: its thread says so, and closes."""
    thread = services.of_requests(request.db, [wanted.id]).get(wanted.id)
    if thread is None or not request.reader.reads(thread):
        return
    text = answering(request.lang, wanted.answer, resource, request.config.public_url)
    try:
        services.answer(
            request.db, thread, resource, writing_of(request, text), services.author_of(request.db, request.reader),
            id_=new_id(), now=request.registry["clock"](), site_url=request.config.public_url,
        )  # fmt: skip
    except (threads.Closed, asking.NoAnswer):  # it is closed already; the request alone is answered
        return


def threads_of_requests(request: Request, views: Sequence[Any]) -> dict[UUID, Thread]:
    """``request.threads_of_requests(views)``: for the panel of each request, read once for all of a page."""
    ids = tuple(view.asked.id for view in views)
    known: dict[Any, dict[UUID, Thread]] = request.environ.setdefault("reseau.threads_of_requests", {})
    if ids not in known:
        found = services.of_requests(request.db, ids)
        known[ids] = {id_: thread for id_, thread in found.items() if request.reader.reads(thread)}
    return known[ids]

"""A thread as Markdown: what was said, by whom, when; as it was written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from reseau.core.wording import _, written_moment
from reseau.threads.base.addresses import path_of, post_path
from reseau.threads.base.models import PostState
from reseau.threads.base.text import veiled

if TYPE_CHECKING:
    from pyramid.request import Request

    from reseau.threads.reading.page import ThreadPage
    from reseau.threads.reading.shown import Shown

DELETED = _("Message retiré par la personne qui l’a écrit.")
HIDDEN = _("Message masqué par la coordination.")
ANSWER = _("La réponse qui a aidé")
MORE = _("La suite est en ligne.")
_BREAK = re.compile(r"\r\n|\r|\n")
_OF_SITE = re.compile(r"\]\(<?(?=/(?!/))")
_MARKUP = re.compile(r"([\\`*_\[\]<>#|])")


def markdown(page: ThreadPage, request: Request) -> str:
    """The thread, as far as paper goes. Names and titles are escaped: only what people wrote in posts is Markdown,
    quoted, so that none of it ends its message nor begins another."""
    thread, site = page.thread, request.config.public_url.rstrip("/")
    head = [
        f"# {_plain(thread.title)}", "",
        f"{request.gettext(page.kind_label)} – {_plain(page.topic.title(request.lang))}", "",
        f"<{site}{path_of(thread)}>", "",
    ]  # fmt: skip
    if thread.closed_reason and not thread.open:
        head += [f"{request.gettext(_('Fil fermé :'))} {_plain(thread.closed_reason)}", ""]
    for choice in page.poll.choices if page.poll else ():
        votes = f" : {choice.votes}" if page.poll and not page.poll.open else ""
        head.append(f"- {_plain(choice.label)}{votes}")
    parts = [_post(one, page, request, site) for one in page.posts]
    if not page.found.ends:
        rest = f"{site}{path_of(thread)}?apres={page.found.rows[-1].Post.id}"
        parts.append(f"**{request.gettext(MORE)}** <{rest}>\n")
    return "\n".join(head).rstrip() + "\n\n" + "\n".join(parts)


def _post(one: Shown, page: ThreadPage, request: Request, site: str) -> str:
    post, zone = one.post, ZoneInfo(request.config.timezone)
    moment = written_moment(post.at.astimezone(zone), request.lang)
    who = [_plain(one.who if one.named else request.gettext(one.who))] if one.who else []
    who += [_plain(one.place[0])] if one.place else []
    lines = [f"## {', '.join((*who, moment))}", ""]
    if page.answer and post.id == page.answer.post.id:
        lines += [f"**{request.gettext(ANSWER)}**", ""]
    if post.state == PostState.DELETED.value:
        lines.append(f"*{request.gettext(DELETED)}*")
    elif not one.told or post.state == PostState.HIDDEN.value:
        lines.append(f"*{request.gettext(HIDDEN)}*")
    else:
        said = post.text if request.identity else veiled(post.text, post.mentions)
        lines += [_quoted(said, site), *([""] if one.files else ())]
        lines += [
            f"- [{_plain(file.name)}](<{site}{file.path.removeprefix(request.script_name)}>)" for file in one.files
        ]
    return "\n".join([*lines, "", f"<{site}{post_path(post)}>", ""])


def _quoted(said: str, site: str) -> str:
    """A post; links to this site lead there from wherever it is read."""
    whole = _OF_SITE.sub(lambda found: f"{found[0]}{site}", said.rstrip())
    return "\n".join(f"> {line}".rstrip() for line in _BREAK.split(whole))


def _plain(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))

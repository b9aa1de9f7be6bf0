"""An entry becomes a link of the knowledge base: its address, its title, and what a person says it is worth."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from importers.models import WatchState
from importers.veille import tray
from reseau.core.clock import local_day
from reseau.core.wording import Wording, _
from reseau.settings import Settings
from reseau.web.security import Identity
from resources.base import services
from resources.base.content import Content
from resources.base.models import Resource
from resources.base.shapes import Kind
from resources.writing import adapting, reviewing

MAX_FEED = 120
"""Of the title of a feed, in what a link says of where it was found."""


def turn(
    session: Session, news: tray.News, content: Content, identity: Identity, settings: Settings, now: datetime
) -> tuple[Resource, bool]:
    """Make the resource: published if the person may publish, else a draft of theirs. The news is ``turned``.

    :return: the resource, whether readers see it. :raises ContentError: it cannot be kept.
    """
    by = identity.person_id
    made = services.create(session, content, by=by, structure_id=None, now=now)
    published = False
    if reviewing.may_publish(identity, settings):
        try:
            reviewing.publish(session, made, reviewing.Said(verified=True), by=by, now=now)
            published = True
        except (services.NotReady, adapting.NotThisWay):
            pass  # it stays a draft, which says on its own page what it lacks
    tray.turned(session, news, made.id, by=by, now=now)
    return made, published


def link_of(news: tray.News, title: str, worth: str, theme: str, lang: str, timezone: str) -> Content:
    """The content of a link, which says where and when it was found. The words of the site that it leads to stay
    there: only its title is taken. :param timezone: of the site."""
    say = Wording.of(lang)
    found = say.gettext(
        _("Trouvé par la veille du réseau : %(feed)s, %(date)s"),
        feed=news.feed[:MAX_FEED], date=say.date(local_day(news.at, timezone)),
    )  # fmt: skip
    themes = (theme,) if theme else ()
    return Content(Kind.LIEN, title, lang=lang, summary=worth, themes=themes, url=news.item.url, credits=found)


def is_open(news: tray.News) -> bool:
    """Whether it can still become a link."""
    return news.item.state != WatchState.TURNED.value

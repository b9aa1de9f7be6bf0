"""``Content`` → a mail: the same values become HTML and text. Pure: no database, no request, no clock."""

from __future__ import annotations

from dataclasses import replace

from feeds.newsletter.composing import html, prose, text
from feeds.newsletter.composing.html import Out
from feeds.newsletter.content import CODE, SECTIONS, Composed, Content, Item, RelayHead, Section
from reseau.core.letters import Site
from reseau.core.wording import Wording
from reseau.settings import LANGUAGES


def compose(content: Content, site: Site) -> Composed:
    """An issue, ready to be personalised by ``str.replace``.

    The general edition holds ``content.LEAVE`` once in its HTML and once in its text. The relay edition never does: it
    holds ``content.CODE``, twice in its HTML (the button, the address in letters) and once in its text, or, when
    ``content.relay`` says for whom it is, that relay's own address. What people wrote can bring neither in.

    :param content: in one of the site's languages.
    :raises ValueError: another language.
    """
    if content.lang not in LANGUAGES:
        raise ValueError(f"no words in {content.lang!r} for what surrounds a letter")
    made = cleaned(content)
    out = Out(Wording.of(made.lang), site, made.relay.subscribe if made.relay else CODE)
    return Composed(made.lang, made.subject, html.page(out, made), text.page(out, made))


def cleaned(content: Content) -> Content:
    """The same with words that can stand in a mail: titles on one line, nothing that turns what follows (bidi), no
    control character, no address but of the web, no placeholder, no section without lines."""
    sections = (Section(one.code, tuple(map(_item, one.items))) for one in content.sections if one.code in SECTIONS)
    return replace(
        content, subject=prose.line(content.subject), web=prose.address(content.web),
        sections=tuple(one for one in sections if one.items),
        relay=_relay(content.relay) if content.relay and content.edition == "relay" else None,
    )  # fmt: skip


def _item(item: Item) -> Item:
    url, title = prose.address(item.url), prose.line(item.title)
    return replace(item, title=title or url, url=url, note=prose.line(item.note), from_=prose.line(item.from_))


def _relay(relay: RelayHead) -> RelayHead:
    return replace(
        relay, name=prose.line(relay.name), logo=prose.address(relay.logo), logo_alt=prose.line(relay.logo_alt),
        subscribe=prose.address(relay.subscribe), qr=prose.address(relay.qr),
    )  # fmt: skip

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
    :func:`to_pass_on` takes out of it what is said to the relay alone.

    :param content: in one of the site's languages.
    :raises ValueError: another language.
    """
    if content.lang not in LANGUAGES:
        raise ValueError(f"no words in {content.lang!r} for what surrounds a letter")
    made = cleaned(content)
    out = Out(Wording.of(made.lang), site, made.relay.subscribe if made.relay else CODE)
    return Composed(made.lang, made.subject, html.page(out, made), text.page(out, made))


def to_pass_on(made: Composed) -> Composed:
    """A forwardable edition without the words to who passes it on: what their own contacts are given."""
    note = text.for_relay(Wording.of(made.lang)) + "\n\n"
    return replace(made, html=html.without_note(made.html), text=made.text.replace(note, "", 1))


def cleaned(content: Content) -> Content:
    """The same with words that can stand in a mail: titles on one line, nothing that turns what follows (bidi), no
    control character, no address but of the web, no placeholder, no section without lines. French has its no-break
    spaces: ``prose`` puts them into Markdown, which needs its spaces until it is read."""
    sections = (
        Section(one.code, tuple(_item(item, content.lang) for item in one.items))
        for one in content.sections if one.code in SECTIONS
    )  # fmt: skip
    return replace(
        content, subject=prose.line(content.subject, content.subject_lang or content.lang),
        web=prose.address(content.web),
        sections=tuple(one for one in sections if one.items),
        relay=_relay(content.relay) if content.relay and content.edition == "relay" else None,
    )  # fmt: skip


def _item(item: Item, lang: str) -> Item:
    url, title = prose.address(item.url), prose.line(item.title, item.lang or lang)
    return replace(item, title=title or url, url=url, note=prose.line(item.note), from_=prose.line(item.from_))


def _relay(relay: RelayHead) -> RelayHead:
    return replace(
        relay, name=prose.line(relay.name), logo=prose.address(relay.logo), logo_alt=prose.line(relay.logo_alt),
        subscribe=prose.address(relay.subscribe),
    )  # fmt: skip

"""An issue as plain text: 76 columns, addresses in full, sections underlined, the footer after "-- "
(RFC 3676 §4.3)."""

from __future__ import annotations

from feeds.newsletter.composing import prose, words
from feeds.newsletter.composing.addresses import ARCHIVE, SUBSCRIBE
from feeds.newsletter.composing.html import Out
from feeds.newsletter.content import LEAVE, SECTIONS, Content, Item
from reseau.core.wording import Wording


def page(out: Out, content: Content) -> str:
    """The whole text. :param content: cleaned (``compose``)."""
    say = out.say
    blocks = [_under(content.subject, "="), f"{out.site.name}\n{words.head(say, content)}", *_relay(out, content)]
    blocks += _prose(out, content.intro, content.intro_lang)
    for section in content.sections:
        blocks.append(_under(say.gettext(SECTIONS[section.code]), "-"))
        blocks += [_item(out, item) for item in section.items]
    if content.edition == "relay":
        blocks.append(_named(say.gettext(words.SUBSCRIBE_ADDRESS), out.subscribe))
    if content.online:
        blocks.append(_named(say.gettext(words.ONLINE), content.web))
    return "\n\n".join(filter(None, blocks)) + "\n\n-- \n" + _foot(out, content) + "\n"


def _under(title: str, mark: str) -> str:
    shown = prose.wrap(title)
    return f"{shown}\n{mark * max(map(len, shown.splitlines()), default=1)}"


def _named(label: str, url: str) -> str:
    return f"{prose.wrap(label)}\n{url}"


def _prose(out: Out, markdown: str, lang: str) -> list[str]:
    """:param lang: of the words, when it is not that of the letter: then it is said."""
    said = prose.as_text(prose.tree(markdown, out.site.url, lang or out.say.lang))
    facts = words.tongue(out.say, lang)
    return [*(f"({one})" for one in facts), said] if said else []


def _relay(out: Out, content: Content) -> list[str]:
    if content.edition != "relay":
        return []
    relay = content.relay
    passed = [prose.wrap(out.say.gettext(words.RELAYED, name=relay.name))] if relay else []
    passed += _prose(out, relay.intro, relay.intro_lang) if relay else []
    return [*passed, for_relay(out.say)]


def for_relay(say: Wording) -> str:
    """What a forwardable edition says to who passes it on."""
    return prose.wrap(say.gettext(words.FORWARD))


def _item(out: Out, item: Item) -> str:
    parts = [prose.wrap(item.title, first="* ", then="  ")]
    if facts := words.facts(out.say, item, out.say.lang):
        parts.append(prose.wrap(f"({' · '.join(facts)})", first="  ", then="  "))
    for said in _told(out, item):
        parts += [f"  {one}" if one else "" for one in said.split("\n")]
    if item.url:
        parts.append(f"  {item.url}")
    return "\n".join(parts)


def _told(out: Out, item: Item) -> list[str]:
    said = prose.as_text(prose.tree(item.text, out.site.url, item.lang or out.say.lang), prose.WIDTH - 2)
    return [said] if said else []


def _foot(out: Out, content: Content) -> str:
    say = out.say
    archive = _named(say.gettext(words.ARCHIVE), out.site.url + ARCHIVE)
    if content.edition == "relay":
        lines = [prose.wrap(f"{say.gettext(words.UNFOLLOWED)} {say.gettext(words.COUNTED)}"),
                 prose.wrap(say.gettext(words.NO_MORE, url=out.site.url + SUBSCRIBE)), archive]  # fmt: skip
    else:
        lines = [prose.wrap(say.gettext(words.WHY)), _named(say.gettext(words.LEAVE), LEAVE),
                 prose.wrap(say.gettext(words.UNFOLLOWED)), archive]  # fmt: skip
    return "\n\n".join([*lines, f"{out.site.name}\n{out.site.url}"])

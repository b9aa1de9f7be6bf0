"""An issue as the HTML of a mail.

What every mail program reads: tables in one column of at most 600 px, styles inline, no script, no style sheet but for
dark screens (who drops it loses nothing: each ground and each text say their colour). Every text has a contrast over
7:1 on its ground (WCAG 2.2, 1.4.6), light and dark. Nothing hangs on an image: there is none but the logo that a relay
may have. No pixel, no link through us.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from feeds.newsletter.composing import prose, words
from feeds.newsletter.composing.addresses import SUBSCRIBE
from feeds.newsletter.content import LEAVE, SECTIONS, Content, Item
from reseau.core.letters import Site
from reseau.core.wording import Wording
from resources.base import langs

_NOTE = ' class="n"'  # on the cell of what a forwardable edition says to who passes it on
_AT = "\N{OBJECT REPLACEMENT CHARACTER}"  # where an address goes in a sentence that is escaped first
PREHEADER = 140  # characters: what a list of mails shows after the subject
_FONT = "font-family:Arial,Helvetica,sans-serif"
_SMALL = "font-size:14px;line-height:1.45;color:#474257"
_H2 = "margin:20px 0 8px;padding:0 0 4px;border-bottom:2px solid #a23a1e;font-size:20px;line-height:1.3;color:#1f1d33"
_DARK = """\
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.g{background:#14131f!important}.c{background:#1e1d2e!important;border-color:#4a4863!important}
.t,.t h1,.t h2,.t h3,.t h4{color:#f4f1ea!important}.s{color:#d6d1e0!important}.l{color:#bcc3ff!important}
.q{background:#ffffff!important}
}
@media (max-width:480px){.p{padding:20px 16px!important}}"""


@dataclass(frozen=True, slots=True)
class Out:
    """What is needed to write HTML: the words of a language, the site, where who reads may subscribe."""

    say: Wording
    site: Site
    subscribe: str

    def side(self, lang: str = "") -> str:
        """The side on which lines of a language begin."""
        return "right" if langs.direction(lang or self.say.lang) == "rtl" else "left"

    def where(self, lang: str = "") -> str:
        """The attributes of what is in a language, and the side on which it begins: Outlook reads ``align`` only."""
        lang = lang or self.say.lang
        return f'lang="{escape(lang)}" dir="{langs.direction(lang)}" align="{self.side(lang)}"'

    def own(self, lang: str) -> str:
        """The attributes of what is in another language than the letter; nothing for its own."""
        return f" {self.where(lang)}" if lang and lang != self.say.lang else ""


def page(out: Out, content: Content) -> str:
    """The whole HTML. :param content: cleaned (``compose``)."""
    lang = f'lang="{escape(out.say.lang)}" dir="{out.say.dir}"'
    # Language and direction stand on inner elements too: web mails keep only what is inside <body>.
    return f"""<!DOCTYPE html>
<html {lang}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">
<title>{escape(content.subject)}</title>
<style>
{_DARK}
</style>
</head>
<body class="g" {lang} style="margin:0;padding:0;background:#faf6ef">
<div style="display:none;max-height:0;overflow:hidden" aria-hidden="true">{escape(preheader(content))}</div>
<div {lang} role="article" aria-label="{escape(out.site.name)}">
{_column(out, content, lang)}
</div>
</body>
</html>
"""


def _column(out: Out, content: Content, lang: str) -> str:
    """The one column, and what is below it. :param lang: attributes."""
    table, where = f'<table {lang} role="presentation" cellpadding="0" cellspacing="0" border="0"', out.where()
    return f"""{table} class="g" width="100%" style="background:#faf6ef">
<tr><td align="center" style="padding:16px 8px">
<!--[if mso]><table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->
{table} width="100%" style="max-width:600px">
<tr><td class="c p" {where} style="background:#ffffff;border:1px solid #d9cfc2;padding:28px">
{table} class="t" width="100%" style="{_FONT};font-size:16px;line-height:1.5;color:#1f1d33;overflow-wrap:anywhere">
{_rows(out, content)}
</table>
</td></tr>
<tr><td class="p" {where} style="padding:20px 28px">
{_foot(out, content)}
</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>"""


def _rows(out: Out, content: Content) -> str:
    rows = [_top(out, content), *_relay(out, content), _prose(out, content.intro, content.intro_lang)]
    for section in content.sections:
        rows.append(_row(f'<h2 style="{_H2}">{escape(out.say.gettext(SECTIONS[section.code]))}</h2>'))
        rows += [_item(out, item) for item in section.items]
    return "\n".join(filter(None, [*rows, *_after(out, content)]))


def preheader(content: Content) -> str:
    """What a list of mails shows after the subject: what the issue tells."""
    said = " · ".join(item.title for section in content.sections for item in section.items)
    return said if len(said) <= PREHEADER else said[:PREHEADER].rsplit(" ", 1)[0] + "…"


def _row(inside: str, style: str = "padding:0 0 8px", more: str = "") -> str:
    return f'<tr><td{more} style="{style}">{inside}</td></tr>'


def _link(url: str, label: str, style: str = prose.LINK, more: str = "") -> str:
    return f'<a class="l" href="{escape(url)}" style="{style}"{more}>{escape(label)}</a>'


def _top(out: Out, content: Content) -> str:
    say, own = out.say, out.own(content.subject_lang)
    online = f" · {_link(content.web, say.gettext(words.ONLINE))}" if content.online else ""
    parts = [
        f'<p class="s" style="margin:0 0 4px;{_SMALL}"><strong><bdi>{escape(out.site.name)}</bdi></strong></p>',
        f'<h1{own} style="margin:0 0 8px;font-size:26px;line-height:1.25;color:#1f1d33">{escape(content.subject)}</h1>',
        f'<p class="s" style="margin:0 0 16px;{_SMALL}">{escape(words.head(say, content))}{online}</p>',
    ]
    return _row("\n".join(parts))


def _relay(out: Out, content: Content) -> list[str]:
    """On top of a forwardable edition: who passes it on, in their words, and that one may."""
    if content.edition != "relay":
        return []
    relay, rows = content.relay, []
    if relay:
        alt = escape(relay.logo_alt or out.say.gettext(words.LOGO_ALT, name=relay.name))
        if relay.logo:
            rows.append(_row(_picture(relay.logo, alt, 'width="160"', "height:auto")))
        rows.append(_row(f"<strong><bdi>{escape(out.say.gettext(words.RELAYED, name=relay.name))}</bdi></strong>"))
        rows.append(_prose(out, relay.intro, relay.intro_lang))
    note = f'<p class="s" style="margin:0 0 12px;{_SMALL}">{escape(out.say.gettext(words.FORWARD))}</p>'
    return [*rows, _row(note, more=_NOTE)]


def without_note(html: str) -> str:
    """The HTML of a forwardable edition without what it says to who passes it on."""
    return re.sub(rf"<tr><td{_NOTE}[^>]*>.*?</td></tr>\n?", "", html, count=1)


def _prose(out: Out, markdown: str, lang: str) -> str:
    """A Markdown text in a row of its own, or nothing; its headings come right below the title of the letter.

    :param lang: of its words, when it is not that of the letter: then it is said, as of an item.
    """
    said = _told(out, markdown, lang, "h2")
    if said and (own := out.own(lang)):
        said = f"{_facts(out, words.tongue(out.say, lang), lang)}<div{own}>{said}</div>"
    return _row(said) if said else ""


def _facts(out: Out, facts: Sequence[str], lang: str) -> str:
    """What is said in small type of words in a language, on their side."""
    told, side = " · ".join(f"<bdi>{escape(one)}</bdi>" for one in facts), out.side(lang)
    return f'<p class="s" align="{side}" style="margin:0 0 4px;text-align:{side};{_SMALL}">{told}</p>'


def _told(out: Out, markdown: str, lang: str, top: str) -> str:
    told = prose.headed(prose.tree(markdown, out.site.url, lang or out.say.lang), top)
    return prose.as_html(told, langs.direction(lang or out.say.lang))


def _item(out: Out, item: Item) -> str:
    own = out.own(item.lang)
    title = _link(item.url, item.title) if item.url else escape(item.title)
    parts = [f'<h3{own} style="margin:0 0 2px;font-size:17px;line-height:1.35;color:#1f1d33">{title}</h3>']
    if facts := words.facts(out.say, item, out.say.lang):
        parts.append(_facts(out, facts, item.lang))
    if said := _told(out, item.text, item.lang, "h4"):
        parts.append(f"<div{own}>{said}</div>" if own else said)
    return _row("".join(parts), "padding:0 0 14px")


def _after(out: Out, content: Content) -> list[str]:
    """Below all that is told: read it on the site, or, in a forwardable edition, receive it."""
    if content.edition != "relay":
        return [_button(out, content.web, out.say.gettext(words.ONLINE))]
    address = (
        f'<p style="margin:12px 0 4px">{escape(out.say.gettext(words.SUBSCRIBE_ADDRESS))}<br>'
        f'<bdi dir="ltr">{escape(out.subscribe)}</bdi></p>'
    )
    return [_button(out, out.subscribe, out.say.gettext(words.SUBSCRIBE)), _row(address)]


def _picture(url: str, alt: str, size: str, style: str) -> str:
    """A picture of ours; white behind it, so that it is seen on a dark ground. :param alt: escaped."""
    look = f"display:block;border:0;width:160px;{style};background:#ffffff;{_FONT};font-size:14px;color:#1f1d33"
    return f'<img class="q" src="{escape(url)}" alt="{alt}" {size} style="{look}">'


def _button(out: Out, url: str, label: str) -> str:
    """A button that is a cell: a padded link loses its ground in some programs."""
    style = f"display:inline-block;{_FONT};font-weight:bold;color:#ffffff;text-decoration:underline"
    return _row(
        f'<table {out.where()} role="presentation" cellpadding="0" cellspacing="0" border="0"><tr>'
        f'<td bgcolor="#2b2a6b" style="background:#2b2a6b;border-radius:6px;padding:12px 20px">'
        f'<a href="{escape(url)}" style="{style}">{escape(label)}</a></td></tr></table>',
        "padding:12px 0 0",
    )


def _foot(out: Out, content: Content) -> str:
    say = out.say
    small = f"margin:0 0 8px;{_FONT};{_SMALL}"
    archive = _link(out.site.url + "/lettre/archives", say.gettext(words.ARCHIVE))
    name = f"<strong><bdi>{escape(out.site.name)}</bdi></strong>"
    if content.edition == "relay":
        page = out.site.url + SUBSCRIBE
        out_of_it = escape(say.gettext(words.NO_MORE, url=_AT)).replace(_AT, _link(page, page, more=" dir=ltr"))
        lines = [f"{escape(say.gettext(words.UNFOLLOWED))} {escape(say.gettext(words.COUNTED))}", out_of_it, archive]
    else:
        lines = [escape(say.gettext(words.WHY)), _link(LEAVE, say.gettext(words.LEAVE)),
                 escape(say.gettext(words.UNFOLLOWED)), archive]  # fmt: skip
    lines.append(f"{name}<br>{_link(out.site.url, out.site.url, more=' dir=ltr')}")
    return "\n".join(f'<p class="s" style="{small}">{one}</p>' for one in lines)

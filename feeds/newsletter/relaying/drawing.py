"""An issue as a picture for messaging groups (PNG, 1,080 px) and on paper (PDF), drawn in a process of its own.

What is drawn is kept under the digest of all that goes in, so it is never out of date. The cache may be deleted.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import tempfile
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, time
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from feeds.newsletter.composing import prose, words
from feeds.newsletter.content import SECTIONS, Content, Item, Section
from reseau.core import bounded
from reseau.core.letters import Site
from reseau.core.wording import Wording, _
from resources.base import langs
from resources.taking import fonts, tree
from resources.taking.sheets import qr_svg
from resources.taking.typesetter import TEMPLATES as SHARED

HERE = Path(__file__).parent
CHILD, TEMPLATES = HERE / "drawing_child.py", HERE / "typst"
LIMITS = bounded.Limits(memory=1024**3, cpu=20, output=20_000_000, answer=10_000_000, timeout=30.0)
WAIT = 10.0  # seconds for a turn: a picture takes one
KEPT = 200  # files of the cache
ITEMS, EACH, LONG = 9, 3, 110  # lines of a picture, of a section, characters of a line
TYPED = 110  # characters of an address on paper
_TURN = threading.Lock()


class CannotDraw(Exception):
    """It was not drawn: no font has its letters, or it took too long."""


class Busy(CannotDraw):
    """Another one is being drawn: ask again in a moment."""


def picture(told: Content, site: Site, cache_dir: Path) -> bytes:
    """The summary of an issue, as PNG. :param told: clean, of a relay. :raises CannotDraw: see there."""
    return _drawn("image", "png", image_data(told, site), told, cache_dir, None)


def paper(told: Content, site: Site, cache_dir: Path, logo: Path | None = None) -> bytes:
    """The whole issue, as PDF. :param logo: picture of the relay (WebP of ours). :raises CannotDraw: see there."""
    return _drawn("lettre", "pdf", paper_data(told, site, logo is not None), told, cache_dir, logo)


def _common(told: Content, site: Site) -> dict[str, Any]:
    say, subject = Wording.of(told.lang), told.subject_lang or told.lang
    url = told.relay.subscribe if told.relay else site.url
    return {
        "lang": told.lang, "dir": say.dir, "heads": [site.name, words.head(say, told)], "subject": told.subject,
        "subject_lang": subject.split("-")[0], "subject_dir": langs.direction(subject),
        "relayed": say.gettext(words.RELAYED, name=told.relay.name) if told.relay and told.relay.name else "",
        "subscribe": say.gettext(words.SUBSCRIBE), "address": url.partition("://")[2],
        "unfollowed": say.gettext(_("Cette lettre ne suit personne.")), "qr": say.gettext(words.QR_ALT),
    }  # fmt: skip


def image_data(told: Content, site: Site) -> dict[str, Any]:
    """What the picture says: titles only, the first of each section; the others are counted, with those that the
    letter itself counts."""
    say, room, sections = Wording.of(told.lang), ITEMS, []
    for section in told.sections:
        if room <= 0:
            break
        named = [one for one in section.items if not one.others]
        shown = named[: min(EACH, room)]
        room -= len(shown)
        rest = len(named) - len(shown) + sum(one.others for one in section.items)
        more = say.ngettext("et %(num)s autre", "et %(num)s autres", rest) if rest else ""
        items = [_words(one, told.lang, _short(one.title)) for one in shown]
        sections.append({"title": say.gettext(SECTIONS[section.code]), "items": items, "more": more})
    return {**_common(told, site), "sections": sections}


def paper_data(told: Content, site: Site, with_logo: bool) -> dict[str, Any]:
    """What the PDF says: all of it, with its addresses in letters: nobody clicks on paper."""
    say = Wording.of(told.lang)
    voice = _voice(told.lang)
    head = told.relay
    own = (told.intro_lang or told.lang, head.intro_lang or told.lang if head else "fr")
    return {
        **_common(told, site), "voice": voice, "interface": voice, "author": tree.plain(site.name),
        "title": {**_voice(told.subject_lang or told.lang), "text": tree.plain(told.subject)},
        "summary": {"text": tree.plain(told.subject)},
        "intro": {**_voice(own[0]), "tree": _blocks(told.intro, own[0])},
        "tongue": " · ".join(words.tongue(say, told.intro_lang)) if told.intro.strip() else "",
        "intro_relay": {**_voice(own[1]), "tree": _blocks(head.intro if head else "", own[1])},
        "logo": "logo.webp" if with_logo else None, "logo_alt": head.logo_alt if head else "",
        "sections": [_section(one, told.lang, say) for one in told.sections], "warnings": [],
        "colophon": [tree.plain(site.name), tree.plain(words.head(say, told))],
        "words": {"qr": say.gettext(words.QR_ALT)},
    }  # fmt: skip


def _section(section: Section, lang: str, say: Wording) -> dict[str, Any]:
    items = [
        _words(one, lang, tree.plain(one.title)) | {
            "region": None, "url": one.url if urlsplit(one.url).scheme in ("http", "https") else "",
            "address": _address(one.url),
            "facts": " · ".join(words.facts(say, one, lang)), "tree": _blocks(one.text, one.lang or lang),
        }
        for one in section.items
    ]  # fmt: skip
    return {"title": say.gettext(SECTIONS[section.code]), "items": items}


def _voice(lang: str) -> dict[str, Any]:
    return {"lang": lang.split("-")[0], "region": None, "dir": langs.direction(lang)}


def _blocks(markdown: str, lang: str) -> list[Any]:
    return prose.spaced_nodes(tree.blocks(markdown), lang)


def _address(url: str) -> str:
    """An address as one types it, without what browsers put in front by themselves; "": none, or too long to type."""
    typed = url.partition("://")[2].removeprefix("www.").rstrip("/")
    return typed if len(typed) <= TYPED else ""


def _words(item: Item, lang: str, text: str) -> dict[str, Any]:
    own = item.lang or lang
    return {"text": text, "lang": own.split("-")[0], "dir": langs.direction(own)}


def _short(text: str) -> str:
    return text if len(text) <= LONG else text[: LONG - 1].rsplit(" ", 1)[0] + "…"


def _drawn(
    template: str, kind: str, data: Mapping[str, Any], told: Content, cache_dir: Path, logo: Path | None
) -> bytes:  # fmt: skip
    try:
        chosen = fonts.chosen_for(json.dumps(data, ensure_ascii=False), told.subject)
    except fonts.NoFont as error:
        raise CannotDraw(str(error)) from error
    said = json.dumps({**data, "fonts": list(chosen.families)}, sort_keys=True, ensure_ascii=False)
    named = hashlib.sha256("\x00".join((_version(), template, said, logo.name if logo else "")).encode()).hexdigest()
    kept = cache_dir / f"{named}.{kind}"
    if kept.is_file():
        return kept.read_bytes()
    if not _TURN.acquire(timeout=WAIT):
        raise Busy(template)
    try:
        moment = str(int(datetime.combine(told.day, time(), UTC).timestamp()))
        made = _child(template, kind, said, chosen.files, told, logo, moment)
    finally:
        _TURN.release()
    _keep(kept, made)
    return made


def _child(
    template: str, kind: str, said: str, more: tuple[Path, ...], told: Content, logo: Path | None, moment: str
) -> bytes:  # fmt: skip
    """Draw in a folder with nothing but what it needs: typst reads nothing outside it."""
    with tempfile.TemporaryDirectory(prefix="reseau-lettre-") as name:
        folder = Path(name)
        for source in (TEMPLATES / f"{template}.typ", SHARED / "commun.typ"):
            shutil.copyfile(source, folder / source.name)
        given = folder / "fonts"
        given.mkdir()
        for file in (*sorted(fonts.FOLDER.glob("*.ttf")), *more):
            if not (given / file.name).exists():
                (given / file.name).symlink_to(file)
        (folder / "data.json").write_text(said, encoding="utf-8")
        (folder / "qr.svg").write_bytes(qr_svg(told.relay.subscribe if told.relay else told.web))
        if logo is not None:
            shutil.copyfile(logo, folder / "logo.webp")
        made = bounded.run(CHILD, (folder / f"{template}.typ", kind, given, moment), folder, LIMITS)
    if not isinstance(made, bytes):
        raise CannotDraw(f"{template} ({made})")
    return made


def _keep(path: Path, made: bytes) -> None:
    """Into the cache; what was drawn the longest ago goes."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    partial.write_bytes(made)
    partial.replace(path)
    found = sorted((one for one in path.parent.glob("*.p??")), key=lambda one: one.stat().st_mtime)
    for old in found[:-KEPT]:
        old.unlink(missing_ok=True)


@cache
def _version() -> str:
    found = hashlib.sha256(version("typst").encode())
    for path in (*sorted(TEMPLATES.glob("*.typ")), SHARED / "commun.typ", CHILD):
        found.update(path.read_bytes())
    return found.hexdigest()

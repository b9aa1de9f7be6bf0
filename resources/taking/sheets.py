"""What a PDF says: a page, or one of its documents, as data for the typst templates."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import segno
from PIL import Image, UnidentifiedImageError

from reseau.core.files import FileStore
from reseau.core.wording import _
from reseau.settings import Settings
from resources.base import langs
from resources.base.addresses import path_of
from resources.base.content import HEADER, Block
from resources.base.shapes import BlockKind, Kind
from resources.base.translations import Shown
from resources.reading.cards import cards
from resources.reading.page import BlockView, Page
from resources.taking import tree
from resources.taking.typesetter import Sheet, picture_suffix

MAX_PIXELS = 40_000_000  # a larger picture is named by its words only: decoding it would take a gigabyte
MAX_TOGETHER = 100_000_000  # pixels of the pictures of a sheet, each time that one is drawn
MAX_PICTURES = 50_000_000  # bytes of them: a PDF keeps photos as they are
SHORT = 900  # characters: a step that is not cut by the end of a page
_ONE, _MORE = (18, 17, 16, 15, 14, 13), (17, 16, 15, 14)
_TUTORIAL = ((1, _ONE), (2, _ONE), (3, _MORE), (4, _MORE))  # else as many pages as it takes, at 16
_FITS: dict[Kind, tuple[Sequence[tuple[int, Sequence[float]]], float]] = {
    Kind.TUTORIEL: (_TUTORIAL, 16),
    Kind.KIT: ((), 11),
    Kind.EXPERIENCE: (((2, (12, 11.5, 11, 10.5)),), 11),
    Kind.OUTIL: (((1, (16, 15, 14, 13, 12, 11)),), 12),
    Kind.LIEN: (((1, (16, 15, 14, 13, 12, 11)),), 12),
}
_DOCUMENTS: dict[str, tuple[str, Sequence[tuple[int, Sequence[float]]], float]] = {
    "affiche": ("affiche", ((1, (44, 40, 36, 33, 30, 27, 24, 22, 20, 18, 16, 14)),), 14),
    "flyer": ("affiche", ((1, (20, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9)),), 9),
    "cartes": ("cartes", (), 12),
    "evaluation": ("evaluation", ((1, (18, 17, 16, 15, 14, 13, 12, 11)),), 13),
}


@dataclass(frozen=True, slots=True)
class Site:
    """What a sheet says of the site. ``public_url``: without a slash at the end."""

    name: str
    public_url: str
    files: FileStore

    @classmethod
    def of(cls, settings: Settings, files: FileStore) -> Site:
        """From the settings."""
        return cls(settings.site_name, settings.public_url.rstrip("/"), files)

    def address(self, page: Page, *more: str) -> str:
        """Address of the page online, in its language."""
        return self.public_url + path_of(page.resource) + "".join(more) + f"?contenu={page.lang}"


@functools.lru_cache(256)
def qr_svg(address: str) -> bytes:
    """The QR code of an address."""
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", border=2, xmldecl=True, svgns=True, omitsize=True)
    return out.getvalue()


class Pictures(dict[str, Path]):
    """The pictures of a sheet, by name; ``pixels`` and ``size`` (bytes): of all that are drawn."""

    pixels = size = 0

    def take(self, name: str, path: Path, pixels: int) -> bool:
        """Draw one more, if there is room for it."""
        size = 0 if name in self else path.stat().st_size
        if self.pixels + pixels > MAX_TOGETHER or self.size + size > MAX_PICTURES:
            return False
        self.pixels, self.size = self.pixels + pixels, self.size + size
        self[name] = path
        return True


def resource_sheet(page: Page, site: Site) -> Sheet:
    """The whole resource.

    :raises fonts.NoFont: when its ``fonts`` or ``digest`` is asked for: its letters cannot be drawn here.
    """
    images = Pictures()
    parts = [{"label": part.label, "blocks": [_block(page, view, site, images) for view in part.blocks]}
             for part in page.parts]  # fmt: skip
    data = {**_common(page, site), "title": _words(page, HEADER, "title", page.content.title),
            "summary": _words(page, HEADER, "text", page.content.summary), "kind": page.kind_label,
            "facts": _facts(page), "plan": _plan(page), "parts": parts, "about": _about(page)}  # fmt: skip
    fits, size = _FITS[Kind(page.resource.kind)]
    return _sheet("feuille", page, data, fits, size, images)


def document_sheet(page: Page, block: Block, site: Site, *, twice: bool = False) -> Sheet:
    """One document. ``twice``: two flyers on an A4, to cut."""
    layout = block.data.get("layout", "affiche")
    template, fits, size = _DOCUMENTS.get(layout, _DOCUMENTS["affiche"])
    name = f"{block.title or page.gettext('Document')} – {page.content.title}"
    data = {**_common(page, site, block.key), "layout": layout, "twice": twice and layout == "flyer",
            "title": {**_words(page, block.key, "title", block.title), "text": tree.plain(block.title or name)},
            "summary": {"text": tree.plain(name)}}  # fmt: skip
    if layout == "cartes":
        before, found = cards(block.text)
        voice = _voice(page.reading.mark(block.key).lang("text"))
        drawn = [{"front": [tree.plain(one.front)], "back": tree.blocks(one.back), "voice": voice} for one in found]
        data |= {"text": _text(page, block.key, "text", before), "cards": drawn}
    else:
        text = _text(page, block.key, "text", block.text)
        headline = template == "affiche" and bool(text["tree"]) and text["tree"][0][0] in ("p", "h")
        data |= {"headline": text["tree"].pop(0)[-1] if headline else [data["title"]["text"]], "text": text}
    return _sheet(template, page, data, fits, size, {})


def _sheet(
    template: str, page: Page, data: dict[str, Any], fits: Sequence[tuple[int, Sequence[float]]], size: float,
    images: Mapping[str, Path],
) -> Sheet:  # fmt: skip
    at = int(page.published.version.at.timestamp())
    return Sheet(template, data, at, fits, size, images, {"qr.svg": qr_svg(data["address"])})


def _common(page: Page, site: Site, key: str = "") -> dict[str, Any]:
    version = page.published.version
    dated = page.gettext(_("version %(number)s du %(date)s"), number=version.number, date=page.day(version.at))
    author = str(page.structure["nom"]) if page.structure else site.name
    return {
        "voice": _voice(page.lang), "interface": _voice(page.wording.lang),
        "author": tree.plain(author), "address": site.address(page),
        "colophon": [tree.plain(one) for one in (site.name, dated, page.licence) if one],
        "warnings": [tree.plain(line) for line in translation_lines(page, key)],
        "words": {name: tree.plain(page.gettext(msgid)) for name, msgid in _WORDS.items()},
    }  # fmt: skip


_LEFT_OUT = _("Image trop lourde pour être imprimée : regardez la page en ligne.")
_WORDS = {
    "online": _("En ligne, à jour :"),
    "qr": _("Code QR : l’adresse de la page en ligne"),
    "plan": _("Le déroulé en un coup d’œil"),
    "when": _("À partir de"),
    "step": _("Étape"),
    "minutes": _("Durée"),
    "cards": _("Découpez sur les traits, puis pliez chaque carte au milieu : la réponse passe derrière."),
}


def translation_lines(page: Page, key: str = "") -> list[str]:
    """What a reader on paper must know of the translation: of one section, or of the whole."""
    reading, source = page.reading, page.published.content.lang
    if page.lang == source:
        return []
    marks = [reading.mark(key)] if key else list(reading.marks.values())
    if all(mark.shown is Shown.MISSING for mark in marks):
        said = _("Cette page n’existe pas encore dans cette langue : %(language)s. Voici le texte d’origine.")
        return [page.gettext(said, language=page.language(page.lang))]
    lines = []
    if any(mark.machine for mark in marks):
        easy = _("Écrit en français facile par une machine : pas encore relu par des personnes concernées.")
        lines.append(page.gettext(easy if page.lang == langs.FALC else
                                  _("Texte traduit par une machine : personne ne l’a encore relu.")))  # fmt: skip
    stale = [mark.at for mark in marks if mark.stale and mark.shown is not Shown.EXACT and mark.at]
    if stale:
        said = _("Traduit le %(date)s. Le texte d’origine a changé depuis.")
        lines.append(page.gettext(said, date=page.day(min(stale))))
    return lines


def _voice(lang: str) -> dict[str, Any]:
    """What typst knows of a language: ISO 639 code, region, direction."""
    region = next((part for part in lang.split("-x-")[0].split("-")[1:] if len(part) == 2 and part.isupper()), None)
    return {"lang": lang.split("-")[0], "region": region, "dir": langs.direction(lang)}


def _words(page: Page, key: str, name: str, text: str) -> dict[str, Any]:
    return {**_voice(page.reading.mark(key).langs.get(name) or page.lang), "text": tree.plain(text)}


def _text(page: Page, key: str, name: str, text: str) -> dict[str, Any]:
    return {**_voice(page.reading.mark(key).langs.get(name) or page.lang), "tree": tree.blocks(text)}


def _own(page: Page, text: str, lang: str = "") -> dict[str, Any]:
    """Words of the interface, or neutral ones in ``lang``."""
    return {**_voice(lang or page.wording.lang), "text": tree.plain(text)}


def _facts(page: Page) -> list[tuple[str, dict[str, Any]]]:
    content, say = page.content, page.gettext
    found = [(_("Pour qui"), ", ".join(page.labels("publics_ressources", content.publics))),
             (_("Niveau"), page.niveau)] if Kind(page.resource.kind) is not Kind.TUTORIEL else []  # fmt: skip
    if content.duree:
        found.append((_("Durée"), page.ngettext("%(num)s minute", "%(num)s minutes", content.duree)))
    if content.groupe:
        least, most = content.groupe
        group = say(_("de %(least)s à %(most)s personnes"), least=least, most=most)
        one = page.ngettext("%(num)s personne", "%(num)s personnes", most)
        found.append((_("Groupe"), one if least == most else group))
    shown = [(tree.plain(say(label)), _own(page, value)) for label, value in found if value]
    source = page.published.content.lang
    for label, value, lang in ((_("Où"), content.territoire, source), (_("Quand"), content.periode, source),
                               (_("Adresse du site"), content.url, "en")):  # fmt: skip
        if value:
            shown.append((tree.plain(say(label)), _own(page, value, lang)))
    return shown


def _about(page: Page) -> list[tuple[str, dict[str, Any]]]:
    say, source, resource = page.gettext, page.published.content.lang, page.resource
    version = page.published.version
    verified = say(_("Personne ne l’a encore vérifié."))
    if resource.verified_at:
        verified = say(_("le %(date)s, par une personne du réseau"), date=page.day(resource.verified_at))
    dated = say(_("version %(number)s du %(date)s"), number=version.number, date=page.day(version.at))
    found = [(_("Partagé par"), _own(page, str(page.structure["nom"]), "fr"))] if page.structure else []
    found += [(_("Crédits"), _own(page, page.content.credits, source))] if page.content.credits else []
    found += [(_("Licence"), _own(page, page.licence)), (_("Version"), _own(page, dated)),
              (_("Vérifié"), _own(page, verified))]  # fmt: skip
    return [(tree.plain(say(label)), value) for label, value in found]


def _plan(page: Page) -> list[tuple[str, dict[str, Any], str]]:
    """(from, step, how long) of a session whose steps say their minutes."""
    if Kind(page.resource.kind) is not Kind.KIT:
        return []
    steps = [view for part in page.parts for view in part.blocks if view.number and view.starts_at is not None]
    return [(f"{view.starts_at // 60}:{view.starts_at % 60:02d}", _words(page, view.key, "title", view.block.title),
             _minutes(page, view.block.minutes)) for view in steps if view.starts_at is not None]  # fmt: skip


def _minutes(page: Page, minutes: int | None) -> str:
    return "" if minutes is None else tree.plain(page.ngettext("%(num)s minute", "%(num)s minutes", minutes))


def _block(page: Page, view: BlockView, site: Site, images: Pictures) -> dict[str, Any]:
    block, kind = view.block, view.block.kind
    is_document = kind is BlockKind.DOCUMENT
    note = None
    if block.note:
        note = {**_text(page, view.key, "note", block.note), "kind": block.note_kind,
                "label": tree.plain(page.note_label(block.note_kind))}  # fmt: skip
    image, line = _image(page, view, site, images), _line(page, view)
    if image is None and block.image is not None:
        line = " ".join(filter(None, (line, tree.plain(page.gettext(_LEFT_OUT)))))
    by = block.data.get("prenom") if kind is BlockKind.TEMOIGNAGE else ""
    return {
        "title": _words(page, view.key, "title", block.title) if block.title else None,
        "number": view.number, "minutes": _minutes(page, block.minutes) or None, "line": line,
        "fact": _fact(page, view), "text": _text(page, view.key, "text", "" if is_document else block.text),
        "together": len(block.text) + len(block.note) < SHORT, "quote": kind is BlockKind.TEMOIGNAGE,
        "by": _own(page, by, "fr") if by else None,
        "image": image, "links": _links(page, view, site), "note": note,
    }  # fmt: skip


def _line(page: Page, view: BlockView) -> str | None:
    mark, reading = view.mark, page.reading
    if mark.shown is Shown.EXACT:
        said = _("Ce passage doit être exact et sa traduction n’est plus à jour : voici le texte d’origine.")
    elif mark.shown is Shown.MISSING and len(reading.missing) < len(reading.marks):
        said = _("Pas encore traduit : voici le texte d’origine.")
    elif mark.stale:
        return tree.plain(page.gettext(_("Traduit le %(date)s. Le texte d’origine a changé depuis."),
                                       date=page.day(mark.at)))  # fmt: skip
    else:
        return None
    return tree.plain(page.gettext(said))


def _fact(page: Page, view: BlockView) -> dict[str, Any] | None:
    data = view.block.data
    if view.block.kind is BlockKind.PARTENAIRE and data.get("role"):
        return _own(page, page.role_label(data["role"]))
    amount = f"{data.get('quantite', '')} {data.get('unite', '')}".strip()
    return _own(page, amount, page.published.content.lang) if amount else None


def _links(page: Page, view: BlockView, site: Site) -> list[dict[str, Any]]:
    block = view.block
    found: list[dict[str, Any]] = []
    if url := block.data.get("url"):
        found.append({"label": None, "url": url})
    if view.linked:
        url = site.public_url + path_of(view.linked.resource) + f"?contenu={page.lang}"
        found.append({"label": _own(page, view.linked.title, view.linked.lang), "url": url})
    if block.kind is BlockKind.DOCUMENT:
        label = page.gettext(_("%(document)s, à imprimer (PDF)"), document=page.layout_label(view.layout))
        found.append({"label": _own(page, label), "url": site.address(page, f"/documents/{block.key}.pdf")})
    if block.file:
        found.append({"label": _own(page, block.file.name, page.published.content.lang), "url": ""})
    return found


def _image(page: Page, view: BlockView, site: Site, images: Pictures) -> dict[str, Any] | None:
    ref = view.block.image
    if ref is None or not site.files.has(ref.sha):
        return None
    path = site.files.path(ref.sha)
    try:
        suffix = picture_suffix(path)
        with Image.open(path) as picture:
            wide, tall = picture.size
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    if not suffix or wide * tall > MAX_PIXELS or not images.take(ref.sha + suffix, path, wide * tall):
        return None
    voice = _words(page, view.key, "alt", view.block.alt)
    return {"path": ref.sha + suffix, "alt": tree.plain(view.block.alt), "voice": voice,
            "ratio": round(min(max(tall / wide, 0.05), 20.0), 4)}  # fmt: skip

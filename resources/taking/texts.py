"""The plain text files of an archive: licence, credits, version. In the language of the first page, then French."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from reseau.core.wording import _
from resources.base.addresses import path_of
from resources.reading.page import Page
from resources.taking.sheets import Site, translation_lines

#: Where each licence can be read.
LICENCES = {
    "etalab-2.0": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
    "cc-by-sa-4.0": "https://creativecommons.org/licenses/by-sa/4.0/deed.fr",
    "cc-by-nc-sa-4.0": "https://creativecommons.org/licenses/by-nc-sa/4.0/deed.fr",
}
RULES = {
    "etalab-2.0": _(
        "Vous pouvez copier, changer et partager ce contenu, même pour le vendre, "
        "en disant qui l’a fait et de quand il date."
    ),
    "cc-by-sa-4.0": _(
        "Vous pouvez copier, changer et partager ce contenu, en disant qui l’a fait, sous la même licence."
    ),
    "cc-by-nc-sa-4.0": _(
        "Vous pouvez copier, changer et partager ce contenu, sans le vendre, "
        "en disant qui l’a fait, sous la même licence."
    ),
    "tous-droits-reserves": _("Demandez l’accord des auteurs avant de copier ou de changer ce contenu."),
}


def about(pages: Mapping[str, Page], site: Site) -> dict[str, bytes]:
    """``LICENCE.txt``, ``CREDITS.txt``, ``VERSION.txt``. With CRLF and a mark of UTF-8: Windows opens them right."""
    found = {"LICENCE.txt": _licence(pages), "CREDITS.txt": _credits(pages, site), "VERSION.txt": _version(pages, site)}
    return {name: ("\ufeff" + text.replace("\n", "\r\n")).encode() for name, text in found.items()}


def _once(pages: Mapping[str, Page]) -> list[Page]:
    """Each resource once: its first page."""
    found: dict[UUID, Page] = {}
    for page in pages.values():
        found.setdefault(page.resource.id, page)
    return list(found.values())


def _licence(pages: Mapping[str, Page]) -> str:
    lines: list[str] = []
    for page in _once(pages):
        code = page.content.licence
        lines += [page.content.title, f"  {page.licence}", f"  {LICENCES.get(code, '')}".rstrip(),
                  f"  {page.gettext(RULES[code]) if code in RULES else ''}".rstrip(), ""]  # fmt: skip
    return "\n".join(line for line, after in zip(lines, [*lines[1:], ""], strict=True) if line or after) + "\n"


def _credits(pages: Mapping[str, Page], site: Site) -> str:
    lines: list[str] = []
    for page in _once(pages):
        lines.append(page.content.title)
        if page.structure:
            lines.append("  " + page.gettext(_("Partagé par %(name)s"), name=page.structure["nom"]))
        if page.content.credits:
            lines.append("  " + page.content.credits)
        if page.origin:
            lines.append("  " + page.gettext(_("D’après : %(title)s, %(address)s"), title=page.origin.title,
                                             address=site.public_url + path_of(page.origin)))  # fmt: skip
        lines += ["  " + site.public_url + path_of(page.resource), ""]
    return "\n".join(lines)


def _version(pages: Mapping[str, Page], site: Site) -> str:
    lines: list[str] = []
    for page in _once(pages):
        version = page.published.version
        dated = page.gettext(_("version %(number)s du %(date)s"), number=version.number, date=page.day(version.at))
        lines += [page.content.title, f"  {dated}", *([f"  {version.note}"] if version.note else [])]
        lines.append("  " + site.public_url + path_of(page.resource))
        for path, other in pages.items():
            if other.resource.id == page.resource.id:
                said = " ".join(translation_lines(other))
                lines.append(f"  {path}: {other.own_name(other.lang)}{'. ' if said else ''}{said}")
        lines.append("")
    return "\n".join(lines)

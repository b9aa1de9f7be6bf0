"""Names of files: what somebody's machine calls them, made safe to show, to store and to write into a header."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

MAX_NAME = 150  # characters
MAX_EXTENSION = 12
#: Characters that turn the direction of what follows, or are not seen: "photo‮gpj.exe" would read "photoexe.jpg".
_HIDDEN = re.compile(r"[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u2069\ufeff\ufff9-\ufffb\ue000-\uf8ff]")
_FORBIDDEN = re.compile(r'[<>:"|?*%\\/]')
#: Of Windows, whatever their extension.
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def clean_name(raw: str, most: int = MAX_NAME) -> str:
    """A name without folders, control characters or direction marks, its extension kept.

    :param most: characters.

    Never empty: ``fichier`` at worst. Two cleanings give what one gives.
    """
    last = re.split(r"[/\\]", raw)[-1]
    plain = unicodedata.normalize("NFC", _HIDDEN.sub("", last))
    plain = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp", "Zs") else char for char in plain)
    plain = "".join(char for char in plain if unicodedata.category(char) not in ("Cs", "Cn", "Cf", "Co"))
    plain = " ".join(_FORBIDDEN.sub("-", plain).split()).strip(". ")
    if _DEVICES.match(plain):
        plain = f"fichier {plain}"
    stem, extension = split(plain)
    stem = stem[: most - len(extension)].rstrip(". ")
    return f"{stem or 'fichier'}{extension}"


def split(name: str) -> tuple[str, str]:
    """(stem, extension with its dot, or "")."""
    stem, dot, extension = name.rpartition(".")
    if dot and stem and 0 < len(extension) <= MAX_EXTENSION and re.fullmatch(r"[A-Za-z0-9]+", extension):
        return stem, f".{extension}"
    return name, ""


def with_extension(name: str, allowed: tuple[str, ...]) -> str:
    """The name, with the first of ``allowed`` (``.jpg``) unless it has one of them already."""
    stem, extension = split(name)
    if extension.lower() in allowed:
        return name
    return f"{(stem if extension else name)[: MAX_NAME - len(allowed[0])]}{allowed[0]}"


def disposition(name: str, how: str = "attachment", plain: str = "") -> str:
    """``Content-Disposition`` (RFC 6266): an ASCII name for old programs, the real one for the others.

    :param name: cleaned here. :param how: ``attachment`` or ``inline``. :param plain: the ASCII name; else it is made
        from the other one.
    """
    name = clean_name(name)
    return f"{how}; filename=\"{plain or _ascii(name)}\"; filename*=UTF-8''{quote(name, safe='')}"


def _ascii(name: str) -> str:
    stem, extension = split(name)
    folded = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9 ._()+-]", "_", folded).strip()
    return f"{plain if re.search(r'[A-Za-z0-9]', plain) else 'fichier'}{extension}"

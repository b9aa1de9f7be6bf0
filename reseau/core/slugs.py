"""Readable addresses: ``Le Fil de l'Épeule`` → ``le-fil-de-l-epeule``."""

from __future__ import annotations

import re
import unicodedata

_OTHER = re.compile(r"[^a-z0-9]+")


def slugify(text: str, max_length: int = 60) -> str:
    """ASCII lower-case words joined by hyphens, cut at a word; ``lieu`` when nothing of the text is left."""
    folded = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    slug = _OTHER.sub("-", folded.encode("ascii", "ignore").decode().strip()).strip("-")
    if len(slug) > max_length:
        cut = slug[: max_length + 1]
        slug = (cut.rsplit("-", 1)[0] if "-" in cut else cut[:max_length]).strip("-")
    return slug or "lieu"

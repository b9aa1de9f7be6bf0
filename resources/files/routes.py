"""Addresses of files: a file itself, and the pictures made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyramid.config import Configurator

FILE = "/fichiers/{sha:[0-9a-f]{64}}"


def includeme(config: Configurator) -> None:
    """Fixed names before the pattern: no download may be called ``apercu.webp`` or ``image.webp``."""
    config.add_route("files.preview", FILE + "/apercu.webp")
    config.add_route("files.picture", FILE + "/image.webp")
    config.add_route("files.download", FILE + "/{name}")

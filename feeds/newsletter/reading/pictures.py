"""Small pictures of ours that letters show: the QR code of a subscribe address, the logo of a relay."""

from __future__ import annotations

import functools
import io
from pathlib import Path

import segno
from PIL import Image

LOGO = 320  # pixels, the longer side: shown at 160, on fine screens too


@functools.lru_cache(256)
def qr(address: str, kind: str) -> bytes:
    """The QR code of an address (ISO/IEC 18004, level M), with the four white modules that readers need.

    :param kind: ``png`` or ``svg``.
    """
    out = io.BytesIO()
    made = segno.make(address, error="m", micro=False)
    if kind == "svg":
        made.save(out, kind="svg", border=4, xmldecl=True, svgns=True, omitsize=True, light="#ffffff")
    else:
        made.save(out, kind="png", border=4, scale=8)
    return out.getvalue()


def logo(picture: Path) -> bytes:
    """A picture of ours (made by ``resources.files``) as a PNG: not every mail program reads WebP."""
    with Image.open(picture, formats=["WEBP"]) as image:
        image.thumbnail((LOGO, LOGO))
        out = io.BytesIO()
        image.convert("RGBA").save(out, "PNG", optimize=True)
    return out.getvalue()

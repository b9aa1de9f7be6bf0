"""Bytes of a mail as text, when what the mail says of them is wrong."""

from __future__ import annotations

import codecs
import re

#: What programs say they write, and what they really write (as browsers read it: WHATWG Encoding).
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-6": "cp1256", "latin-1": "cp1252"}
#: Coded in 7 bits or with NUL: valid UTF-8 says nothing of them.
_OTHER = ("utf-7", "utf-16", "utf-32", "iso2022", "hz")
#: Words of Arabic letters, in Windows-1256: three bytes of the upper half in a row are rare in any Latin alphabet.
_ARABIC = re.compile(rb"[\x81\x8d\x8e\x90\x98\x9a\xc0-\xff]{3,}")


def decoded(data: bytes, declared: str) -> str:
    """The text, without NUL. UTF-8 wins where the bytes are valid UTF-8: nothing else looks like it by chance."""
    name = _known(declared)
    if not name.startswith(_OTHER):
        try:
            return data.decode("utf-8-sig").replace("\x00", "")
        except UnicodeDecodeError:
            pass
    name = _MEANT.get(name, name)
    if name in ("", "utf-8", "cp1252"):
        words, high = _ARABIC.findall(data), sum(byte > 0x7F for byte in data)
        name = "cp1256" if sum(map(len, words)) * 2 > high else "cp1252"
    return data.decode(name, "replace").replace("\x00", "")


def _known(declared: str) -> str:
    try:
        found = codecs.lookup(declared.strip().lower().split(";")[0])
    except (LookupError, ValueError):
        return ""
    return found.name if found._is_text_encoding else ""  # "base64" and "zip" are codecs of Python too

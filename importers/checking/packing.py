"""A report as a field of a form, so that the table can be asked for and nothing is kept here."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Final

from importers.checking.findings import Report, read_report

MAX_PLAIN: Final = 2_000_000  # bytes
MAX_PACKED: Final = 200_000  # characters: a form takes 256 kB


def packed(report: Report) -> str:
    """Text for a form. Of a file with tens of thousands of separate runs of rows, the last runs are left out."""
    while True:
        plain = json.dumps(report.as_dict(), separators=(",", ":")).encode()
        text = base64.b64encode(zlib.compress(plain, 9)).decode()
        if len(text) <= MAX_PACKED and len(plain) <= MAX_PLAIN:
            return text
        for one in report.findings:
            del one.ranges[max(1, len(one.ranges) // 2) :]


def unpacked(text: str) -> Report:
    """The report that was packed: it came back from a stranger. :raises ValueError: it is none."""
    try:
        plain = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), MAX_PLAIN)
        return read_report(json.loads(plain))
    except (binascii.Error, zlib.error, RecursionError) as error:
        raise ValueError("not a report") from error

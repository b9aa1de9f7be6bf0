"""Which files of a mail its sender meant to send: not the logo under a name, not the picture of the mail answered."""

from __future__ import annotations

import re

from reseau.threads.answering.reading import Attachment, Incoming

SMALL = 5_000  # bytes: a picture in the text that is smaller is a logo or a pixel
_BELOW = re.compile(
    r"<blockquote|gmail_quote|gmail_signature|divRplyFwdMsg|appendonsend|moz-cite-prefix|moz-signature|yahoo_quoted|"
    r"AppleMailSignature|ms-outlook-mobile-signature|composer_signature|id=[\"']?Signature|border-top:\s?solid #",
    re.I,
)
_PICTURE = re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|BM", re.S)


def sent(mail: Incoming) -> list[Attachment]:
    """The files that were sent with a message, in order."""
    return [one for one in mail.attachments if not _decorates(one, mail.html)]


def _decorates(one: Attachment, html: str) -> bool:
    if not _PICTURE.match(one.data) or not (one.inline or one.content_id):
        return False
    named = html.find(f"cid:{one.content_id}") if one.content_id else -1
    if named < 0:
        return len(one.data) < SMALL and one.inline
    below = _BELOW.search(html)
    after = html.lower().rfind("</blockquote>")
    quoted = below is not None and below.start() < named and (named < after or after < below.start())
    return quoted or len(one.data) < SMALL

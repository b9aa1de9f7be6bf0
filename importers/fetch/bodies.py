"""The body of an answer, piece by piece: never more than the cap once unpacked, never a cut one taken for a whole."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence

import requests

from importers.fetch.waiting import Again
from importers.pipeline.contract import Refused

CHUNK = 1 << 16
CUT = "la réponse s’est arrêtée avant la fin"
MAX_HEADER = 500
HTML = ("text/html", "application/xhtml+xml")
#: In the place of the types that will do: any, but a page where data should be.
NOT_HTML = ("-html",)
_ZLIB_OR_GZIP = 32 + zlib.MAX_WBITS


def coding(response: requests.Response) -> str:
    """How the body is compressed for the way (Content-Encoding); "": it is not. We ask for ``identity``: nothing says
    that a compressed body was cut, while the length of a plain one does; some servers compress anyway."""
    return (response.headers.get("Content-Encoding") or "").strip().lower().replace("identity", "")


def sound(value: str | None) -> str:
    """A header that may be sent back; "" for one that may not: it would make every later request invalid."""
    return value if value and value.isprintable() and len(value) <= MAX_HEADER else ""


def media_type(response: requests.Response) -> str:
    """The media type that an answer says to have: small letters, no parameters."""
    return (response.headers.get("Content-Type") or "").partition(";")[0].strip().lower()


def check_type(response: requests.Response, accept: Sequence[str]) -> None:
    """:raises Refused: a good answer whose media type is none of ``accept`` (``html``, ``type-inattendu``)."""
    said = media_type(response)
    if not accept or response.status_code not in (200, 203, 206) or said in ("", "application/octet-stream"):
        return
    if any(_matches(said, one) for one in accept) or (accept == NOT_HTML and said not in HTML):
        return
    if said in HTML:
        raise Refused("html")
    if said != "text/plain":
        raise Refused("type-inattendu", type=said[:60])


def _matches(said: str, accepted: str) -> bool:
    wanted = accepted.lower().partition(";")[0].strip()
    return wanted in ("*/*", said) or (wanted.endswith("/*") and said.startswith(wanted[:-1]))


def pieces(response: requests.Response, max_bytes: int, check: Callable[[], None]) -> Iterator[bytes]:
    """The body, unpacked.

    :param max_bytes: cap on what comes out. :param check: called for each piece received; raises to give up.
    :raises Refused: ``trop-gros``, ``telechargement`` (a compression that we do not know). :raises Again: cut, or not
        what it says to be. Errors of the network as ``requests`` and ``urllib3`` raise them.
    """
    packed = coding(response)
    announced = response.headers.get("Content-Length", "")
    if not packed and announced.isdigit() and int(announced[:15]) > max_bytes:
        raise Refused("trop-gros")
    if packed not in ("", "gzip", "x-gzip", "deflate"):
        raise Refused("telechargement", error=f"le serveur comprime d’une façon inconnue : {packed[:20]}")
    came = _received(response, max_bytes, check)
    total = 0
    for piece in _unpacked(came) if packed else came:
        total += len(piece)
        if total > max_bytes:
            raise Refused("trop-gros")
        yield piece


def _received(response: requests.Response, max_bytes: int, check: Callable[[], None]) -> Iterator[bytes]:
    """What comes, as it comes (``read1``): a slow server must not keep us from looking at the clock. A body shorter
    than its Content-Length, or whose last chunk is not there, raises (``urllib3.exceptions.ProtocolError``)."""
    total = 0
    while piece := response.raw.read1(CHUNK, decode_content=False):
        check()
        total += len(piece)
        if total > max_bytes:  # also when packed: a thousand empty gzip files unpack to nothing, and take for ever
            raise Refused("trop-gros")
        yield piece


def _unpacked(came: Iterator[bytes]) -> Iterator[bytes]:
    """gzip (one or several members) or zlib, opened a piece at a time: a bomb stops at the cap, not in memory."""
    unpacker = zlib.decompressobj(_ZLIB_OR_GZIP)
    begun = False
    for piece in came:
        rest = piece
        while rest:
            if unpacker.eof:  # another member
                unpacker, begun = zlib.decompressobj(_ZLIB_OR_GZIP), False
            try:
                out = unpacker.decompress(rest, CHUNK)
            except zlib.error:
                raise Again("la réponse comprimée ne peut pas être lue") from None
            begun = True
            rest = unpacker.unconsumed_tail or unpacker.unused_data
            if out:
                yield out
    while begun and not unpacker.eof:
        out = unpacker.decompress(unpacker.unconsumed_tail, CHUNK)
        if not out:
            raise Again(CUT)
        yield out

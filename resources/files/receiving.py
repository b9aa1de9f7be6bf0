"""A form with files, read as it comes: fields in memory, files straight to the disk. Memory does not grow with them.

Read with ``multipart`` (decision 013). What comes is staged, in ``tmp``: nothing is in the storage before
``services.add``, and whoever received it discards what was not added.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from reseau.core.files import CHUNK, FileStore, Staged, TooLarge
from resources.files.errors import UploadError
from resources.files.names import clean_name

MAX_PARTS = 2_000
MAX_FILES = 20
MAX_FIELDS = 256 * 1024  # bytes of all fields together: as long as a form without files may be
MAX_HEADER = 2048
FIRST = 64 * 1024  # bytes in which the first field must end
#: A disk that is full, in its many names.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(slots=True)
class Received:
    """What came. ``files``: (field, file, cleaned name), fields left empty by the browser left out.

    :param error: why it is not all there; the fields read before it are, so that a form can be shown again filled in.
    """

    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[tuple[str, Staged, str]] = field(default_factory=list)
    error: UploadError | None = None

    def file(self, name: str) -> tuple[Staged, str] | None:
        """(file, name) of a field of the form, or None."""
        return next(((staged, filename) for one, staged, filename in self.files if one == name), None)

    def discard(self) -> None:
        """Forget the files that nobody kept."""
        for _, staged, _ in self.files:
            FileStore.discard(staged)


def receive(stream: IO[bytes], content_type: str, content_length: int, store: FileStore, most: int) -> Received:
    """Read a form whole.

    :param most: bytes of one file. :return: what came; ``error`` says what did not, and then no file is left.
    """
    found = Received()
    try:
        _read(stream, content_type, content_length, store, most, found)
    except UploadError as error:
        found.error = error
    except ParserLimitReached as error:
        found.error = UploadError("too-many-parts" if "count" in str(error) else "unreadable-form")
    except MultipartError as error:
        found.error = UploadError("truncated" if "end of multipart" in str(error) else "unreadable-form")
    except OSError as error:
        if error.errno not in _FULL:
            found.discard()
            raise
        found.error = UploadError("disk-full")
    except BaseException:
        found.discard()
        raise
    if found.error:
        found.discard()
        found.files = []
    return found


def first_field(stream: IO[bytes], content_type: str, content_length: int) -> tuple[str, str] | None:
    """(name, value) of the first part when it is a short field: where the token of a form is, before any file is read.

    None for anything else. The stream is left wherever it is then.
    """
    try:
        parser, name, value = _parser(content_type, content_length), "", b""
        for event in parser.parse(stream.read(min(FIRST, content_length))):
            if isinstance(event, MultipartSegment):
                if event.filename is not None:
                    return None
                name = event.name or ""
            elif event is None:
                return name, value.decode()
            else:
                value += event
    except (MultipartError, UploadError, UnicodeDecodeError):
        return None
    return None


def _parser(content_type: str, content_length: int) -> PushMultipartParser:
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not 1 <= len(boundary) <= 200 or not boundary.isascii():
        raise UploadError("unreadable-form")
    return PushMultipartParser(boundary, content_length, max_header_size=MAX_HEADER, max_segment_count=MAX_PARTS)


class _Events:
    """The events of the parser, one after another, whoever asks for the next."""

    def __init__(self, parser: PushMultipartParser, stream: IO[bytes], length: int) -> None:
        self._events: Iterator[object] = parser.parse_blocking(_limited(stream, length), CHUNK)

    def next_part(self) -> MultipartSegment | None:
        """The head of the next part, or None at the end."""
        for event in self._events:
            if isinstance(event, MultipartSegment):
                return event
        return None

    def body(self) -> Iterator[bytes]:
        """The body of the part, to be read to its end."""
        for event in self._events:
            if event is None:
                return
            if not isinstance(event, (bytes, bytearray)):
                raise UploadError("unreadable-form")
            yield bytes(event)


def _limited(stream: IO[bytes], length: int) -> object:
    """Reads no further than the length that was said."""
    left = length

    def read(size: int) -> bytes:
        nonlocal left
        chunk = stream.read(min(size, left))
        left -= len(chunk)
        return chunk

    return read


def _read(
    stream: IO[bytes], content_type: str, content_length: int, store: FileStore, most: int, found: Received
) -> None:
    events = _Events(_parser(content_type, content_length), stream, content_length)
    text = 0
    refused: UploadError | None = None
    while (part := events.next_part()) is not None:
        if part.filename is None:
            value = _field(events, MAX_FIELDS - text)
            text += len(value) + len(part.name or "")
            found.fields.append((part.name or "", value.decode("utf-8", "replace").replace("\x00", "")))
            continue
        if len(found.files) >= MAX_FILES:
            raise UploadError("too-many-parts")
        try:
            _file(events, part, store, most, found)
        except UploadError as error:  # the fields after it are wanted, to show the form again
            refused = refused or error
            if not part.complete:
                for _ in events.body():
                    pass
    if refused:
        raise refused


def _field(events: _Events, most: int) -> bytes:
    value = bytearray()
    for chunk in events.body():
        value += chunk
        if len(value) > most:
            raise UploadError("text-too-long")
    return bytes(value)


def _file(events: _Events, part: MultipartSegment, store: FileStore, most: int, found: Received) -> None:
    name = clean_name(part.filename or "")
    try:
        staged = store.stage(events.body(), most)
    except TooLarge:
        raise UploadError("too-large", name, most=most // 1_000_000) from None
    if not staged.size:
        store.discard(staged)
        if not part.filename:
            return  # a field that the person left empty
        raise UploadError("empty", name)
    found.files.append((part.name or "", staged, name))

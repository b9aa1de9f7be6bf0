"""Rows that were read and cleaned, on disk between the guard and the application: cleaned once, never all in memory."""

from __future__ import annotations

import pickle  # our own objects, in a file without a name that only this process has
import tempfile
import zlib
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from importers.pipeline.contract import Read, Refused


class Spool:
    """Batches, in order; written once, then read as often as one wants. A context manager: its file goes with it."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="reseau-rows-")  # noqa: SIM115 - this object is the context
        self._sizes: list[int] = []

    def add(self, batch: list[Read]) -> None:
        """Write one batch. :raises Refused: ``disque``."""
        packed = zlib.compress(pickle.dumps(batch, protocol=pickle.HIGHEST_PROTOCOL), 1)
        try:
            self._file.write(packed)
            self._file.flush()
        except OSError as error:
            raise Refused("disque", error=error.strerror or type(error).__name__) from error
        self._sizes.append(len(packed))

    def __iter__(self) -> Iterator[list[Read]]:
        start = 0
        for size in self._sizes:
            self._file.seek(start)
            batch: list[Read] = pickle.loads(zlib.decompress(self._file.read(size)))  # noqa: S301
            yield batch
            start += size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

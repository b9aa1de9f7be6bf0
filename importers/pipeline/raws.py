"""Raw files, kept as they came so that any run can be replayed without the network: gzip, named by their SHA-256.

Beside the database, not in it: they are large, and only a replay reads them. The rows of ``import_run`` say which ones
are of use; ``sweep`` removes the others.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import tempfile
import time
import zlib
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from importers.pipeline.contract import Refused
from reseau.settings import Settings

CHUNK = 1 << 16
GRACE_S = 3600.0
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Raw:
    """A kept file: ``digest`` is the SHA-256 of what came, in hexadecimal; ``size`` in bytes, before gzip."""

    digest: str
    size: int


class RawStore:
    """Kept raw files, in ``folder`` (made when first needed; nobody else may read it: raw files hold what a source
    should not have published)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, settings: Settings) -> RawStore:
        """That of the site."""
        return cls(settings.data_dir / "imports")

    def keep(self, path: Path) -> Raw:
        """Keep the file at ``path``. It is there whole or not at all, also after a crash; twice the same is kept once.

        :raises Refused: ``disque`` (no room, not allowed), ``absent``.
        """
        try:
            source = path.open("rb")
        except OSError:
            raise Refused("absent", path=path) from None
        with source:
            try:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                return self._keep(source)
            except OSError as error:
                raise Refused("disque", error=error.strerror or type(error).__name__) from error

    def _keep(self, source: IO[bytes]) -> Raw:
        number, name = tempfile.mkstemp(prefix=".keeping-", dir=self.folder)
        try:
            with os.fdopen(number, "wb") as out:
                raw = _pack(source, out)
                out.flush()
                os.fsync(out.fileno())  # a name that outlives its bytes would make a replay fail much later
            # Also when it is there: it may be damaged, and its age starts again (see ``sweep``).
            os.replace(name, self._path(raw.digest))
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
        return raw

    @contextmanager
    def open(self, digest: str) -> Iterator[Path]:
        """The file as it came, for as long as the ``with`` lasts.

        :raises Refused: ``brut-absent`` (never kept, or swept), ``brut-abime`` (not what was kept), ``disque``.
        """
        if not self.has(digest):
            raise Refused("brut-absent")
        with tempfile.TemporaryDirectory(prefix="reseau-raw-") as folder:
            plain = Path(folder) / "raw"
            try:
                found = _unpack(self._path(digest), plain)
            except (EOFError, zlib.error, gzip.BadGzipFile):
                raise Refused("brut-abime") from None
            except FileNotFoundError:  # swept just now
                raise Refused("brut-absent") from None
            except OSError as error:
                raise Refused("disque", error=error.strerror or type(error).__name__) from error
            if found != digest:
                raise Refused("brut-abime")
            yield plain

    def has(self, digest: str) -> bool:
        """Whether that file is kept."""
        return bool(_DIGEST.fullmatch(digest)) and self._path(digest).is_file()

    def sweep(self, kept: Set[str], *, grace_s: float = GRACE_S) -> int:
        """Remove the files whose digest is not in ``kept``, and what a dead process left half written.

        :param grace_s: seconds for which a file is left alone after it was kept: the run that names it may not be
            committed yet. :return: how many files were removed.
        """
        limit = time.time() - grace_s
        removed = 0
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            ours = path.name.startswith(".keeping-") or _DIGEST.fullmatch(path.name.removesuffix(".gz"))
            if not ours or path.name.removesuffix(".gz") in kept:
                continue
            with suppress(FileNotFoundError):  # another sweep
                if path.stat().st_mtime <= limit:
                    path.unlink()
                    removed += 1
        return removed

    def _path(self, digest: str) -> Path:
        return self.folder / f"{digest}.gz"


def _pack(source: IO[bytes], out: IO[bytes]) -> Raw:
    digest, size = hashlib.sha256(), 0
    # No name and no time: the same file gives the same bytes.
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, compresslevel=6, mtime=0) as packed:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            packed.write(chunk)
    return Raw(digest.hexdigest(), size)


def _unpack(path: Path, plain: Path) -> str:
    digest = hashlib.sha256()
    with gzip.open(path, "rb") as packed, plain.open("wb") as out:
        while chunk := packed.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()

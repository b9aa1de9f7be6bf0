"""PDFs from data and a template: drawn in a process of their own, kept in a cache of files.

The cache is named by the digest of all that goes in (words, pictures, templates, fonts, version of typst), so a PDF is
never out of date and the same one comes out twice, byte for byte. It may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from reseau.settings import Settings
from resources.taking import fonts, worker

log = logging.getLogger(__name__)

TEMPLATES = Path(__file__).parent / "typst"
SECONDS = 20  # of one PDF, two for each other of the same process; a kit takes a tenth
BYTES = 1024**3  # of address space; a kit of ours takes a quarter
CACHE_BYTES = 500 * 1024**2
IN_USE = 3600  # seconds
RETRY = 600  # seconds
PROCESSES = 4  # for one archive
WAIT = 1.0  # seconds for a turn: a sheet takes half of one
#: Suffixes that typst knows, by what the file begins with.
_IMAGES = ((b"\x89PNG", ".png"), (b"\xff\xd8", ".jpg"), (b"GIF8", ".gif"), (b"RIFF", ".webp"))


class CannotTypeset(Exception):
    """A PDF was not made: too long, too heavy, or a fault of a template (the log says)."""


class Busy(CannotTypeset):
    """Another PDF is being drawn: ask again in a moment."""


@dataclass(frozen=True)
class Sheet:
    """What to draw. ``template``: of ``typst/``. ``fits``: (pages, sizes) wished for. ``timestamp``: seconds, for the
    PDF's own date. ``images``: name in the data → file. ``extra``: small files that are made (a QR code)."""

    template: str
    data: Mapping[str, Any]
    timestamp: int
    fits: Sequence[tuple[int, Sequence[float]]] = ()
    size: float = 12
    images: Mapping[str, Path] = field(default_factory=dict)
    extra: Mapping[str, bytes] = field(default_factory=dict)

    @cached_property
    def fonts(self) -> fonts.Chosen:
        """:raises fonts.NoFont: some letters cannot be drawn."""
        title = self.data.get("title") or {}
        return fonts.chosen_for(json.dumps(self.data, ensure_ascii=False), title.get("text", ""))

    @cached_property
    def digest(self) -> str:
        """Of all that decides the bytes of the PDF. Pictures are named by their own digest."""
        named = [self.template, self.data, self.timestamp, self.fits, self.size, self.fonts.families,
                 sorted((name, path.name) for name, path in self.images.items()), here()]  # fmt: skip
        return hashlib.sha256(json.dumps(named, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@cache
def here() -> str:
    """Digest of templates, worker and fonts; version of typst."""
    found = hashlib.sha256(version("typst").encode())
    for path in (*sorted(TEMPLATES.glob("*.typ")), Path(worker.__file__), *sorted(fonts.FOLDER.glob("*.ttf"))):
        found.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


class Typesetter:
    """Makes PDFs of this site.

    A request draws while it waits, and a server has few threads: one draws, one more waits for it a moment, all others
    are sent away at once (``Busy``). What is in the cache needs no turn; ``jobs`` fills it ahead.

    :param folder: of the cache; made when first written to. :param nice: how far its processes give way to others.
    """

    def __init__(self, folder: Path, most: int = CACHE_BYTES, nice: int = 0) -> None:
        self.folder, self.most, self._nice = folder, most, nice
        self._failed: dict[Path, float] = {}
        self._room, self._drawing = threading.BoundedSemaphore(2), threading.Lock()

    @classmethod
    def of(cls, settings: Settings, nice: int = 0) -> Typesetter:
        """With the cache of the site."""
        return cls(settings.data_dir / "cache" / "pdf", nice=nice)

    def path(self, sheet: Sheet) -> Path:
        """Where the PDF of a sheet is, or would be."""
        return self.folder / f"{sheet.digest}.pdf"

    def found(self, digest: str) -> Path | None:
        """The PDF of a sheet of this digest, if it is there; it counts as used now."""
        path = self.folder / f"{digest}.pdf"
        return path if self._fresh(path) else None

    def one(self, sheet: Sheet) -> Path:
        """The PDF of a sheet, drawn now if it is not there.

        :raises CannotTypeset: it cannot be drawn. :raises Busy: another one is being drawn. :raises fonts.NoFont: no
            font here has its letters.
        """
        if (found := self.made(sheet)[0]) is None:
            raise CannotTypeset(sheet.template)
        return found

    def made(self, *sheets: Sheet) -> list[Path | None]:
        """The PDFs of sheets, drawn now if they are not there: one process for all that are missing. None: it cannot be
        drawn.

        :raises Busy: others are being drawn. :raises fonts.NoFont: no font here has the letters of one.
        """
        paths = [self.path(sheet) for sheet in sheets]
        missing = {path: sheet for path, sheet in zip(paths, sheets, strict=True) if not self._fresh(path)}
        if missing:
            with self._turn():
                self._draw(
                    {path: sheet for path, sheet in missing.items() if not path.exists() and self._may_try(path)}
                )
            self._shrink()
        return [path if path.exists() else None for path in paths]

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._room.acquire(blocking=False):
            raise Busy("a PDF is being drawn, and another one waits")
        try:
            if not self._drawing.acquire(timeout=WAIT):
                raise Busy("a PDF is being drawn")
            try:
                yield
            finally:
                self._drawing.release()
        finally:
            self._room.release()

    def _may_try(self, path: Path) -> bool:
        """Whether it did not fail a moment ago: whoever asks again must not keep the server busy."""
        return self._failed.get(path, -RETRY) + RETRY <= time.monotonic()

    @staticmethod
    def _fresh(path: Path) -> bool:
        try:
            os.utime(path)  # the cache drops what was used the longest ago
        except FileNotFoundError:
            return False
        return True

    def _draw(self, wanted: Mapping[Path, Sheet]) -> None:
        if not wanted:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="reseau-pdf-") as name:
            folder = Path(name)
            given = folder / "fonts"
            given.mkdir()
            for file in (*sorted(fonts.FOLDER.glob("*.ttf")), *(f for one in wanted.values() for f in one.fonts.files)):
                if not (given / file.name).exists():
                    (given / file.name).symlink_to(file)
            jobs = {path: self._job(folder / str(n), sheet) for n, (path, sheet) in enumerate(wanted.items())}
            errors = self._all(list(jobs.values()), str(given))
            for path, job in jobs.items():
                if job["out"] in errors:
                    self._failed[path] = time.monotonic()
                    log.warning("a PDF could not be made: %s: %s", job["template"], errors[job["out"]])
                else:
                    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
                    shutil.copyfile(job["out"], partial)
                    partial.replace(path)

    def _all(self, jobs: list[dict[str, Any]], given: str) -> dict[str, str]:
        """Draw all; one that brings the process down does not take those after it along. :return: what failed, why."""
        errors: dict[str, str] = {}
        for _ in range(PROCESSES):
            limits = {"bytes": BYTES, "seconds": SECONDS + 2 * len(jobs), "nice": self._nice}
            said = self._run({"fonts": [given], "jobs": jobs, **limits})
            errors |= {out: one["error"] for out, one in said.items() if "error" in one}
            jobs = [job for job in jobs if job["out"] not in said]
            if not jobs:
                return errors
            errors[jobs.pop(0)["out"]] = "the process was stopped"
        return errors | {job["out"]: "too many others brought the process down" for job in jobs}

    @staticmethod
    def _job(root: Path, sheet: Sheet) -> dict[str, Any]:
        """A folder with nothing but what one sheet needs: typst reads nothing outside it."""
        root.mkdir()
        for template in TEMPLATES.glob("*.typ"):
            shutil.copyfile(template, root / template.name)
        for name, path in sheet.images.items():
            shutil.copyfile(path, root / name)
        for name, content in sheet.extra.items():
            (root / name).write_bytes(content)
        data = {**sheet.data, "fonts": list(sheet.fonts.families)}
        (root / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        return {"root": str(root), "template": f"{sheet.template}.typ", "out": str(root / "made.pdf"),
                "fits": [[pages, list(sizes)] for pages, sizes in sheet.fits], "size": sheet.size,
                "timestamp": sheet.timestamp}  # fmt: skip

    @staticmethod
    def _run(given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """What the worker said of each job before it ended, or was stopped."""
        command = [sys.executable, "-I", "-W", "ignore", worker.__file__]
        try:
            done = subprocess.run(  # noqa: S603 (our own program, data on its standard input)
                command, input=json.dumps(given), capture_output=True, text=True, check=False,
                timeout=given["seconds"] + 5, env={"PATH": os.defpath},
            )  # fmt: skip
            output = done.stdout
            if done.returncode:
                log.warning("typesetting ended with %s: %s", done.returncode, done.stderr[-1000:])
        except subprocess.TimeoutExpired as error:
            output = (error.stdout or b"").decode() if isinstance(error.stdout, bytes) else (error.stdout or "")
        lines = [json.loads(line) for line in output.splitlines() if line.endswith("}")]
        return {line["out"]: line for line in lines}

    def _shrink(self) -> None:
        """Forget the PDFs that were used the longest ago, until the cache is small enough; never those of this hour: an
        archive that is on its way reads them."""
        found = []
        for path in self.folder.glob("*.pdf"):
            try:
                found.append((path.stat().st_mtime, path.stat().st_size, path))
            except FileNotFoundError:
                continue
        total = sum(size for _, size, _ in found)
        for used, size, path in sorted(found):
            if total <= self.most or used > time.time() - IN_USE:
                break
            path.unlink(missing_ok=True)
            total -= size


def picture_suffix(path: Path) -> str:
    """``.png``, ``.jpg``… by what the file begins with; "" for one that typst does not draw (SVG is refused: it may
    name other files)."""
    with path.open("rb") as file:
        head = file.read(12)
    return next((suffix for start, suffix in _IMAGES if head.startswith(start)), "")

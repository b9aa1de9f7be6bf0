"""``python -m resources.base.check FOLDER…``: what is wrong in plain files of resources; 1 if anything is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from resources.base.content import ContentError, missing_to_publish
from resources.base.plain import read_about, read_source, read_translation


def check(folder: Path) -> Iterator[str]:
    """Sentences about the resources below ``folder``."""
    for source in sorted(folder.rglob("fr.md")):
        try:
            read = read_source(source.read_text(encoding="utf-8"))
            content = read.content
            read_about(read.about)
        except ContentError as error:
            yield f"{source}: {error}"
            continue
        yield from (f"{source}: {error}" for error in missing_to_publish(content))
        keys = set(content.units())
        for path in sorted(source.parent.glob("*.md")):
            if path == source:
                continue
            try:
                found = read_translation(path.read_text(encoding="utf-8"))
            except ContentError as error:
                yield f"{path}: {error}"
                continue
            if found.lang != path.stem:
                yield f"{path}: lang is {found.lang!r}"
            yield from (f"{path}: {key} is not in fr.md" for key in sorted(set(found.units) - keys))


if __name__ == "__main__":
    said = [line for folder in sys.argv[1:] for line in check(Path(folder))]
    print("\n".join(said) or "rien à signaler")
    sys.exit(bool(said))

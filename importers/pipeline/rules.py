"""The version of the rules that read a row: when one of them changes, the same rows are read again."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version as installed
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SUFFIXES = frozenset({".py", ".toml", ".tsv", ".txt", ".csv"})


@functools.cache
def version(*modules: str, packages: tuple[str, ...] = ("phonenumbers",)) -> str:
    """SHA-256 (hex) of the source and data files of ``modules`` (packages: all that is below), and of the versions of
    the libraries ``packages``. Read once in a process: 3 MB take 5 ms."""
    digest = hashlib.sha256()
    for name in sorted(modules):
        for path in _files(name):
            content = path.read_bytes()
            digest.update(f"{name}/{path.name}:{len(content)}\n".encode())
            digest.update(content)
    for name in sorted(packages):
        digest.update(f"{name}=={installed(name)}\n".encode())
    return digest.hexdigest()


def row_digest(rules: str, row: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of a row as it came, and of the version of the rules that read it. The order of columns, and
    columns without a value, say nothing."""
    said = {name: value for name, value in row.items() if value not in (None, "")}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(f"{rules}\n{text}".encode("utf-8", "replace")).hexdigest()


def _files(module: str) -> list[Path]:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    if not spec.submodule_search_locations:
        return [Path(spec.origin)]
    return sorted(path for path in Path(spec.origin).parent.rglob("*") if path.suffix in SUFFIXES)

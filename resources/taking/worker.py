"""Run by itself, in a process of its own: draws PDFs with typst, within limits of time and memory.

    python -I worker.py < jobs.json

Standard input: ``{"seconds": …, "bytes": …, "nice": …, "fonts": [folder…], "jobs": [{root, template, out, fits,
size, timestamp}]}``. Prints one line of JSON a job, as soon as it is done: ``{"out": …, "pages": …, "size": …}`` or
``{"out": …, "error": …}``.
Imports nothing of the application: it starts in a tenth of a second, and a crash of it is no crash of the server.
"""

from __future__ import annotations

import functools
import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typst

#: The largest size is looked for by halves: a size that fits makes all smaller ones fit.
Fit = tuple[int, list[float]]


def pages(compiler: typst.Compiler, size: float) -> int:
    """How many pages at a size."""
    compiler.compile(format="pdf", sys_inputs={"size": str(size)})
    return max(json.loads(compiler.query("<pages>", field="value")), default=1)


def best(count: Callable[[float], int], fits: list[Fit]) -> tuple[int, float] | None:
    """(pages, size): the largest size with the fewest pages allowed, or None.

    :param count: pages at a size; asked once for each. :param fits: (pages allowed, sizes, the largest first), the most
        wished for first.
    """
    known = functools.cache(count)
    for allowed, sizes in fits:
        if known(sizes[-1]) > allowed:
            continue
        low, high = 0, len(sizes) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if known(sizes[middle]) <= allowed else (middle + 1, high)
        return allowed, sizes[low]
    return None


def draw(job: dict[str, Any], fonts: typst.Fonts) -> dict[str, Any]:
    """One PDF."""
    root = Path(job["root"])
    compiler = typst.Compiler(str(root / job["template"]), root=str(root), font_paths=fonts)
    found = best(functools.partial(pages, compiler), job["fits"])
    count, size = found or (0, job["size"])
    inputs = {"size": str(size), "flow": "" if found or not job["fits"] else "yes"}
    try:
        made = compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"], timestamp=job["timestamp"])
    except typst.TypstError:  # a pictogram that no font has: tagged all the same, but it may not be called PDF/UA
        made = compiler.compile(format="pdf", sys_inputs=inputs, timestamp=job["timestamp"])
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    Path(job["out"]).write_bytes(made)
    return {"out": job["out"], "pages": count, "size": size}


def main() -> None:
    """See the module."""
    given = json.load(sys.stdin)
    os.nice(given["nice"])
    resource.setrlimit(resource.RLIMIT_CPU, (given["seconds"], given["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_AS, (given["bytes"], given["bytes"]))
    fonts = typst.Fonts(include_system_fonts=False, font_paths=given["fonts"])
    for job in given["jobs"]:
        try:
            said = draw(job, fonts)
        except typst.TypstError as error:
            said = {"out": job["out"], "error": f"{error.message}\n{error.diagnostic}"[:4000]}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()

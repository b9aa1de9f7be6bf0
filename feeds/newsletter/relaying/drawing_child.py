"""Run by itself, in a process of its own (``core.bounded``): draws one picture or one PDF with typst.

Arguments: the template (in a folder with all that it needs), ``png`` or ``pdf``, a folder of fonts, the moment of the
PDF (seconds). It writes the file to the standard output. It imports nothing of the house.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typst

PPI = 144.0  # pages of 540 pt are then 1,080 pixels wide


def main() -> None:
    """See the module."""
    template, kind, fonts, moment = sys.argv[1:5]
    known = typst.Fonts(include_system_fonts=False, font_paths=[fonts])
    compiler = typst.Compiler(template, root=str(Path(template).parent), font_paths=known)
    made = compiler.compile(format="png", ppi=PPI) if kind == "png" else compiler.compile(
        format="pdf", timestamp=int(moment))  # fmt: skip
    if not isinstance(made, bytes):
        raise TypeError("one page, one file")
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()

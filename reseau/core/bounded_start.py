"""Starts a program with little memory, little time and few files. Run by ``bounded``, as a program; it imports nothing
of the house: what it holds is what a file that takes the program over would hold.

Arguments: bytes of addresses, seconds of the processor, bytes of one file that is written, a folder to import from ("":
none), the program (a path, or the name of a module), then its own arguments.
"""

from __future__ import annotations

import resource
import runpy
import sys


def limit(memory: int, cpu: int, output: int) -> None:
    """Take from this process what it does not need."""
    for what, most in (
        (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, cpu), (resource.RLIMIT_FSIZE, output),
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 64),
    ):  # fmt: skip
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def main() -> None:
    """See the head of this file."""
    memory, cpu, output, folder, program, *arguments = sys.argv[1:]
    limit(int(memory), int(cpu), int(output))
    sys.argv = [program, *arguments]
    if folder:
        sys.path.insert(0, folder)
    run = runpy.run_path if program.endswith(".py") else runpy.run_module
    run(program, run_name="__main__")


if __name__ == "__main__":
    main()

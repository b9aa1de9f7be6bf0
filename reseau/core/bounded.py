"""A program that looks at what a stranger made, in a process of its own: a file that was made to harm can take at most
that process, which has little memory, little time, no environment, and dies with its work.

Refused: reading in the worker or in the thread of a request (a parser in C that is taken over, or eats all memory,
would be ours; a thread cannot be stopped); ``preexec_fn`` for the limits (not safe in a process with threads);
containers or seccomp (not on every machine; they may be put around the site).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

START: Final = Path(__file__).with_name("bounded_start.py")
ROOT: Final = Path(__file__).parents[2]
"""Where packages of the house are imported from, for programs that need them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may have. ``memory``: bytes of addresses; ``cpu``: seconds of the processor; ``output``: bytes of
    one file that it writes; ``answer``: bytes of what it says; ``timeout``: seconds, also of what takes no processor.
    """

    memory: int
    cpu: int
    output: int
    answer: int
    timeout: float


def run(
    program: Path | str, arguments: Sequence[object], folder: Path, limits: Limits, timeout: float | None = None
) -> bytes | int | None:
    """Run a program of ours to its end. Nothing that it started outlives it.

    :param program: a script, which sees nothing of the house, or the name of one of its modules. :param folder: where
        it may write; its own. :param timeout: instead of that of ``limits``.
    :return: what it said; else why there is nothing: its exit code (0: it said nothing, or too much), None: it took too
        long. :raises OSError: no process can be started, the disk is full.
    """
    folder = folder.resolve()  # it is where the program runs: a relative name would mean another place there
    said = (one.resolve() if isinstance(one, Path) else one for one in arguments)
    house = "" if isinstance(program, Path) else str(ROOT)
    bounds = (limits.memory, limits.cpu, limits.output)
    command = [sys.executable, "-I", "-B", "-W", "ignore", str(START), *map(str, bounds), house, str(program)]
    answer = folder / "answer"
    with answer.open("wb") as out:
        child = subprocess.Popen(  # noqa: S603 (our own program; names of files are ours)
            [*command, *map(str, said)],
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL, cwd=folder, start_new_session=True,
            env={"LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder), "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        code = _wait(child, limits.timeout if timeout is None else timeout)
    if code != 0 or not 0 < answer.stat().st_size <= limits.answer:
        return code
    return answer.read_bytes()


def _wait(child: subprocess.Popen[bytes], timeout: float) -> int | None:
    """Wait for it to end, then end whatever it may have started. :return: its code, or None: it took too long.

    It is not reaped before its group is ended: until then no other process can have its number.
    """
    end = time.monotonic() + timeout
    over = None
    try:
        while over is None and time.monotonic() < end:
            time.sleep(0.02)
            over = os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        code = child.wait()
    return code if over else None

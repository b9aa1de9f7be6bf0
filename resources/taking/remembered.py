"""What was just worked out, kept in memory: a download that resumes or is asked for twice does not start over."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """The last things by key; those asked for the longest ago are forgotten first. Threads may share it.

    :param most: weights of all that is kept, together.
    """

    def __init__(self, most: int) -> None:
        self._most, self._weight = most, 0
        self._known: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Value | None:
        """What is known under a key, or None."""
        with self._lock:
            if (found := self._known.get(key)) is None:
                return None
            self._known.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: Value, weight: int = 1) -> None:
        """Keep a value; one that is heavier than all may be together is not kept."""
        with self._lock:
            self._weight -= self._known.pop(key, (None, 0))[1]
            if weight > self._most:
                return
            self._known[key] = value, weight
            self._weight += weight
            while self._weight > self._most:
                self._weight -= self._known.popitem(last=False)[1][1]

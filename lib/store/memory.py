"""Values kept in memory, up to a size."""

from __future__ import annotations

import pickle
import threading
from collections import OrderedDict
from typing import Any


class Memory:
    """Values by key, the least recently used dropped past `most_bytes`. Safe between threads."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.bytes = 0
        self._kept: OrderedDict[object, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: object) -> Any | None:
        """Return the value kept under a key, or None."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def put(self, key: object, value: Any, size: int | None = None) -> None:
        """Keep a value under a key; its size in bytes, unless told, is that of its pickle."""
        if size is None:
            size = len(pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))
        with self._lock:
            self.bytes += size - self._kept.pop(key, (None, 0))[1]
            self._kept[key] = (value, size)
            while self.bytes > self.most_bytes and len(self._kept) > 1:
                self.bytes -= self._kept.popitem(last=False)[1][1]

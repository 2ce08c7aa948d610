"""Rendered pages kept until something new is published."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

CAPACITY = 32 * 1024 * 1024
"""Bytes of rendered pages that one process keeps; the ones not asked for longest go first."""


@dataclass(frozen=True)
class Kept:
    """A rendered page and its ETag, in quotes."""

    body: bytes
    etag: str


class Shelf:
    """Keeps pages as long as ``stamp`` returns the same, asked at most once in ``seconds``."""

    def __init__(self, stamp: Callable[[], Hashable], seconds: float) -> None:
        self._ask, self._seconds = stamp, seconds
        self._stamp: Any = None
        self._asked_at: float | None = None
        self._pages: OrderedDict[Hashable, Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable, render: Callable[[], str | None]) -> Kept | None:
        """Return the page of a key, rendered now if it is not there; None is never kept."""
        self._refresh()
        with self._lock:
            found = self._pages.get(key)
            if found is not None:
                self._pages.move_to_end(key)
                return found
            stamp = self._stamp
        text = render()
        if text is None:
            return None
        body = text.encode()
        page = Kept(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
        self._keep(key, page, stamp)
        return page

    def _refresh(self) -> None:
        """Throw everything away when something new was published."""
        now = time.monotonic()
        if self._asked_at is not None and now - self._asked_at < self._seconds:
            return
        stamp = self._ask()
        with self._lock:
            if stamp != self._stamp:
                self._pages.clear()
                self._size = 0
            self._stamp, self._asked_at = stamp, now

    def _keep(self, key: Hashable, page: Kept, stamp: Any) -> None:
        """Put a page on the shelf, unless what it shows is old news by now."""
        with self._lock:
            if stamp != self._stamp or key in self._pages or len(page.body) > CAPACITY:
                return
            self._pages[key] = page
            self._size += len(page.body)
            while self._size > CAPACITY:
                _, oldest = self._pages.popitem(last=False)
                self._size -= len(oldest.body)

"""Answers kept until something new is published; they go out before Flask is asked.

A view says :func:`keep` of an answer that is the same for everybody. Its status, headers and body
are then held, with an ETag, and the next request for that address costs a look into a table.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import request

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

CAPACITY = 32 * 1024 * 1024
"""Bytes of bodies that one process keeps; the ones not asked for longest go first."""

_MARK = "hailong.keep"
_STAMP = "hailong.stamp"
_NOT_IN_304 = frozenset(("content-type", "content-length"))

Headers = list[tuple[str, str]]


def keep(*, by_query: bool = False) -> None:
    """Say that the answer to this request may be kept and given to everybody.

    ``by_query`` says that it depends on what stands behind ``?`` in the address; else that is
    left out, so that no invented query makes a page be rendered again.
    """
    request.environ[_MARK] = "query" if by_query else "path"


def stamp_of_request() -> Hashable:
    """Return the stamp that the answer to this request is kept under; None where none is."""
    return request.environ.get(_STAMP)


@dataclass(frozen=True)
class Kept:
    """One answer: ``etag`` in quotes, the headers of a 200 and of a 304, the body."""

    etag: str
    headers: Headers
    short: Headers
    body: bytes

    def give(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer a GET, in full or by 304 (RFC 9110, 13.1.2)."""
        # Weak or strong, alone or one of several: a quoted tag stands for itself alone.
        if self.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start("304 NOT MODIFIED", self.short)
            return ()
        start("200 OK", self.headers)
        return (self.body,)


@dataclass
class _Caught:
    """What the application said of its answer, before it goes out."""

    status: str = ""
    headers: Headers = field(default_factory=list)

    def start(self, status: str, headers: Headers, _error: OptExcInfo | None = None, /) -> Any:
        self.status, self.headers = status, headers
        return _no_write


def _no_write(_data: bytes, /) -> None:
    raise RuntimeError("Answers are returned, not written.")


class KeptAnswers:
    """Keeps answers as long as ``stamp`` returns the same, asked at most once in ``seconds``.

    While the database is gone nothing new can be published, so what is kept stays good.
    """

    def __init__(self, app: WSGIApplication, stamp: Callable[[], Hashable], seconds: float) -> None:
        self._app, self._ask, self._seconds = app, stamp, seconds
        self._stamp: Hashable = None
        self._asked_at: float | None = None
        self._answers: OrderedDict[str, Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Give a kept answer, or the application's, which is kept if it may be."""
        if environ["REQUEST_METHOD"] == "HEAD":
            return self._head(environ, start)
        if environ["REQUEST_METHOD"] != "GET":
            return self._app(environ, start)
        self._refresh()
        path = f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}"
        whole = f"{path}?{environ.get('QUERY_STRING', '')}"
        found = self._find(path) or self._find(whole)
        if found is not None:
            return found.give(environ, start)
        stamp, caught = self._stamp, _Caught()
        environ[_STAMP] = stamp
        answer = self._app(environ, caught.start)
        mark = environ.get(_MARK)
        if mark is None or not caught.status.startswith("200"):
            start(caught.status, caught.headers)
            return answer
        made = _made(caught.headers, b"".join(answer))
        if hasattr(answer, "close"):
            answer.close()
        self._keep(path if mark == "path" else whole, made, stamp)
        return made.give(environ, start)

    def _head(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer as a GET, tag and all, but without the body."""
        answer = self({**environ, "REQUEST_METHOD": "GET"}, start)
        if hasattr(answer, "close"):
            answer.close()
        return ()

    def _find(self, key: str) -> Kept | None:
        found = self._answers.get(key)
        if found is not None:
            with self._lock:
                if key in self._answers:
                    self._answers.move_to_end(key)
        return found

    def _refresh(self) -> None:
        """Throw everything away when something new was published."""
        now = time.monotonic()
        if self._asked_at is not None and now - self._asked_at < self._seconds:
            return
        try:
            stamp = self._ask()
        except Exception:  # whatever the cause, the page about it is not made here
            log.warning("What is published is not to be had; the last answers serve.")
            return
        with self._lock:
            if stamp != self._stamp:
                self._answers.clear()
                self._size = 0
            self._stamp, self._asked_at = stamp, now

    def _keep(self, key: str, answer: Kept, stamp: Hashable) -> None:
        """Put an answer away, unless what it shows is old news by now."""
        with self._lock:
            if stamp != self._stamp or key in self._answers or len(answer.body) > CAPACITY:
                return
            self._answers[key] = answer
            self._size += len(answer.body)
            while self._size > CAPACITY:
                _, oldest = self._answers.popitem(last=False)
                self._size -= len(oldest.body)


def _made(headers: Headers, body: bytes) -> Kept:
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kept = [*headers, ("ETag", etag)]
    short = [pair for pair in kept if pair[0].lower() not in _NOT_IN_304]
    return Kept(etag, kept, short, body)

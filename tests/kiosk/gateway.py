"""What stands between a device and its server: breaks, loses, repeats; another server."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterable
from typing import Any


class Gateway:
    """A WSGI application in front of another.

    ``is_down``: the connection breaks before anything arrives. ``loses_replies``: it breaks after
    the server has done its work. ``answer``: given in place of the server's to whatever it does not
    return None for. ``batches`` are the bodies and signatures of the batches that arrived.
    """

    def __init__(self, app: Any) -> None:
        self.app = app
        self.is_down = self.loses_replies = False
        self.answer: Callable[[str, bytes], tuple[str, list[tuple[str, str]]] | None] | None = None
        self.batches: list[tuple[str, bytes, str]] = []

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Pass a request on, unless told otherwise."""
        if self.is_down:
            return self._break(environ, start)
        path: str = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "POST":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            told = self.answer(path, body) if self.answer else None
            if told is not None:
                start(told[0], [*told[1], ("Content-Length", "0")])
                return []
            if path.endswith("/batches"):
                self.batches.append((path, body, environ.get("HTTP_DEVICE_SIGNATURE", "")))
            if self.loses_replies:
                list(self.app(environ, lambda *_: None))
                return self._break(environ, start)
        answer: Iterable[bytes] = self.app(environ, start)
        return answer

    def repeat(self, client: Any, path: str, body: bytes, signature: str) -> Any:
        """Send a batch that came once more, as the net may do."""
        headers = {"Device-Signature": signature}
        return client.post(path, data=body, headers=headers, content_type="application/json")

    def _break(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        start("500 never seen", [])
        return []

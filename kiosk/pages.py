"""The pages of a device: the shell, its service worker and the files of one version."""

from __future__ import annotations

import threading

from flask import Blueprint, Response, abort, redirect, request
from flask.typing import ResponseReturnValue

from kiosk.shell import Shell, media_type
from survey.web.headers import YEAR
from survey.web.language import ROOT, current_language, current_site, quoted_path


def make_blueprint() -> Blueprint:
    """Return the blueprint of ``/kiosk/``; what a device shows and sends goes by ``/api/v1/``."""
    blueprint = Blueprint("kiosk", __name__, url_prefix="/kiosk")
    pages = _Pages()
    rules = (
        ("/", "shell", pages.shell),
        ("/service-worker.js", "worker", pages.worker),
        ("/manifest.webmanifest", "manifest", pages.manifest),
        ("/v/<version>/<path:path>", "file", pages.file),
    )
    for rule, endpoint, view in rules:
        blueprint.add_url_rule(rule, endpoint, view)
    blueprint.before_request(_in_first_language)
    return blueprint


def _in_first_language() -> ResponseReturnValue | None:
    """Send a prefixed address on: the language is chosen on the device, for each person anew."""
    if current_language() == current_site().languages[0]:
        return None
    return redirect(f"{request.environ.get(ROOT, '')}{quoted_path()}")


class _Pages:
    """The views; the client is read once for what the site is."""

    def __init__(self) -> None:
        self._made: dict[object, Shell] = {}
        self._lock = threading.Lock()

    def shell(self) -> ResponseReturnValue:
        """Show the client; a device that has it cached does not ask."""
        return self._fresh(self._shell().page, "text/html; charset=utf-8")

    def worker(self) -> ResponseReturnValue:
        """Give the service worker, which names every file of this version."""
        return self._fresh(self._shell().worker, "text/javascript; charset=utf-8")

    def manifest(self) -> ResponseReturnValue:
        """Describe the page as an application that can be installed."""
        root, shell = request.environ.get(ROOT, ""), self._shell()
        icon = f"{root}/kiosk/v/{shell.version}/mark.svg"
        return {
            "name": "Hài Lòng",
            "short_name": "Hài Lòng",
            "lang": current_language(),
            "start_url": f"{root}/kiosk/",
            "scope": f"{root}/kiosk/",
            "display": "fullscreen",
            "background_color": "#ffffff",
            "icons": [{"src": icon, "sizes": "any", "type": "image/svg+xml"}],
        }, {"Content-Type": "application/manifest+json", "Cache-Control": "no-cache"}

    def file(self, version: str, path: str) -> ResponseReturnValue:
        """Give a file of this version; there are no others, so no device mixes two."""
        shell = self._shell()
        body = shell.files.get(path) if version == shell.version else None
        if body is None:
            abort(404)
        response = Response(body, content_type=media_type(path))
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        return response

    def _fresh(self, body: bytes, content_type: str) -> Response:
        response = Response(body, content_type=content_type)
        response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def _shell(self) -> Shell:
        site, root = current_site(), request.environ.get(ROOT, "")
        if site.is_sample is None:  # no device shall take a shell that does not know what it is
            abort(503)
        key = (site.languages, site.is_sample, root)
        with self._lock:
            if key not in self._made:
                self._made[key] = Shell(site, root)
            return self._made[key]

"""The client as one version: every file that a device needs to open without a network."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from flask import render_template

from kiosk.words import WORDS
from survey.settings import ROOT
from survey.web.language import FIRST, in_language, language_name
from survey.web.site import Site

CLIENT = ROOT / "kiosk" / "client"
PREFIX = "/kiosk/v"
WORKER = "service-worker.js"
FONTS = tuple(f"be-vietnam-pro-{weight}.woff2" for weight in (400, 600, 700))
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
"""Endings of the files that are served, with their media types."""

_HELD = "0" * 16
"""Stands for the version while the version is worked out."""


class Shell:
    """One version of the client.

    ``files`` maps a path below ``/kiosk/v/<version>/`` to its bytes; ``version`` is a hash over all
    of them, so a device never holds files of two versions. ``worker`` is the service worker, which
    knows its version and files.
    """

    def __init__(self, site: Site, root: str) -> None:
        """Read the client for a site; ``root`` is the path that the application is mounted at.

        Has to be called in an application context, because the page is a template.
        """
        self.files = _files()
        self.files["words.json"] = _json(words(site))
        held = _page(root, _HELD, site)
        self.version = _digest(self.files | {"shell.html": held}, site)
        base = f"{root}{PREFIX}/{self.version}"
        self.page = _page(root, self.version, site)
        self.files["shell.html"] = self.page
        told = {
            "version": self.version,
            "page": f"{root}/kiosk/",
            "base": f"{base}/",
            "files": sorted(self.files),
        }
        worker = (CLIENT / WORKER).read_bytes()
        self.worker = b"self.SHELL = " + _json(told) + b";\n" + worker


def words(site: Site) -> dict[str, dict[str, str]]:
    """Return the client's texts: language → key → text; the key is the Vietnamese text."""
    with in_language(FIRST):
        keys = [str(word) for word in WORDS]
    found = {}
    for language in site.languages:
        with in_language(language):
            found[language] = dict(zip(keys, map(str, WORDS), strict=True))
    return found


def media_type(path: str) -> str:
    """Return the media type of a served file; KeyError for an ending that is not served."""
    return TYPES[Path(path).suffix]


def _files() -> dict[str, bytes]:
    found = {
        path.relative_to(CLIENT).as_posix(): path.read_bytes()
        for path in sorted(CLIENT.rglob("*"))
        if path.suffix in TYPES and path.name != WORKER
    }
    static = ROOT / "static"
    found["css/base.css"] = (static / "css" / "base.css").read_bytes()
    found["mark.svg"] = (static / "mark.svg").read_bytes()
    for name in FONTS:
        found[f"fonts/{name}"] = (static / "fonts" / name).read_bytes()
    return found


def _page(root: str, version: str, site: Site) -> bytes:
    with in_language(site.languages[0]):
        text = render_template(
            "kiosk/shell.html",
            base=f"{root}{PREFIX}/{version}",
            version=version,
            manifest=f"{root}/kiosk/manifest.webmanifest",
            languages={code: language_name(code) for code in site.languages},
        )
    return text.encode()


def _digest(files: dict[str, bytes], site: Site) -> str:
    digest = hashlib.sha256((CLIENT / WORKER).read_bytes())
    for path in sorted(files):
        digest.update(path.encode() + b"\0" + hashlib.sha256(files[path]).digest())
    digest.update(repr((site.languages, site.is_sample)).encode())
    return digest.hexdigest()[: len(_HELD)]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

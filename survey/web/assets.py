"""Addresses of static files: never prefixed by a language, new whenever the content is."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from flask import current_app, request

from survey.web.language import ROOT


def asset(name: str) -> str:
    """Return the address of a file below ``static/``; it changes with the file's content."""
    path = f"{current_app.static_folder}/{name}"
    version = _version(path, os.stat(path).st_mtime_ns)
    return f"{request.environ.get(ROOT, '')}{current_app.static_url_path}/{name}?v={version}"


@lru_cache(maxsize=256)
def _version(path: str, _changed: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]

"""Addresses of static files: never prefixed by a language, new whenever the content is."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import current_app, request

from survey.web.language import ROOT


def asset(name: str) -> str:
    """Return the address of a file below ``static/``; it changes with the file's content."""
    folder = Path(current_app.static_folder or "")
    version = _version(folder / name, (folder / name).stat().st_mtime_ns)
    return f"{request.environ.get(ROOT, '')}{current_app.static_url_path}/{name}?v={version}"


@lru_cache(maxsize=256)
def _version(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]

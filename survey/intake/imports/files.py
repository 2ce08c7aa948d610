"""The file itself: its size, its hash, what it is, and whether it stays as it was."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

from survey.intake.imports.faults import RefusedError

MAX_UNPACKED = 1024 * 1024 * 1024
"""Largest workbook in bytes once it is unpacked."""

MAX_PART = 256 * 1024 * 1024
"""Largest part of a workbook that is held in memory (all parts but the sheets)."""

MAX_PARTS = 10_000
MAX_RATIO = 200
"""How many times smaller than its content a packed part may be, from 16 MiB of content on."""

_RATIO_FROM = 16 * 1024 * 1024
_BLOCK = 1024 * 1024
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class InputFile:
    """An open file with its hash and kind."""

    def __init__(self, path: Path, stream: BinaryIO, size: int, sha256: str) -> None:
        self.stream = stream
        self.size = size
        self.sha256 = sha256
        self.kind: Literal["csv", "xlsx"] = _kind(stream)
        self._stamp = _stamp(stream)

    def check_unchanged(self) -> None:
        """Raise RefusedError (``file_changed``) if somebody wrote to the file meanwhile."""
        if _stamp(self.stream) != self._stamp:
            raise RefusedError("file_changed")


@contextmanager
def opened(path: Path, max_bytes: int) -> Iterator[InputFile]:
    """Open a file and take its SHA-256.

    Raises RefusedError with ``file_unreadable``, ``file_empty``, ``file_too_large``, ``file_kind``
    (an old or encrypted workbook) or, for a workbook, ``zip_bomb`` and ``xlsx_broken``.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise RefusedError("file_unreadable", detail=error.strerror or "") from error
    with stream:
        size = os.fstat(stream.fileno()).st_size
        if size == 0:
            raise RefusedError("file_empty")
        if size > max_bytes:
            raise RefusedError("file_too_large", value=str(size), detail=str(max_bytes))
        file = InputFile(path, stream, size, _sha256(stream))
        if file.kind == "xlsx":
            _check_archive(stream)
        stream.seek(0)
        yield file


def _sha256(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := stream.read(_BLOCK):
        digest.update(block)
    stream.seek(0)
    return digest.hexdigest()


def _kind(stream: BinaryIO) -> Literal["csv", "xlsx"]:
    start = stream.read(8)
    stream.seek(0)
    if start == _OLE:
        raise RefusedError("file_kind")
    return "xlsx" if start.startswith((_ZIP, _EMPTY_ZIP)) else "csv"


def _stamp(stream: BinaryIO) -> tuple[int, int]:
    status = os.fstat(stream.fileno())
    return status.st_size, status.st_mtime_ns


def _check_archive(stream: BinaryIO) -> None:
    """Look at a workbook's list of parts before any of them is unpacked.

    The list cannot lie about sizes: no more than what it says is ever unpacked of a part.
    """
    try:
        parts = zipfile.ZipFile(stream).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise RefusedError("xlsx_broken", detail=str(error)) from error
    if len(parts) > MAX_PARTS:
        raise RefusedError("zip_bomb", detail=f"{len(parts)} parts")
    total = sum(part.file_size for part in parts)
    if total > MAX_UNPACKED:
        raise RefusedError("zip_bomb", detail=f"{total} bytes unpacked, at most {MAX_UNPACKED}")
    for part in parts:
        if part.flag_bits & 1:
            raise RefusedError("file_kind")
        is_sheet = part.filename.startswith("xl/worksheets/")
        if part.file_size > MAX_PART and not is_sheet:
            raise RefusedError("zip_bomb", value=part.filename, detail=f"{part.file_size} bytes")
        is_large = part.file_size > _RATIO_FROM
        if is_large and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            ratio = part.file_size // max(part.compress_size, 1)
            raise RefusedError("zip_bomb", value=part.filename, detail=f"{ratio}:1")

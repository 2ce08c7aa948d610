"""Files that a browser sent, each in a folder of its own until it is taken in or a day is over.

What is there: ``data`` (the file itself), ``about.json`` (what was said of it), ``state.json`` (how
far a run is), ``report.json`` (what the last run found) and ``lock`` (held while one runs, by the
process that runs: a run that dies lets go of it).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

import msgspec

from survey.intake.imports.batches import Kind
from survey.intake.imports.report import Report

DAY = 24 * 3600 * 1000
"""Milliseconds that an upload is kept."""

_ID = re.compile(r"[0-9a-f]{32}")
_BLOCK = 1024 * 1024
_Kept = TypeVar("_Kept", bound=msgspec.Struct)


class About(msgspec.Struct, frozen=True):
    """What was said of a file: its kind, its map, whether bad rows are set aside; who and when.

    ``at`` is in UTC milliseconds, ``size`` in bytes.
    """

    file_name: str
    kind: Kind
    map_text: str
    set_aside: bool
    by: str
    at: int
    size: int
    sha256: str

    @property
    def digest(self) -> str:
        """A hash over all of it: whoever says yes says it to exactly this."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


class State(msgspec.Struct, frozen=True):
    """How far a run is: ``wait``, ``read``, ``write`` or ``done``; ``failure`` is a code."""

    stage: str = "wait"
    done: int = 0
    total: int = 0
    commit: bool = False
    by: str = ""
    failure: str = ""


class Upload:
    """One folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.id = folder, folder.name

    @property
    def data(self) -> Path:
        """The file that was sent; gone once it is taken in."""
        return self.folder / "data"

    @property
    def about(self) -> About:
        """What was said of the file. Raises FileNotFoundError where the upload is gone."""
        return msgspec.json.decode((self.folder / "about.json").read_bytes(), type=About)

    @property
    def state(self) -> State | None:
        """How far the last run is, None where there was none."""
        return self._read("state.json", State)

    @property
    def report(self) -> Report | None:
        """What the last run found, None where it has not ended."""
        return self._read("report.json", Report)

    def keep_about(self, about: About) -> None:
        """Keep what was said, and forget what was found before it was said."""
        self.forget_report()
        self._write("about.json", about)

    def keep_state(self, state: State) -> None:
        """Keep how far a run is."""
        self._write("state.json", state)

    def keep_report(self, report: Report) -> None:
        """Keep what a run found."""
        self._write("report.json", report)

    def forget_report(self) -> None:
        """Remove the last report: a new run begins."""
        (self.folder / "report.json").unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the file and everything about it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def is_running(self) -> bool:
        """Whether a run holds the lock."""
        try:
            number = os.open(self.folder / "lock", os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(number)
        return False

    @contextmanager
    def locked(self) -> Iterator[int | None]:
        """Hold the lock and give its number, to be handed to the run; None where one runs."""
        number = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield number
        finally:
            os.close(number)

    def _read(self, name: str, kind: type[_Kept]) -> _Kept | None:
        try:
            return msgspec.json.decode((self.folder / name).read_bytes(), type=kind)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def _write(self, name: str, value: msgspec.Struct) -> None:
        part = self.folder / f"{name}.part"
        part.write_bytes(msgspec.json.encode(value))
        part.replace(self.folder / name)


class Store:
    """All uploads; the folder and what is in it is for its owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def receive(self, stream: IO[bytes]) -> tuple[Upload, int, str]:
        """Write a file to a new folder, block by block; return it, its bytes and its SHA-256."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder.chmod(0o700)
        upload = Upload(self._folder / secrets.token_hex(16))
        upload.folder.mkdir(mode=0o700)
        size, digest = 0, hashlib.sha256()
        try:
            with open(os.open(upload.data, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
                while block := stream.read(_BLOCK):
                    file.write(block)
                    digest.update(block)
                    size += len(block)
        except BaseException:
            upload.remove()
            raise
        return upload, size, digest.hexdigest()

    def find(self, name: str) -> Upload | None:
        """Return the upload of that name, None where there is none."""
        if not _ID.fullmatch(name) or not (self._folder / name / "about.json").is_file():
            return None
        return Upload(self._folder / name)

    def all(self) -> list[tuple[Upload, About]]:
        """Return every upload and what was said of it, the newest first."""
        if not self._folder.is_dir():
            return []
        names = [each.name for each in self._folder.iterdir()]
        found = [(each, each.about) for each in map(self.find, names) if each is not None]
        return sorted(found, key=lambda pair: (-pair[1].at, pair[0].id))

    def sweep(self, now: int) -> None:
        """Remove what is older than a day, whole or broken off, unless it is running."""
        if not self._folder.is_dir():
            return
        for folder in self._folder.iterdir():
            is_old = now - folder.stat().st_mtime_ns // 1_000_000 > DAY
            if is_old and _ID.fullmatch(folder.name) and not Upload(folder).is_running:
                Upload(folder).remove()

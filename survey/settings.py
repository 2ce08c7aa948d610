"""Settings: one frozen object, read once from the environment and passed on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent

DEVELOPMENT_KEY = "only-for-tests-and-a-local-start"


class SettingsError(ValueError):
    """A setting is missing or cannot be read; the message names it and says what to do."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What differs from one deployment to the next.

    ``database_url``: where the data is; default an SQLite file under ``var/``.
    ``public_url``: own address for QR codes and links; the Host header is never used.
    ``secret_key``: signs form tokens and staff sessions.
    ``dossier_key``: key of the dossier hash; changing it breaks "once per dossier".
    ``form_hours``: how long a citizen's open form stays valid.
    ``page_seconds``: how long a rendered public page is served before the newest edition is
    looked up again.
    ``import_bytes``: the largest file that an import takes.
    ``upload_folder``: where a file that was sent by a browser lies until it is taken in.
    ``idle_minutes``, ``session_hours``: how long staff stay signed in, unused and in all.
    """

    database_url: str
    public_url: str = "http://127.0.0.1:8000"
    secret_key: str = DEVELOPMENT_KEY
    dossier_key: str = DEVELOPMENT_KEY
    form_hours: int = 72
    page_seconds: float = 2.0
    import_bytes: int = 2 * 1024**3
    upload_folder: str = str(ROOT / "var" / "uploads")
    idle_minutes: int = 30
    session_hours: int = 10
    testing: bool = False


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Return settings from environment variables.

    Reads ``DATABASE_URL``, ``PUBLIC_URL``, ``SECRET_KEY``, ``DOSSIER_KEY``, ``FORM_HOURS``,
    ``PAGE_SECONDS``, ``IMPORT_BYTES``, ``UPLOAD_FOLDER``, ``IDLE_MINUTES`` and ``SESSION_HOURS``.
    Raises SettingsError where a number cannot be read, where the database is neither SQLite nor
    PostgreSQL, or where a database server is named and a key is missing or short.
    """
    default = Settings(database_url=f"sqlite:///{ROOT / 'var' / 'hai-long.sqlite'}")
    settings = Settings(
        database_url=environ.get("DATABASE_URL", default.database_url),
        public_url=environ.get("PUBLIC_URL", default.public_url).rstrip("/"),
        secret_key=environ.get("SECRET_KEY", default.secret_key),
        dossier_key=environ.get("DOSSIER_KEY", default.dossier_key),
        form_hours=int(_number(environ, "FORM_HOURS", default.form_hours)),
        page_seconds=_number(environ, "PAGE_SECONDS", default.page_seconds),
        import_bytes=int(_number(environ, "IMPORT_BYTES", default.import_bytes)),
        upload_folder=environ.get("UPLOAD_FOLDER", default.upload_folder),
        idle_minutes=int(_number(environ, "IDLE_MINUTES", default.idle_minutes)),
        session_hours=int(_number(environ, "SESSION_HOURS", default.session_hours)),
    )
    if not settings.database_url.startswith(("sqlite:", "postgresql+psycopg:")):
        raise SettingsError("DATABASE_URL must begin with sqlite: or postgresql+psycopg:.")
    if not settings.database_url.startswith("sqlite"):
        for name, value in (
            ("SECRET_KEY", settings.secret_key),
            ("DOSSIER_KEY", settings.dossier_key),
        ):
            if value == DEVELOPMENT_KEY or len(value) < 32:
                raise SettingsError(f"{name} must be set to at least 32 random characters.")
    return settings


def read_secrets(file: Path) -> dict[str, str]:
    """Return the ``NAME=value`` lines of a file, or nothing where there is no such file."""
    if not file.is_file():
        return {}
    pairs = (line.partition("=") for line in file.read_text(encoding="utf-8").splitlines())
    return {name.strip(): value.strip() for name, sign, value in pairs if sign}


def _number(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name, "")
    if not text:
        return default
    try:
        number = float(text)
    except ValueError as error:
        raise SettingsError(f"{name} must be a number, not {text!r}.") from error
    if number < 0:
        raise SettingsError(f"{name} must not be negative.")
    return number

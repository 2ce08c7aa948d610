"""What every page says of the deployment itself, asked for anew so that it is never stale."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Site:
    """One deployment. ``languages`` holds codes, the first language first.

    ``names`` are the city's names by language; ``is_sample`` is None while nobody knows whether
    the database holds sample or real data (there is none yet, or it does not answer).
    """

    languages: tuple[str, ...] = ("vi", "en")
    names: Mapping[str, str] = field(default_factory=dict)
    is_sample: bool | None = None
    licence: str = ""

    def name(self, language: str) -> str:
        """Return the city's name in a language, else in the first one, else nothing."""
        return self.names.get(language) or self.names.get(self.languages[0], "")


class CurrentSite:
    """Asks for the site every few seconds, and keeps the last answer while the database is gone.

    A page that says so must still come out in the person's language.
    """

    def __init__(self, ask: Callable[[], Site], seconds: float) -> None:
        self._ask, self._seconds = ask, seconds
        self._last = Site()
        self._asked_at: float | None = None

    def __call__(self) -> Site:
        """Return the site as it is now, or as it was when it was last known."""
        now = time.monotonic()
        if self._asked_at is None or now - self._asked_at >= self._seconds:
            try:
                self._last, self._asked_at = self._ask(), now
            except Exception:  # whatever the cause, the page about it must not fail for it
                log.warning("The site's own facts are not to be had; the last ones serve.")
        return self._last

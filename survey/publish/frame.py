"""What every page about a release says of it: period, edition, other periods, downloads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from survey.publish.editions import Release
from survey.register.snapshot import Register
from survey.web import numbers

FORMATS = ("json", "csv", "xlsx")


@dataclass(frozen=True)
class Link:
    """An address below the site's own, without language, and its words."""

    path: str
    text: str
    is_current: bool = False


@dataclass(frozen=True)
class Place:
    """Whose pages these are: the city (``path`` is ``/``), a unit or a field."""

    path: str

    def at(self, release: Release, *, edition: bool) -> str:
        """Return the path of a period, of its newest edition or of that very one."""
        start = "/ky/" if self.path == "/" else f"{self.path}/"
        tail = f"/{release.edition}" if edition else ""
        return f"{start}{release.period}{tail}"


CITY = Place("/")


@lru_cache(maxsize=2048)
def unit_place(code: str) -> Place:
    """Return the place of a unit."""
    return Place(f"/don-vi/{quote(code)}")


@lru_cache(maxsize=256)
def field_place(code: str) -> Place:
    """Return the place of a field."""
    return Place(f"/linh-vuc/{quote(code)}")


@dataclass(frozen=True)
class Frame:
    """A release as a page names it.

    ``newer`` leads to a later edition of the same period, where there is one. ``periods`` are the
    newest editions of all periods, quarters, months and years apart, ``editions`` those of this
    period; ``downloads`` the data twins.
    """

    release: Release
    period: str
    made_on: str
    path: str
    newer: Link | None
    periods: tuple[tuple[Link, ...], ...]
    editions: tuple[Link, ...]
    downloads: tuple[Link, ...]


def frame(register: Register, known: Sequence[Release], release: Release, place: Place) -> Frame:
    """Return the frame of a page; ``known`` are all releases, latest period first."""
    zone = register.city.zone
    same = [each for each in known if each.period == release.period]
    newest = max(same, key=lambda each: each.edition, default=release)
    path = place.at(release, edition=True)
    return Frame(
        release=release,
        period=numbers.period_name(release.period),
        made_on=numbers.instant_day(release.made_at, zone),
        path=path,
        newer=None
        if newest.edition == release.edition
        else Link(place.at(newest, edition=True), numbers.instant_day(newest.made_at, zone)),
        periods=tuple(_periods(known, release, place)),
        editions=tuple(
            Link(
                place.at(each, edition=True),
                numbers.instant_day(each.made_at, zone),
                each.edition == release.edition,
            )
            for each in sorted(same, key=lambda each: each.edition)
        ),
        downloads=tuple(Link(f"{path}.{ending}", ending.upper()) for ending in FORMATS),
    )


def _periods(
    known: Sequence[Release], release: Release, place: Place
) -> Iterator[tuple[Link, ...]]:
    """Yield the links to the quarters, the months, the years and the runs of months."""
    latest = {each.period: each for each in sorted(known, key=lambda each: each.edition)}
    periods = [each.period for each in known]
    for kind in ("quarter", "month", "year", "run"):
        links = [
            Link(
                place.at(latest[period], edition=False),
                numbers.period_name(period),
                period == release.period,
            )
            for period in dict.fromkeys(periods)
            if period.kind == kind
        ]
        if links:
            yield tuple(links)

"""What an embed says of one unit: the leading rate of its newest release, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.engine import Connection

from survey.publish import sentence, wording
from survey.publish.editions import Release, releases, unit_rates
from survey.publish.figure import Badge, Thresholds, figures, thresholds
from survey.publish.frame import unit_place
from survey.publish.pages import newest_of
from survey.publish.standing import stand
from survey.register.items import Unit
from survey.register.snapshot import Register
from survey.web import numbers
from survey.web.texts import gettext

Theme = Literal["auto", "light", "dark"]
Size = Literal["large", "small"]
State = Literal["shown", "hidden", "nothing", "unknown", "gone"]
"""A rate; too few ratings; no release yet; no such unit; the database does not answer."""

THEMES: tuple[Theme, ...] = ("auto", "light", "dark")
SIZES: tuple[Size, ...] = ("large", "small")
UNITS = "/don-vi/"


@dataclass(frozen=True)
class Look:
    """How an embed is drawn; what is asked for and not known falls back to the default."""

    language: str
    theme: Theme = "auto"
    size: Size = "large"

    @staticmethod
    def read(asked: Mapping[str, str], languages: Sequence[str], default: str) -> Look:
        """Return the look that a query asks for: ``lang``, ``theme``, ``size``."""
        language = asked.get("lang", "")
        theme: Theme = next((each for each in THEMES if each == asked.get("theme")), "auto")
        size: Size = next((each for each in SIZES if each == asked.get("size")), "large")
        return Look(language if language in languages else default, theme, size)

    def query(self, first: str) -> str:
        """Return the query that asks for this look, ``?`` included, without what is default."""
        parts = {"lang": self.language, "theme": self.theme, "size": self.size}
        default = {"lang": first, "theme": "auto", "size": "large"}
        asked = [f"{name}={value}" for name, value in parts.items() if value != default[name]]
        return f"?{'&'.join(asked)}" if asked else ""


@dataclass(frozen=True)
class Told:
    """One unit as an embed tells it, in the language of the moment.

    ``path`` is that of the official page; ``ended`` says since when the unit is no more and what
    it became. Where no rate is shown ``lead`` is None and ``empty`` says so in one line.
    """

    state: State
    name: str
    path: str
    empty: str = ""
    remark: str = ""
    lead: sentence.Lead | None = None
    is_official: bool = False
    is_preliminary: bool = False
    is_sample: bool = False
    period: str = ""
    made_on: str = ""
    series: str = ""
    ended: str = ""

    @property
    def badge(self) -> Badge | None:
        """The verdict, where there is one to show."""
        return None if self.lead is None else self.lead.figure.badge

    @property
    def verdict(self) -> str:
        """The verdict's word, or in its place why there is none; as short as can be."""
        if self.lead is None:
            return ""
        if self.badge is not None:
            return str(wording.VERDICTS[self.badge])
        if not self.is_official:
            return gettext("Nguồn tham khảo")
        if self.is_preliminary:
            return gettext("Tạm tính")
        return gettext("Chưa kết luận") if self.lead.figure.target is not None else ""

    @property
    def target(self) -> str:
        """What the verdict is held against: ``chỉ tiêu từ 91 %``; empty without a verdict."""
        if self.lead is None or self.badge is None or self.lead.figure.target is None:
            return ""
        words = wording.target_words(self.lead.figure.target)
        return gettext("chỉ tiêu %(value)s", value=words)

    @property
    def range(self) -> str:
        """The interval: ``93,5–95,9 %``."""
        return "" if self.lead is None else sentence.range_text(self.lead.figure)

    @property
    def ratings(self) -> str:
        """How many ratings: ``1.258 đánh giá``."""
        return "" if self.lead is None else wording.ratings(self.lead.figure.answered)

    @property
    def released(self) -> str:
        """Period and day of release, or nothing before the first release."""
        if not self.period:
            return ""
        values = {"period": self.period, "day": self.made_on}
        return gettext("%(period)s · công bố %(day)s", **values)

    @property
    def summary(self) -> str:
        """All of it in one sentence or two, for those who do not see it."""
        where = f"{self.name}, {self.period}" if self.period else self.name
        says = self.empty if self.lead is None else self.lead.summary
        says = says if says.endswith(".") else f"{says}."
        parts = [f"{where}: {says}" if where else says]
        if not self.is_official and self.lead is not None:
            parts.append(self.series + ".")
        parts += [self.ended] if self.ended else []
        parts += [sample_words()] if self.is_sample else []
        return " ".join(each for each in parts if each)


def sample_words() -> str:
    """Mark figures that are not real."""
    return gettext("Dữ liệu mẫu, không phải kết quả thật.")


def told(
    connection: Connection, register: Register, code: str, language: str, *, is_sample: bool
) -> Told:
    """Return what the embed of a unit says; also of one that nobody knows."""
    unit = register.units.get(code)
    if unit is None:
        return Told("unknown", "", UNITS, gettext("Không có đơn vị này"), is_sample=is_sample)
    name, path = register.unit_name(code, language), unit_place(code).path
    ended = _ended(register, unit, language)
    known = releases(connection)
    release = newest_of(known, unit) if known else None
    if release is None:
        empty = gettext("Chưa có kỳ nào được công bố")
        return Told("nothing", name, path, empty, is_sample=is_sample, ended=ended)
    return _of_release(connection, register, release, Told("hidden", name, path, ended=ended), code)


def _of_release(
    connection: Connection, register: Register, release: Release, start: Told, code: str
) -> Told:
    limits = thresholds(register, release)
    rates = [rate for rate in unit_rates(connection, release, code) if rate.field is None]
    standing = stand(register, figures(rates, limits))
    shown = standing.lead
    return Told(
        state="hidden" if shown is None else "shown",
        name=start.name,
        path=start.path,
        empty="" if shown else _few(limits),
        remark="" if shown else gettext("Quá ít để hiển thị tỷ lệ."),
        lead=None if shown is None else sentence.lead(shown, limits),
        is_official=standing.is_official,
        is_preliminary=release.preliminary,
        is_sample=release.sample or register.kind == "sample",
        period=numbers.period_name(release.period),
        made_on=numbers.instant_day(release.made_at, register.city.zone),
        series="" if shown is None else wording.series_names(shown.rate.series),
        ended=start.ended,
    )


def _few(limits: Thresholds) -> str:
    return gettext("Dưới %(number)s đánh giá", number=limits.shown)


def _ended(register: Register, unit: Unit, language: str) -> str:
    """Say that a unit is no more, and what it became."""
    if unit.valid_to is None:
        return ""
    day = numbers.day(unit.valid_to, language)
    heirs = [
        register.unit_name(each.successor, language) for each in register.successors(unit.code)
    ]
    if not heirs:
        return gettext("Đơn vị này đã kết thúc ngày %(day)s.", day=day)
    return gettext("Đã kết thúc ngày %(day)s; từ đó là %(units)s.", day=day, units=", ".join(heirs))


def gone() -> Told:
    """Return what an embed says while the database does not answer."""
    return Told("gone", "", UNITS, gettext("Tạm thời chưa lấy được số liệu"))

"""What the places on an axis are called, and which view each of them leads to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from survey.analyse.counts import Span
from survey.analyse.families import Line, Name
from survey.analyse.selection import Selection
from survey.estimate.rate import SeriesKey
from survey.ledger.tables import UNKNOWN
from survey.publish import wording
from survey.register.snapshot import Register
from survey.terms.response import UNCLASSIFIED
from survey.terms.series import parse_series
from survey.web import numbers
from survey.web.texts import gettext
from survey.web.texts import lazy_gettext as _l

PATH = "/phan-tich/"

CHANNELS = dict(wording.CHANNELS) | {"unknown": _l("không rõ kênh")}
AXIS_HEADS = {
    "linh_vuc": _l("Lĩnh vực"),
    "don_vi": _l("Đơn vị"),
    "thang": _l("Tháng"),
    "chuoi": _l("Nguồn"),
    "nguoi_cam": _l("Người cầm thiết bị"),
    "kenh": _l("Kênh"),
    "khong": _l("Kỳ"),
}
MOST_NAMED = 5

ROLES = {
    "resolving": _l("đơn vị giải quyết hồ sơ"),
    "receiving": _l("đơn vị tiếp nhận hồ sơ"),
}


class Names:
    """Names and addresses along the axis of one view."""

    def __init__(
        self, register: Register, selection: Selection, language: str, lines: Iterable[Line]
    ) -> None:
        self._register, self._selection, self._language = register, selection, language
        kept = list(lines)
        spans = {id(line.span) for line in kept}
        self._has_spans = len(spans) > 1
        named = {line.at: self._plain(line.at) for line in kept}
        self._twins = {name for name, number in Counter(named.values()).items() if number > 1}

    def name(self, line: Line) -> str:
        """Return the name of a line's place; a period where there is nothing else to tell."""
        if not line.at:
            return span_name(line.span)
        name = self._plain(line.at)
        return f"{name} ({line.at})" if name in self._twins else name

    def remark(self, line: Line) -> str:
        """Return the period of a line, where a view has several and the name does not say it."""
        return span_name(line.span) if line.at and self._has_spans else ""

    def total_remark(self, line: Line) -> str:
        """Return the period of all together, where a view has several."""
        return span_name(line.span) if self._has_spans else ""

    def _plain(self, at: str) -> str:
        match self._selection.by:
            case "don_vi":
                if at == UNKNOWN:
                    return gettext("không rõ đơn vị")
                return self._register.unit_name(at, self._language)
            case "linh_vuc":
                if at == UNCLASSIFIED:
                    return gettext("chưa rõ lĩnh vực")
                return self._register.field_name(at, self._language)
            case "chuoi":
                return wording.series_sentence(series_key(at)) if at else ""
            case "nguoi_cam":
                return str(wording.HOLDERS.get(at, at))
            case "kenh":
                return str(CHANNELS.get(at, at))
            case _:
                return at

    def path(self, line: Line) -> str:
        """Return the address of the view that a line leads to, "" where it leads nowhere."""
        selection = replace(self._selection, order="ten", descends=False)
        match selection.by:
            case "don_vi" if line.at != UNKNOWN and len(selection.units) != 1:
                changes: dict[str, object] = {"units": (line.at,), "by": "linh_vuc"}
            case "linh_vuc" if len(selection.fields) != 1:
                changes = {"fields": (line.at,), "by": "don_vi"}
            case "chuoi" if len(selection.patterns) != 1:
                changes = {"patterns": (line.at,), "by": "linh_vuc"}
            case "thang":
                changes = {"periods": (line.span.period,), "by": "linh_vuc"}
            case _:
                return ""
        return f"{PATH}?{selection.query(**changes)}"


def span_name(span: Span) -> str:
    """Name a period, or the days of it where a rule cuts it."""
    if span.is_whole:
        return numbers.period_name(span.period)
    return wording.days_name(f"{span.first_on}/{span.last_on}")


def series_key(text: str) -> SeriesKey:
    """Return a series as rates carry it."""
    series = parse_series(text)
    return SeriesKey(series.source, series.channel, series.holder, series.assurance)


def family_name(name: Name) -> str:
    """Name a family: the measure, a part of it, or the series."""
    if name.kind == "reference":
        return wording.series_sentence(series_key(name.series))
    measure = wording.measure_name(name.measure)
    if name.kind == "part":
        return gettext("Một phần của: %(measure)s", measure=measure)
    return measure


def place_name(register: Register, selection: Selection, language: str) -> str:
    """Name the units and fields that a view looks at."""
    units = [register.unit_name(code, language) for code in selection.units]
    fields = [register.field_name(code, language) for code in selection.fields]
    place = _list(units) if units else register.city.names.get(language, gettext("cả thành phố"))
    return f"{place} · {_list(fields) if fields else gettext('mọi lĩnh vực')}"


def _list(names: list[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    if len(names) <= MOST_NAMED:
        return shown
    return gettext("%(names)s và %(number)s mục khác", names=shown, number=len(names) - MOST_NAMED)

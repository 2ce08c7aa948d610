"""On-time and late dossiers beside satisfaction, as a page shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from survey.estimate.rate import Timeliness
from survey.publish import wording
from survey.publish.figure import target_fraction
from survey.register.snapshot import Register
from survey.stats import percent
from survey.web import numbers
from survey.web.texts import gettext


@dataclass(frozen=True, slots=True)
class DossierRow:
    """Dossiers of some fields: the share, the counts, the target and what the count says.

    ``verdict`` is ``met``, ``not_met`` or "" (no target): dossiers are all counted, so there is
    no doubt to weigh. ``missing`` says by how much a source's parts do not add up.
    """

    fields: str
    share: str
    counts: str
    target: str
    verdict: str
    missing: str


def dossier_rows(register: Register, rows: Iterable[Timeliness], language: str) -> list[DossierRow]:
    """Return the rows of which a share is known: sums of fields, or a field where it is alone."""
    known = [row for row in rows if row.share is not None]
    sums = [row for row in known if row.field is None]
    return [_row(register, row, language) for row in sums or known[:1]]


def _row(register: Register, row: Timeliness, language: str) -> DossierRow:
    is_late, target = row.measure == "late", row.target
    share = printed_share(row)
    verdict = "" if row.reached_by_count is None else _verdict(row.reached_by_count)
    return DossierRow(
        fields=_upper(wording.selected_fields(register, row.fields, language)),
        share=gettext("%(share)s trễ hẹn", share=share)
        if is_late
        else gettext("%(share)s đúng hẹn", share=share),
        counts=gettext(
            "%(counted)s trên %(resolved)s hồ sơ đã giải quyết",
            counted=numbers.count(_counted(row)),
            resolved=numbers.count(row.resolved or 0),
        ),
        target="" if target is None else wording.target_words(target),
        verdict=verdict,
        missing=_missing(row),
    )


def printed_share(row: Timeliness) -> str:
    """Print a share so that it never contradicts its target; "" where nothing was resolved."""
    target = row.target
    printed = percent(
        _counted(row),
        row.resolved or 0,
        target=target_fraction(target),
        comparator=">=" if target is None else target.comparator,
    )
    return "" if printed is None else numbers.percent(printed)


def _counted(row: Timeliness) -> int:
    if row.measure == "late":
        return row.late or 0
    return (row.early or 0) + (row.on_time or 0)


def _verdict(is_reached: bool) -> str:
    return "met" if is_reached else "not_met"


def _missing(row: Timeliness) -> str:
    if not row.missing:
        return ""
    return gettext(
        "Các phần do nguồn báo lệch %(number)s hồ sơ so với tổng; giữ nguyên như đã báo.",
        number=numbers.count(abs(row.missing)),
    )


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]

"""The report of an import: what was read, what is wrong with which rows, what became of them."""

from __future__ import annotations

from typing import Literal

import msgspec

from survey.intake.imports.faults import Fault

MAX_ROWS_NAMED = 1000
"""How many row numbers a finding names; how many there are is counted on."""

MAX_FINDINGS = 2000
"""How many different values of one code and column are named; the others are summed."""

Level = Literal["file", "row", "note"]
Status = Literal["refused", "dry_run", "committed", "nothing_new"]


class Finding(msgspec.Struct):
    """One thing found, with the rows it was found in.

    ``level``: ``file`` refuses the whole file, ``row`` keeps its rows out, ``note`` changes
    nothing.
    """

    level: Level
    code: str
    column: str = ""
    value: str = ""
    detail: str = ""
    n_rows: int = 0
    rows: list[int] = []


class Report(msgspec.Struct):
    """Everything that is said about one import; ``n_*`` are rows of the file.

    ``n_items`` is what they make (ratings, totals, counts), ``n_accepted`` how many of these were
    written, or would be. ``form`` says how the file was read, ``ignored`` which headers the map
    does not name. ``months`` are the first and the last.
    """

    kind: str
    file: str = ""
    sha256: str = ""
    status: Status = "refused"
    form: dict[str, str] = {}
    ignored: list[str] = []
    n_rows: int = 0
    n_blank: int = 0
    n_bad: int = 0
    n_items: int = 0
    n_accepted: int = 0
    n_already: int = 0
    n_set_aside: int = 0
    sources: list[str] = []
    months: list[str] = []
    batch: str = ""
    attempt: int = 0
    findings: list[Finding] = []

    @property
    def is_refused(self) -> bool:
        """Tell whether the file is not, or would not be, taken in."""
        return self.status == "refused"


def as_json(report: Report) -> bytes:
    """Return a report for machines: its members by name, nothing left out."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2)


class Collector:
    """Gathers findings, each distinct one once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Fault], Finding] = {}
        self._distinct: dict[tuple[str, str, str], int] = {}

    def add(self, level: Level, fault: Fault, row: int | None = None) -> None:
        """Add a finding, or another row to one that is there."""
        finding = self._finding(level, fault)
        if row is not None:
            finding.n_rows += 1
            if len(finding.rows) < MAX_ROWS_NAMED:
                finding.rows.append(row)

    def _finding(self, level: Level, fault: Fault) -> Finding:
        key = level, Fault(fault.code, fault.column, fault.value)
        found = self._found.get(key)
        if found is not None:
            return found
        kind = level, fault.code, fault.column
        self._distinct[kind] = self._distinct.get(kind, 0) + 1
        if self._distinct[kind] > MAX_FINDINGS:
            fault = Fault(fault.code, fault.column, "", "more_values")
            key = level, fault
            if key in self._found:
                return self._found[key]
        finding = Finding(level, fault.code, fault.column, fault.value, fault.detail, rows=[])
        self._found[key] = finding
        return finding

    def findings(self) -> list[Finding]:
        """Return what refuses the file first, then rows, then notes; by code and first row."""
        order = {"file": 0, "row": 1, "note": 2}
        return sorted(
            self._found.values(),
            key=lambda each: (order[each.level], each.code, each.rows[:1], each.value),
        )

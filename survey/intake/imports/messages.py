"""A report in words, for the command line. A page has its own words for the same codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from survey.intake.imports.report import Finding, Report

TEXTS: Final = {
    # the map
    "map": "The map cannot be read.",
    "map_entry": "An entry of the map is not right.",
    "format": "The map's format cannot be used (%Y %m %d %H %M %S %z, each once).",
    "zone": "The time zone is missing or unknown (an IANA name such as Asia/Ho_Chi_Minh).",
    "label_value": "The map gives labels values that the question's scale does not have.",
    # the file
    "file_unreadable": "The file cannot be opened.",
    "file_empty": "The file is empty.",
    "file_too_large": "The file is larger than this server takes (IMPORT_BYTES).",
    "file_kind": "This is an old or encrypted workbook: save it as .xlsx without password, or CSV.",
    "file_changed": "The file changed while it was read.",
    "file_known": "This file is in already, as this import. Void that import to bring it again.",
    "ledger_changed": "Others wrote meanwhile what this file holds too. Run the import again.",
    "zip_bomb": "The workbook unpacks to more than is reasonable; it was not unpacked.",
    "xlsx_broken": "The workbook cannot be read.",
    "too_many_rows": "The sheet has more rows than a sheet can have.",
    "sheet_missing": "There is no such sheet; the sheets are named here.",
    "sheet_unnamed": "The workbook has several sheets: name one in the map (file.sheet).",
    "encoding": "The file is not in this encoding: name the right one in the map (file.encoding).",
    "encoding_mark": "The file's byte order mark is not that of the encoding that the map names.",
    "nul": "The file has a NUL character: it is no text, or in an encoding the map does not name.",
    "line_too_long": "A line has more than a million characters.",
    "csv_broken": "The quotation marks of the file do not close, or a cell is too long.",
    "delimiter": "Several delimiters fit the headers: name one in the map (file.delimiter).",
    "header_missing": "There is no header in this row (file.header_row).",
    "columns_missing": "Columns of the map are not in the file; the file's headers are named here.",
    "column_twice": "Two columns have this header; the map needs one.",
    "no_rows": "The file has a header and no rows.",
    # rows
    "cells": "A row has another number of cells than the header.",
    "value_missing": "The cell is empty.",
    "formula": "The cell holds a formula; its value must stand there.",
    "time": "No date and time of the map's format.",
    "time_never_was": "Clocks were put forward: this local time never was.",
    "time_was_twice": "Clocks were put back: this local time was twice.",
    "time_future": "The time is in the future.",
    "month": "No month of the map's format.",
    "unit_unknown": "No unit has, or ever had, this name or code.",
    "unit_not_in_force": "The unit of this name or code was not there on the day of the row.",
    "unit_ambiguous": "Several units had this name on the day of the row: give the code.",
    "field_unknown": "No field has, or ever had, this name or code.",
    "field_not_in_force": "The field of this name or code was not there on the day of the row.",
    "field_ambiguous": "Several fields had this name on the day of the row: give the code.",
    "source": "No word for a source.",
    "channel": "No word for a channel.",
    "holder": "No word for who held the device.",
    "assurance": "No word for an assurance.",
    "occasion": "No word for an occasion.",
    "language": "No language code.",
    "questionnaire_unknown": "No questionnaire version has this id.",
    "questionnaire_retired": "The questionnaire version was not valid on the day of the row.",
    "question_unknown": "The questionnaire version does not ask this question.",
    "label_unknown": "The map does not know this label.",
    "answer_missing": "A required answer is missing.",
    "answer_many": "Several answers where one is asked for.",
    "answer_unknown": "The question's scale does not have this value.",
    "answer_order": "The values are not in order.",
    "malformed": "The row holds characters that cannot be kept.",
    "service_on": "No day of service.",
    "comment": "The comment holds characters that cannot be kept.",
    "period": "This is no month.",
    "unit_role": "No word for the role of a unit.",
    "answered_at": "The time cannot be placed in the city's zone.",
    "dossier_code": "The dossier code has not the city's shape (9 a digit, A a letter).",
    "comment_too_long": "The comment has more characters than are kept.",
    "body_differs": "The same external id came before with another content.",
    "totals_exist": "Totals of this source and month are in: rows and totals are not mixed.",
    "rows_exist": "Rows of this source and month are in: rows and totals are not mixed.",
    "count": "No whole number from 0 to 999,999,999 (file's thousands sign: numbers.thousands).",
    "count_twice": "The same count stands in the file twice; none is chosen.",
    "total_unknown": "Rows of totals cannot be placed, so no total is sure to be whole.",
    "total_incomplete": "Another row of the same total is wrong, so the total is not whole.",
    # one-time links
    "link_twice": "The file has this dossier and occasion twice: one dossier gets one link.",
    "link_there": "This dossier has a link for this occasion whose time is not over.",
    "too_many_links": "A batch made on a page has this many links at most: divide the file.",
    # notes
    "already": "These ratings are in already; they are not counted again.",
    "overlap": "An earlier import has the same source and months.",
    "parts_do_not_add_up": "Early, on time and late do not add up to resolved; kept as given.",
}

_STATUS: Final = {
    "refused": "Nothing was written.",
    "dry_run": "This was a dry run: nothing was written. --commit writes.",
    "committed": "Written.",
    "nothing_new": "Nothing is new: nothing was written.",
}
_ITEMS: Final = {"counts": "totals", "dossiers": "counts of dossiers"}
_SHOWN = 20


def lines(report: Report) -> Iterator[str]:
    """Yield a report as lines of English text."""
    yield f"{report.file}: {report.kind}"
    if report.sha256:
        attempt = f", attempt {report.attempt}" if report.attempt else ""
        yield f"  SHA-256 {report.sha256}{attempt}"
    if report.form:
        yield "  read as " + ", ".join(f"{name} {value!r}" for name, value in report.form.items())
        if report.ignored:
            yield f"  columns that the map does not name: {_first(report.ignored)}"
        yield (
            f"  {report.n_rows} rows, {report.n_bad} bad, {report.n_already} in already, "
            f"{report.n_blank} blank"
        )
    if report.months:
        yield f"  {', '.join(report.sources)}: {report.months[0]} to {report.months[-1]}"
    for finding in report.findings:
        yield from _finding(finding)
    yield _outcome(report)


def _finding(finding: Finding) -> Iterator[str]:
    mark = {"file": "REFUSED", "row": "BAD ROW", "note": "note"}[finding.level]
    where = f" in column {finding.column}" if finding.column else ""
    value = f": {finding.value!r}" if finding.value else ""
    detail = f" ({_detail(finding.detail)})" if finding.detail else ""
    yield f"{mark} {finding.code}{where}{value}{detail}"
    rows = f" Rows {_first(finding.rows, finding.n_rows)}." if finding.rows else ""
    yield f"    {TEXTS.get(finding.code, finding.code)}{rows}"


def _first(words: Sequence[object], n_words: int = 0) -> str:
    """Name the first of many, and say how many more there are."""
    more = max(n_words, len(words)) - min(len(words), _SHOWN)
    return ", ".join(map(str, words[:_SHOWN])) + (f" and {more} more" if more else "")


def _detail(detail: str) -> str:
    return "further values" if detail == "more_values" else detail


def _outcome(report: Report) -> str:
    told = _STATUS[report.status]
    if report.status in ("committed", "dry_run"):
        verb = "accepted" if report.status == "committed" else "would be accepted"
        told += f" {report.n_accepted} {_ITEMS.get(report.kind, report.kind)} {verb}"
        told += f", {report.n_set_aside} rows set aside." if report.n_set_aside else "."
    if report.batch:
        told += f" Batch {report.batch}."
    return told

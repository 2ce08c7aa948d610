"""The data twins of the public pages: JSON, CSV and XLSX of the same published rates."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import xlsxwriter
from flask import Blueprint, Response, abort
from sqlalchemy.engine import Connection, Engine
from werkzeug.wrappers import Response as BaseResponse

from survey.db import reading
from survey.estimate.rate import Rate, Timeliness
from survey.publish.editions import (
    EDITION,
    Release,
    city_rates,
    field_rates,
    newest,
    releases,
    timeliness,
    unit_rates,
)
from survey.publish.hidden import expected_cells, with_hidden
from survey.publish.pages import newest_of
from survey.register.snapshot import Register, RegisterCache
from survey.terms.period import Period, parse_period
from survey.web.kept import keep

FORMATS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MAX_AGE = 300
_RISKY = ("=", "+", "-", "@", "\t", "\r")


class Twin(msgspec.Struct, frozen=True):
    """What a twin carries: the release it is from, its rates, its dossiers."""

    release: dict[str, Any]
    rates: list[Rate]
    timeliness: list[Timeliness]


def make_blueprint(engine: Engine, registers: RegisterCache) -> Blueprint:
    """Return the blueprint with ``.json``, ``.csv`` and ``.xlsx`` after every public path."""
    blueprint = Blueprint("twins", __name__)
    view = _view(engine, registers)
    ending = ".<any(json, csv, xlsx):ending>"
    rules = (
        f"/index{ending}",
        f"/ky/<period>{ending}",
        f"/ky/<period>/{EDITION}{ending}",
        f"/don-vi/<unit>{ending}",
        f"/don-vi/<unit>/<period>{ending}",
        f"/don-vi/<unit>/<period>/{EDITION}{ending}",
        f"/linh-vuc/<field>{ending}",
        f"/linh-vuc/<field>/<period>{ending}",
        f"/linh-vuc/<field>/<period>/{EDITION}{ending}",
    )
    for rule in rules:
        blueprint.add_url_rule(rule, "twin", view)
    blueprint.after_request(for_everybody)
    return blueprint


def for_everybody(response: Response) -> Response:
    """Let any site's script read an answer; nothing in it depends on who asks (no cookie)."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _view(engine: Engine, registers: RegisterCache) -> Callable[..., BaseResponse]:
    def view(
        ending: str,
        unit: str | None = None,
        field: str | None = None,
        period: str | None = None,
        edition: int | None = None,
    ) -> BaseResponse:
        wanted = None if period is None else parse_period(period)
        with reading(engine) as connection:
            register = registers.get(connection)
            if (unit is not None and unit not in register.units) or (
                field is not None and field not in register.fields
            ):
                abort(404)
            twin = _twin(connection, register, wanted, edition, unit, field)
        if twin is None:
            abort(404)
        response = Response(_WRITERS[ending](twin), content_type=FORMATS[ending])
        response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}"
        name = _file_name(twin, unit, field, ending)
        if ending != "json":
            response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        keep()
        return response

    return view


def _twin(
    connection: Connection,
    register: Register,
    period: Period | None,
    edition: int | None,
    unit: str | None,
    field: str | None,
) -> Twin | None:
    if unit is not None and period is None:
        release = newest_of(releases(connection), register.units[unit])
    else:
        release = newest(connection, period, edition)
    if release is None:
        return None
    if unit is not None:
        rates = unit_rates(connection, release, unit)
    elif field is not None:
        rates = field_rates(connection, release, field)
    else:
        rates = city_rates(connection, release)
    cells = expected_cells(register, release, unit, field)
    rates = with_hidden(register, release, rates, cells)
    times = timeliness(connection, release, unit)
    if field is not None:
        times = [row for row in times if row.field == field]
    return Twin(describe(register, release), rates, times)


def describe(register: Register, release: Release) -> dict[str, Any]:
    """Return what every format says of a release."""
    return {
        "city": register.city.code,
        "period": str(release.period),
        "edition": release.edition,
        "replaces": release.replaces,
        "reason": release.reason,
        "preliminary": release.preliminary,
        "made_at": release.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "head": release.head,
        "sample": release.sample,
        "method_version": release.report.get("method_version"),
        "minimum_shown": release.report.get("minimum_shown"),
        "minimum_badge": release.report.get("minimum_badge"),
        "document_sha256": release.document_sha256,
        "licence": register.city.data_licence,
    }


def to_json(twin: Twin) -> bytes:
    """Return ``{"release": …, "rates": […], "timeliness": […]}``."""
    return msgspec.json.encode(twin)


def to_csv(twin: Twin) -> bytes:
    """Return a row a rate; keys as in JSON, nested ones joined by ``_``, lists by ``|``."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for rate in twin.rates:
        writer.writerow([csv_cell(value) for value in flat(rate).values()])
    return text.getvalue().encode("utf-8")


def to_xlsx(twin: Twin) -> bytes:
    """Return a workbook: the rates, the dossiers, and what the release is."""
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(content, options)
    _sheet(book, "rates", COLUMNS, [list(flat(rate).values()) for rate in twin.rates])
    names = [*flat_names(Timeliness)]
    _sheet(book, "dossiers", names, [list(flat(row).values()) for row in twin.timeliness])
    _sheet(book, "release", ["key", "value"], [[key, value] for key, value in twin.release.items()])
    book.close()
    return content.getvalue()


_WRITERS: dict[str, Callable[[Twin], bytes]] = {
    "json": to_json,
    "csv": to_csv,
    "xlsx": to_xlsx,
}


def _sheet(
    book: xlsxwriter.Workbook, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
    sheet.freeze_panes(1, 0)
    for place, row in enumerate(rows, start=1):
        sheet.write_row(place, 0, ["" if value is None else value for value in row])


_NESTED: dict[str, tuple[str, ...]] = {
    "interval": ("method", "level", "low", "high"),
    "target": ("value", "comparator", "source", "basis"),
    "bounds": ("low", "high"),
}


def flat_names(kind: type[msgspec.Struct]) -> list[str]:
    """Return the columns of a result type, in the order of its members."""
    names: list[str] = []
    for name in kind.__struct_fields__:
        names += [f"{name}_{part}" for part in _NESTED[name]] if name in _NESTED else [name]
    return names


COLUMNS = flat_names(Rate)


def flat(item: Rate | Timeliness) -> dict[str, Any]:
    """Return a result as one flat row: column → text, number, truth value or None."""
    row: dict[str, Any] = {}
    for name in item.__struct_fields__:
        value = getattr(item, name)
        if name in _NESTED:
            for part in _NESTED[name]:
                row[f"{name}_{part}"] = None if value is None else getattr(value, part)
        elif isinstance(value, tuple):
            row[name] = "|".join(_member(member) for member in value)
        else:
            row[name] = value
    return row


def _member(value: Any) -> str:
    if isinstance(value, msgspec.Struct):
        return "/".join(str(part) for part in msgspec.structs.astuple(value))
    return str(value)


def csv_cell(value: Any) -> Any:
    """Return a value as CSV: unknown empty, truth as JSON writes it, no cell a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_RISKY):
        return "'" + value
    return value


def _file_name(twin: Twin, unit: str | None, field: str | None, ending: str) -> str:
    place = unit or field or twin.release["city"]
    return f"hai-long_{place}_{twin.release['period']}_{twin.release['edition']}.{ending}"

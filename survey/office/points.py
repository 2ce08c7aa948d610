"""A reception point: its address, its QR code, and the sheets to print."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, abort, render_template, request

from survey.office.overview import points_of
from survey.office.room import demand_known_unit
from survey.office.sheets import Paper, Sheet, file_lines, make_sheet
from survey.register.snapshot import Point, Register
from survey.staff.guard import Guard, demand_unit, needs
from survey.web.language import current_language


class Points:
    """The views, with what they need from the application."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    @needs("points.read")
    def point(self, point: str) -> str:
        """Show a point and its code."""
        register, found = self._find(point)
        _, today = self._guard.now()
        language = current_language()
        successor = register.points.get(found.successor or "")
        return render_template(
            "office/point.html",
            point=found,
            name=found.names.get(language, found.code),
            unit=register.units[found.unit],
            unit_name=register.unit_name(found.unit, language),
            is_open=found.in_force(today),
            successor=successor,
            sheet=self._sheet(register, found),
        )

    @needs("points.read")
    def sheet(self, point: str) -> str:
        """Show a point's sheet, A4 or A5. A point that is closed has none."""
        register, found = self._find(point)
        self._demand_open(found)
        language = current_language()
        return render_template(
            "office/sheet.html",
            title=found.names.get(language, found.code),
            sheets=[self._sheet(register, found)],
            paper=_paper(),
            unit=found.unit,
        )

    @needs("points.read")
    def unit_sheets(self, unit: str) -> str:
        """Show the sheets of all open points of a unit, one a page."""
        register, today = self._guard.now()
        demand_known_unit(register, unit)
        points = [each for each in points_of(register, unit) if each.in_force(today)]
        return render_template(
            "office/sheet.html",
            title=register.unit_name(unit, current_language()),
            sheets=[self._sheet(register, point) for point in points],
            paper=_paper(),
            unit=unit,
        )

    @needs("points.read")
    def file(self, point: str) -> Response:
        """Send a point's code as an SVG file, with its names and its address under it."""
        register, found = self._find(point)
        self._demand_open(found)
        sheet = self._sheet(register, found)
        page = render_template("office/point.svg", sheet=sheet, lines=file_lines(sheet))
        answer = Response(page, mimetype="image/svg+xml")
        answer.headers["Content-Disposition"] = f'attachment; filename="qr-{found.code}.svg"'
        return answer

    def _find(self, code: str) -> tuple[Register, Point]:
        register, _ = self._guard.now()
        point = register.points.get(code)
        if point is None:
            abort(404)
        demand_unit(point.unit)
        return register, point

    def _demand_open(self, point: Point) -> None:
        _, today = self._guard.now()
        if not point.in_force(today):
            abort(HTTPStatus.GONE)

    def _sheet(self, register: Register, point: Point) -> Sheet:
        return make_sheet(register, point, self._guard.settings.public_url)


def _paper() -> Paper:
    return "A5" if request.args.get("kho", "").upper() == "A5" else "A4"

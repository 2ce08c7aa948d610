"""Pages of one-time links: a file of dossiers becomes a batch, and the batch CSV or slips."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.engine import Connection
from werkzeug.wrappers import Response as BaseResponse

from survey.db import reading, writing
from survey.forms.links import LinksForm, ParcelForm
from survey.forms.office import ReasonForm
from survey.intake.imports.report import Report
from survey.intake.link_batches import (
    FEWEST,
    Batch,
    LinkError,
    NewBatch,
    find_batch,
    last_moment,
    make_once,
    newest_batches,
    tokens_of,
    withdraw,
)
from survey.intake.link_parcel import Parcel, Parcels
from survey.intake.link_rows import MAX_BYTES, MAX_ROWS, Ask, Row, read_rows
from survey.intake.links import LinkTokens
from survey.office import link_slips
from survey.office.uploads_words import line
from survey.register.snapshot import Point, Register
from survey.staff.deeds import now_milliseconds, record
from survey.staff.guard import Guard, current_officer, demand_unit, needs, reach
from survey.web.language import current_language
from survey.web.texts import gettext
from survey.web.texts import lazy_gettext as _l

_STALE = _l("Trang này đã cũ hoặc không phải của hệ thống. Xin gửi lại tệp.")
_LINKED = _l("Vừa có người tạo liên kết cho những hồ sơ này. Xin gửi lại tệp để chạy thử lại.")
_NO_POINT = _l("Không có điểm tiếp nhận nào đang mở mang mã này.")


class Links:
    """The views, with what they need from the application."""

    def __init__(self, guard: Guard) -> None:
        self._guard, self._engine, self._settings = guard, guard.engine, guard.settings
        self._tokens = LinkTokens(guard.settings.dossier_key)
        self._parcels = Parcels(guard.settings.secret_key)

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the views to a blueprint."""
        one, add = "/quan-tri/lien-ket/<uuid:batch>", blueprint.add_url_rule
        add("/quan-tri/lien-ket", "links", self.show, methods=["GET"])
        add("/quan-tri/lien-ket", "links_try", self.try_file, methods=["POST"])
        add("/quan-tri/lien-ket/mau.csv", "links_example", self.example, methods=["GET"])
        add("/quan-tri/lien-ket/tao", "links_make", self.make, methods=["POST"])
        add(one, "link_batch", self.show_one, methods=["GET"])
        add(f"{one}/thu-hoi", "links_withdraw", self.withdraw, methods=["POST"])
        add(f"{one}/lien-ket.csv", "links_file", self.file, methods=["POST"])
        add(f"{one}/phieu", "links_slips", self.slips, methods=["POST"])

    @needs("links.read")
    def show(self) -> str:
        """List the batches of the officer's points, and offer to make one."""
        return self._list(LinksForm(None, diem=request.args.get("diem", "")[:40]))

    @needs("links.make")
    def example(self) -> Response:
        """Give a file to be filled in."""
        register, today = self._guard.now()
        point = register.points.get(request.args.get("diem", ""))
        return _attached(link_slips.example(register, point, today), "mau-lien-ket.csv")

    @needs("links.make")
    def try_file(self) -> str | tuple[str, int]:
        """Look at a file and say of every row what would become of it. Writes nothing."""
        register, today = self._guard.now()
        form = LinksForm()
        is_sound = form.validate()
        point = register.points.get(form.diem.data or "")
        if is_sound and (point is None or not point.in_force(today)):
            form.diem.errors = [str(_NO_POINT)]
        if not is_sound or point is None or form.errors:
            return self._list(form), HTTPStatus.BAD_REQUEST
        rows, report = self._read(register, point, form)
        parcel = Parcel(uuid.uuid4(), point.code, form.ngay.data, report.file, rows)
        return render_template(
            "office/link_try.html",
            point=point,
            point_name=self._point_name(register, point.code),
            report=report,
            findings=[line(each) for each in report.findings],
            days=parcel.days,
            rows=rows[:5],
            parcel=self._parcels.seal(parcel) if report.status == "dry_run" else "",
        )

    @needs("links.make")
    def make(self) -> str | tuple[str, int]:
        """Make the batch exactly as it was seen; sent twice, it is made once."""
        register, _ = self._guard.now()
        parcel = self._opened()
        if parcel is None:
            return self._list(LinksForm(None), _STALE), HTTPStatus.BAD_REQUEST
        with suppress(LinkError, sa.exc.IntegrityError), writing(self._engine) as connection:
            self._make(connection, register, parcel)
        with reading(self._engine) as connection:  # sent twice, it is there from the first time
            batch = find_batch(connection, parcel.batch)
        if batch is None:
            return self._list(LinksForm(None), _LINKED), HTTPStatus.CONFLICT
        return self._result(register, parcel, batch)

    @needs("links.read")
    def show_one(self, batch: uuid.UUID) -> str:
        """Show what became of a batch: how many of its links are spent, and until when."""
        return self._batch_page(self._found(batch), ReasonForm(None))

    @needs("links.make")
    def withdraw(self, batch: uuid.UUID) -> BaseResponse | tuple[str, int]:
        """Call back what is not spent of a batch."""
        found, form, at = self._found(batch), ReasonForm(), now_milliseconds()
        if not form.validate():
            return self._batch_page(found, form), HTTPStatus.BAD_REQUEST
        officer = current_officer()
        try:
            with writing(self._engine) as connection:
                withdraw(connection, batch, by=officer.name, reason=form.reason.data, at=at)
                self._record(connection, "link.withdraw", found.point, batch, form.reason.data, at)
        except (LinkError, sa.exc.IntegrityError):
            flash(gettext("Đợt này đã được thu hồi trước đó."), "error")
        else:
            flash(gettext("Đã thu hồi các liên kết chưa dùng của đợt này."))
        return redirect(url_for("makers.link_batch", batch=batch), code=303)

    @needs("links.make")
    def file(self, batch: uuid.UUID) -> Response:
        """Give the links of a batch that was just made, as CSV."""
        _, parcel, found, tokens = self._drawn(batch, "csv")
        content = link_slips.table(
            parcel.rows, tokens, self._last_on(found), self._settings.public_url
        )
        return _attached(content, f"lien-ket-{str(batch)[:8]}.csv")

    @needs("links.make")
    def slips(self, batch: uuid.UUID) -> str:
        """Show a part of the slips of a batch that was just made, to be printed."""
        form = ParcelForm()
        register, parcel, found, tokens = self._drawn(batch, f"slips {form.phan.data}")
        first = (max(form.phan.data or 1, 1) - 1) * link_slips.A_PART
        made = link_slips.slips(
            register,
            parcel.rows[first : first + link_slips.A_PART],
            tokens,
            self._last_on(found),
            self._settings.public_url,
        )
        return render_template("office/link_slips.html", slips=made, a_page=link_slips.A_PAGE)

    def _read(self, register: Register, point: Point, form: LinksForm) -> tuple[list[Row], Report]:
        sent = form.tep.data
        ask = Ask(
            point=point,
            file_name=Path((sent.filename or "?").replace("\\", "/")).name[-200:],
            at=now_milliseconds(),
            dossier_key=self._settings.dossier_key,
            map_text=form.ban_do.data or "",
            skips_bad=form.bo_qua.data,
            max_rows=MAX_ROWS,
        )
        with tempfile.NamedTemporaryFile() as file:  # for its owner alone, and gone after it
            file.write(sent.stream.read(MAX_BYTES + 1))
            file.flush()
            with reading(self._engine) as connection:
                return read_rows(connection, register, Path(file.name), ask)

    def _opened(self) -> Parcel | None:
        form = ParcelForm()
        return self._parcels.open(form.goi.data) if form.validate() else None

    def _make(self, connection: Connection, register: Register, parcel: Parcel) -> None:
        at = now_milliseconds()
        batch = NewBatch(
            parcel.batch,
            parcel.point,
            parcel.file_name,
            at,
            current_officer().name,
            last_moment(at, parcel.days, register.city.zone),
        )
        make_once(connection, batch, [row.wanted for row in parcel.rows])
        last_on = self._day(batch.expires_at)
        detail = f"{len(parcel.rows)} links until {last_on} {parcel.file_name}"
        self._record(connection, "link.make", parcel.point, parcel.batch, detail, at)

    def _drawn(
        self, batch: uuid.UUID, form: str
    ) -> tuple[Register, Parcel, Batch, dict[tuple[str, str], str]]:
        """Open the parcel of a batch, and write down that its links were given out."""
        register, _ = self._guard.now()
        parcel, found = self._opened(), self._found(batch)
        if parcel is None or parcel.batch != batch:
            abort(HTTPStatus.BAD_REQUEST)
        with writing(self._engine) as connection:
            tokens = tokens_of(connection, self._tokens, batch)
            self._record(connection, "link.print", found.point, batch, form, now_milliseconds())
        return register, parcel, found, tokens

    def _record(
        self, connection: Connection, deed: str, point: str, batch: uuid.UUID, detail: str, at: int
    ) -> None:
        register, _ = self._guard.now()
        record(
            connection,
            by=current_officer().name,
            deed=deed,
            unit=register.points[point].unit,
            subject=str(batch),
            detail=detail,
            at=at,
        )

    def _found(self, batch: uuid.UUID) -> Batch:
        register, _ = self._guard.now()
        with reading(self._engine) as connection:
            found = find_batch(connection, batch)
        if found is None:
            abort(404)
        demand_unit(register.points[found.point].unit)
        return found

    def _list(self, form: LinksForm, why: Any = "") -> str:
        register, today = self._guard.now()
        units = reach(register, today)
        points = None
        if units is not None:
            points = [each.code for each in register.points.values() if each.unit in units]
        with reading(self._engine) as connection:
            found = newest_batches(connection, points)
        return render_template(
            "office/links.html",
            form=form,
            why=why,
            batches=found,
            point_name=lambda code: self._point_name(register, code),
            last_on=self._last_on,
            today=today,
            largest=MAX_BYTES // 1024**2,
            most=MAX_ROWS,
        )

    def _result(self, register: Register, parcel: Parcel, batch: Batch) -> str:
        return render_template(
            "office/link_made.html",
            batch=batch,
            point_name=self._point_name(register, batch.point),
            last_on=self._last_on(batch),
            parcel=self._parcels.seal(parcel),
            n_parts=link_slips.n_parts(batch.n_links),
            a_part=link_slips.A_PART,
        )

    def _batch_page(self, found: Batch, form: ReasonForm) -> str:
        register, today = self._guard.now()
        return render_template(
            "office/link_batch.html",
            batch=found,
            form=form,
            point_name=self._point_name(register, found.point),
            last_on=self._last_on(found),
            fewest=FEWEST,
            is_over=self._last_on(found) < today,
        )

    def _point_name(self, register: Register, code: str) -> str:
        point, language = register.points[code], current_language()
        return f"{register.unit_name(point.unit, language)}, {point.names.get(language, code)}"

    def _day(self, at: int) -> dt.date:
        return self._guard.moment(at).date()

    def _last_on(self, batch: Batch) -> dt.date:
        return self._day(batch.expires_at)


def _attached(content: bytes, name: str) -> Response:
    disposition = f'attachment; filename="{name}"'
    return Response(content, mimetype="text/csv", headers={"Content-Disposition": disposition})

"""Imports in the browser: a file is sent, looked at in a dry run, and taken in."""

from __future__ import annotations

import csv
import io
from http import HTTPStatus
from typing import Any

import msgspec
import sqlalchemy as sa
from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from survey.db import reading, writing
from survey.forms.makers import CommitForm, MapForm, SaveMapForm, UploadForm
from survey.office import uploads_run
from survey.office.uploads_list import Listed, batches, waiting
from survey.office.uploads_maps import save_map, saved_maps
from survey.office.uploads_store import About, Store, Upload
from survey.office.uploads_words import (
    FAILURES,
    FORMS,
    KINDS,
    ROWS_SHOWN,
    STAGES,
    STATUSES,
    line,
    table,
)
from survey.publish.twins import csv_cell
from survey.publish.wording import SOURCES
from survey.staff.deeds import now_milliseconds, record
from survey.staff.guard import Guard, current_officer, needs
from survey.web.texts import lazy_gettext as _l

MOST_FINDINGS = 100
"""How many findings a page names; the table to download has all."""

FORM_BYTES = 1024 * 1024
"""What a form may have besides its file."""

_NAME = 200
_TAKEN = _l("Có người vừa lưu bản đồ cột này. Xin lưu lại.")
_CHANGED = _l("Tệp hoặc bản đồ cột đã khác với lần chạy thử mà Quý Ông/Bà xem. Xin xem lại.")
_RUNNING = _l("Đang có một lần chạy với tệp này. Xin chờ.")


class Uploads:
    """The views of imports."""

    def __init__(self, guard: Guard, store: Store) -> None:
        self._engine, self._registers = guard.engine, guard.registers
        self._settings, self._store = guard.settings, store

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the views to a blueprint."""
        largest = self._settings.import_bytes + FORM_BYTES

        @needs("imports.commit", largest=largest)
        def receive() -> BaseResponse | tuple[str, int]:
            return self.receive()

        one, add = "/quan-tri/nhap/<upload>", blueprint.add_url_rule
        add("/quan-tri/nhap", "imports", self.show, methods=["GET"])
        add("/quan-tri/nhap", "receive", receive, methods=["POST"])
        add(one, "import", self.show_one, methods=["GET"])
        add(f"{one}/bao-cao.csv", "import_report", self.report, methods=["GET"])
        add(f"{one}/chay-thu", "import_try", self.try_again, methods=["POST"])
        add(f"{one}/ghi", "import_commit", self.commit, methods=["POST"])
        add(f"{one}/luu-ban-do", "import_save_map", self.save, methods=["POST"])
        add(f"{one}/bo", "import_drop", self.drop, methods=["POST"])

    @needs("imports.read")
    def show(self) -> str:
        """List what came in and what waits, and offer to send a file."""
        self._store.sweep(now_milliseconds())
        return self._list(None)

    def receive(self) -> BaseResponse | tuple[str, int]:
        """Take a file and start its dry run."""
        self._store.sweep(now_milliseconds())
        with reading(self._engine) as connection:
            saved = saved_maps(connection)
        form = UploadForm(saved={each.name: each.kind for each in saved.values()})
        if not form.validate():
            return self._list(form), 400
        officer = current_officer()
        upload, size, sha256 = self._store.receive(form.tep.data.stream)
        chosen = saved.get(form.da_luu.data or "")
        about = About(
            file_name=_file_name(form.tep.data.filename),
            kind=form.loai.data,
            map_text=chosen.text if chosen is not None else form.ban_do.data,
            set_aside=form.de_rieng.data,
            by=officer.name,
            at=now_milliseconds(),
            size=size,
            sha256=sha256,
        )
        try:
            self._note(
                "import.upload", f"{about.kind} {size} bytes sha256:{sha256} {about.file_name}"
            )
        except BaseException:
            upload.remove()
            raise
        upload.keep_about(about)
        uploads_run.start(upload, self._settings, commit=False, by=officer.name)
        return _to(upload)

    @needs("imports.read")
    def show_one(self, upload: str) -> str:
        """Say how far a run is, or what it found."""
        found = self._found(upload)
        about = found.about
        form = MapForm(None, loai=about.kind, ban_do=about.map_text, de_rieng=about.set_aside)
        return self._page(found, form, SaveMapForm(None))

    @needs("imports.read")
    def report(self, upload: str) -> Response:
        """Give every row of the last run's findings as CSV."""
        report = self._found(upload).report
        if report is None:
            abort(404)
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        for row in table(report):
            writer.writerow([csv_cell(cell) for cell in row])
        name = f"bao-cao-nhap-{upload[:8]}.csv"
        return Response(
            text.getvalue().encode("utf-8-sig", "replace"),  # the mark: Excel asks for it
            mimetype="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @needs("imports.commit")
    def try_again(self, upload: str) -> BaseResponse | tuple[str, int]:
        """Change what was said of a file, and run it dry again."""
        found, form = self._found(upload), MapForm()
        if not form.validate():
            return self._page(found, form, SaveMapForm(None)), 400
        if found.is_running:
            return self._conflict(found, _RUNNING)
        if found.data.exists():
            changed = msgspec.structs.replace(
                found.about,
                kind=form.loai.data,
                map_text=form.ban_do.data,
                set_aside=form.de_rieng.data,
            )
            found.keep_about(changed)
            uploads_run.start(found, self._settings, commit=False, by=current_officer().name)
        return _to(found)

    @needs("imports.commit")
    def commit(self, upload: str) -> BaseResponse | tuple[str, int]:
        """Take a file in, exactly as it was seen."""
        found, form = self._found(upload), CommitForm()
        report = found.report
        is_seen = form.validate() and form.da_xem.data == found.about.digest
        if not is_seen or report is None or report.status != "dry_run":
            return self._conflict(found, _RUNNING if found.is_running else _CHANGED)
        if not uploads_run.start(found, self._settings, commit=True, by=current_officer().name):
            return self._conflict(found, _RUNNING)
        return _to(found)

    @needs("imports.commit")
    def save(self, upload: str) -> BaseResponse | tuple[str, int]:
        """Save a file's map under a name, as a new version."""
        found, form = self._found(upload), SaveMapForm()
        about = found.about
        if not form.validate() or not form.ten.data.strip():
            shown = MapForm(None, loai=about.kind, ban_do=about.map_text, de_rieng=about.set_aside)
            return self._page(found, shown, form), 400
        officer, name, at = current_officer(), form.ten.data.strip(), now_milliseconds()
        try:
            with writing(self._engine) as connection:
                version, is_new = save_map(
                    connection, name, about.kind, about.map_text, by=officer.name, at=at
                )
                if is_new:
                    record(
                        connection,
                        by=officer.name,
                        deed="import_map.save",
                        unit=officer.unit,
                        subject=f"{name}/{version}",
                        at=at,
                    )
        except sa.exc.IntegrityError:
            return self._conflict(found, _TAKEN)
        return redirect(url_for("makers.import", upload=found.id, ban_do=name), code=303)

    @needs("imports.commit")
    def drop(self, upload: str) -> BaseResponse | tuple[str, int]:
        """Remove a file that is not wanted any more."""
        found = self._found(upload)
        with found.locked() as lock:
            if lock is not None:
                found.remove()
        if lock is None:
            return self._conflict(found, _RUNNING)
        return redirect(url_for("makers.imports"), code=303)

    def _found(self, upload: str) -> Upload:
        found = self._store.find(upload)
        if found is None:
            abort(404)
        return found

    def _note(self, deed: str, detail: str) -> None:
        officer = current_officer()
        with writing(self._engine) as connection:
            record(
                connection,
                by=officer.name,
                deed=deed,
                unit=officer.unit,
                detail=detail,
                at=now_milliseconds(),
            )

    def _conflict(self, found: Upload, why: Any) -> tuple[str, int]:
        about = found.about
        form = MapForm(None, loai=about.kind, ban_do=about.map_text, de_rieng=about.set_aside)
        return self._page(found, form, SaveMapForm(None), why), HTTPStatus.CONFLICT

    def _list(self, form: UploadForm | None) -> str:
        register = self._registers.current(self._engine)
        with reading(self._engine) as connection:
            saved = saved_maps(connection)
            came: list[Listed] = batches(connection, register)
        if form is None:
            form = UploadForm(None, saved={each.name: each.kind for each in saved.values()})
        return render_template(
            "office/imports.html",
            form=form,
            saved=saved,
            kinds=KINDS,
            waiting=waiting(self._store, register),
            batches=came,
            largest=self._settings.import_bytes // 1024**2,
        )

    def _page(self, found: Upload, form: MapForm, save: SaveMapForm, why: Any = "") -> str:
        about, is_running = found.about, found.is_running
        state, report = found.state, None if is_running else found.report
        failure = ""
        if report is None and not is_running:
            failure = FAILURES[(state.failure if state else "") or "broken_off"]
        with reading(self._engine) as connection:
            kept = saved_maps(connection).get(request.args.get("ban_do", ""))
        return render_template(
            "office/import.html",
            upload=found.id,
            has_data=found.data.exists(),
            about=about,
            form=form,
            save=save,
            why=why,
            kept=kept,
            failure=failure,
            is_running=is_running,
            state=state,
            stage=STAGES.get(state.stage if state else "wait", ""),
            report=report,
            status=STATUSES[report.status] if report is not None else "",
            kinds=KINDS,
            findings=[line(each) for each in report.findings[:MOST_FINDINGS]] if report else [],
            most=MOST_FINDINGS,
            forms=FORMS,
            sources=SOURCES,
            columns_shown=ROWS_SHOWN,
        )


def _to(upload: Upload) -> BaseResponse:
    return redirect(url_for("makers.import", upload=upload.id), code=303)


def _file_name(name: str | None) -> str:
    """Return the name of a file without its folders, on one line, not too long."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(each for each in last if each.isprintable())[-_NAME:] or "?"

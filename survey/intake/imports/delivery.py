"""One import from the file to the report: read and check everything, then write in one go."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from survey.db import reading, writing
from survey.intake.accept import Delivery
from survey.intake.imports.batches import Kind, next_attempt, one_at_a_time, overlapping
from survey.intake.imports.context import CHUNK, Aside, Context, ImportOptions, Plan, Progress
from survey.intake.imports.counts import CountsPlan
from survey.intake.imports.delimited import DelimitedTable
from survey.intake.imports.dossiers import DossiersPlan
from survey.intake.imports.faults import Fault, RefusedError
from survey.intake.imports.files import InputFile, opened
from survey.intake.imports.identity import Identity, make_id
from survey.intake.imports.mapping import (
    AnyMap,
    CountsMap,
    DossiersMap,
    RatingsMap,
    columns_of,
    parse_map,
)
from survey.intake.imports.ratings import RatingsPlan
from survey.intake.imports.report import Collector, Report
from survey.intake.imports.spool import Spool
from survey.intake.imports.table import Table, plain
from survey.intake.imports.workbook import WorkbookTable
from survey.ledger.book import append_batch
from survey.register.snapshot import Register

_MAPS: Final[dict[Kind, type[AnyMap]]] = {
    "ratings": RatingsMap,
    "counts": CountsMap,
    "dossiers": DossiersMap,
}

Also = Callable[[Connection, Report], None]
"""What is done in the transaction that writes an import; the report has its batch by then."""


def _nothing_more(_connection: Connection, _report: Report) -> None:
    """Do nothing."""


def import_file(
    engine: Engine,
    register: Register,
    kind: Kind,
    path: Path,
    map_text: str,
    options: ImportOptions,
    progress: Progress = lambda stage, done, total: None,
    also: Also = _nothing_more,
) -> Report:
    """Import a file, or say what an import would do (without ``options.commit``).

    Never raises for anything that is in the file or in the map: the report says it. The write
    transaction is opened when everything is read and checked; ``also`` belongs to it. Raises
    survey.db.Busy where SQLite's write lock stays taken: nothing was written.
    """
    name = options.file_name or path.name
    report = Report(kind, file=name.encode("utf-8", "replace").decode())
    collector = Collector()
    try:
        with ExitStack() as stack:
            stack.enter_context(_without_collector())
            progress = _tidying(progress)
            spools = [stack.enter_context(Spool()) for _ in range(3)]
            file = stack.enter_context(opened(path, options.max_bytes))
            report.sha256 = file.sha256
            mapping = parse_map(map_text, _MAPS[kind])
            with reading(engine) as connection:
                report.attempt = next_attempt(connection, file.sha256, kind)
                identity = Identity(connection, file.sha256, report.attempt)
                context = Context(
                    connection,
                    register,
                    options,
                    identity,
                    collector,
                    Aside(spools[2]),
                    _ahead(mapping, register, options),
                )
                plan = _plan(mapping, context, spools)
                _read(file, mapping, context, plan, report, progress)
                _note_overlaps(connection, kind, plan, collector)
            _settle(plan, options, report)
            if options.commit and report.status == "committed":
                _commit(engine, kind, map_text, context, plan, report, progress, also)
    except RefusedError as error:
        report.status = "refused"
        collector.add("file", error.fault)
    report.findings = collector.findings()
    return report


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep Python's cycle collector out: rows make no cycles, and it looks at them all again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _tidying(progress: Progress) -> Progress:
    """Return the same, which also lets go of the cycles that a chunk's queries have left."""

    def told(stage: str, done: int, total: int) -> None:
        gc.collect(0)
        progress(stage, done, total)

    return told


def _ahead(mapping: AnyMap, register: Register, options: ImportOptions) -> Delivery:
    """What looking ahead has in common; rows that are told apart by their file are new."""
    is_new = isinstance(mapping, RatingsMap) and mapping.external_id is None
    return Delivery(register, options.received_at, has_new_ids=is_new)


def _plan(mapping: AnyMap, context: Context, spools: list[Spool]) -> Plan:
    if isinstance(mapping, RatingsMap):
        return RatingsPlan(mapping, context, spools[0], spools[1])
    if isinstance(mapping, CountsMap):
        return CountsPlan(mapping, context)
    return DossiersPlan(mapping, context)


def _read(
    file: InputFile,
    mapping: AnyMap,
    context: Context,
    plan: Plan,
    report: Report,
    progress: Progress,
) -> None:
    wanted = columns_of(mapping)
    table: Table = (
        WorkbookTable(file, mapping.file)
        if file.kind == "xlsx"
        else DelimitedTable(file, mapping.file, wanted)
    )
    report.form = dict(table.form)
    report.ignored = [name for name in table.header if name not in set(map(plain, wanted))]
    for chunk in table.chunks(wanted, CHUNK):
        for number, n_cells in chunk.ragged:
            fault = Fault("cells", value=str(n_cells), detail=f"≠ {len(table.header)}")
            plan.n_bad += 1
            context.keep_out(number, [fault], {})
        report.n_rows += len(chunk) + len(chunk.ragged)
        plan.take(chunk)
        progress("read", file.stream.tell(), file.size)
    file.check_unchanged()
    report.n_blank = table.n_blank
    if not report.n_rows:
        raise RefusedError("no_rows")
    plan.finish()


def _note_overlaps(connection: Connection, kind: Kind, plan: Plan, collector: Collector) -> None:
    for earlier in overlapping(connection, kind, plan.sources, plan.months):
        span = f"{earlier.first_month}..{earlier.last_month}"
        collector.add(
            "note", Fault("overlap", value=str(earlier.id), detail=f"{earlier.file_name} {span}")
        )


def _settle(plan: Plan, options: ImportOptions, report: Report) -> None:
    report.n_items, report.n_bad = plan.n_items, plan.n_bad
    report.n_accepted, report.n_already = plan.n_accepted, plan.n_already
    report.n_set_aside = plan.n_bad if options.set_aside else 0
    report.sources = sorted(plan.sources)
    report.months = [min(plan.months), max(plan.months)] if plan.months else []
    if plan.n_bad and not options.set_aside:
        report.status = "refused"
    elif not plan.n_accepted and not plan.n_bad:
        report.status = "nothing_new"
    else:
        report.status = "committed" if options.commit else "dry_run"


def _commit(
    engine: Engine,
    kind: Kind,
    map_text: str,
    context: Context,
    plan: Plan,
    report: Report,
    progress: Progress,
    also: Also,
) -> None:
    batch = make_id("batch", kind, report.sha256, report.attempt)
    with writing(engine) as connection, _told_apart():
        one_at_a_time(connection)
        if next_attempt(connection, report.sha256, kind) != report.attempt:
            raise RefusedError("ledger_changed")
        append_batch(
            connection,
            {
                "id": batch,
                "file_sha256": report.sha256,
                "attempt": report.attempt,
                "kind": kind,
                "file_name": report.file,
                "mapping": map_text,
                "source": " ".join(report.sources),
                "first_month": report.months[0] if report.months else "",
                "last_month": report.months[1] if report.months else "",
                "n_rows": report.n_rows,
                "n_accepted": report.n_accepted,
                "received_at": context.options.received_at,
            },
        )
        done = plan.write(connection, batch, progress)
        if done["accepted"] != report.n_accepted:
            # somebody wrote between our look and our transaction: look again
            raise RefusedError("ledger_changed")
        context.aside.write(connection, batch, context.options.received_at)
        report.batch = str(batch)
        also(connection, report)


@contextmanager
def _told_apart() -> Iterator[None]:
    """Two writers that bring the same row at the same moment: one of them looks again."""
    try:
        yield
    except sa.exc.IntegrityError as error:
        raise RefusedError("ledger_changed") from error

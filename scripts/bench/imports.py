"""Imports into SQLite: ratings a second, end to end, against a bare insert of the same rows.

End to end is the command itself in a process of its own, from its start to its last line: reading
a CSV file, checking every row, and the one transaction with WAL and synchronous=FULL. Bare is
``executemany`` of the rows that it left in ``response`` and ``answer`` into the same tables, from a
list in memory: no file, no checks, no tally.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from scripts.serving import PROGRAMS, ROOT
from survey.db import make_engine, reading, writing
from survey.register.create import create
from survey.register.snapshot import Register, load
from survey.schema import upgrade

SIZES = (10_000, 100_000, 1_000_000)
TARGET = 20_000
SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105 (for this benchmark alone)
LABELS = ("Rất hài lòng", "Hài lòng", "Bình thường", "Không hài lòng", "Rất không hài lòng")
WEIGHTS = (58, 35, 4, 2, 1)
HEADER = (
    "Mã phiếu", "Thời gian đánh giá", "Đơn vị", "Lĩnh vực", "Kênh", "Mã hồ sơ", "Mức độ hài lòng",
)  # fmt: skip
FIRST_DAY, DAYS = dt.datetime(2025, 7, 1), 365  # noqa: DTZ001 (a local time of the file)

MAP = """
time = {{ column = "Thời gian đánh giá", format = "%d/%m/%Y %H:%M:%S", zone = "Asia/Ho_Chi_Minh" }}
receiving_unit = {{ column = "Đơn vị" }}
resolving_unit = {{ column = "Đơn vị" }}
field = {{ column = "Lĩnh vực" }}
source = {{ constant = "one_stop" }}
channel = {{ column = "Kênh", values = {{ "Tại quầy" = "desk", "Trực tuyến" = "portal" }} }}
holder = {{ constant = "citizen" }}
occasion = {{ constant = "return" }}
assurance = {{ constant = "{assurance}" }}
questionnaire = {{ constant = "one-stop/2" }}
{dossier}
[[answer]]
question = "one-stop.overall/1"
column = "Mức độ hài lòng"
labels = {{ "Rất hài lòng" = 5, "Hài lòng" = 4, "Bình thường" = 3, "Không hài lòng" = 2, \
"Rất không hài lòng" = 1 }}
"""


def rows(register: Register, number: int) -> Iterator[tuple[str, ...]]:
    """Yield made-up ratings: all communes, few fields with most of the volume, a year of days."""
    chance = random.Random(4832)  # noqa: S311 (made-up data)
    day = FIRST_DAY.date()
    units = [u for u in register.units_in_force(day, day) if u.kind in ("phuong", "xa")]
    handled = {unit.code: register.handled(unit.code, day)[:20] for unit in units}
    volume = [1 / place**1.5 for place in range(1, 21)]
    for place in range(number):
        unit = chance.choice(units)
        fields = handled[unit.code]
        field = chance.choices(fields, volume[: len(fields)])[0]
        moment = FIRST_DAY + dt.timedelta(
            days=chance.randrange(DAYS), seconds=7 * 3600 + chance.randrange(10 * 3600)
        )
        yield (
            f"P{place:09d}",
            moment.strftime("%d/%m/%Y %H:%M:%S"),
            unit.name,
            register.field_name(field, "vi"),
            chance.choice(("Tại quầy", "Trực tuyến")),
            f"000.00.01.H29-{moment:%y%m%d}-{place % 10_000:04d}",
            chance.choices(LABELS, WEIGHTS)[0],
        )


def fresh(path: Path) -> Register:
    """Make a database of the city and return its register."""
    engine = make_engine(f"sqlite:///{path}")
    with writing(engine) as connection:
        upgrade(connection)
        now = dt.datetime.now(dt.UTC)
        create(connection, ROOT / "cities" / "ho-chi-minh", "real", now=now)
    with reading(engine) as connection:
        register = load(connection)
    engine.dispose()
    return register


def import_file(database: Path, file: Path, map_file: Path) -> tuple[float, float]:
    """Run the command; return its seconds and the most memory it had, in MB."""
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{database}",
        "SECRET_KEY": SECRET,
        "DOSSIER_KEY": SECRET,
    }
    command: list[str | Path] = [PROGRAMS / "flask", "ratings", "import"]
    command += [file, "--map", map_file, "--commit"]
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def bare(full: Path, folder: Path) -> float:
    """Return the seconds that SQLite takes for the same rows without anything of ours."""
    with sqlite3.connect(full) as source:
        responses = source.execute("SELECT * FROM response").fetchall()
        answers = source.execute("SELECT * FROM answer").fetchall()
        batches = source.execute("SELECT * FROM batch").fetchall()
    source.close()
    path = folder / "bare.sqlite"
    path.unlink(missing_ok=True)
    fresh(path)
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "cache_size = -65536"):
        connection.execute(f"PRAGMA {pragma}")
    start = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    for table, found in (("batch", batches), ("response", responses), ("answer", answers)):
        marks = ", ".join("?" * len(found[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", found)  # noqa: S608
    connection.execute("COMMIT")
    seconds = time.perf_counter() - start
    connection.close()
    return seconds


def main() -> None:
    """Print a line a size; end with 1 where plain ratings come in slower than the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    sizes = parser.parse_args().sizes
    kinds = {
        "plain": MAP.format(assurance="open", dossier=""),
        "dossier codes": MAP.format(
            assurance="vouched", dossier='dossier = { column = "Mã hồ sơ" }'
        ),
    }
    is_slow = False
    print(f"{'ratings':>9} {'':14} {'seconds':>8} {'a second':>9} {'bare':>7} {'of bare':>8} MB")
    with tempfile.TemporaryDirectory(prefix="imports-") as name:
        folder = Path(name)
        register = fresh(folder / "register.sqlite")
        for number in sizes:
            file = folder / f"{number}.csv"
            with file.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream)
                writer.writerow(HEADER)
                writer.writerows(rows(register, number))
            for kind, text in kinds.items():
                (folder / "map.toml").write_text(text, encoding="utf-8")
                database = folder / "ours.sqlite"
                database.unlink(missing_ok=True)
                fresh(database)
                seconds, memory = import_file(database, file, folder / "map.toml")
                least = bare(database, folder)
                print(
                    f"{number:9,} {kind:14} {seconds:8.2f} {number / seconds:9,.0f} {least:6.2f}s"
                    f" {least / seconds:8.2f} {memory:,.0f}",
                    flush=True,
                )
                is_slow |= kind == "plain" and number / seconds < TARGET
            file.unlink()
    if is_slow:
        sys.exit(f"Slower than {TARGET:,} ratings a second.")


if __name__ == "__main__":
    main()

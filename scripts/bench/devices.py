"""Two hundred devices come back at once, each with 500 ratings: how long, and what pages feel.

Each sends its batches of 100 one after the other, over a connection of its own, and waits where it
is told to. Meanwhile somebody reads a public page again and again. Pages and devices are
served apart, as docs/operating.md says: the devices' Gunicorn has the lowest priority. SPLIT=no
lets one Gunicorn serve both. DEVICES= and RATINGS= change the numbers.

Before that, batches against bare SQL (``scripts.bench._bare_batch``): the same rows inserted and
counted, nothing looked at (``many``, ``rows``) or the signatures verified (``signed``).
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median, quantiles

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from scripts.bench._fleet import BATCH, Simulated, ask, make_fleet
from scripts.bench.rating import databases, server
from survey.db import make_engine, reading, writing
from survey.devices.tables import device
from survey.ledger.tables import response
from survey.tally.recount import differences

DEVICES = int(os.environ.get("DEVICES", "200"))
RATINGS = int(os.environ.get("RATINGS", "500"))
IS_SPLIT = os.environ.get("SPLIT", "yes") != "no"
PAGE = b"GET /cach-tinh HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
ROUNDS, SENDERS, PER_SENDER = 3, 8, 10
MODES = ("many", "rows", "signed")
TARGET, PAGE_TARGET = 0.6, 3.0
STORED = ("accepted", "already", "set_aside")


class Readers:
    """Somebody who reads a page every 20 ms for as long as the block lasts."""

    def __init__(self, address: str) -> None:
        self.seconds: list[float] = []
        self._address, self._is_over = address, threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Readers:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._is_over.wait(0.02):
            began = time.perf_counter()
            if ask(self._address, PAGE).status != 200:
                raise SystemExit("The page does not answer.")
            self.seconds.append(time.perf_counter() - began)

    @property
    def p99(self) -> float:
        """Milliseconds that 99 of 100 waits did not exceed."""
        return 1000 * quantiles(self.seconds, n=100)[98]


def drain(address: str, fleet: Sequence[Simulated]) -> Counter[str]:
    """Let every device send all that it holds; return what became of items and requests."""
    told: Counter[str] = Counter()
    lock = threading.Lock()

    def send(each: Simulated) -> None:
        place = 0
        while place < len(each.batches):
            answered = ask(address, each.request(place))
            with lock:
                told[str(answered.status)] += 1
            if answered.status in (429, 503):
                time.sleep(max(answered.retry_after, 0.1))
                continue
            outcomes = json.loads(answered.body)["outcomes"] if answered.status == 200 else []
            with lock:
                told.update(each["status"] for each in outcomes)
            place += 1

    threads = [threading.Thread(target=send, args=[each]) for each in fleet]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@contextmanager
def served(url: str, workers: int) -> Iterator[tuple[str, str]]:
    """Yield the addresses of pages and of devices."""
    if not IS_SPLIT:
        with server("wsgi:app", url, workers) as address:
            yield address, address
        return
    with server("wsgi:app", url, workers) as pages, server("wsgi:app", url, workers, 19) as own:
        yield pages, own


def return_at_once(kind: str, url: str) -> bool:
    """Print one run; return whether the page stayed as quick as asked."""
    engine = make_engine(url)
    fleet = make_fleet(engine, DEVICES)
    for each in fleet:
        each.rate(RATINGS, int(time.time()))
    with served(url, 2) as (pages, devices):
        with Readers(pages) as quiet:
            time.sleep(10)
        began = time.perf_counter()
        with Readers(pages) as loaded:
            told = drain(devices, fleet)
        seconds = time.perf_counter() - began
    number = DEVICES * RATINGS
    stored = sum(told[status] for status in STORED)
    print(
        f"{kind}: {DEVICES} devices, {number:,} ratings drained in {seconds:.1f} s"
        f" ({number / seconds:,.0f}/s); {dict(told)}"
    )
    print(
        f"  page: quiet p50 {1000 * median(quiet.seconds):.1f} p99 {quiet.p99:.1f} ms, meanwhile"
        f" p50 {1000 * median(loaded.seconds):.1f} p99 {loaded.p99:.1f} ms,"
        f" {loaded.p99 / quiet.p99:.1f} times"
    )
    n_rows, wrong = _held(engine)
    print(f"  {n_rows:,} responses in the ledger; tally differs on {wrong} counts", flush=True)
    engine.dispose()
    if stored != number or n_rows < number or wrong:
        raise SystemExit(f"{kind}: not everything that was sent is there once.")
    return loaded.p99 < PAGE_TARGET * quiet.p99


def _held(engine: Engine) -> tuple[int, int]:
    with reading(engine) as connection:
        query = sa.select(sa.func.count()).select_from(response)
        return connection.execute(query).scalar_one(), len(differences(connection))


def against_bare(kind: str, bare_url: str, own_url: str) -> float:
    """Print the rates of ours and of each bare handler in turn; return the ratio to ``many``."""
    engine, bare = make_engine(own_url), make_engine(bare_url)
    rates: dict[str, list[float]] = {mode: [] for mode in (*MODES, "ours")}
    for _ in range(ROUNDS):
        for mode in rates:
            fleet = make_fleet(engine, SENDERS)
            for each in fleet:
                each.rate(PER_SENDER * BATCH, int(time.time()))
            _copy(engine, bare, fleet)
            is_ours = mode == "ours"
            application = "wsgi:app" if is_ours else "scripts.bench._bare_batch:bare"
            path = "/api/v1/devices/{}/batches" if is_ours else f"/{mode}/{{}}"
            with server(application, own_url if is_ours else bare_url, 2) as address:
                rates[mode].append(SENDERS * PER_SENDER * BATCH / _pour(address, fleet, path))
    ratios = {
        mode: median(own / other for own, other in zip(rates["ours"], rates[mode], strict=True))
        for mode in MODES
    }
    words = ", ".join(f"{ratio:.2f} of {mode}" for mode, ratio in ratios.items())
    print(f"{kind}: {median(rates['ours']):,.0f} ratings/s in batches of {BATCH}: {words}")
    return ratios["many"]


def _pour(address: str, fleet: Sequence[Simulated], path: str) -> float:
    """Return the seconds until every batch is answered with 200, some devices at a time."""
    for _ in range(8):
        ask(address, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    requests = [[each.request(n, path) for n in range(PER_SENDER)] for each in fleet]
    refused: list[int] = []

    def send(own: list[bytes]) -> None:
        refused.extend(s for s in (ask(address, one).status for one in own) if s != 200)

    threads = [threading.Thread(target=send, args=[own]) for own in requests]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refused:
        raise SystemExit(f"{address}{path}: {Counter(refused)}")
    return time.perf_counter() - began


def _copy(engine: Engine, goal: Engine, fleet: Sequence[Simulated]) -> None:
    """Let the bare handler's database know these devices and their keys."""
    names = [each.id for each in fleet]
    with reading(engine) as source, writing(goal) as connection:
        found = source.execute(sa.select(device).where(device.c.id.in_(names)))
        connection.execute(sa.insert(device), [dict(row._mapping) for row in found])


def main() -> None:
    """Print both parts on both databases; end with 1 where a figure is not as asked."""
    missed = []
    with databases() as found:
        for kind, bare_url, own_url in found:
            if shutil.which("nice") is None:
                raise SystemExit("This benchmark needs nice.")
            if against_bare(kind, bare_url, own_url) < TARGET:
                missed.append(f"{kind}: batches below {TARGET} of bare SQL")
            if not return_at_once(kind, own_url) and kind == "postgresql":
                missed.append(f"{kind}: the page took {PAGE_TARGET} times as long or longer")
    if missed:
        raise SystemExit("; ".join(missed))


if __name__ == "__main__":
    main()

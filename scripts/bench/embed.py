"""Embeds against a Flask hello, and their sizes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from statistics import median

from scripts.bench._load import load
from scripts.bench.pages import UNIT, fill
from scripts.bench.rating import server
from survey.app import create_app
from survey.db import make_engine
from survey.settings import Settings

RATINGS, ROUNDS, FLOOR = 10_000, 3, 0.7
PATHS = (f"/nhung/v1/{UNIT}.svg", f"/nhung/v1/{UNIT}?lang=en&theme=dark&size=small")


def main() -> None:
    """Print the sizes, then rates of requests as ratios to a Flask hello, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'embed.sqlite'}"
        fill(make_engine(url), int(os.environ.get("RATINGS", RATINGS)))
        client = create_app(Settings(database_url=url)).test_client()
        for path in PATHS:
            print(f"  {path}: {len(client.get(path).data)} bytes")
        for path in PATHS:
            ratios = []
            for _ in range(ROUNDS):
                with server("scripts.bench._bare:hello", url) as address:
                    hello = load(address, ["/"], seconds=3)
                with server("wsgi:app", url) as address:
                    own = load(address, [path], seconds=3)
                ratios.append(own.per_second / hello.per_second)
                print(f"  hello {hello.per_second:6.0f}/s  ours {own}", flush=True)
            print(f"  {path}: median ratio {median(ratios):.2f} (at least {FLOOR})")


if __name__ == "__main__":
    main()

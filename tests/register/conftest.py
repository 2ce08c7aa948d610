"""Both cities, on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from survey.db import make_engine, metadata, reading, writing
from survey.register import tables
from survey.register.create import create
from survey.register.snapshot import Register, load
from tests.fixtures.databases import Databases

ROOT = Path(__file__).parents[2]
HO_CHI_MINH = ROOT / "cities" / "ho-chi-minh"
LONDON = ROOT / "tests" / "data" / "cities" / "london"
CITIES = (HO_CHI_MINH, LONDON)
NOW = dt.datetime(2026, 1, 5, 2, 0, tzinfo=dt.UTC)

OWN_TABLES = [table for table in metadata.sorted_tables if table.name in vars(tables)]


def make_tables(url: str) -> Engine:
    """Return an engine for a database that has the register's tables, all empty."""
    engine = make_engine(url)
    metadata.create_all(engine, OWN_TABLES)
    return engine


@pytest.fixture
def engine(fresh_database_url: str) -> Iterator[Engine]:
    """A database of this test's own, with empty tables."""
    engine = make_tables(fresh_database_url)
    yield engine
    engine.dispose()


@pytest.fixture(params=CITIES, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    """One city's folder after the other."""
    found: Path = request.param
    return found


def loaded(databases: Databases, folder: Path) -> Iterator[Register]:
    """Yield the register of a city from a database of its own, which is dropped afterwards."""
    url = databases.create()
    engine = make_tables(url)
    with writing(engine) as connection:
        create(connection, folder, "sample", now=NOW)
    with reading(engine) as connection:
        yield load(connection)
    engine.dispose()
    databases.drop(url)


@pytest.fixture(scope="module")
def ho_chi_minh(databases: Databases) -> Iterator[Register]:
    """The register of Ho Chi Minh City."""
    yield from loaded(databases, HO_CHI_MINH)

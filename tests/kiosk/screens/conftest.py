"""Screens are the same whatever the database is: one kind is enough; client tests have both."""

from __future__ import annotations

import pytest

from tests.fixtures.databases import Databases, SqliteDatabases


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """SQLite alone."""
    return SqliteDatabases(tmp_path_factory.mktemp("screens"))

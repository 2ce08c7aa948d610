"""Fixtures that every room's tests may use; a room's own stand in its folder."""

pytest_plugins = [
    "tests.fixtures.run",
    "tests.fixtures.databases",
    "tests.fixtures.city",
    "tests.fixtures.pages",
    "tests.fixtures.sample",
]

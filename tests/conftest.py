"""Fixtures that every room's tests may use; a room's own stand in its folder."""

from hypothesis import settings

pytest_plugins = [
    "tests.fixtures.run",
    "tests.fixtures.databases",
    "tests.fixtures.city",
    "tests.fixtures.pages",
    "tests.fixtures.passwords",
    "tests.fixtures.sample",
]

# No deadline: the first call pays for imports, and a slow machine is no fault. Every run draws
# anew, so what 50 examples miss today the next runs find.
settings.register_profile("usual", deadline=None, max_examples=50)
settings.register_profile("fast", settings.get_profile("usual"), max_examples=10)
settings.load_profile("usual")

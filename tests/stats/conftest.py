"""No deadline for property tests: the first call pays for imports, a slow machine is no fault."""

from hypothesis import settings

settings.register_profile("stats", deadline=None, max_examples=50)
settings.load_profile("stats")

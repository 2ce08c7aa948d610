"""No deadline for property tests: the first call pays for imports, a slow machine is no fault."""

from hypothesis import settings

settings.register_profile("terms", deadline=None)
settings.load_profile("terms")

"""Every text that the client shows and that is no questionnaire's; Vietnamese is the key."""

from __future__ import annotations

from survey.web.texts import lazy_gettext as _l

WORDS = (_l("Hài Lòng"),)
"""Looked up for each language of the city when the client is put together."""

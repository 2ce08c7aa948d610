"""What is wrong with an input, as a value that a page can translate and a machine can read."""

from __future__ import annotations

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong.

    ``code`` is stable and machine-readable, ``where`` names the item (a column, a question id,
    a file and row), ``detail`` is the offending value or an English remark for the log.
    """

    code: str
    where: str = ""
    detail: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.where, self.code, self.detail) if part)


class InvalidTermError(ValueError):
    """A value that is none of the vocabulary; carries the :class:`Problem`."""

    def __init__(self, code: str, where: str = "", detail: str = "") -> None:
        self.problem = Problem(code, where, detail)
        super().__init__(str(self.problem))

"""What a person sent, as inputs can read it."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField


class SentForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form whose inputs read what they can: of a file, or JSON, an input of text reads nothing.

    Flask-WTF gives every input whatever came under its name, of any type.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """Return what was sent, or None where nothing was."""
            try:
                sent = super().wrap_formdata(form, formdata)
            except (TypeError, ValueError):  # JSON that is no object
                return None
            return None if sent is None else _Readable(form, sent)


class _Readable:
    """What was sent, without values that an input cannot read."""

    def __init__(self, form: FlaskForm, sent: Any) -> None:
        self._form, self._sent = form, sent

    def __contains__(self, name: str) -> bool:
        return bool(self.getlist(name))

    def getlist(self, name: str) -> list[Any]:
        values = self._sent.getlist(name)
        if isinstance(self._form[name], FileField):
            return list(values)
        return [value for value in values if isinstance(value, str)]

"""What a person sent, as inputs can read it."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import CombinedMultiDict, MultiDict


class SentForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form as a page sends it: a file reaches inputs of files alone, and JSON reaches none.

    Inputs of text could not read either.
    """

    class Meta:
        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """Return what was sent, or None where nothing was; ``formdata`` if it is given."""
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            if not form.is_submitted():
                return None
            if not request.files:
                return request.form or None
            files = [
                (name, file)
                for name, file in request.files.items(multi=True)
                if name in form and isinstance(form[name], FileField)
            ]
            return CombinedMultiDict([MultiDict(files), request.form])

"""The application for Gunicorn and for the ``flask`` command."""

import os

from survey.app import create_app
from survey.settings import from_environment

app = create_app(from_environment(os.environ))

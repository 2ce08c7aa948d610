"""The application for Gunicorn and for the ``flask`` command.

Keys that a local start made once (``var/secrets.env``) hold for every command, unless the
environment says otherwise: another dossier key would break "once per dossier".
"""

import os

from survey.app import create_app
from survey.settings import ROOT, from_environment, read_secrets

app = create_app(from_environment(read_secrets(ROOT / "var" / "secrets.env") | dict(os.environ)))

"""The application for Gunicorn, and its commands for ``flask``, which needs no page for them.

Keys that a local start made once (``var/secrets.env``) hold for every command, unless the
environment says otherwise: another dossier key would break "once per dossier".
"""

import os

from survey.settings import ROOT, from_environment, read_secrets

if "FLASK_RUN_FROM_CLI" in os.environ:  # set by ``flask``
    from survey.commands.every import create_app
else:
    from survey.app import create_app

app = create_app(from_environment(read_secrets(ROOT / "var" / "secrets.env") | dict(os.environ)))

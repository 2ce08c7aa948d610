"""The application for Gunicorn, and its commands for ``flask``, which needs no page for them.

Keys that a local start made once (``var/secrets.env``) hold for every command, unless the
environment says otherwise: another dossier key would break "once per dossier".
"""

import os

from survey.settings import ROOT, SettingsError, from_environment, read_secrets

is_command = "FLASK_RUN_FROM_CLI" in os.environ  # set by ``flask``
if is_command:
    from survey.commands.every import create_app
else:
    from survey.app import create_app

try:
    settings = from_environment(read_secrets(ROOT / "var" / "secrets.env") | dict(os.environ))
except SettingsError as error:
    if is_command:
        raise SystemExit(f"Error: {error}") from error
    raise  # Gunicorn gives up only for an error like this one, and starts anew for an exit
app = create_app(settings)

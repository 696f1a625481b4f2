"""The web application: wires settings, database, clock, pages and commands; no logic."""

from __future__ import annotations

import sys
from pathlib import Path

from flask import Flask

import cli
import web
from config import Settings, settings_from_environment
from scheduling.errors import SchedulingError
from storage.clock import DatabaseClock
from storage.database import open_engine

ROOT = Path(__file__).resolve().parent


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application; without settings, for a command or server, which exits with one line when it cannot be made.

    Nothing is started or connected here: the database is opened by the first request or command that needs it.

    Parameters
    ----------
    settings
        Configuration; read from the environment when left out.
    """
    if settings is not None:
        return _wired(settings)
    try:
        return _wired(settings_from_environment())
    except SchedulingError as error:
        sys.exit(f"Error: {error}")
    except OSError as error:
        sys.exit(f"Error: The instance folder cannot be used: {error.strerror} ({error.filename}). Mend it, or set INSTANCE_DIR.")


def _wired(settings: Settings) -> Flask:
    app = Flask("workforce", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config["SECRET_KEY"] = settings.signing_key()
    app.extensions["settings"] = settings
    app.extensions["engine"] = open_engine(settings)
    app.extensions["clock"] = DatabaseClock(app.extensions["engine"])
    web.register(app)
    cli.register(app)
    return app

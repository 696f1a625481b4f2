"""The web application: wires settings, database, clock, pages and commands; no logic."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

import cli
import web
from config import Settings
from scheduling.times import SystemClock
from storage.database import open_engine

ROOT = Path(__file__).resolve().parent


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application.

    Nothing is started or connected here: the database is opened by the first request or command that needs it.

    Parameters
    ----------
    settings
        Configuration; read from the environment when left out.
    """
    settings = settings or Settings()
    app = Flask("workforce", root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config["SECRET_KEY"] = settings.signing_key()
    app.extensions["settings"] = settings
    app.extensions["clock"] = SystemClock()
    app.extensions["engine"] = open_engine(settings)
    web.register(app)
    cli.register(app)
    return app

"""The JSON interface under `/api/v1`, for programs and for the scripts of pages."""

from __future__ import annotations

from flask import Flask

from web.api import asking, breaks, deciding, jobs, openapi, own, presence, session, work


def register(app: Flask) -> None:
    """Add the interface to an application."""
    for part in (session, presence, own, asking, deciding, work, breaks, jobs, openapi):
        app.register_blueprint(part.blueprint, url_prefix="/api/v1")

"""What people see: pages, live events and exports; every view goes through `web.access`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Protocol

from flask import Flask, url_for
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFProtect

from web import access, arguments, context, errors, exports, formatting, publishing, rosters, runs, security

ROSTER_TABS: Final = (
    ("rosters.grid", "Grid"),
    ("rosters.breaks", "Breaks"),
    ("rosters.coverage", "Coverage"),
    ("rosters.figures", "Figures"),
    ("rosters.violations", "Violations"),
)


class Spanning(Protocol):
    """Anything that begins on a day and lasts some weeks."""

    @property
    def first_day(self) -> date:
        """First local date."""
        ...

    @property
    def weeks(self) -> int:
        """Length in weeks."""
        ...


def asset(name: str) -> str:
    """Return the address of a file in `static`."""
    return url_for("static", filename=name)


def period_of(span: Spanning) -> str:
    """Return the days from first to last in words."""
    return formatting.period(span.first_day, span.first_day + timedelta(days=7 * span.weeks - 1))


def register(app: Flask) -> None:
    """Add pages, errors, headers and the guard to an application.

    The application brings ``extensions["engine"]`` (the engine of its database) and ``extensions["clock"]``.
    """
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(formatting.WRITERS)
    app.jinja_env.globals.update(
        formatting.WRITERS, asset=asset, period_of=period_of, roster_tabs=ROSTER_TABS, took_its_place=context.took_its_place
    )
    app.url_map.converters["id"] = arguments.IdConverter
    Bootstrap5(app)
    for part in (access, security, errors):
        part.register(app)
    CSRFProtect(app)
    for pages in (rosters, runs, publishing, exports):
        app.register_blueprint(pages.blueprint)

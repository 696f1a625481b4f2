"""What people see: pages, live events and exports; every view goes through `web.access`."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, Protocol

from flask import Flask, url_for
from flask_bootstrap import Bootstrap5
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings
from services.passwords import Passwords
from web import (
    accounts,
    api,
    app_shell,
    arguments,
    asking_words,
    board,
    break_moves,
    calendar_feed,
    confirmations,
    context,
    cookies,
    demand,
    errors,
    exports,
    floor,
    floor_day,
    floor_steering,
    formatting,
    goals,
    guard,
    hours,
    imports,
    leave_calendar,
    leave_setup,
    me,
    me_changes,
    me_days,
    me_figures,
    me_notices,
    me_offers,
    me_requests,
    me_settings,
    me_swaps,
    me_wishes,
    navigation,
    offer_desk,
    own_account,
    own_reader,
    own_words,
    publishing,
    quality,
    repairs,
    request_desk,
    roster_files,
    rosters,
    rotations,
    runs,
    scenarios,
    security,
    setup,
    sign_in,
    speech,
    tokens,
    tomorrow,
    why,
    wish_desk,
    work,
)
from web.operation import people, policy, settings, terms, words

ROSTER_TABS: Final = (
    ("board.show", "Board"),
    ("rosters.grid", "Grid"),
    ("rosters.breaks", "Breaks"),
    ("rosters.coverage", "Coverage"),
    ("rosters.figures", "Figures"),
    ("rosters.violations", "Violations"),
    ("confirmations.show", "Confirmations"),
)

PAGES: Final = (
    rosters,
    board,
    rotations,
    runs,
    publishing,
    repairs,
    scenarios,
    why,
    exports,
    sign_in,
    setup,
    own_account,
    accounts,
    tokens,
    work,
    me,
    me_days,
    me_changes,
    me_notices,
    me_settings,
    me_figures,
    calendar_feed,
    app_shell,
    confirmations,
    quality,
    goals,
    hours,
    floor,
    floor_steering,
    floor_day,
    me_requests,
    me_swaps,
    me_offers,
    me_wishes,
    request_desk,
    offer_desk,
    leave_calendar,
    leave_setup,
    tomorrow,
    wish_desk,
    people,
    terms,
    demand,
    break_moves,
    roster_files,
    imports,
    settings,
    policy,
    words,
)
"""The modules of the pages, each with its blueprint."""


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

    The application brings ``extensions["engine"]`` (the engine of its database), ``extensions["clock"]`` and
    ``extensions["settings"]``.
    """
    app.config["BOOTSTRAP_SERVE_LOCAL"] = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(formatting.WRITERS)
    app.jinja_env.globals.update(
        formatting.WRITERS,
        asset=asset,
        period_of=period_of,
        roster_tabs=ROSTER_TABS,
        took_its_place=context.took_its_place,
        left_to_publish=context.left_to_publish,
    )
    app.url_map.converters["id"] = arguments.IdConverter
    Bootstrap5(app)
    register_identity(app, app.extensions["settings"])
    # What bounds a body goes before the guard, which may read it.
    for part in (security, guard, errors, speech, own_reader, own_words, navigation, api, asking_words):
        part.register(app)
    for pages in PAGES:
        app.register_blueprint(pages.blueprint)


def register_identity(app: Flask, settings: Settings) -> None:
    """Add what tells visitors apart: their cookies, their passwords, and their addresses behind a proxy."""
    cookies.register(app, settings.host)
    app.extensions["passwords"] = Passwords(settings.password_memory_kib, settings.password_passes)
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]

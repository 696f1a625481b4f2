"""Pages of rosters: list, grid, breaks, coverage, figures, violations, and the days of one associate."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template

from services import reading, year_fairness
from web import arguments, pages
from web.context import engine, first_site, now, today
from web.findings import find
from web.grid import TABLE_LIMIT, grid_data

blueprint = Blueprint("rosters", __name__)


@blueprint.get("/")
def index() -> str:
    """Show all rosters, the newest first."""
    site = first_site()
    rosters = reading.list_rosters(engine())
    active = reading.active_run(engine(), site.code) if site else None
    return render_template("rosters/index.html", site=site, rosters=rosters, active_run=active, now=now())


@blueprint.get("/rosters/<id:roster_id>")
def grid(roster_id: int) -> str:
    """Show who works what on which day."""
    roster = reading.roster_grid(engine(), roster_id, break_days=())
    built, asked = pages.asked_grid(roster, today(roster.horizon.zone_name))
    return render_template("rosters/grid.html", roster=roster.summary, grid=built, table_limit=TABLE_LIMIT, **asked)


@blueprint.get("/rosters/<id:roster_id>/grid.json")
def rows(roster_id: int) -> Response:
    """Return the rows of a grid that is too long for a table."""
    roster = reading.roster_grid(engine(), roster_id, break_days=())
    query, team = arguments.text("q"), arguments.text("team")
    return jsonify(grid_data(roster, today=today(roster.horizon.zone_name), query=query, team=team))


@blueprint.get("/rosters/<id:roster_id>/associates/<code>")
def associate(roster_id: int, code: str) -> str:
    """Show the days of one associate with their breaks."""
    roster = reading.roster_grid(engine(), roster_id, break_days=(), breaks_of=(code,))
    return render_template("rosters/associate.html", roster=roster.summary, **pages.associate_page(roster, code))


@blueprint.get("/rosters/<id:roster_id>/breaks")
def breaks(roster_id: int) -> str:
    """Show the shifts and breaks of a day on one scale of time."""
    horizon = reading.roster_horizon(engine(), roster_id)
    day = arguments.day_of(horizon, today(horizon.zone_name))
    roster, coverage = reading.roster_with_coverage(engine(), roster_id, only_day=day)
    model = pages.breaks_page(roster, day) | {"day_coverage": pages.day_coverage(coverage, day)}
    return render_template("rosters/breaks.html", roster=roster.summary, **model)


@blueprint.get("/rosters/<id:roster_id>/coverage")
def coverage(roster_id: int) -> str:
    """Show required and scheduled heads of a skill over a day."""
    view = reading.roster_coverage(engine(), roster_id)
    model = pages.coverage_page(view, today(view.horizon.zone_name))
    return render_template("rosters/coverage.html", roster=view.summary, **model)


@blueprint.get("/rosters/<id:roster_id>/figures")
def figures(roster_id: int) -> str:
    """Show what is covered, what is short, and how evenly burdens are shared."""
    roster, coverage = reading.roster_with_coverage(engine(), roster_id)
    model = pages.figures_page(roster, coverage) | {"year": year_fairness.year_fairness(engine(), roster)}
    return render_template("rosters/figures.html", roster=roster.summary, **model)


@blueprint.get("/rosters/<id:roster_id>/violations")
def violations(roster_id: int) -> str:
    """Show the rules that a roster breaks, and what could not be kept together."""
    roster, names = reading.roster_summary(engine(), roster_id), reading.roster_names(engine(), roster_id)
    severity, rule = arguments.text("severity"), arguments.text("rule")
    found = find(reading.roster_violations(engine(), roster_id), severity, rule, arguments.page_number())
    model = pages.violations_page(found, names, severity, rule)
    clashes = reading.roster_clashes(engine(), roster_id)
    return render_template("rosters/violations.html", roster=roster, clashes=clashes, **model)

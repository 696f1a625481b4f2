"""The planner's board: a page that draws itself from JSON, takes edits, and follows those of others."""

from __future__ import annotations

from collections.abc import Collection

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from scheduling.edits import EditConflictError
from services import board as services
from services import copying, editing, reading
from services.editing import EditOutcome
from web import arguments, board_input, pages
from web.access import current_user, may
from web.board_data import (
    Data,
    board_data,
    conflict_data,
    coverage_data,
    edit_data,
    findings_data,
    fix_data,
    head_data,
    viewer_data,
    violation_data,
)
from web.context import clock, engine, today
from web.errors import TITLES
from web.grid import columns_of, legend_of, months_of

blueprint = Blueprint("board", __name__)


@blueprint.get("/rosters/<id:roster_id>/board")
def show(roster_id: int) -> str:
    """Show the board; people and days come as JSON."""
    roster = reading.roster_frame_view(engine(), roster_id)
    dates, head = pages.horizon_of(roster.summary).dates, roster.summary
    is_editable = head.state is reading.RosterState.DRAFT and may(current_user(), "board.edit")
    days = {"columns": columns_of(dates, today(head.zone_name)), "months": months_of(dates)}
    words = {"skills": roster.skills, "legend": legend_of(roster.shift_types)}
    target = {"who": arguments.text("who"), "when": arguments.date_or_none("day")}
    return render_template("rosters/board.html", roster=head, is_editable=is_editable, **days, **words, **target)


@blueprint.post("/rosters/<id:roster_id>/copy")
def copy(roster_id: int) -> AnyResponse:
    """Make a draft that is what the roster is, and go on with it."""
    made = copying.copy_to_draft(engine(), roster_id, by=current_user().name, clock=clock())
    flash(f"Roster {made.id} is a draft like roster {roster_id}. Publishing it shows what it changes.", "good")
    return redirect(url_for("board.show", roster_id=made.id), 303)


@blueprint.get("/rosters/<id:roster_id>/board.json")
def data(roster_id: int) -> Response:
    """Return people, days and shift types of a roster."""
    roster = reading.roster_grid(engine(), roster_id, break_days=())
    return jsonify(board_data(roster, today(roster.horizon.zone_name)))


@blueprint.get("/rosters/<id:roster_id>/board/findings.json")
def findings(roster_id: int) -> Response:
    """Return where rules are broken."""
    return jsonify(_findings(roster_id, arguments.text("who")))


@blueprint.get("/rosters/<id:roster_id>/board/coverage.json")
def coverage(roster_id: int) -> Response:
    """Return required and scheduled heads of every day."""
    return jsonify(coverage_data(reading.roster_coverage(engine(), roster_id), arguments.text("skill")))


@blueprint.get("/rosters/<id:roster_id>/board/in-force.json")
def in_force(roster_id: int) -> Response:
    """Return what other rosters have in force on the days of this one."""
    days = services.days_in_force(engine(), roster_id)
    return jsonify([[who, day.isoformat(), word] for (who, day), word in days.items()])


@blueprint.get("/rosters/<id:roster_id>/board/fix.json")
def fix(roster_id: int) -> Response:
    """Return the nearest fix of a violation."""
    day = board_input.day_of(arguments.text("day"))
    return jsonify(fix_data(services.offer_fix(engine(), roster_id, arguments.text("who"), day, arguments.text("rule"))))


@blueprint.post("/rosters/<id:roster_id>/board/edits")
def edit(roster_id: int) -> AnyResponse:
    """Change cells, all or none."""
    given = board_input.body()
    edits, client = board_input.edits_of(given.get("edits")), board_input.text_of(given.get("client"), "client")
    try:
        done = editing.apply_edits(engine(), roster_id, edits, by=current_user().name, clock=clock(), client=client)
    except EditConflictError as error:
        return _conflict(error)
    return jsonify(_done(roster_id, done, arguments.text("skill")))


@blueprint.post("/rosters/<id:roster_id>/board/undo")
def undo(roster_id: int) -> AnyResponse:
    """Bring back what an edit changed."""
    given = board_input.body()
    version = board_input.version_of(given.get("version"), "version")
    client = board_input.text_of(given.get("client"), "client")
    try:
        done = editing.undo_edit(engine(), roster_id, version, by=current_user().name, clock=clock(), client=client)
    except EditConflictError as error:
        return _conflict(error)
    return jsonify(_done(roster_id, done, arguments.text("skill")))


@blueprint.post("/rosters/<id:roster_id>/board/follow")
def follow(roster_id: int) -> AnyResponse:
    """Say that this page looks at the roster, and return what is new."""
    given, name = board_input.body(), current_user().display_name
    since, client = board_input.version_of(given.get("since"), "since"), board_input.text_of(given.get("client"), "client")
    at = board_input.cell_of(given.get("at"))
    found = services.follow(engine(), roster_id, since, client=client, name=name, at=at, clock=clock())
    return jsonify(head_data(found.roster) | _news(roster_id, found, client))


def _news(roster_id: int, found: services.Followed, client: str) -> dict[str, object]:
    """Return what is new to a page: edits and viewers, and what the edits of others changed in the figures."""
    new: dict[str, object] = {
        "edits": [edit_data(one) for one in found.edits],
        "viewers": [viewer_data(one) for one in found.viewers],
    }
    foreign = [one for one in found.edits if one.client != client]
    if foreign:
        days = {cell.day for one in foreign for cell in one.cells}
        new |= _after(roster_id, {(day - found.roster.first_day).days for day in days}, arguments.text("skill"))
    return new


def _conflict(error: EditConflictError) -> Response:
    conflicts = [conflict_data(one) for one in error.conflicts]
    response = jsonify(error=TITLES[409], message=str(error), conflicts=conflicts)
    response.status_code = 409
    return response


def _done(roster_id: int, done: EditOutcome, skill: str) -> Data:
    """Return what an edit did, and what follows from it on the page."""
    made = services.edits_of(engine(), roster_id, done.version - 1) if done.changed else ()
    days = {(cell.day - done.roster.first_day).days for one in made for cell in one.cells}
    return {
        **head_data(done.roster),
        "version": done.version,
        "changed": done.changed,
        "edits": [edit_data(one) for one in made if one.version == done.version],
        "broken": [violation_data(one) for one in done.broken],
        "mended": len(done.mended),
        **_after(roster_id, days, skill),
    }


def _after(roster_id: int, days: Collection[int], skill: str) -> Data:
    """Return findings, and the coverage of the days that an edit may have changed: a night shift also covers the next day."""
    view = reading.roster_coverage(engine(), roster_id)
    near = {day + step for day in days for step in (0, 1)} & set(range(view.horizon.day_count))
    return {"findings": _findings(roster_id), "coverage": coverage_data(view, skill, near)}


def _findings(roster_id: int, who: str = "") -> Data:
    violations, codes = reading.roster_violations(engine(), roster_id), reading.roster_codes(engine(), roster_id)
    horizon = pages.horizon_of(reading.roster_summary(engine(), roster_id))
    return findings_data(violations, codes, horizon.dates, who)

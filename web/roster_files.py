"""A roster on paper, and a workbook of it that comes back changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, Fault
from scheduling.plan import DAY_WORDS
from services import imports, reading, roster_import
from services.reading import RosterGrid
from web import arguments
from web.access import current_user
from web.context import clock, engine, the_site
from web.tones import tone_of

blueprint = Blueprint("roster_files", __name__)

Page = str | Response | tuple[str, int]
PAPERS: Final = ("A4", "A3")
DAYS_ON: Final = {"A4": 14, "A3": 28}
SHOWN_EDITS: Final = 200


@dataclass(frozen=True)
class PrintedCell:
    """One day of one associate: its text and style class."""

    text: str
    tone: str


@dataclass(frozen=True)
class PrintedRow:
    """One associate on a sheet."""

    name: str
    code: str
    cells: tuple[PrintedCell, ...]


@dataclass(frozen=True)
class Sheet:
    """Some days of the roster: the rows of each team."""

    days: tuple[date, ...]
    teams: tuple[tuple[str, tuple[PrintedRow, ...]], ...]


@blueprint.get("/rosters/<id:roster_id>/print")
def print_view(roster_id: int) -> str:
    """Show a roster as it is printed."""
    roster = reading.roster_grid(engine(), roster_id, break_days=())
    teams = sorted({one.team for one in roster.associates})
    paper, team = arguments.one_of("paper", PAPERS, PAPERS[0]), arguments.one_of("team", teams, "")
    sheets = sheets_of(roster, [team] if team else teams, DAYS_ON[paper])
    return render_template(
        "rosters/print.html", roster=roster.summary, sheets=sheets, paper=paper, papers=PAPERS, team=team, teams=teams
    )


def sheets_of(roster: RosterGrid, teams: Sequence[str], days_on_sheet: int) -> list[Sheet]:
    """Return a roster cut into sheets of some days."""
    days = roster.horizon.dates
    return [
        _sheet(roster, teams, range(first, min(first + days_on_sheet, len(days)))) for first in range(0, len(days), days_on_sheet)
    ]


def _sheet(roster: RosterGrid, teams: Sequence[str], days: range) -> Sheet:
    cells = {index: PrintedCell(shift.code, str(tone_of(shift))) for index, shift in enumerate(roster.shift_types)}
    cells |= {value: PrintedCell({"off": "–", "none": ""}.get(word, word), word) for value, word in DAY_WORDS.items()}
    values = roster.plan.values.tolist()
    rows = {
        name: tuple(
            PrintedRow(one.name, one.code, tuple(cells[values[row][day]] for day in days))
            for row, one in enumerate(roster.associates)
            if one.team == name
        )
        for name in teams
    }
    return Sheet(tuple(roster.horizon.dates[day] for day in days), tuple(rows.items()))


@blueprint.get("/rosters/<id:roster_id>/import")
def bring_back(roster_id: int) -> str:
    """Show where a workbook is brought back."""
    return start_page(roster_id)


@blueprint.post("/rosters/<id:roster_id>/import")
def hand_in(roster_id: int) -> Page:
    """Take a workbook."""
    file = request.files.get("file")
    name, content = (file.filename or "", file.read()) if file else ("", b"")
    try:
        number = imports.hand_in(
            engine(), the_site().id, roster_import.ROSTER, name, content, by=current_user().name, clock=clock()
        )
    except BadInputError as error:
        return start_page(roster_id, error.faults), 422
    return redirect(url_for("roster_files.trial", roster_id=roster_id, file_id=number))


@blueprint.get("/rosters/<id:roster_id>/import/<id:file_id>")
def trial(roster_id: int, file_id: int) -> str:
    """Show what a workbook would change."""
    found = roster_import.try_roster(engine(), roster_id, file_id, by=current_user().name, clock=clock())
    roster = reading.roster_summary(engine(), roster_id)
    return render_template("rosters/bring_back.html", roster=roster, trial=found, shown=found.edits[:SHOWN_EDITS], faults=())


@blueprint.post("/rosters/<id:roster_id>/import/<id:file_id>")
def commit(roster_id: int, file_id: int) -> Response:
    """Edit the roster to be as the workbook says."""
    done = roster_import.import_roster(engine(), roster_id, file_id, by=current_user().name, clock=clock())
    flash(f"{done.changed} days are as the workbook says. The roster is at version {done.version}.", "good")
    return redirect(url_for("rosters.grid", roster_id=roster_id))


def start_page(roster_id: int, faults: tuple[Fault, ...] = ()) -> str:
    """Return the page on which a workbook is brought back."""
    roster = reading.roster_summary(engine(), roster_id)
    return render_template("rosters/bring_back.html", roster=roster, trial=None, shown=(), faults=faults)

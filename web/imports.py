"""The import wizard: hand in a file, name its columns, look at what it would do, import it whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from scheduling.errors import BadInputError, Fault, NotFoundError
from services import imports
from services.imports import BY_NAME, KINDS, Trial
from web import arguments
from web.access import current_user
from web.context import clock, engine, first_site, the_site

blueprint = Blueprint("imports", __name__, url_prefix="/import")

Page = str | AnyResponse | tuple[str, int]
SHOWN_FAULTS: Final = 200


@dataclass(frozen=True)
class ColumnChoice:
    """One column of the file: its title, what its first rows hold, and which column it is taken for."""

    title: str
    examples: tuple[str, ...]
    chosen: str


@blueprint.get("")
def index() -> str:
    """Show what can be imported."""
    return start_page()


@blueprint.post("")
def hand_in() -> Page:
    """Take a file."""
    file, kind = request.files.get("file"), request.form.get("kind", "")
    name, content = (file.filename or "", file.read()) if file else ("", b"")
    try:
        number = imports.hand_in(engine(), the_site().id, kind, name, content, by=current_user().name, clock=clock())
    except BadInputError as error:
        return start_page(kind, error.faults), 422
    return redirect(url_for("imports.show", file_id=number))


@blueprint.get("/<id:file_id>")
def show(file_id: int) -> str:
    """Show what importing a file would do."""
    return trial_page(imports.try_file(engine(), file_id, by=current_user().name, clock=clock()))


@blueprint.post("/<id:file_id>/columns")
def columns(file_id: int) -> AnyResponse:
    """Say which column of the file is which, and look again."""
    imports.name_columns(engine(), file_id, request.form.getlist("column"), by=current_user().name, clock=clock())
    return redirect(url_for("imports.show", file_id=file_id, _anchor="result"))


@blueprint.post("/<id:file_id>")
def commit(file_id: int) -> Page:
    """Import the file, all of it or nothing."""
    by = current_user().name
    try:
        done = imports.import_file(engine(), file_id, by=by, clock=clock())
    except BadInputError:
        return trial_page(imports.try_file(engine(), file_id, by=by, clock=clock())), 422
    flash(f"Imported {done.name}: {counted(done)}.", "good")
    return redirect(url_for("imports.index"))


@blueprint.post("/<id:file_id>/discard")
def discard(file_id: int) -> AnyResponse:
    """Drop the file without importing it."""
    imports.discard(engine(), file_id, by=current_user().name, clock=clock())
    flash("The file is dropped; nothing was imported.", "good")
    return redirect(url_for("imports.index"))


@blueprint.get("/example/<kind>.csv")
def example(kind: str) -> Response:
    """Return a file with the header and one row, to begin with."""
    if kind not in BY_NAME:
        raise NotFoundError(f"Nothing of the kind {kind!r} can be imported.")
    wanted = BY_NAME[kind].columns
    lines = (",".join(one.name for one in wanted), ",".join(one.example for one in wanted), "")
    headers = {"Content-Disposition": f'attachment; filename="{kind}.csv"'}
    return Response("\n".join(lines), content_type="text/csv; charset=utf-8", headers=headers)


def counted(trial: Trial) -> str:
    """Return how many rows of a file are new, change something, or are there already."""
    assert trial.prepared is not None  # noqa: S101 - it was imported.
    return f"{trial.prepared.new} new, {trial.prepared.changed} changed, {trial.prepared.same} as they were"


def start_page(kind: str = "", faults: tuple[Fault, ...] = ()) -> str:
    """Return the page on which a file is handed in."""
    most = imports.MOST_BYTES // 2**20
    chosen = kind or arguments.text("kind")
    return render_template(
        "imports/index.html", site=first_site(), kinds=KINDS, chosen=chosen, faults=faults, most=most
    )  # fmt: skip


def trial_page(trial: Trial) -> str:
    """Return the page of a file: its columns, and what it would do."""
    titles = trial.preview.header
    choices = [
        ColumnChoice(
            title or f"column {place + 1}",
            tuple(row[place] for row in trial.preview.rows if place < len(row)),
            trial.columns[place] if place < len(trial.columns) else "",
        )
        for place, title in enumerate(titles)
    ]
    return render_template("imports/trial.html", trial=trial, choices=choices, shown=trial.faults[:SHOWN_FAULTS])

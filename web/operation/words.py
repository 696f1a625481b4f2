"""Pages of the small kinds of records: a list of all, a form for one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, Fault, NotFoundError
from services import records
from services.records import words_of
from web.access import current_user
from web.context import clock, engine, the_site
from web.formatting import day
from web.operation.fields import FormModel, Typed, form_model, seen
from web.operation.kinds import BY_PATH, RecordKind

blueprint = Blueprint("words", __name__, url_prefix="/operation")

Page = str | Response | tuple[str, int]


@blueprint.get("/<path>")
def index(path: str) -> str:
    """Show all records of a kind, with an empty form for one more."""
    return list_page(kind_of(path))


@blueprint.post("/<path>")
def create(path: str) -> Page:
    """Add a record."""
    kind, site_id = kind_of(path), the_site().id
    typed = Typed(kind.fields(site_id))
    faults = kept(kind, site_id, None, typed)
    if faults:
        return list_page(kind, form_model(kind.fields(site_id), typed.values, faults=faults)), 422
    return back(kind, f"The {kind.one} is added.")


@blueprint.get("/<path>/<id:record_id>")
def show(path: str, record_id: int) -> str:
    """Show the form of one record, and what was changed of it."""
    return record_page(kind_of(path), record_id)


@blueprint.post("/<path>/<id:record_id>")
def save(path: str, record_id: int) -> Page:
    """Change a record."""
    kind, site_id = kind_of(path), the_site().id
    typed = Typed(kind.fields(site_id))
    faults = kept(kind, site_id, record_id, typed)
    if faults:
        return record_page(kind, record_id, typed.values, faults), 422
    return back(kind, f"The {kind.one} is saved.")


@blueprint.post("/<path>/<id:record_id>/remove")
def remove(path: str, record_id: int) -> Response:
    """Take a record away."""
    kind = kind_of(path)
    records.remove(engine(), kind.store, the_site().id, record_id, seen=seen(), by=current_user().name, clock=clock())
    return back(kind, f"The {kind.one} is gone.")


def kind_of(path: str) -> RecordKind:
    """Return the kind of an address; NotFoundError when there is none."""
    if path not in BY_PATH:
        raise NotFoundError(f"There is no page {path!r} of the operation.")
    return BY_PATH[path]


def back(kind: RecordKind, message: str) -> Response:
    """Lead to the list of a kind, which says what was done."""
    flash(message, "good")
    return redirect(url_for("words.index", path=kind.path))


def kept(kind: RecordKind, site_id: int, record_id: int | None, typed: Typed) -> tuple[Fault, ...]:
    """Keep what was typed, as a new record without an id; return everything that is wrong with it."""
    record = kind.read(typed)
    if record is None or typed.count():
        return typed.faults.faults()
    by = current_user().name
    try:
        if record_id is None:
            records.add(engine(), kind.store, site_id, record, by=by, clock=clock())
        else:
            records.save(engine(), kind.store, site_id, record_id, record, seen=seen(), by=by, clock=clock())
    except BadInputError as error:
        return error.faults
    return ()


def list_page(kind: RecordKind, form: FormModel | None = None) -> str:
    """Return the page of all records of a kind."""
    site_id = the_site().id
    fields = kind.fields(site_id)
    rows = {number: shown_values(record) for number, record in records.listed(engine(), kind.store, site_id).items()}
    extra = kind.extra[1](site_id) if kind.extra else {}
    form = form or form_model(fields, {})
    return render_template("operation/list.html", kind=kind, fields=fields, rows=rows, extra=extra, form=form)


def record_page(
    kind: RecordKind, record_id: int, typed: Mapping[str, str] | None = None, faults: tuple[Fault, ...] = ()
) -> str:  # fmt: skip
    """Return the page of one record; what was typed stays."""
    site_id = the_site().id
    found = records.seen(engine(), kind.store, site_id, record_id)
    form = form_model(
        kind.fields(site_id),
        values_of(found.record) if typed is None else typed,
        faults=faults,
        changes=found.last_changes,
        seen=seen() or found.fingerprint,
    )
    name = next(iter(shown_values(found.record).values()))
    return render_template("operation/record.html", kind=kind, found=found, form=form, name=name, zone_name=the_site().zone_name)


def values_of(record: Any) -> dict[str, str]:
    """Return the values of a record as a form shows them."""
    return {name: f"{value:g}" if isinstance(value, float) else words_of(value) for name, value in vars(record).items()}


def shown_values(record: Any) -> dict[str, str]:
    """Return the values of a record as they are read: as in its form, but days as on every other page."""
    days = {name: day(value, year=True) for name, value in vars(record).items() if isinstance(value, date)}
    return values_of(record) | days

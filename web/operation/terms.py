"""The page of personal terms: what the contract of one associate asks for beside the rules of the site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from interchange.terms import NUMBERS, counts_of, counts_text, pairs_of, pairs_text
from scheduling.errors import BadInputError, Fault
from scheduling.people import ContractTerms
from services import records
from services.people import PEOPLE
from services.terms import TERMS
from web.access import current_user
from web.context import clock, engine, the_site
from web.operation.fields import Field, Kind, Typed, form_model, seen

blueprint = Blueprint("terms", __name__)

Page = str | Response | tuple[str, int]

FIELDS: Final = (
    Field("least_minutes", "Least working minutes", Kind.WHOLE, "Over the days of a roster, less in proportion for leave."),
    Field(
        "most_minutes",
        "Most working minutes",
        Kind.WHOLE,
        "Over the days of a roster. Who has minutes is not held to the working days in a week.",
    ),
    Field("most_days_in_a_row", "Most working days in a row", Kind.WHOLE, "The stricter of this and the rule of the site holds."),
    Field("least_days_in_a_row", "Least working days in a row", Kind.WHOLE, "Between two days off."),
    Field("least_days_off_in_a_row", "Least days off in a row", Kind.WHOLE, "Between two shifts."),
    Field("most_weekends", "Most weekends", Kind.WHOLE, "Weekends of a roster with a shift on Saturday or Sunday."),
    Field("most_shifts", "Most shifts of a type", Kind.TEXT, "In a roster, such as N=3;L=5."),
    Field("forbidden_successions", "Forbidden on the next day", Kind.TEXT, "First the shift of the day, such as N>M;L>M."),
)


@blueprint.get("/people/<id:associate_id>/terms")
def show(associate_id: int) -> str:
    """Show the terms of one associate."""
    found = records.seen(engine(), TERMS, the_site().id, associate_id)
    return page_of(associate_id, values_of(found.record), (), found)


@blueprint.post("/people/<id:associate_id>/terms")
def save(associate_id: int) -> Page:
    """Change the terms of one associate."""
    typed = Typed(FIELDS)
    faults = kept(associate_id, typed)
    if faults:
        found = records.seen(engine(), TERMS, the_site().id, associate_id)
        return page_of(associate_id, typed.values, faults, found), 422
    flash("The terms are saved; the next rosters keep them.", "good")
    return redirect(url_for("terms.show", associate_id=associate_id))


def kept(associate_id: int, typed: Typed) -> Sequence[Fault]:
    """Keep what was typed; return everything that is wrong with it."""
    terms = read_terms(typed)
    if typed.faults.faults():
        return typed.faults.faults()
    try:
        records.save(engine(), TERMS, the_site().id, associate_id, terms, seen=seen(), by=current_user().name, clock=clock())
    except BadInputError as error:
        return error.faults
    return ()


def read_terms(typed: Typed) -> ContractTerms:
    """Return the terms that were typed, with empty values where there are faults."""
    row = typed.row
    counts, pairs = counts_of(row.cell("most_shifts")), pairs_of(row.cell("forbidden_successions"))
    if counts is None:
        row.fault("most_shifts", "Write codes with numbers, such as N=3;L=5.")
    if pairs is None:
        row.fault("forbidden_successions", "Write pairs of codes, such as N>M;L>M.")
    numbers = {name: row.whole(name, 0, most) if row.cell(name) else None for name, most in NUMBERS.items()}
    return ContractTerms(**numbers, most_shifts=counts or (), forbidden_successions=pairs or ())


def values_of(terms: ContractTerms) -> Mapping[str, str]:
    """Return terms as they are typed."""
    numbers = {name: getattr(terms, name) for name in NUMBERS}
    texts = {"most_shifts": counts_text(terms.most_shifts), "forbidden_successions": pairs_text(terms.forbidden_successions)}
    return {name: "" if number is None else str(number) for name, number in numbers.items()} | texts


def page_of(associate_id: int, values: Mapping[str, str], faults: Sequence[Fault], found: records.Seen[ContractTerms]) -> str:
    """Return the page with what is wrong with it."""
    site = the_site()
    person = records.seen(engine(), PEOPLE, site.id, associate_id).record
    form = form_model(FIELDS, values, faults=faults, changes=found.last_changes, seen=seen() or found.fingerprint)
    return render_template("people/terms.html", form=form, found=found, person=person, zone_name=site.zone_name)

"""Pages of people: a list with a search, a form for one, and who is planned with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, Fault
from scheduling.people import WorkMode
from services import people, records
from services.people import PEOPLE, STATES, PersonRecord, SiteWords, Wanted
from services.reading import SiteFacts
from web import arguments
from web.access import current_user
from web.context import clock, engine, first_site, the_site, today
from web.operation.fields import Field, FormModel, Kind, Typed, form_model, seen

blueprint = Blueprint("people", __name__)

Page = str | Response | tuple[str, int]
Line = tuple[str, str]
EMPTY_LINES: Final = 1
PART_OF: Final = {"contract_start": "contracts", "contract_end": "contracts"}
YES_NO: Final = (("yes", "yes"), ("no", "no"))


@blueprint.get("/people")
def index() -> str:
    """Show the associates that the address asks for."""
    site = first_site()
    return render_template("people/index.html", site=site, states=STATES, **(list_model(site) if site else {}))


@blueprint.get("/people/new")
def new() -> str:
    """Show an empty form."""
    return form_page(person_form({}, [("", "")]))


@blueprint.post("/people/new")
def create() -> Page:
    """Add an associate."""
    typed = Typed(person_fields(words()))
    faults, number = kept(None, typed, is_active=True)
    if faults:
        return form_page(person_form(typed.values, typed_lines(), faults)), 422
    flash("The associate is added.", "good")
    return redirect(url_for("people.show", associate_id=number))


@blueprint.get("/people/<id:associate_id>")
def show(associate_id: int) -> str:
    """Show the form of one associate, and what was changed of it."""
    found = records.seen(engine(), PEOPLE, the_site().id, associate_id)
    return form_page(form_of(found), found)


@blueprint.post("/people/<id:associate_id>")
def save(associate_id: int) -> Page:
    """Change an associate."""
    typed, found = Typed(person_fields(words())), records.seen(engine(), PEOPLE, the_site().id, associate_id)
    faults, _ = kept(associate_id, typed, is_active=found.record.is_active)
    if faults:
        return form_page(person_form(typed.values, typed_lines(), faults, found), found), 422
    flash("The associate is saved.", "good")
    return redirect(url_for("people.show", associate_id=associate_id))


@blueprint.post("/people/<id:associate_id>/active")
def active(associate_id: int) -> Response:
    """Plan with an associate again, or no longer."""
    by, on = current_user().name, request.form.get("active") == "yes"
    people.set_active(engine(), the_site().id, associate_id, active=on, seen=seen(), by=by, clock=clock())
    flash("The next rosters are planned " + ("with this associate." if on else "without this associate."), "good")
    return redirect(url_for("people.show", associate_id=associate_id))


def words() -> SiteWords:
    """Return what an associate of the site can be given."""
    return people.words_of_site(engine(), the_site().id)


def list_model(site: SiteFacts) -> dict[str, object]:
    """Return the model of the list that the address asks for."""
    known = people.words_of_site(engine(), site.id)
    state = arguments.text("state")
    wanted = Wanted(
        query=arguments.text("q").strip(),
        team=arguments.text("team"),
        skill=arguments.text("skill"),
        state=state if state in STATES else "active",
    )
    page = arguments.page_number()
    found = people.find_people(engine(), site.id, wanted, page=page, today=today(site.zone_name))
    return {"wanted": wanted, "found": found, "page": page, "known": known, "today": today(site.zone_name)}


def person_fields(known: SiteWords) -> tuple[Field, ...]:
    """Return the fields of an associate, with the choices of the site."""
    return (
        Field("code", "Code", meaning="What files and other systems call this person; one of its kind at the site."),
        Field("name", "Name"),
        Field("team", "Team", Kind.CHOICE, choices=tuple((name, name) for name in known.teams)),
        Field(
            "skills",
            "Skills",
            Kind.TICKS,
            "Each lets the associate cover the requirement of that skill, one at a time.",
            choices=tuple((name, name) for name in known.skills),
        ),
        Field(
            "work_mode",
            "Works",
            Kind.CHOICE,
            "Who works in the office needs a seat; who is hybrid comes on the least office days of the site.",
            "Contract: the work mode of the associate",
            WorkMode.OFFICE,
            choices=((WorkMode.OFFICE, "in the office"), (WorkMode.HOME, "at home"), (WorkMode.HYBRID, "hybrid")),
        ),
        Field(
            "timing",
            "Timing",
            Kind.CHOICE,
            "The start time that is kept in this rotation period. Left open, the planner chooses one.",
            "Contract: a timing is kept for 3 to 4 months",
            "",
            choices=(("", "left open"), *((code, code) for code in known.timings)),
        ),
        Field(
            "night_consent",
            "Consents to nights",
            Kind.CHOICE,
            "Counts where the rules of the site ask for consent.",
            "Law: consent to night work where the place of work asks for it (India: OSH Code 2020, section 43)",
            "yes",
            choices=YES_NO,
        ),
    )


def typed_lines() -> list[Line]:
    """Return the contracts as they were typed."""
    firsts, lasts = request.form.getlist("contract_start"), request.form.getlist("contract_end")
    return [(first, last) for first, last in zip(firsts, lasts, strict=False) if first or last] or [("", "")]


def kept(associate_id: int | None, typed: Typed, *, is_active: bool) -> tuple[Sequence[Fault], int | None]:
    """Keep what was typed; return everything that is wrong with it, or else the associate."""
    record = read_person(typed, is_active=is_active)
    site_id, by = the_site().id, current_user().name
    more = records.judged(engine(), PEOPLE, site_id, associate_id, record)
    known = {PART_OF.get(one.column, one.column) for one in typed.faults.faults()}
    faults = [*typed.faults.faults(), *(one for one in more if one.column not in known)]
    if faults:
        return faults, None
    try:
        if associate_id is None:
            return (), records.add(engine(), PEOPLE, site_id, record, by=by, clock=clock())
        records.save(engine(), PEOPLE, site_id, associate_id, record, seen=seen(), by=by, clock=clock())
    except BadInputError as error:
        return error.faults, None
    return (), associate_id


def read_person(typed: Typed, *, is_active: bool) -> PersonRecord:
    """Return the associate that was typed, with empty values where there are faults."""
    row = typed.row
    skills = tuple(sorted(filter(None, row.cell("skills").split(";"))))
    return PersonRecord(
        code=row.text("code") or "",
        name=row.text("name") or "",
        team=row.text("team") or "",
        skills=skills,
        work_mode=row.text("work_mode") or "",
        timing=row.cell("timing") or None,
        night_consent=row.known("night_consent", ("yes", "no"), "neither yes nor no") != "no",
        contracts=read_contracts(typed),
        is_active=is_active,
    )


def read_contracts(typed: Typed) -> tuple[tuple[date, date], ...]:
    """Return the contracts that were typed, in order, those with faults left out."""
    lines = [(line.date("contract_start"), line.date("contract_end")) for line in typed.lines("contract_start", "contract_end")]
    return tuple(sorted((first, last) for first, last in lines if first is not None and last is not None))


def form_of(found: records.Seen[PersonRecord]) -> FormModel:
    """Return the form of an associate as stored."""
    one = found.record
    values = {
        "code": one.code,
        "name": one.name,
        "team": one.team,
        "skills": ";".join(one.skills),
        "work_mode": one.work_mode,
        "timing": one.timing or "",
        "night_consent": "yes" if one.night_consent else "no",
    }
    lines = [(first.isoformat(), last.isoformat()) for first, last in one.contracts]
    return person_form(values, [*lines, *[("", "")] * EMPTY_LINES], (), found)


def person_form(
    values: dict[str, str],
    lines: Sequence[Line],
    faults: Sequence[Fault] = (),
    found: records.Seen[PersonRecord] | None = None,
) -> FormModel:
    """Return the form of an associate with what is wrong with it."""
    return form_model(
        person_fields(words()),
        values,
        faults=faults,
        changes=found.last_changes if found else None,
        seen=seen() or (found.fingerprint if found else ""),
        parts={"contracts": lines},
    )


def form_page(form: FormModel, found: records.Seen[PersonRecord] | None = None) -> str:
    """Return the page of one associate."""
    site = the_site()
    expired = found is not None and bool(found.record.contracts) and found.record.contracts[-1][1] < today(site.zone_name)
    return render_template("people/person.html", form=form, found=found, expired=expired, zone_name=site.zone_name)

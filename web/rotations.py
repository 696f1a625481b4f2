"""Pages of rotations: ask for one, see its rows or why there is none, put associates on them, unroll them into a roster."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, ConflictError, Fault
from services import planning_runs, rotation_design, rotation_places, rotation_search
from services.rotation_design import RotationSite, RotationState
from services.rotation_places import Deal
from web import arguments, rotation_form, typed
from web.access import current_user
from web.context import clock, engine, first_site, the_site, today
from web.rotation_pages import page_of

blueprint = Blueprint("rotations", __name__)

LONGEST_ROSTER_WEEKS = 13
PERIOD_WEEKS = 13
UNROLL_SECONDS = 60.0
MORE_SECONDS = 60


@blueprint.get("/rotations")
def index() -> str:
    """Show all rotations, the newest first."""
    site = first_site()
    found = rotation_design.list_rotations(engine(), site.code) if site else ()
    searches = rotation_search.active_searches(engine(), site.code) if site else ()
    return render_template("rotations/index.html", site=site, rotations=found, searches=searches)


@blueprint.get("/rotations/new")
def new() -> str:
    """Show the form of a rotation for a team."""
    site = _site()
    team = arguments.text("team") or next(iter(site.teams), "")
    return _form(site, rotation_form.defaults(site, team))


def _site() -> RotationSite:
    return rotation_design.rotation_site(engine(), the_site().code)


def _form(site: RotationSite, given: rotation_form.Typed, faults: tuple[Fault, ...] = ()) -> str:
    lines = rotation_form.lines_of(site, given)
    one_timing = rotation_form.is_one_timing(site)
    return render_template("rotations/new.html", site=site, typed=given, lines=lines, faults=faults, one_timing=one_timing)


@blueprint.post("/rotations/new")
def create() -> Response | tuple[str, int]:
    """Queue the search for a rotation, and go to where it can be followed."""
    site, given = _site(), request.form.to_dict()
    try:
        asked = rotation_form.request_of(site, given)
        run = rotation_search.request_search(engine(), site.code, asked, by=current_user().name, clock=clock())
    except BadInputError as error:
        return _form(site, given, error.faults), 422
    return redirect(url_for("runs.show", run_id=run.id))


@blueprint.post("/rotations/<id:rotation_id>/more")
def more(rotation_id: int) -> Response:
    """Queue a search that goes on from a rotation whose answer is not final."""
    seconds = typed.whole(request.form, "seconds", "how many seconds it may take")
    run = rotation_search.request_more(engine(), rotation_id, seconds=float(seconds), by=current_user().name, clock=clock())
    return redirect(url_for("runs.show", run_id=run.id))


@blueprint.get("/rotations/<id:rotation_id>")
def show(rotation_id: int) -> str:
    """Show the rows of a rotation, or why there is none."""
    return _show(rotation_id)


def _show(rotation_id: int, faults: tuple[Fault, ...] = ()) -> str:
    found, site = rotation_design.rotation_view(engine(), rotation_id), _site()
    places = rotation_places.places(engine(), rotation_id)
    page = page_of(site, found, places)
    return render_template(
        "rotations/show.html",
        rotation=found,
        page=page,
        faults=faults,
        people=rotation_places.candidates(engine(), site.code, found.team),
        first_day=page.first_day or _next_week(site),
        weeks=_weeks(page.first_day, page.last_day),
        is_feasible=found.state is RotationState.FEASIBLE,
        more_seconds=MORE_SECONDS,
    )


def _weeks(first_day: date | None, last_day: date | None) -> int:
    return ((last_day - first_day).days + 1) // 7 if first_day and last_day else PERIOD_WEEKS


def _next_week(site: RotationSite) -> date:
    """Return the next day on which a week of the site begins."""
    day = today(the_site().zone_name) + timedelta(days=1)
    while f"{day:%A}".lower() != site.weekdays[0]:
        day += timedelta(days=1)
    return day


def _typed_period() -> tuple[date, int]:
    """Return first day and weeks as typed."""
    try:
        return date.fromisoformat(request.values.get("first_day", "")), int(request.values.get("weeks", "")[:4])
    except ValueError:
        raise BadRequest("Write the first day as year-month-day, and a whole number of weeks.") from None


@blueprint.post("/rotations/<id:rotation_id>/places")
def place(rotation_id: int) -> Response | tuple[str, int]:
    """Put associates on rows."""
    codes = {int(name[4:]): code for name, code in request.form.items() if name[:4] == "row_" and name[4:].isdigit() and code}
    first_day, weeks = _typed_period()
    try:
        count = rotation_places.place(engine(), rotation_id, codes, first_day, weeks, by=current_user().name, clock=clock())
    except BadInputError as error:
        return _show(rotation_id, error.faults), 422
    flash(f"{count} associates go through this rotation from {first_day:%d %b %Y} on.", "good")
    return redirect(url_for("rotations.show", rotation_id=rotation_id))


@blueprint.post("/rotations/<id:rotation_id>/unroll")
def unroll(rotation_id: int) -> Response:
    """Ask for a roster over the rotation period: everybody on a row keeps its days, breaks are placed, all is checked."""
    found = rotation_design.rotation_view(engine(), rotation_id)
    first_day, weeks = _typed_period()
    length, by = max(1, min(weeks, LONGEST_ROSTER_WEEKS)), current_user().name
    run = planning_runs.request_run(
        engine(), found.site, first_day, length, seed=found.seed, seconds=UNROLL_SECONDS, by=by, clock=clock()
    )
    return redirect(url_for("runs.show", run_id=run.id))


@blueprint.get("/rotations/deal")
def deal() -> str:
    """Propose who goes through which row of which rotation, so that the year evens out."""
    site = _site()
    chosen = [int(number) for number in request.args.getlist("rotation") if number.isdigit() and len(number) < 18]
    team = arguments.text("team")
    found = [one for one in rotation_design.list_rotations(engine(), site.code) if one.state is RotationState.FEASIBLE]
    proposal, message = _proposal(site, chosen, team) if chosen else (None, "")
    first_day, weeks = (proposal.first_day, proposal.weeks) if proposal else (_next_week(site), PERIOD_WEEKS)
    asked = {"chosen": chosen, "team": team, "first_day": first_day, "weeks": weeks}
    return render_template("rotations/deal.html", site=site, rotations=found, deal=proposal, message=message, **asked)


def _proposal(site: RotationSite, chosen: list[int], team: str) -> tuple[Deal | None, str]:
    first_day, weeks = _typed_period()
    try:
        return rotation_places.propose_deal(engine(), site.code, chosen, first_day, weeks, team or None), ""
    except (BadInputError, ConflictError) as error:
        return None, str(error)


@blueprint.post("/rotations/deal")
def apply() -> Response:
    """Put everybody on the rows as proposed."""
    chosen = [int(number) for number in request.form.getlist("rotation") if number.isdigit() and len(number) < 18]
    first_day, weeks = _typed_period()
    team = request.form.get("team", "")[:200] or None
    count = rotation_places.apply_deal(
        engine(), the_site().code, chosen, first_day, weeks, team, by=current_user().name, clock=clock()
    )
    flash(f"{count} associates are on the rows that were proposed, from {first_day:%d %b %Y} on.", "good")
    return redirect(url_for("rotations.index"))

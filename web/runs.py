"""Pages of planning runs: ask for one, follow it live, stop it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from services import planning_runs, reading
from services.reading import RosterSummary, RunView, SiteFacts
from web import arguments
from web.access import current_user
from web.charts import Curve, progress_curve
from web.context import clock, engine, first_site, now, today
from web.events import State, run_events
from web.forms import GenerateForm, StopForm
from web.run_words import WORDS

blueprint = Blueprint("runs", __name__)

MOST_ROSTERS: Final = 50
"""So many of the newest rosters can be begun with."""


@blueprint.get("/generate")
def new(form: GenerateForm | None = None) -> str:
    """Show the form that asks for a planning run."""
    site = first_site()
    active = reading.active_run(engine(), site.code) if site else None
    form = form or _proposed(site)
    return render_template("runs/new.html", site=site, active_run=active, form=form, now=now())


def _rosters(site: SiteFacts | None, chosen: str) -> tuple[RosterSummary, ...]:
    """Return the newest rosters, and with them the one that is chosen, however old it is."""
    newest = reading.list_rosters(engine(), site.code, limit=MOST_ROSTERS) if site else ()
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 18) or chosen in {str(one.id) for one in newest}:
        return newest
    older = reading.roster_summary(engine(), int(chosen))
    return (*newest, older) if site and older.site == site.code else newest


def _proposed(site: SiteFacts | None) -> GenerateForm:
    """Return the form with the days of the roster to begin with, else with four weeks after what is published, or after today."""
    if site is None:
        return GenerateForm()
    chosen = arguments.text("begin_with")
    rosters = _rosters(site, chosen)
    after = max([today(site.zone_name), *(roster.last_day for roster in rosters if roster.published_at)])
    base = next((one for one in rosters if str(one.id) == chosen), None)
    days = (base.first_day, base.weeks) if base else (_monday_after(after), 4)
    seconds = round(current_app.extensions["settings"].solve_seconds)
    asked = {"first_day": days[0], "weeks": days[1], "seconds": seconds, "seed": 1, "begins_with": str(base.id) if base else ""}
    return GenerateForm(rosters, data=asked)


def _monday_after(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


@blueprint.post("/generate")
def start() -> tuple[str, int] | AnyResponse:
    """Queue a planning run."""
    site = first_site()
    form = GenerateForm(_rosters(site, request.form.get("begins_with", "")))
    if site is None or not form.validate():
        return new(form), 422
    run = planning_runs.request_run(engine(), site.code, **form.request, by=current_user().name, clock=clock())
    return redirect(url_for("runs.show", run_id=run.id))


@blueprint.get("/runs/<id:run_id>")
def show(run_id: int) -> str:
    """Show a planning run from its start to its end."""
    return render_template("runs/show.html", **_live(reading.run_view(engine(), run_id)), form=StopForm())


@blueprint.get("/runs/<id:run_id>/live")
def live(run_id: int) -> str:
    """Return the part of the page that moves."""
    return render_template("runs/_live.html", **_live(reading.run_view(engine(), run_id)))


def _live(run: RunView) -> dict[str, object]:
    zones = {site.code: site.zone_name for site in reading.list_sites(engine())}
    return {
        "run": run, "said": WORDS[run.kind], "zone_name": zones[run.site], "elapsed": elapsed_seconds(run), "curve": curve_of(run)
    }  # fmt: skip


def elapsed_seconds(run: RunView) -> float | None:
    """Return the seconds from the start of a run to its end, or to now; nothing before it starts."""
    return None if run.started_at is None else ((run.finished_at or now()) - run.started_at).total_seconds()


def curve_of(run: RunView) -> Curve | None:
    """Return the course of objective and bound of a run, where it goes by cost."""
    if run.started_at is None or not WORDS[run.kind].is_cost:
        return None
    moments = [(step.recorded_at, step.objective, step.bound) for step in run.history]
    # What was found last holds until now, so that one step is a line too.
    moments.append((run.finished_at or now(), run.objective, run.bound))
    started = run.started_at
    return progress_curve([((at - started).total_seconds(), objective, bound) for at, objective, bound in moments])


def state_of(run: RunView) -> State:
    """Return where a run stands, as JSON has it."""
    return {
        "id": run.id,
        "state": str(run.state),
        "is_ended": not run.is_active,
        "phase": run.phase,
        "done": run.done,
        "objective": run.objective,
        "bound": run.bound,
        "gap": run.gap,
        "message": run.message,
        "roster_id": run.roster_id,
    }


@blueprint.get("/runs/<id:run_id>/state.json")
def state(run_id: int) -> Response:
    """Return where a run stands."""
    return jsonify(state_of(reading.run_view(engine(), run_id)))


@blueprint.get("/runs/<id:run_id>/events")
def events(run_id: int) -> Response:
    """Stream hints that a run moved."""
    database = engine()
    reading.run_view(database, run_id)
    stream = run_events(lambda: state_of(reading.run_view(database, run_id)))
    return Response(stream, mimetype="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


@blueprint.post("/runs/<id:run_id>/stop")
def stop(run_id: int) -> AnyResponse:
    """Ask a run to stop and keep the best so far."""
    planning_runs.request_stop(engine(), run_id, by=current_user().name, clock=clock())
    return redirect(url_for("runs.show", run_id=run_id))

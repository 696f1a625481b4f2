"""Pages of scenarios: copy a roster, change people, rules or volumes, solve, compare side by side."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, Fault
from services import reading, scenarios
from services.scenarios import MOST_COMPARED
from web import arguments
from web.access import current_user
from web.context import clock, engine, now
from web.forms import StopForm
from web.scenario_form import ScenarioForm
from web.scenario_model import columns_of, differences, rule_rows, shown

blueprint = Blueprint("scenarios", __name__)

DEFAULT_SECONDS: Final = 60
SEED: Final = 1


@blueprint.get("/scenarios")
def index() -> str:
    """Show all scenarios, the newest first."""
    listed = [(one, differences(one.document)) for one in scenarios.list_scenarios(engine())]
    return render_template("scenarios/index.html", listed=listed, most=MOST_COMPARED)


@blueprint.get("/scenarios/new")
def new(form: ScenarioForm | None = None, faults: tuple[Fault, ...] = ()) -> str:
    """Show the form of a new scenario."""
    rosters = reading.list_rosters(engine(), limit=50)
    chosen = form.text("roster") if form else arguments.text("roster")
    base = next((one for one in rosters if str(one.id) == chosen), rosters[0] if rosters else None)
    queues = reading.queue_names(engine(), base.site) if base else []
    form = form or ScenarioForm(request.args, queues)
    rules = rule_rows(reading.roster_rules(engine(), base.id)) if base else ()
    return render_template(
        "scenarios/new.html", rosters=rosters, base=base, queues=queues, rules=rules, given=form, faults=faults, form=StopForm()
    )


@blueprint.post("/scenarios")
def create() -> tuple[str, int] | Response:
    """Copy a roster as a scenario."""
    head = reading.roster_summary(engine(), _copied_roster())
    form = ScenarioForm(request.form, reading.queue_names(engine(), head.site))
    try:
        made = scenarios.create(engine(), head.id, form.name, form.document(), by=current_user().name, clock=clock())
    except BadInputError as error:
        return new(form, error.faults), 422
    return redirect(url_for("scenarios.show", scenario_id=made))


def _copied_roster() -> int:
    number = request.form.get("roster", "")
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        raise BadRequest("Choose the roster that the scenario copies.")
    return int(number)


@blueprint.get("/scenarios/<id:scenario_id>")
def show(scenario_id: int) -> str:
    """Show a scenario: what differs, and what came out."""
    found = scenarios.scenario_view(engine(), scenario_id)
    return render_template("scenarios/show.html", **shown(engine(), found), form=StopForm(), seconds=DEFAULT_SECONDS, now=now())


@blueprint.post("/scenarios/<id:scenario_id>/solve")
def solve(scenario_id: int) -> Response:
    """Queue a run that answers a scenario, and go to where it can be followed."""
    text = request.form.get("seconds", "")
    seconds = min(3600.0, max(1.0, float(text))) if text.isascii() and text.isdigit() and len(text) < 6 else DEFAULT_SECONDS
    run = scenarios.request_solution(
        engine(), scenario_id, seconds=seconds, seed=SEED, by=current_user().name, clock=clock()
    )  # fmt: skip
    return redirect(url_for("runs.show", run_id=run.id))


@blueprint.post("/scenarios/<id:scenario_id>/remove")
def remove(scenario_id: int) -> Response:
    """Remove a scenario."""
    scenarios.remove(engine(), scenario_id, by=current_user().name, clock=clock())
    flash("The scenario is removed.", "good")
    return redirect(url_for("scenarios.index"))


@blueprint.get("/scenarios/compare")
def compare() -> str | Response:
    """Show up to four scenarios side by side, beside the rosters that they copy."""
    chosen = [int(text) for text in request.args.getlist("id") if text.isascii() and text.isdigit() and len(text) < 18]
    if not chosen:
        flash("Choose the scenarios to compare.", "reason")
        return redirect(url_for("scenarios.index"))
    return render_template("scenarios/compare.html", **columns_of(engine(), scenarios.compare(engine(), chosen)))

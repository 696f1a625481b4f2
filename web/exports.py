"""Files that people take away: the assignments as CSV, the whole roster as a workbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response

from interchange.result_writer import result_texts
from interchange.workbook import roster_workbook
from scheduling.errors import NotFoundError
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario
from services import drafting
from web.context import engine

blueprint = Blueprint("exports", __name__)


@dataclass(frozen=True)
class Form:
    """One kind of file: its media type and how it is written."""

    media_type: str
    write: Callable[[Scenario, PlanningResult], bytes]


def assignments_csv(scenario: Scenario, result: PlanningResult) -> bytes:
    """Return what everybody does on every day, as the result folder has it."""
    return result_texts(scenario, result)["assignments.csv"].encode()


def workbook(scenario: Scenario, result: PlanningResult) -> bytes:
    """Return roster, breaks and coverage as sheets of one workbook."""
    return roster_workbook(scenario, result.plan, result.breaks, result.coverage)


FORMS: Final = {
    "csv": Form("text/csv; charset=utf-8", assignments_csv),
    "xlsx": Form("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook),
}


@blueprint.get("/rosters/<id:roster_id>/export.<form>")
def roster(roster_id: int, form: str) -> Response:
    """Return a roster as a file."""
    if form not in FORMS:
        raise NotFoundError(f"A roster is exported as {' or '.join(FORMS)}, not as {form!r}.")
    chosen = FORMS[form]
    scenario, result = drafting.roster_scenario(engine(), roster_id), drafting.roster_result(engine(), roster_id)
    name = f"roster-{roster_id}-{scenario.horizon.first_day}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(chosen.write(scenario, result), content_type=chosen.media_type, headers=headers)

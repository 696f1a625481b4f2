"""Page of the goals of queues: what is asked of an associate, in steps that rise with tenure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduling.errors import BadInputError, Fault
from services import goals
from services.goals import GoalStepRow, QueueGoals
from web.access import current_user
from web.context import clock, engine, the_site
from web.formatting import words

blueprint = Blueprint("goals", __name__)

FIELDS: Final = (
    ("from_week", "from week"),
    ("accuracy", "accuracy at least, in per cent"),
    ("seconds", "seconds a job, at most"),
)
NAMES: Final = {"from_week": "from week", "accuracy_share": "accuracy", "seconds_per_job": "seconds a job"}
EMPTY_LINES: Final = 2
"""Lines below the steps that are there, for further ones."""

Line = tuple[str, str, str]


@dataclass(frozen=True)
class GoalForm:
    """The form of one queue: its lines as they are typed, and what is wrong with them."""

    queue_id: int
    queue: str
    lines: tuple[Line, ...]
    faults: tuple[str, ...] = ()


@blueprint.get("/quality/goals")
def show() -> str:
    """Show the goals of every queue."""
    return page()


@blueprint.post("/quality/goals/<id:queue_id>")
def save(queue_id: int) -> Response | tuple[str, int]:
    """Replace the goals of a queue."""
    lines = typed_lines()
    try:
        goals.save_goals(engine(), the_site().id, queue_id, steps_of(lines), by=current_user().name, clock=clock())
    except BadInputError as error:
        return page(queue_id, lines, error.faults), 422
    flash("The goals are saved; quality is held against them from now on.", "good")
    return redirect(url_for("goals.show", _anchor=f"queue-{queue_id}"))


def page(queue_id: int | None = None, lines: Sequence[Line] = (), faults: Sequence[Fault] = ()) -> str:
    """Return the page; the form of a queue whose goals were refused keeps what was typed."""
    stored = goals.goals_of(engine(), the_site().id)
    forms = [_refused(one, lines, faults) if one.queue_id == queue_id else _form(one) for one in stored]
    return render_template("quality/goals.html", goals=forms, step_fields=FIELDS)


def _form(one: QueueGoals) -> GoalForm:
    lines = [(str(step.from_week), f"{step.accuracy_share * 100:g}", f"{step.seconds_per_job:g}") for step in one.steps]
    return GoalForm(one.queue_id, one.queue, (*lines, *(("", "", "") for _ in range(EMPTY_LINES))))


def _refused(one: QueueGoals, lines: Sequence[Line], faults: Sequence[Fault]) -> GoalForm:
    said = (f"{_place(fault)}{fault.reason}" for fault in faults)
    return GoalForm(one.queue_id, one.queue, tuple(lines), tuple(said))


def _place(fault: Fault) -> str:
    return "" if fault.row is None else f"Step {fault.row}, {NAMES.get(fault.column, words(fault.column))}: "


def typed_lines() -> list[Line]:
    """Return the lines of the form as they were typed, those without anything left out."""
    columns = [[value.strip() for value in request.form.getlist(name)] for name, _ in FIELDS]
    return [line for line in zip(*columns, strict=False) if any(line)]


def steps_of(lines: Sequence[Line]) -> list[GoalStepRow]:
    """Return lines as steps; BadInputError with every value that is no number."""
    faults: list[Fault] = []

    def read(row: int, column: str, value: str) -> float:
        if (number := number_of(value)) is not None:
            return number
        faults.append(Fault("goals", row, column, value, f"{value!r} is no number." if value else "Write a number."))
        return 1.0

    def read_week(row: int, value: str) -> int:
        number = read(row, "from_week", value)
        if not number.is_integer():
            faults.append(Fault("goals", row, "from_week", value, "Write a whole number of weeks."))
        return int(number)

    steps = [
        GoalStepRow(read_week(row, week), read(row, "accuracy_share", accuracy) / 100, read(row, "seconds_per_job", seconds))
        for row, (week, accuracy, seconds) in enumerate(lines, 1)
    ]
    if faults:
        raise BadInputError(faults)
    return steps


def number_of(text: str) -> float | None:
    """Return a number as people write it, with a comma or a per cent sign; ``None`` when it is none."""
    try:
        number = float(text.replace(",", ".").removesuffix("%"))
    except ValueError:
        return None
    return number if isfinite(number) else None

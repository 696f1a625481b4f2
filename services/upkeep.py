"""Upkeep of the floor's work: what has to be done again and again so that nothing is stuck, late or ungraded."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy import Engine

from scheduling.answer_form import AnswerForm, agrees, form_of
from scheduling.times import Clock
from storage import grading, leases, minutes
from storage.bulk import raw
from storage.driver import statements
from storage.errors import domain_errors
from storage.grading import Gradable, Grade
from storage.packed_rosters import pack_stale

RECOMPUTED: Final = timedelta(minutes=3)
"""An answer is written within the request that gives it, so what is older than this does not change."""
GRADES_AT_ONCE: Final = 500


def sweep_leases(engine: Engine, *, clock: Clock) -> int:
    """Put the tasks of leases that are over back into their queues; return their number."""
    with domain_errors(), statements(engine) as connection:
        return leases.sweep_leases(connection, clock.now())


def advance_heads(engine: Engine) -> None:
    """Let claims look past what was claimed since the last time."""
    with domain_errors(), statements(engine) as connection:
        raw(connection).execute("SELECT advance_queue_heads()")


def roll_up(engine: Engine, *, clock: Clock) -> int:
    """Add up the last minutes of every queue; return how many changed."""
    since = (clock.now() - RECOMPUTED).replace(second=0, microsecond=0)
    with domain_errors(), engine.begin() as connection:
        return minutes.roll_up(connection, since)


def grade(engine: Engine) -> int:
    """Compare answers with known answers, and those of double audits with each other; return how many were graded."""
    graded = 0
    while True:
        with domain_errors(), engine.begin() as connection:
            found = grading.lock_gradable(connection, GRADES_AT_ONCE)
            grading.write_grades(connection, [_grade(one) for one in found])
        graded += len(found)
        if len(found) < GRADES_AT_ONCE:
            return graded


def pack_rosters(engine: Engine) -> int:
    """Pack the published rosters that were edited since the last time; return how many."""
    with domain_errors(), engine.begin() as connection:
        return pack_stale(connection)


@lru_cache(maxsize=512)
def _form(text: str) -> AnswerForm:
    return form_of(json.loads(text))


def _grade(one: Gradable) -> Grade:
    form = _form(one.form)
    return Grade(
        one.task_id,
        None if one.known is None else agrees(form, one.given, one.known),
        None if one.other is None else agrees(form, one.given, one.other),
        one.other_is_open,
    )

"""A stored roster as a beginning: its days are found by code, and what is no longer there has none."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from scheduling.errors import ConflictError
from scheduling.plan import NONE
from services.beginning import start_of
from services.drafting import roster_scenario
from tests.conftest import SteppedClock
from tests.stored import SITE, rotation
from tests.web.served import NOW, Operation


def test_days_go_by_code_and_who_is_new_has_none(engine: Engine) -> None:
    operation = Operation(engine, SteppedClock(NOW))
    draft = operation.draft()
    before = roster_scenario(engine, draft.id)
    assert (start_of(engine, draft.id, SITE, before).values == rotation(before).values).all()

    first, second, *others = before.associates
    there = tuple(replace(shift, code="Z99") if number == 1 else shift for number, shift in enumerate(before.shift_types))
    kept = [one for one in others if one.timing != before.shift_types[1].code]
    people = (replace(first, code="NEW", timing=None), replace(second, timing=None), *reversed(kept))
    changed = replace(before, associates=people, shift_types=there, locks=(), leave=(), requests=(), history=())
    start = start_of(engine, draft.id, SITE, changed)
    assert (start.values[0] == NONE).all(), "somebody new has no days to begin with"
    old = rotation(before).values
    renamed = old[1] == 1
    assert (start.values[1][renamed] == NONE).all(), "a shift type that is gone is no beginning"
    assert (start.values[1][~renamed] == old[1][~renamed]).all()
    for row, one in enumerate(reversed(kept), start=2):
        line = old[before.associate_index[one.code]]
        assert (start.values[row][line != 1] == line[line != 1]).all()


def test_a_roster_of_another_site_is_no_beginning(engine: Engine) -> None:
    draft = Operation(engine, SteppedClock(NOW)).draft()
    with pytest.raises(ConflictError, match=f"Roster {draft.id} is of site {SITE}"):
        start_of(engine, draft.id, "OTHER", roster_scenario(engine, draft.id))

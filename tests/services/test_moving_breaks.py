"""Breaks moved by hand in a roster: with what follows, over what was seen only, undone exactly."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from scheduling.errors import BadInputError, ConflictError, NotFoundError
from services import break_moves, editing, reading
from services.break_moves import fingerprint, move_break, starts_of
from services.reading import RosterGrid
from tests.conftest import SteppedClock
from tests.web.served import NOW, Operation


@pytest.fixture
def draft(engine: Engine) -> RosterGrid:
    head = Operation(engine, SteppedClock(NOW)).draft()
    return reading.roster_grid(engine, head.id)


def first_shift(roster: RosterGrid) -> tuple[int, int]:
    rows, days = (roster.plan.values >= 0).nonzero()
    return int(rows[0]), int(days[0])


def pattern_of(roster: RosterGrid, row: int, day: int) -> tuple[object, ...]:
    return roster.breaks.patterns[int(roster.breaks.assigned[row, day])]


def test_a_break_is_moved_with_its_coverage_and_undone_exactly(engine: Engine, clock: SteppedClock, draft: RosterGrid) -> None:
    row, day = first_shift(draft)
    who, when, number = draft.associates[row].code, draft.horizon.dates[day], draft.summary.id
    before = pattern_of(draft, row, day)
    slot, to = next(
        (one.start_minute, start)  # type: ignore[attr-defined]
        for one in before
        for start in starts_of(engine, number, who, when, one.start_minute)  # type: ignore[attr-defined]
        if start != one.start_minute  # type: ignore[attr-defined]
    )
    coverage = reading.roster_coverage(engine, number).coverage.scheduled
    seen = fingerprint(before)  # type: ignore[arg-type]
    done = move_break(engine, number, who, when, start_minute=slot, to_minute=to, seen=seen, by="asha", clock=clock)
    assert (done.changed, done.version) == (1, draft.summary.version + 1)
    after = reading.roster_grid(engine, number)
    assert to in {one.start_minute for one in pattern_of(after, row, day)}  # type: ignore[attr-defined]
    assert (after.plan.values == draft.plan.values).all()
    moved = reading.roster_coverage(engine, number).coverage.scheduled
    assert moved.sum() == pytest.approx(coverage.sum())
    assert reading.roster_audit(engine, number)[-1].action == "roster edited"
    with pytest.raises(ConflictError, match="Somebody changed the breaks"):
        move_break(engine, number, who, when, start_minute=slot, to_minute=to, seen=seen, by="ravi", clock=clock)
    editing.undo_edit(engine, number, done.version, by="asha", clock=clock)
    assert pattern_of(reading.roster_grid(engine, number), row, day) == before


def test_what_is_not_legal_is_refused_with_every_reason_and_nothing_moves(
    engine: Engine, clock: SteppedClock, draft: RosterGrid
) -> None:
    row, day = first_shift(draft)
    who, when, number = draft.associates[row].code, draft.horizon.dates[day], draft.summary.id
    before = pattern_of(draft, row, day)
    first, second = before[0].start_minute, before[1].start_minute  # type: ignore[attr-defined]
    for to in (0, second, first + 1):
        with pytest.raises(BadInputError):
            move_break(
                engine,
                number,
                who,
                when,
                start_minute=first,
                to_minute=to,
                seen=fingerprint(before),  # type: ignore[arg-type]
                by="asha",
                clock=clock,
            )
    assert pattern_of(reading.roster_grid(engine, number), row, day) == before
    assert reading.roster_summary(engine, number).version == draft.summary.version


def test_a_day_without_a_shift_has_no_breaks_to_move(engine: Engine, draft: RosterGrid) -> None:
    rows, days = (draft.plan.values < 0).nonzero()
    who, when = draft.associates[int(rows[0])].code, draft.horizon.dates[int(days[0])]
    with pytest.raises(NotFoundError, match="has no shift"):
        break_moves.starts_of(engine, draft.summary.id, who, when, 60)
    row, day = first_shift(draft)
    with pytest.raises(NotFoundError, match="No break starts"):
        break_moves.starts_of(engine, draft.summary.id, draft.associates[row].code, draft.horizon.dates[day], 1)

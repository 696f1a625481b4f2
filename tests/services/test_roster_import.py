"""A workbook of a roster that comes back changed: tried without writing, edited whole or not at all."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from interchange.workbook import roster_workbook
from scheduling.errors import BadInputError, NotFoundError
from services import drafting, imports, reading, roster_import
from services.reading import RosterGrid
from tests.conftest import SteppedClock
from tests.web.served import NOW, Operation


@pytest.fixture
def draft(engine: Engine) -> RosterGrid:
    head = Operation(engine, SteppedClock(NOW)).draft()
    return reading.roster_grid(engine, head.id)


def workbook(engine: Engine, roster_id: int, changes: dict[tuple[int, int], str]) -> bytes:
    """Return the workbook of a roster with some cells of its first sheet changed."""
    result = drafting.roster_result(engine, roster_id)
    made = roster_workbook(drafting.roster_scenario(engine, roster_id), result.plan, result.breaks, result.coverage)
    book = load_workbook(io.BytesIO(made))
    for (row, column), value in changes.items():
        book.worksheets[0].cell(row, column, value)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def hand_in(engine: Engine, content: bytes, clock: SteppedClock) -> int:
    site = reading.list_sites(engine)[0].id
    return imports.hand_in(engine, site, roster_import.ROSTER, "roster.xlsx", content, by="asha", clock=clock)


def test_a_workbook_that_comes_back_as_it_went_changes_nothing(engine: Engine, clock: SteppedClock, draft: RosterGrid) -> None:
    number = hand_in(engine, workbook(engine, draft.summary.id, {}), clock)
    found = roster_import.try_roster(engine, draft.summary.id, number, by="asha", clock=clock)
    assert (found.edits, found.faults) == ((), ())


def test_a_changed_cell_is_tried_without_writing_and_then_edited(engine: Engine, clock: SteppedClock, draft: RosterGrid) -> None:
    rows, days = (draft.plan.values >= 0).nonzero()
    row, day, roster_id = int(rows[0]), int(days[0]), draft.summary.id
    number = hand_in(engine, workbook(engine, roster_id, {(row + 2, day + 5): "off"}), clock)
    found = roster_import.try_roster(engine, roster_id, number, by="asha", clock=clock)
    assert found.is_ready
    assert [(one.associate, one.value) for one in found.edits] == [(draft.associates[row].code, "off")]
    assert reading.roster_summary(engine, roster_id).version == draft.summary.version
    done = roster_import.import_roster(engine, roster_id, number, by="asha", clock=clock)
    assert done.changed == 1
    assert reading.roster_grid(engine, roster_id).plan.values[row, day] == -1
    with pytest.raises(NotFoundError):
        roster_import.import_roster(engine, roster_id, number, by="asha", clock=clock)


def test_every_fault_is_named_with_its_place_and_nothing_changes(engine: Engine, clock: SteppedClock, draft: RosterGrid) -> None:
    roster_id = draft.summary.id
    number = hand_in(engine, workbook(engine, roster_id, {(2, 5): "X99", (3, 1): "nobody", (4, 6): "soon"}), clock)
    found = roster_import.try_roster(engine, roster_id, number, by="asha", clock=clock)
    assert [(fault.row, fault.value) for fault in found.faults] == [(2, "X99"), (3, "nobody"), (4, "soon")]
    with pytest.raises(BadInputError):
        roster_import.import_roster(engine, roster_id, number, by="asha", clock=clock)
    assert reading.roster_summary(engine, roster_id).version == draft.summary.version


def test_a_sheet_of_another_roster_is_refused(engine: Engine, clock: SteppedClock, draft: RosterGrid) -> None:
    number = hand_in(engine, workbook(engine, draft.summary.id, {(1, 5): "Fri 1"}), clock)
    found = roster_import.try_roster(engine, draft.summary.id, number, by="asha", clock=clock)
    assert "not those of this roster" in found.faults[0].reason

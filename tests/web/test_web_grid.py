"""The model of the roster grid: cells, edges, totals, search, and the compact rows of the virtual list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.people import Lock
from scheduling.plan import LEAVE, NONE, OFF
from scheduling.shifts import ShiftType
from services.reading import RosterGrid
from tests.builders import MONDAY, associate, breaks_of, plan, scenario
from web.grid import build_grid, grid_data
from web.tones import Tone, tone_of

TODAY = date(2027, 1, 6)


def roster(rows: dict[str, str], **facts: dict[str, object]) -> RosterGrid:
    """Return a roster of two weeks as the pages read it."""
    people = [associate(code, **facts.get(code, {})) for code in rows]
    given = scenario(associates=people)
    drawn = plan(given, rows)
    return RosterGrid(
        summary=None,  # type: ignore[arg-type]
        horizon=given.horizon,
        associates=given.associates,
        shift_types=given.shift_types,
        break_policy=given.break_policy,
        plan=drawn,
        breaks=breaks_of(given, drawn),
        locks=(),
    )


@pytest.mark.parametrize(
    ("hour", "tone"),
    [(0, Tone.NIGHT), (3, Tone.MORNING), (7, Tone.MORNING), (8, Tone.DAY), (12, Tone.DAY), (15, Tone.EVENING), (19, Tone.EVENING),
     (20, Tone.NIGHT), (22, Tone.NIGHT)],
)  # fmt: skip
def test_a_tone_follows_the_middle_of_the_shift_and_nights_the_rule(hour: int, tone: Tone) -> None:
    assert tone_of(ShiftType("X", time(hour), 540)) is tone


def test_cells_say_shift_off_leave_and_contract() -> None:
    facts: dict[str, dict[str, object]] = {
        "B": {"contract_start": MONDAY + timedelta(days=2)},
        "C": {"contract_end": MONDAY + timedelta(days=11)},
    }
    grid = build_grid(roster({"A": "MMMMM.. NN~~~..", "B": "--DDD.. DDDDD..", "C": "EEEEE.. EEEEE--"}, **facts), today=TODAY)
    first, second, third = (row.cells for row in grid.rows)
    assert (first[0].classes, first[0].text) == ("w morning", "M")
    assert (first[5].text, first[5].words) == ("·", "off")
    assert "we" in first[5].classes.split()
    assert first[9].classes.split() == ["leave", "ls"]
    assert first[11].classes.split() == ["leave", "le"]
    assert second[1].words == "no contract"
    assert "cs" in second[2].classes.split()
    assert second[2].words == "D, contract starts"
    assert "ce" in third[11].classes.split()
    assert [column.is_today for column in grid.columns].index(True) == 2


def test_a_locked_day_is_underlined_and_said() -> None:
    of = roster({"A": "MMMMM.. MMMMM..", "B": "." * 14})
    of = replace(of, locks=(Lock("A", MONDAY, "M"), Lock("B", MONDAY, "off"), Lock("GONE", MONDAY, "M")))
    first, second = (row.cells[0] for row in build_grid(of, today=TODAY).rows)
    assert ("lk" in first.classes.split(), first.words) == (True, "M, locked")
    assert ("lk" in second.classes.split(), second.words) == (True, "off, locked")


def test_totals_count_heads_of_each_tone_on_each_day() -> None:
    grid = build_grid(roster({"A": "MMMMM.. NNNNN..", "B": "MMMMM.. MMMMM..", "C": "DDDDD.. ~~~~~~~"}), today=TODAY)
    heads = {total.tone: total.heads for total in grid.totals}
    assert heads[None] == (3, 3, 3, 3, 3, 0, 0, 2, 2, 2, 2, 2, 0, 0)
    assert heads[Tone.NIGHT] == (0,) * 7 + (1,) * 5 + (0, 0)
    assert all(sum(heads[tone][day] for tone in Tone if tone in heads) == heads[None][day] for day in range(14))


def test_search_finds_names_and_codes_without_regard_to_case() -> None:
    of = roster({"A1": "." * 14, "B2": "." * 14}, A1={"name": "Łukasz Öz", "team": "T2"})
    assert [row.associate.code for row in build_grid(of, today=TODAY, query="łuk").rows] == ["A1"]
    assert [row.associate.code for row in build_grid(of, today=TODAY, query="b2").rows] == ["B2"]
    assert [row.associate.code for row in build_grid(of, today=TODAY, team="T2").rows] == ["A1"]
    assert build_grid(of, today=TODAY, query="b2", team="T2").rows == ()


def test_more_rows_than_the_limit_are_left_to_the_virtual_list() -> None:
    of = roster({"A": "." * 14, "B": "." * 14, "C": "." * 14})
    grid = build_grid(of, today=TODAY, table_limit=2)
    assert grid.is_virtual
    assert (grid.rows, grid.all_rows) == ((), 3)
    assert not build_grid(of, today=TODAY, query="of A", table_limit=2).is_virtual


def test_a_target_is_marked_once_and_only_on_a_day_of_the_roster() -> None:
    of = roster({"A": "." * 14, "B": "." * 14})
    grid = build_grid(of, today=TODAY, target=("B", MONDAY + timedelta(days=3)))
    assert [[cell.is_target for cell in row.cells].count(True) for row in grid.rows] == [0, 1]
    assert 'id="cell"' in grid.rows[1].markup
    outside = build_grid(of, today=TODAY, target=("B", MONDAY - timedelta(days=3)))
    assert not any(cell.is_target for row in outside.rows for cell in row.cells)


def test_what_people_named_things_is_escaped() -> None:
    of = roster({"A": "M" * 14})
    of = replace(of, shift_types=(ShiftType('<b>"', time(6), 540), *of.shift_types[1:]))
    assert "<b>" not in build_grid(of, today=TODAY).rows[0].markup


@settings(max_examples=30)
@given(st.lists(st.lists(st.sampled_from([OFF, LEAVE, NONE, 0, 1, 2, 3]), min_size=14, max_size=14), min_size=1, max_size=5))
def test_the_virtual_list_has_the_same_cells_as_the_table(values: list[list[int]]) -> None:
    of = roster({f"A{row}": "." * 14 for row in range(len(values))})
    of = replace(of, plan=replace(of.plan, values=np.array(values, dtype=np.int16)))
    data = grid_data(of, today=TODAY)
    cells, rows = data["cells"], data["rows"]
    assert isinstance(cells, list)
    assert isinstance(rows, list)
    for row, (code, name, team, indices) in zip(build_grid(of, today=TODAY).rows, rows, strict=True):
        assert (row.associate.code, row.associate.name, row.associate.team) == (code, name, team)
        assert [[cell.classes, cell.text, cell.words] for cell in row.cells] == [cells[index] for index in indices]

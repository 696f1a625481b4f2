"""Bars of shifts and breaks on the scale of a day, also in the nights on which clocks change."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.reading import RosterGrid
from tests.builders import AUTUMN_MONDAY, PATTERN, SPRING_MONDAY, associate, breaks_of, plan, scenario
from web.gantt import day_gantt, shift_bar


def roster(rows: dict[str, str], **facts: object) -> RosterGrid:
    people = [associate(code, team=f"T{index}") for index, code in enumerate(rows)]
    given = scenario(associates=people, **facts)  # type: ignore[arg-type]
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


def test_bars_stand_by_their_start_on_a_scale_of_whole_hours() -> None:
    gantt = day_gantt(roster({"A": "N" + "." * 13, "B": "M" + "." * 13, "C": "." * 14}), 0)
    assert [(bar.associate.code, bar.at, bar.minutes) for bar in gantt.bars] == [("B", 0, 540), ("A", 16 * 60, 540)]
    assert gantt.minutes == 25 * 60
    assert [tick.label for tick in gantt.hours][:3] == ["06", "07", "08"]
    assert len(gantt.bars[0].breaks) == len(PATTERN)
    assert gantt.bars[0].words.startswith("short 06:45–06:55, short 07:35–07:45")


def test_one_team_is_shown_alone() -> None:
    of = roster({"A": "M" * 14, "B": "M" * 14})
    assert [bar.associate.code for bar in day_gantt(of, 0, "T1").bars] == ["B"]


def test_nobody_on_shift_is_an_empty_gantt() -> None:
    gantt = day_gantt(roster({"A": "." * 14}), 3)
    assert (gantt.bars, gantt.most_on_break, gantt.most_at) == ((), 0, None)


def test_the_most_on_a_break_at_once_are_counted() -> None:
    gantt = day_gantt(roster({"A": "M" * 14, "B": "M" * 14, "C": "D" * 14}), 0)
    assert gantt.most_on_break == 2 + any(
        4 * 60 + mine.start_minute < other.start_minute + 10 and other.start_minute < 4 * 60 + mine.start_minute + 10
        for mine in PATTERN
        for other in PATTERN
    )
    assert gantt.most_at is not None
    assert gantt.most_at.hour in range(6, 15)


@pytest.mark.parametrize(("monday", "ends"), [(SPRING_MONDAY, "08:00"), (AUTUMN_MONDAY, "06:00")])
def test_elapsed_minutes_and_wall_times_agree_when_clocks_change(monday: object, ends: str) -> None:
    of = roster({"A": "....." + "N" + "........"}, start=monday, zone="Europe/Berlin")
    bar = shift_bar(of, 0, 5)
    assert f"{bar.starts:%H:%M}" == "22:00"
    assert f"{bar.ends:%H:%M}" == ends
    assert bar.ends.astimezone(bar.starts.tzinfo).timestamp() - bar.starts.timestamp() == timedelta(hours=9).total_seconds()
    last = bar.breaks[-1]
    assert last.ends.timestamp() - bar.starts.timestamp() == (PATTERN[-1].start_minute + 10) * 60

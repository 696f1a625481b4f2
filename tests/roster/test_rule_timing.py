"""One timing kept, and what a change of timing needs."""

from __future__ import annotations

from datetime import date, time

import pytest

from scheduling.rules import RuleSettings, Timing
from scheduling.shifts import ShiftType
from tests.builders import AUTUMN_MONDAY, SHIFT_TYPES, SPRING_MONDAY, associate, history, scenario
from tests.roster.rule_judge import judge, violations

WEEKLY, FREE = RuleSettings(timing=Timing.WEEKLY), RuleSettings(timing=Timing.FREE)
EVENING = associate(timing="E")


def test_timing_kept_kept() -> None:
    assert judge("timing-kept", scenario(), "NNNNN.. ~~NNN..") == []
    assert judge("timing-kept", scenario(), "....... .......") == []
    assert judge("timing-kept", scenario(associates=[EVENING]), "EEEEE.. EEEEE..") == []


def test_timing_kept_broken_by_one_day() -> None:
    assert judge("timing-kept", scenario(), "MMMMM.. MMMMD..") == [("A1", "2027-01-15", 1)]


def test_timing_kept_is_the_one_given_to_the_associate() -> None:
    (found,) = violations("timing-kept", scenario(associates=[EVENING]), "MMMMM.. MMMMD..")
    assert (found.when, found.amount) == (date(2027, 1, 4), 10)
    assert "has the timing E in this roster, but works 10 days with D, M" in found.message


def test_timing_kept_of_the_past_does_not_bind_a_fixed_timing() -> None:
    assert judge("timing-kept", scenario(history=history("A1", "MMM..")), "EEEEE.. EEEEE..") == []


def test_timing_kept_weekly_may_change_with_the_week() -> None:
    of = scenario(rules=WEEKLY)
    assert judge("timing-kept", of, "MMMMM.. EEEEE..") == []
    assert judge("timing-kept", of, "MMMMM.. EEEED..") == [("A1", "2027-01-15", 1)]
    assert judge("timing-kept", of, "MMMMN.. EEEED..") == [("A1", "2027-01-08", 1), ("A1", "2027-01-15", 1)]


def test_timing_kept_weekly_is_the_one_given_to_the_associate() -> None:
    assert judge("timing-kept", scenario(rules=WEEKLY, associates=[EVENING]), "EEEEE.. MMMMM..") == [("A1", "2027-01-11", 5)]


def test_timing_kept_weekly_goes_on_in_a_week_that_began_before_the_horizon() -> None:
    thursday = date(2027, 1, 7)
    of = scenario(start=thursday, weeks=1, rules=WEEKLY, history=history("A1", "NNMM.", before=thursday))
    assert judge("timing-kept", of, "M... EEE") == []
    assert judge("timing-kept", of, "EEE. EEE") == [("A1", "2027-01-07", 3)]


def test_timing_kept_free_binds_only_a_given_timing() -> None:
    assert judge("timing-kept", scenario(rules=FREE), "MDEN... NMDE...") == []
    two = scenario(rules=FREE, associates=[EVENING, associate("A2")])
    assert judge("timing-kept", two, {"A1": "EEEED.. EEEEE..", "A2": "MMMMM.. MDMEN.."}) == [("A1", "2027-01-08", 1)]


def shifts_with(start: time) -> tuple[ShiftType, ...]:
    return (*SHIFT_TYPES, ShiftType("X", start, 540))


def test_rest_at_timing_change_kept_at_the_boundary() -> None:
    # M ends at 15:00; X starts two days later at 15:00.
    of = scenario(weeks=1, shift_types=shifts_with(time(15)))
    assert judge("rest-at-timing-change", of, "M.X....") == []


def test_rest_at_timing_change_broken_by_one_minute() -> None:
    of = scenario(weeks=1, shift_types=shifts_with(time(14, 59)))
    assert judge("rest-at-timing-change", of, "M.X....") == [("A1", "2027-01-06", 1)]


def test_rest_at_timing_change_does_not_bind_one_timing_kept() -> None:
    assert judge("rest-at-timing-change", scenario(weeks=1), "MMM.MM.") == []


def test_rest_at_timing_change_across_midnight_and_leave() -> None:
    of = scenario(weeks=1, rules=WEEKLY, shift_types=shifts_with(time(7)))
    assert judge("rest-at-timing-change", of, "N.~X...") == []
    assert judge("rest-at-timing-change", of, "N.~M...") == [("A1", "2027-01-07", 60)]


def test_rest_at_timing_change_looks_back_into_the_history() -> None:
    of = scenario(weeks=1, history=history("A1", "N."))
    assert judge("rest-at-timing-change", of, ".M.....") == [("A1", "2027-01-05", 60)]
    assert judge("rest-at-timing-change", of, "..M....") == []
    assert judge("rest-at-timing-change", of, ".N.....") == []


def test_rest_at_timing_change_not_asked_for_where_timing_is_free() -> None:
    assert judge("rest-at-timing-change", scenario(weeks=1, rules=FREE), "MDEN...") == []


@pytest.mark.parametrize(("start", "at_seven", "at_six"), [(SPRING_MONDAY, 60, 120), (AUTUMN_MONDAY, 0, 0)])
def test_rest_at_timing_change_when_clocks_change(start: date, at_seven: int, at_six: int) -> None:
    # N of Thursday ends on Friday at 07:00; the Sunday after has the hour less or more.
    of = scenario(weeks=1, zone="Europe/Berlin", start=start, shift_types=shifts_with(time(7)))
    assert [amount for _, _, amount in judge("rest-at-timing-change", of, "...N..X")] == [at_seven][: at_seven > 0]
    assert [amount for _, _, amount in judge("rest-at-timing-change", of, "...N..M")] == [at_six][: at_six > 0]


def test_timing_moves_forward_kept_at_the_boundary() -> None:
    # Twelve hours forward is as far as twelve hours backward, and is taken as forward.
    of = scenario(shift_types=shifts_with(time(18)), rules=WEEKLY)
    assert judge("timing-moves-forward", of, "MMMMM.. EEEEE..") == []
    assert judge("timing-moves-forward", of, "NNNNN.. ...MMMM") == []
    assert judge("timing-moves-forward", of, "MMMMM.. XXXXX..") == []


def test_timing_moves_forward_broken_by_one_minute() -> None:
    of = scenario(shift_types=shifts_with(time(18, 1)), rules=WEEKLY)
    assert judge("timing-moves-forward", of, "MMMMM.. XXXXX..") == [("A1", "2027-01-11", 1)]


def test_timing_moves_forward_names_the_change() -> None:
    of = scenario(rules=WEEKLY, history=history("A1", "E.."))
    (found,) = violations("timing-moves-forward", of, "MMMMM.. .......")
    assert "changes backward from E (14:00) to M (06:00) on Mon 4 Jan 2027" in found.message


def test_timing_moves_forward_is_no_wish_where_timing_is_free() -> None:
    assert judge("timing-moves-forward", scenario(rules=FREE), "EM..... .......") == []

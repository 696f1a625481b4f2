"""Rest between shifts and the continuous weekly rest, on ordinary nights and on the two nights on which clocks change."""

from __future__ import annotations

from datetime import time

import pytest

from scheduling.rules import RuleSettings
from scheduling.shifts import ShiftType
from tests.builders import AUTUMN_MONDAY, SHIFT_TYPES, SPRING_MONDAY, history, scenario
from tests.roster.rule_judge import judge, violations

BERLIN = "Europe/Berlin"


def with_shifts(**starts: int) -> tuple[ShiftType, ...]:
    """Return the usual shift types with more of nine hours, by code and start in minutes from midnight."""
    return (*SHIFT_TYPES, *(ShiftType(code, time(start // 60, start % 60), 540) for code, start in starts.items()))


def test_rest_between_shifts_kept_at_the_boundary() -> None:
    # D ends at 19:00, M starts at 06:00: eleven hours.
    assert judge("rest-between-shifts", scenario(weeks=1), "DM.....") == []


def test_rest_between_shifts_broken_by_one_minute() -> None:
    of = scenario(weeks=1, shift_types=with_shifts(X=10 * 60 + 1))
    assert judge("rest-between-shifts", of, "XM.....") == [("A1", "2027-01-05", 1)]


def test_rest_between_shifts_takes_the_number_of_the_site() -> None:
    of = scenario(weeks=1, rules=RuleSettings(rest_minutes=720))
    assert judge("rest-between-shifts", of, "DM.....") == [("A1", "2027-01-05", 60)]


def test_rest_between_shifts_across_midnight() -> None:
    # N of Monday ends on Tuesday at 07:00; E of Tuesday starts seven hours later, N fifteen.
    of = scenario(weeks=1)
    assert judge("rest-between-shifts", of, "NE.....") == [("A1", "2027-01-05", 240)]
    assert judge("rest-between-shifts", of, "NN.....") == []


def test_rest_between_shifts_of_a_day_that_overlaps_says_so() -> None:
    (found,) = violations("rest-between-shifts", scenario(weeks=1), "NM.....")
    assert found.amount == 660 + 60
    assert "an overlap of 1 h" in found.message


def test_rest_between_shifts_looks_back_into_the_history() -> None:
    of = scenario(weeks=1, history=history("A1", "E"))
    assert judge("rest-between-shifts", of, "M......") == [("A1", "2027-01-04", 240)]
    long = scenario(weeks=1, shift_types=(*SHIFT_TYPES, ShiftType("L", time(8), 2700)), history=history("A1", "L."))
    assert judge("rest-between-shifts", long, "M......") == [("A1", "2027-01-04", 660 - 60)]


def test_rest_between_shifts_of_the_past_is_not_judged() -> None:
    assert judge("rest-between-shifts", scenario(weeks=1, history=history("A1", "EM..")), "M......") == []


def test_rest_between_shifts_broken_in_the_night_that_loses_an_hour() -> None:
    # From 19:00 to 06:00 clocks show eleven hours; in the night to 28 March only ten go by.
    of = scenario(weeks=1, zone=BERLIN, start=SPRING_MONDAY)
    assert judge("rest-between-shifts", of, "....DM.") == []
    assert judge("rest-between-shifts", of, ".....DM") == [("A1", "2027-03-28", 60)]


def test_rest_between_shifts_kept_in_the_night_that_gains_an_hour() -> None:
    # From 20:00 to 06:00 clocks show ten hours; in the night to 31 October eleven go by.
    of = scenario(weeks=1, zone=BERLIN, start=AUTUMN_MONDAY, shift_types=with_shifts(X=11 * 60))
    assert judge("rest-between-shifts", of, "....XM.") == [("A1", "2027-10-30", 60)]
    assert judge("rest-between-shifts", of, ".....XM") == []


def test_rest_between_shifts_after_a_night_shift_that_runs_over_the_change() -> None:
    # The night shift of 27 March lasts nine elapsed hours and ends at 08:00.
    spring = scenario(weeks=1, zone=BERLIN, start=SPRING_MONDAY, shift_types=with_shifts(X=19 * 60, Y=18 * 60 + 45))
    assert judge("rest-between-shifts", spring, ".....NX") == []
    assert judge("rest-between-shifts", spring, ".....NY") == [("A1", "2027-03-28", 15)]
    autumn = scenario(weeks=1, zone=BERLIN, start=AUTUMN_MONDAY, shift_types=with_shifts(X=17 * 60, Y=16 * 60 + 45))
    assert judge("rest-between-shifts", autumn, ".....NX") == []
    assert judge("rest-between-shifts", autumn, ".....NY") == [("A1", "2027-10-31", 15)]


def test_rest_between_shifts_message_names_rule_person_times_amount_and_fix() -> None:
    (found,) = violations("rest-between-shifts", scenario(weeks=1), "EM.....")
    assert found.message == (
        "Rest between shifts: Name of A1 (A1) has 7 h between the shift that ends on Mon 4 Jan 2027 23:00 IST and the one that "
        "starts on Tue 5 Jan 2027 06:00 IST; 11 h is the least, 4 h too little. "
        "Start the second shift at least 4 h later, or make that day a day off."
    )


def test_weekly_rest_kept_at_the_boundary_across_midnight() -> None:
    # N of Monday ends on Tuesday at 07:00; two days later at 07:00 it is 48 hours.
    of = scenario(weeks=1, shift_types=with_shifts(X=7 * 60))
    assert judge("weekly-rest", of, "N..X...") == []


def test_weekly_rest_broken_by_one_minute() -> None:
    of = scenario(weeks=1, shift_types=with_shifts(X=7 * 60 - 1))
    assert judge("weekly-rest", of, "N..X...") == [("A1", "2027-01-07", 1)]


def test_weekly_rest_joins_the_history() -> None:
    assert judge("weekly-rest", scenario(weeks=1, history=history("A1", "N..")), "M......") == [("A1", "2027-01-04", 60)]
    assert judge("weekly-rest", scenario(weeks=1, history=history("A1", "N.")), ".M.....") == [("A1", "2027-01-05", 60)]


@pytest.mark.parametrize("row", ["N.~M...", "N~.M...", "N.M....", "NM.....", "N...M..", "..M...."])
def test_weekly_rest_judges_only_whole_weekly_offs_between_two_shifts(row: str) -> None:
    assert judge("weekly-rest", scenario(weeks=1), row) == []


def test_weekly_rest_broken_and_kept_when_clocks_change() -> None:
    spring = scenario(weeks=1, zone=BERLIN, start=SPRING_MONDAY, shift_types=with_shifts(X=7 * 60, Y=8 * 60))
    assert judge("weekly-rest", spring, "...N..X") == [("A1", "2027-03-28", 60)]
    assert judge("weekly-rest", spring, "...N..Y") == []
    autumn = scenario(weeks=1, zone=BERLIN, start=AUTUMN_MONDAY, shift_types=with_shifts(X=5 * 60))
    assert judge("weekly-rest", autumn, "...N..M") == []
    assert judge("weekly-rest", autumn, "...N..X") == [("A1", "2027-10-31", 60)]


def test_weekly_rest_asks_no_more_than_the_days_off_of_the_site_can_hold() -> None:
    one_day = scenario(weeks=1, rules=RuleSettings(days_off_consecutive=1))
    assert judge("weekly-rest", one_day, "M.M....") == []
    # From Tuesday 07:00 to Wednesday 06:00 are 23 hours, less than the one day that the site gives.
    assert judge("weekly-rest", one_day, "N.M....") == [("A1", "2027-01-06", 60)]


def test_wished_weekly_rest_kept_at_the_boundary() -> None:
    # M ends at 15:00; 60 hours later it is 03:00.
    of = scenario(weeks=1, shift_types=with_shifts(X=180))
    assert judge("wished-weekly-rest", of, "M..X...") == []


def test_wished_weekly_rest_broken_by_one_minute() -> None:
    of = scenario(weeks=1, shift_types=with_shifts(X=179))
    assert judge("wished-weekly-rest", of, "M..X...") == [("A1", "2027-01-07", 1)]


def test_wished_weekly_rest_leaves_what_is_illegal_to_the_hard_rule() -> None:
    assert judge("wished-weekly-rest", scenario(weeks=1), "N..M...") == []


def test_wished_weekly_rest_broken_and_kept_when_clocks_change() -> None:
    shifts = with_shifts(X=180)
    spring = scenario(weeks=1, zone=BERLIN, start=SPRING_MONDAY, shift_types=shifts)
    # On 28 March 03:00 is the first moment after the change.
    assert judge("wished-weekly-rest", spring, "...M..X") == [("A1", "2027-03-28", 60)]
    # D ends at 19:00; in autumn 60 hours later clocks show 06:00 and not 07:00.
    autumn = scenario(weeks=1, zone=BERLIN, start=AUTUMN_MONDAY, shift_types=with_shifts(X=359))
    assert judge("wished-weekly-rest", autumn, "...D..M") == []
    assert judge("wished-weekly-rest", autumn, "...D..X") == [("A1", "2027-10-31", 1)]


def test_wished_weekly_rest_of_what_is_just_legal() -> None:
    of = scenario(weeks=1, shift_types=with_shifts(X=7 * 60))
    assert judge("wished-weekly-rest", of, "N..X...") == [("A1", "2027-01-07", 720)]

"""Office or home, office days, office seats."""

from __future__ import annotations

from datetime import date, time

import pytest

from scheduling.people import WorkMode
from scheduling.rules import Office
from scheduling.shifts import ShiftType
from tests.builders import AUTUMN_MONDAY, SHIFT_TYPES, SPRING_MONDAY, associate, history, plan, scenario
from tests.roster.rule_judge import BY_NAME, judge, violations

HYBRID = associate("A1", work_mode=WorkMode.HYBRID)
HOME = associate("A1", work_mode=WorkMode.HOME)
TWO_DAYS = Office(seats=10, days_per_week=2)


@pytest.mark.parametrize(
    ("mode", "places"), [(WorkMode.OFFICE, "oo....."), (WorkMode.HOME, "hh....."), (WorkMode.HYBRID, "oh.....")]
)
def test_place_of_work_kept(mode: WorkMode, places: str) -> None:
    of = scenario(weeks=1, associates=[associate("A1", work_mode=mode)])
    assert judge("place-of-work", of, "MN.~-..", {"A1": places}) == []


@pytest.mark.parametrize(
    ("mode", "places", "when"),
    [
        (WorkMode.OFFICE, "oh.....", "2027-01-05"),
        (WorkMode.HOME, "ho.....", "2027-01-05"),
        (WorkMode.HYBRID, ".o.....", "2027-01-04"),
        (WorkMode.HYBRID, "ohh....", "2027-01-06"),
        (WorkMode.OFFICE, "oo.o...", "2027-01-07"),
        (WorkMode.OFFICE, "oo..o..", "2027-01-08"),
    ],
)
def test_place_of_work_broken_by_one_day(mode: WorkMode, places: str, when: str) -> None:
    of = scenario(weeks=1, associates=[associate("A1", work_mode=mode)])
    assert judge("place-of-work", of, "MN.~-..", {"A1": places}) == [("A1", when, 1)]


def test_place_of_work_broken_by_an_unknown_place() -> None:
    of = scenario(weeks=1)
    drawn = plan(of, "MMMMM..")
    drawn.places[0, 3] = 7
    (found,) = BY_NAME["place-of-work"].check(of, drawn)
    assert (found.when, found.amount) == (date(2027, 1, 7), 1)
    assert "the unknown place 7" in found.message


def test_office_days_kept_at_the_boundary() -> None:
    of = scenario(weeks=1, associates=[HYBRID], office=TWO_DAYS)
    assert judge("office-days", of, "MMMMM..", {"A1": "ohhho.."}) == []


def test_office_days_broken_by_one_day() -> None:
    of = scenario(associates=[HYBRID], office=TWO_DAYS)
    found = judge("office-days", of, "MMMMM.. MMMMM..", {"A1": "ohoho.. hhoho.."})
    assert found == []
    found = judge("office-days", of, "MMMMM.. MMMMM..", {"A1": "ohoho.. hhohh.."})
    assert found == [("A1", "2027-01-11", 1)]


def test_office_days_are_no_more_than_the_days_worked() -> None:
    of = scenario(weeks=1, associates=[HYBRID], office=TWO_DAYS)
    assert judge("office-days", of, "~~~~M..", {"A1": "....o.."}) == []
    assert judge("office-days", of, "~~~~M..", {"A1": "....h.."}) == [("A1", "2027-01-04", 1)]
    assert judge("office-days", of, "~~~~~..", {"A1": "......."}) == []


def test_office_days_bind_only_hybrid_associates_and_full_weeks() -> None:
    assert judge("office-days", scenario(weeks=1, associates=[HOME], office=TWO_DAYS), "MMMMM..") == []
    assert judge("office-days", scenario(weeks=1, associates=[HYBRID]), "MMMMM..", {"A1": "hhhhh.."}) == []
    starts = associate("A1", work_mode=WorkMode.HYBRID, contract_start=date(2027, 1, 5))
    of = scenario(weeks=1, associates=[starts], office=TWO_DAYS)
    assert judge("office-days", of, "-MMMM..", {"A1": ".hhhh.."}) == []
    cut = scenario(start=date(2027, 1, 7), weeks=1, associates=[HYBRID], office=TWO_DAYS)
    assert judge("office-days", cut, "MM..MMM", {"A1": "hh..hhh"}) == []


def two(zone: str = "Asia/Kolkata", start: date = date(2027, 1, 4), minute: int = 15 * 60) -> dict[str, object]:
    """Return facts of two people in an office with one seat; shift type X starts at `minute`."""
    return {
        "zone": zone,
        "start": start,
        "weeks": 1,
        "associates": [associate("A1"), associate("A2")],
        "office": Office(seats=1),
        "shift_types": (*SHIFT_TYPES, ShiftType("X", time(minute // 60, minute % 60), 540)),
    }


def test_office_seats_kept_at_the_boundary() -> None:
    # M ends at 15:00, and X takes the seat at that minute.
    assert judge("office-seats", scenario(**two()), {"A1": "MMMMM..", "A2": "XXXXX.."}) == []  # type: ignore[arg-type]


def test_office_seats_broken_by_one_minute() -> None:
    of = scenario(**two(minute=15 * 60 - 1))  # type: ignore[arg-type]
    (found,) = violations("office-seats", of, {"A1": "M......", "A2": "X......"})
    assert (found.who, found.when, found.amount) == ("", date(2027, 1, 4), 1)
    assert "2 people are in the office on Mon 4 Jan 2027 14:59 IST" in found.message
    assert "it has 1 seat, 1 too few" in found.message


def test_office_seats_names_each_day() -> None:
    found = judge("office-seats", scenario(**two()), {"A1": "M.M....", "A2": "D.D...."})  # type: ignore[arg-type]
    assert found == [("", "2027-01-04", 1), ("", "2027-01-06", 1)]


def test_office_seats_across_midnight() -> None:
    found = judge("office-seats", scenario(**two()), {"A1": "N......", "A2": ".M....."})  # type: ignore[arg-type]
    assert found == [("", "2027-01-05", 1)]
    found = judge("office-seats", scenario(**two()), {"A1": "......N", "A2": "......N"})  # type: ignore[arg-type]
    assert found == [("", "2027-01-10", 1)]


def test_office_seats_are_not_taken_from_home_nor_by_the_past() -> None:
    people = [associate("A1"), associate("A2", work_mode=WorkMode.HOME)]
    rows = {"A1": "MMMMM..", "A2": "MMMMM.."}
    assert judge("office-seats", scenario(weeks=1, associates=people, office=Office(seats=1)), rows) == []
    past = scenario(weeks=1, associates=people, office=Office(seats=0), history=history("A1", "N"))
    assert judge("office-seats", past, {"A1": ".......", "A2": "M......"}) == []
    assert judge("office-seats", scenario(weeks=1, associates=people), rows) == []


@pytest.mark.parametrize(("start", "six", "seven"), [(SPRING_MONDAY, 1, 1), (AUTUMN_MONDAY, 0, 0)])
def test_office_seats_when_clocks_change(start: date, six: int, seven: int) -> None:
    # N of Saturday leaves at 08:00 in spring and at 06:00 in autumn.
    of = scenario(**two("Europe/Berlin", start, minute=7 * 60))  # type: ignore[arg-type]
    assert len(judge("office-seats", of, {"A1": ".....N.", "A2": "......M"})) == six
    assert len(judge("office-seats", of, {"A1": ".....N.", "A2": "......X"})) == seven
    assert len(judge("office-seats", of, {"A1": "....N..", "A2": ".....M."})) == 1
    assert judge("office-seats", of, {"A1": "....N..", "A2": ".....X."}) == []

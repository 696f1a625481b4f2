"""The answer to a wish for another break time is said in every language, with every reason and the times of the reader."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breaks.ask import ask_break
from breaks.ask_answer import No
from breaks.sequence import WORDS
from scheduling.plan import BreakSlot
from scheduling.words import Words
from services.break_wish_words import REASONS, WishWords
from services.languages import LANGUAGES, Speech, catalogue
from tests.breaks.floors import drawn_floor, floor_of, steady, worker

ZONE: Final = ZoneInfo("Asia/Kolkata")
MIDNIGHT: Final = datetime(2027, 1, 6, tzinfo=ZONE)
OTHERS: Final = sorted(set(LANGUAGES) - {"en"})
WORD: Final = re.compile(r"[A-Za-z]{4,}")
"""Hindi has no Latin letters, so any word in them was left over."""


def instant(minute: int) -> datetime:
    return (MIDNIGHT + timedelta(minutes=minute)).astimezone(UTC)


def told() -> WishWords:
    return WishWords(instant, ZONE, MIDNIGHT)


def test_every_reason_against_a_wish_has_words_in_every_language() -> None:
    assert REASONS.keys() == WORDS.keys()
    for language in OTHERS:
        said = catalogue(language)
        assert [one for one in REASONS.values() if said.gettext(one) == one] == []


@pytest.mark.parametrize(
    ("language", "cycle", "expected"),
    [
        ("en", 24, "Yes: meal break at 04:35."),
        ("es", 24, "Sí: pausa de comida a las 04:35."),
        ("hi", 24, "हाँ: भोजन विराम 04:35 बजे।"),
    ],
)
def test_a_yes_is_said_in_each_language(language: str, cycle: int, expected: str) -> None:
    answer = told().answer(ask_break(floor_of([worker(1)], steady(0)), 1, "meal", 275))
    assert Speech(language, cycle, "Asia/Kolkata").words(answer) == expected


def test_a_no_says_why_and_what_can_be_had_by_the_clock_of_the_reader() -> None:
    answer = told().answer(ask_break(floor_of([worker(1)], steady(0)), 1, "meal", 315))
    assert answer == "No: it may begin between 03:00 and 05:00 only (meal break). What can be had: meal break at 05:00."
    spanish = Speech("es", 12, "Asia/Kolkata").words(answer)
    assert spanish.startswith("No: solo puede empezar entre las 3:00")
    assert "5:00" in spanish
    assert "05:00" not in spanish


def test_a_price_and_other_breaks_that_move_are_said() -> None:
    required = steady(0)
    required[18:20] = [1, 1]
    answer = told().answer(ask_break(floor_of([worker(1)], required), 1, "meal", 270))
    assert answer == "Yes, but 30 minutes of work would be missing (04:30 to 05:00): meal break at 04:30."
    close = worker(1, (BreakSlot(180, 1), BreakSlot(240, 0)))
    moved = told().answer(ask_break(floor_of([close], steady(0)), 1, "meal", 210))
    assert moved == "Yes: meal break at 03:30, together with short break at 02:45 in place of 03:00."


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    people=st.integers(1, 8),
    now=st.integers(150, 900),
    shift=st.integers(-40, 40),
)
def test_no_answer_has_english_left(seed: int, people: int, now: int, shift: int) -> None:
    floor = drawn_floor(seed, people, now=now, facts=True)
    person = floor.people[0]
    answer = ask_break(floor, person.associate_id, 0, person.start_minute + 240 + 5 * shift)
    words = told().answer(answer)
    assert isinstance(words, Words)
    hindi = Speech("hi", 24, "Asia/Kolkata").words(words)
    assert not WORD.search(hindi), hindi
    assert "%(" not in hindi
    if isinstance(answer, No):
        assert hindi.startswith("नहीं: ")
        assert hindi.count(";") >= len(answer.reasons) - 1

"""Answers added up by local day: the same as counted by hand, again and again, also in the nights of a clock change."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import Engine, text

from storage import quality
from tests.answered import Given, answer_all
from tests.builders import AUTUMN_MONDAY, MONDAY, SPRING_MONDAY
from tests.conftest import SteppedClock
from tests.published import Site, published_site

Sums = dict[tuple[int, int, date], tuple[float, ...]]


def queue_ids(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return [row.id for row in connection.execute(text("SELECT id FROM queue ORDER BY id"))]


def drawn(site: Site, start: datetime, seed: int, count: int = 120) -> list[Given]:
    rng = np.random.default_rng(seed)
    people = [site.associate_id(one.code) for one in site.scenario.associates[:4]]
    queues = queue_ids(site.engine)
    answers = []
    for _ in range(count):
        known = {"verdict": "ok"} if rng.random() < 0.4 else None
        answers.append(
            Given(
                int(rng.choice(people)),
                int(rng.choice(queues)),
                start + timedelta(seconds=float(rng.integers(0, 4 * 86400))),
                float(rng.choice([0.0, 5.5, 20.0, 71.25])),
                {"verdict": str(rng.choice(["ok", "misplaced"]))},
                known,
                [None, True, False][int(rng.integers(3))],
            )
        )
    return answers


def by_hand(answers: list[Given], zone: ZoneInfo, first: date, last: date) -> Sums:
    found: dict[tuple[int, int, date], list[float]] = defaultdict(lambda: [0.0] * 8)
    for one in answers:
        day = one.answered_at.astimezone(zone).date()
        if not first <= day <= last:
            continue
        logarithm = math.log(max(one.seconds, 0.1))
        counts = (1, one.is_correct is not None, one.is_correct is True, one.is_agreed is not None, one.is_agreed is True)
        row = found[one.associate_id, one.queue_id, day]
        for index, value in enumerate((*counts, one.seconds, logarithm, logarithm**2)):
            row[index] += value
    return {key: tuple(row) for key, row in found.items()}


def stored(engine: Engine) -> Sums:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM answer_day")).mappings().all()
    names = (*quality.COUNTS, *quality.SUMS)
    return {(row["associate_id"], row["queue_id"], row["day"]): tuple(float(row[name]) for name in names) for row in rows}


def roll(site: Site, zone: str, first: date, last: date) -> int:
    with site.engine.begin() as connection:
        return quality.roll_up(connection, site.site_id, zone, first, last)


@pytest.mark.parametrize(
    ("zone", "monday"),
    [("Asia/Kolkata", MONDAY), ("Europe/Berlin", SPRING_MONDAY), ("Europe/Berlin", AUTUMN_MONDAY), ("UTC", MONDAY)],
)
def test_days_are_those_of_the_site_and_sums_are_as_counted_by_hand(
    engine: Engine, clock: SteppedClock, zone: str, monday: date
) -> None:
    site = published_site(engine, clock, zone=zone, start=MONDAY)
    start = datetime.combine(monday + timedelta(days=4), datetime.min.time(), UTC)
    answers = drawn(site, start, seed=3)
    answer_all(engine, answers)
    first, last = monday + timedelta(days=4), monday + timedelta(days=7)
    roll(site, zone, first, last)
    expected, found = by_hand(answers, ZoneInfo(zone), first, last), stored(engine)
    assert found.keys() == expected.keys()
    assert len(found) > 20
    for key, row in expected.items():
        assert found[key] == pytest.approx(row), key


def test_adding_up_again_changes_nothing_and_a_late_grade_is_followed(engine: Engine, clock: SteppedClock) -> None:
    site = published_site(engine, clock)
    who, queue = site.associate_id(site.scenario.associates[0].code), queue_ids(engine)[0]
    at = datetime(2027, 1, 5, 6, tzinfo=UTC)
    answer_all(engine, [Given(who, queue, at), Given(who, queue, at + timedelta(minutes=1), is_agreed=True)])
    day = date(2027, 1, 5)
    assert roll(site, "Asia/Kolkata", day, day) == 1
    assert roll(site, "Asia/Kolkata", day, day) == 0
    assert stored(engine)[who, queue, day][3:5] == (1.0, 1.0)
    with engine.begin() as connection:
        connection.execute(text("UPDATE answer SET is_agreed = false WHERE is_agreed"))
    assert roll(site, "Asia/Kolkata", day, day) == 1
    assert stored(engine)[who, queue, day][3:5] == (1.0, 0.0)


def test_sums_over_days_are_those_of_the_days(engine: Engine, clock: SteppedClock) -> None:
    site = published_site(engine, clock)
    answers = drawn(site, datetime(2027, 1, 4, tzinfo=UTC), seed=9)
    answer_all(engine, answers)
    first, last = date(2027, 1, 4), date(2027, 1, 6)
    roll(site, "Asia/Kolkata", first - timedelta(days=1), last + timedelta(days=3))
    people = sorted({one.associate_id for one in answers})[:2]
    with engine.connect() as connection:
        together = quality.sums_of(connection, people, first, last)
        by_day = quality.sums_of(connection, people, first, last, by_day=True)
    expected: dict[tuple[int, int], int] = defaultdict(int)
    for (who, queue, _), row in by_hand(answers, ZoneInfo("Asia/Kolkata"), first, last).items():
        if who in people:
            expected[who, queue] += int(row[0])
    assert {(int(row["associate_id"]), int(row["queue_id"])): int(row["answers"]) for row in together} == expected
    assert int(by_day["answers"].sum()) == sum(expected.values())
    epoch = date(1970, 1, 1)
    assert {epoch + timedelta(days=int(number)) for number in by_day["day_number"]} <= {first, date(2027, 1, 5), last}

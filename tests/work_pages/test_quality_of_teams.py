"""Quality of people and teams on the real database: goals by tenure, order by need, confusions, notes that stay."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from scheduling.errors import BadInputError, NotFoundError
from services import coaching, goals, quality
from services.coaching import NewNote
from services.goals import GoalStepRow
from services.quality import Verdict
from storage.errors import StorageError, domain_errors
from tests.answered import Given, answer_all
from tests.conftest import SteppedClock
from tests.published import Site, published_site

NOW = datetime(2027, 1, 6, 5, tzinfo=UTC)
FIRST, LAST = date(2026, 12, 10), date(2027, 1, 6)
OK, WRONG = {"verdict": "ok"}, {"verdict": "misplaced"}


@pytest.fixture
def site(engine: Engine) -> Site:
    return published_site(engine, SteppedClock(NOW))


def answers(who: int, queue: int, *, right: int, wrong: int, seconds: float = 20.0) -> list[Given]:
    at = NOW - timedelta(days=1)
    good = [Given(who, queue, at + timedelta(seconds=index), seconds, OK, OK) for index in range(right)]
    return good + [Given(who, queue, at + timedelta(seconds=1000 + index), seconds, WRONG, OK) for index in range(wrong)]


def add_up(site: Site) -> None:
    quality.roll_up_answers(site.engine, site.site_id, clock=SteppedClock(NOW), days=3)


def test_those_who_need_it_most_come_first_and_those_without_answers_last(site: Site) -> None:
    people = [site.associate_id(one.code) for one in site.scenario.associates[:3]]
    queue = quality.queues_of(site.engine, site.site_id)[0].id
    goals.save_goals(site.engine, site.site_id, queue, [GoalStepRow(1, 0.9, 30.0)], by="planner", clock=SteppedClock(NOW))
    given = answers(people[0], queue, right=60, wrong=1) + answers(people[1], queue, right=30, wrong=30)
    answer_all(site.engine, given + answers(people[2], queue, right=48, wrong=12))
    add_up(site)
    teams = quality.teams_of(site.engine, site.site_id)
    rows = quality.team_quality(site.engine, site.site_id, list(teams), FIRST, LAST)
    assert [row.person.id for row in rows[:3]] == [people[1], people[2], people[0]]
    assert [row.accuracy.verdict for row in rows[:3]] == [Verdict.NOT_MET, Verdict.NOT_MET, Verdict.MET]
    assert {row.answers for row in rows[3:]} == {0}
    assert len(rows) == len(site.scenario.associates)
    other = quality.queues_of(site.engine, site.site_id)[1].id
    assert {row.answers for row in quality.team_quality(site.engine, site.site_id, list(teams), FIRST, LAST, queue_id=other)} == {
        0
    }


def test_a_team_holds_its_own_people_only(site: Site) -> None:
    for number, name in quality.teams_of(site.engine, site.site_id).items():
        rows = quality.team_quality(site.engine, site.site_id, [number], FIRST, LAST)
        assert {row.person.team for row in rows} == {name}
    assert quality.team_quality(site.engine, site.site_id, [], FIRST, LAST) == []


def test_what_is_taken_for_something_else_is_counted_by_pair(site: Site) -> None:
    who = site.associate_id(site.scenario.associates[0].code)
    queue = quality.queues_of(site.engine, site.site_id)[0]
    answer_all(site.engine, answers(who, queue.id, right=6, wrong=4))
    add_up(site)
    detail = quality.person_detail(site.engine, who, FIRST, LAST)
    (pair,) = detail.pairs
    assert (pair.queue, pair.field, pair.known, pair.given, pair.count, pair.of) == (
        queue.name,
        "verdict",
        "ok",
        "misplaced",
        4,
        10,
    )
    assert [one.known_words for one in detail.wrong] == ["verdict: ok"] * 4
    assert detail.wrong[0].answered_at >= detail.wrong[-1].answered_at
    assert any("Takes “ok” for “misplaced”" in one.topic for one in detail.suggestions)
    by_day = {one.day: one.accuracy.value for one in detail.days if one.accuracy.value is not None}
    assert by_day == {date(2027, 1, 5): pytest.approx(0.6)}
    assert len(detail.days) == (LAST - FIRST).days + 1


def test_tenure_counts_from_the_first_contract() -> None:
    assert quality.week_of_tenure(date(2027, 1, 4), date(2027, 1, 10)) == 1
    assert quality.week_of_tenure(date(2027, 1, 4), date(2027, 1, 11)) == 2
    assert quality.week_of_tenure(date(2027, 1, 4), date(2026, 12, 1)) == 1
    assert quality.week_of_tenure(None, date(2027, 1, 4)) is None


def note(who: int, **changed: object) -> NewNote:
    values = {"queue_id": None, "topic": "Accuracy", "based_on": "60 % of 10", "note": "look twice", "held_on": date(2027, 1, 6)}
    return NewNote(who, **{**values, **changed})  # type: ignore[arg-type]


def test_a_coaching_is_kept_as_it_was_noted_and_cannot_be_changed(site: Site) -> None:
    who = site.associate_id(site.scenario.associates[0].code)
    queue = quality.queues_of(site.engine, site.site_id)[0]
    coaching.note_coaching(site.engine, note(who, queue_id=queue.id), by="lead", clock=SteppedClock(NOW))
    (kept,) = coaching.notes_of(site.engine, [who])
    assert (kept.queue, kept.topic, kept.based_on, kept.note, kept.held_by) == (
        queue.name,
        "Accuracy",
        "60 % of 10",
        "look twice",
        "lead",
    )
    for change in ("UPDATE coaching_note SET note = 'x'", "DELETE FROM coaching_note"):
        with pytest.raises(StorageError, match="append-only"), domain_errors(), site.engine.begin() as connection:
            connection.execute(text(change))


def test_every_fault_of_a_coaching_is_named_and_nothing_is_kept(site: Site) -> None:
    who = site.associate_id(site.scenario.associates[0].code)
    bad = note(who, topic=" ", note="", held_on=date(2027, 1, 7), queue_id=10**6, based_on="x" * 2001)
    with pytest.raises(BadInputError) as caught:
        coaching.note_coaching(site.engine, bad, by="lead", clock=SteppedClock(NOW))
    assert {fault.column for fault in caught.value.faults} == {"topic", "note", "held_on", "queue_id", "based_on"}
    with pytest.raises(BadInputError, match="60 days"):
        coaching.note_coaching(site.engine, note(who, held_on=date(2026, 10, 1)), by="lead", clock=SteppedClock(NOW))
    with pytest.raises(NotFoundError):
        coaching.note_coaching(site.engine, note(10**6), by="lead", clock=SteppedClock(NOW))
    assert coaching.notes_of(site.engine, [who]) == []


def test_goals_are_replaced_whole_with_a_line_in_the_history(site: Site) -> None:
    queue, clock = quality.queues_of(site.engine, site.site_id)[0], SteppedClock(NOW)
    steps = [GoalStepRow(1, 0.8, 40.0), GoalStepRow(5, 0.9, 30.0)]
    for given in (steps, steps, steps[:1]):
        goals.save_goals(site.engine, site.site_id, queue.id, given, by="planner", clock=clock)
    stored = {one.queue_id: one.steps for one in goals.goals_of(site.engine, site.site_id)}
    assert stored[queue.id] == tuple(steps[:1])
    with site.engine.connect() as connection:
        rows = connection.execute(text("SELECT kind, subject, before, after FROM floor_action ORDER BY id")).all()
    assert [len(row.after["steps"]) for row in rows] == [2, 1], "saving the same again changes nothing"
    assert {row.subject for row in rows} == {queue.name}
    with pytest.raises(NotFoundError):
        goals.save_goals(site.engine, site.site_id, 10**6, steps, by="planner", clock=clock)


@pytest.mark.parametrize(
    ("steps", "faults"),
    [
        ([GoalStepRow(2, 0.8, 40.0)], {(1, "from_week")}),
        ([GoalStepRow(1, 1.2, 0.0)], {(1, "accuracy_share"), (1, "seconds_per_job")}),
        ([GoalStepRow(1, 0.8, 40.0), GoalStepRow(1, 0.9, 30.0)], {(2, "from_week")}),
        ([GoalStepRow(1, 0.9, 30.0), GoalStepRow(4, 0.8, 40.0)], {(2, "accuracy_share"), (2, "seconds_per_job")}),
        ([GoalStepRow(1, float("nan"), 30.0)], {(1, "accuracy_share")}),
    ],
)
def test_every_fault_of_goals_is_named(steps: list[GoalStepRow], faults: set[tuple[int, str]]) -> None:
    assert {(fault.row, fault.column) for fault in goals.step_faults(steps)} == faults

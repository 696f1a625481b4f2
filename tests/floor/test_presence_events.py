from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from scheduling.errors import BadInputError, ConflictError, NotFoundError
from scheduling.presence import STATE_AFTER, PresenceEvent, PresenceKind, PresenceState, in_order
from services.presence import desk_of, record
from storage.presence import events_between
from tests.conftest import SteppedClock
from tests.published import Site, open_site

MORNING = datetime(2027, 1, 5, 4, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(MORNING)


@pytest.fixture
def site(engine: Engine, clock: SteppedClock) -> Site:
    return open_site(engine, clock)


@pytest.fixture
def on_shift(site: Site) -> int:
    query = text("SELECT associate_id FROM duty WHERE starts_at < :now AND ends_at > :now ORDER BY 1 LIMIT 1")
    with site.engine.connect() as connection:
        return int(connection.execute(query, {"now": site.clock.now()}).scalar_one())


def event(kind: PresenceKind, at: datetime, event_id: UUID | None = None) -> PresenceEvent:
    return PresenceEvent(event_id or uuid4(), kind, at)


def lease(engine: Engine, associate_id: int, *, rank_at: datetime) -> int:
    """Give an associate a job, as a claim does; return the task."""
    made = text(
        "WITH q AS (SELECT q.id, q.site_id FROM queue q JOIN lane l ON l.queue_id = q.id WHERE l.associate_id = :who "
        "ORDER BY q.id LIMIT 1), "
        "h AS (UPDATE queue_head SET rank_from = 'infinity' WHERE queue_id = (SELECT id FROM q)), "
        "j AS (INSERT INTO job (site_id, queue_id, reference, media_kind, media_url, media_text, priority, arrived_at, due_at, "
        "answers_wanted) SELECT site_id, id, :ref, 'image', 'https://media.example/1', '', 0, "
        "CAST(:at AS timestamptz) - interval '1 hour', :at, 1 FROM q RETURNING id, queue_id) "
        "INSERT INTO task (job_id, queue_id, state, rank_at, arrived_at, due_at, is_double, is_gold, associate_id, is_ahead, "
        "lease_token, leased_at, started_at, expires_at) SELECT id, queue_id, 'leased', :at, "
        "CAST(:at AS timestamptz) - interval '1 hour', :at, false, false, :who, false, gen_random_uuid(), :at, :at, "
        "CAST(:at AS timestamptz) + interval '3 minutes' FROM j RETURNING id"
    )
    with engine.begin() as connection:
        return int(connection.execute(made, {"who": associate_id, "at": rank_at, "ref": str(uuid4())}).scalar_one())


def test_the_desk_tells_duty_and_breaks(site: Site, on_shift: int, clock: SteppedClock) -> None:
    found = record(site.engine, on_shift, event(PresenceKind.SIGN_IN, clock.now()), by="A", clock=clock)
    assert (found.state, found.since) == (PresenceState.WORKING, clock.now())
    assert found.duty is not None
    assert found.duty.starts_at <= clock.now() < found.duty.ends_at
    assert found.next_break == next(one for one in found.duty.breaks if one.starts_at > clock.now())
    assert found.next_duty is None or found.next_duty.starts_at > found.duty.ends_at
    assert found.next_break is not None
    inside = SteppedClock(found.next_break.starts_at)
    later = desk_of(site.engine, on_shift, clock=inside)
    assert later.break_now == found.next_break
    assert later.next_break != found.next_break


def test_sent_twice_it_counts_once(site: Site, on_shift: int, clock: SteppedClock) -> None:
    one = event(PresenceKind.SIGN_IN, clock.now())
    first = record(site.engine, on_shift, one, by="A", clock=clock)
    clock.advance(30)
    record(site.engine, on_shift, event(PresenceKind.BREAK_START, clock.now()), by="A", clock=clock)
    again = record(site.engine, on_shift, one, by="A", clock=clock)
    assert (first.state, again.state) == (PresenceState.WORKING, PresenceState.ON_BREAK)
    with site.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM presence_event")).scalar_one() == 2


def test_an_id_that_belongs_to_another_event_is_refused(site: Site, on_shift: int, clock: SteppedClock) -> None:
    one = event(PresenceKind.SIGN_IN, clock.now())
    record(site.engine, on_shift, one, by="A", clock=clock)
    with pytest.raises(ConflictError, match="belongs to another presence event"):
        record(site.engine, on_shift, event(PresenceKind.SIGN_OUT, clock.now(), one.event_id), by="A", clock=clock)
    assert desk_of(site.engine, on_shift, clock=clock).state is PresenceState.WORKING


def test_a_late_event_changes_the_ledger_but_not_the_desk(site: Site, on_shift: int, clock: SteppedClock) -> None:
    record(site.engine, on_shift, event(PresenceKind.BREAK_START, clock.now()), by="A", clock=clock)
    old = event(PresenceKind.SIGN_IN, clock.now() - timedelta(hours=2))
    found = record(site.engine, on_shift, old, by="A", clock=clock)
    assert (found.state, found.since) == (PresenceState.ON_BREAK, clock.now())
    with site.engine.connect() as connection:
        kept = events_between(connection, [on_shift], clock.now() - timedelta(days=1), clock.now() + timedelta(days=1))
    assert [one.kind for one in kept[on_shift]] == [PresenceKind.SIGN_IN, PresenceKind.BREAK_START]


def test_the_state_lasts_since_its_first_event(site: Site, on_shift: int, clock: SteppedClock) -> None:
    began = clock.now()
    record(site.engine, on_shift, event(PresenceKind.BREAK_START, began), by="A", clock=clock)
    clock.advance(120)
    found = record(site.engine, on_shift, event(PresenceKind.BREAK_START, clock.now()), by="A", clock=clock)
    assert (found.state, found.since) == (PresenceState.ON_BREAK, began)


@pytest.mark.parametrize(
    ("shift", "words"),
    [(timedelta(minutes=2, seconds=1), "lies in the future"), (-timedelta(hours=36, seconds=1), "older than 36 hours")],
)
def test_times_that_cannot_be_are_refused(
    site: Site, on_shift: int, clock: SteppedClock, shift: timedelta, words: str
) -> None:  # fmt: skip
    with pytest.raises(BadInputError, match=words):
        record(site.engine, on_shift, event(PresenceKind.SIGN_IN, clock.now() + shift), by="A", clock=clock)
    with pytest.raises(BadInputError, match="has no zone"):
        record(site.engine, on_shift, event(PresenceKind.SIGN_IN, datetime(2027, 1, 5, 4)), by="A", clock=clock)  # noqa: DTZ001
    with site.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM presence_event")).scalar_one() == 0


def test_a_clock_that_is_a_little_ahead_counts_as_now(site: Site, on_shift: int, clock: SteppedClock) -> None:
    ahead = event(PresenceKind.SIGN_IN, clock.now() + timedelta(seconds=90))
    assert record(site.engine, on_shift, ahead, by="A", clock=clock).since == clock.now()


def test_without_a_duty_one_may_sign_in_and_has_nothing_to_do(site: Site, clock: SteppedClock) -> None:
    query = text("SELECT associate_id FROM desk WHERE NOT EXISTS (SELECT FROM duty u WHERE u.associate_id = desk.associate_id "
                 "AND u.starts_at <= :now AND :now < u.ends_at) ORDER BY 1 LIMIT 1")  # fmt: skip
    with site.engine.connect() as connection:
        who = int(connection.execute(query, {"now": clock.now()}).scalar_one())
    found = record(site.engine, who, event(PresenceKind.SIGN_IN, clock.now()), by="A", clock=clock)
    assert (found.state, found.duty, found.next_break) == (PresenceState.WORKING, None, None)
    with site.engine.begin() as connection:
        claim = text("SELECT count(*) FROM claim_task(:who, :now, :now, false)")
        assert connection.execute(claim, {"who": who, "now": clock.now()}).scalar_one() == 0


@pytest.mark.parametrize(
    "kind", [PresenceKind.SIGN_OUT, PresenceKind.BREAK_START, PresenceKind.COACHING_START, PresenceKind.SYSTEM_DOWN]
)
def test_who_stops_working_gives_the_job_back(site: Site, on_shift: int, clock: SteppedClock, kind: PresenceKind) -> None:
    record(site.engine, on_shift, event(PresenceKind.SIGN_IN, clock.now()), by="A", clock=clock)
    task = lease(site.engine, on_shift, rank_at=clock.now())
    state = text(
        "SELECT t.state, h.rank_from <= t.rank_at FROM task t JOIN queue_head h ON h.queue_id = t.queue_id WHERE t.id = :id"
    )
    late = event(PresenceKind.BREAK_START, clock.now() - timedelta(hours=1))
    record(site.engine, on_shift, late, by="A", clock=clock)
    with site.engine.connect() as connection:
        assert connection.execute(state, {"id": task}).one() == ("leased", False)
    record(
        site.engine,
        on_shift,
        event(kind, clock.now() + timedelta(seconds=1)),
        by="A",
        clock=SteppedClock(MORNING + timedelta(seconds=2)),
    )
    with site.engine.connect() as connection:
        assert connection.execute(state, {"id": task}).one() == ("waiting", True)


def test_who_has_no_desk_is_told_and_was_never_signed_in(site: Site, on_shift: int, clock: SteppedClock) -> None:
    with site.engine.begin() as connection:
        connection.execute(text("DELETE FROM desk WHERE associate_id = :who"), {"who": on_shift})
    found = desk_of(site.engine, on_shift, clock=clock)
    assert (found.state, found.since) == (PresenceState.SIGNED_OUT, None)
    assert found.duty is not None
    with pytest.raises(NotFoundError, match=r"\(A\d+\) has no desk on the floor"):
        record(site.engine, on_shift, event(PresenceKind.SIGN_IN, clock.now()), by="A", clock=clock)


def test_events_at_once_are_all_kept(site: Site, on_shift: int, clock: SteppedClock) -> None:
    kinds = list(PresenceKind) * 4
    events = [event(kind, clock.now() - timedelta(minutes=index)) for index, kind in enumerate(kinds)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: record(site.engine, on_shift, one, by="A", clock=clock), [*events, *events]))
    found = desk_of(site.engine, on_shift, clock=clock)
    assert (found.state, found.since) == (STATE_AFTER[events[0].kind], events[0].occurred_at)
    with site.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM presence_event")).scalar_one() == len(events)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn=st.lists(st.tuples(st.sampled_from(PresenceKind), st.integers(0, 20)), min_size=1, max_size=12), seed=st.integers(0, 99)
)
def test_in_any_order_and_repeated_events_lead_to_the_same_desk(
    site: Site, on_shift: int, drawn: list[tuple[PresenceKind, int]], seed: int
) -> None:
    clock = SteppedClock(MORNING)
    events = [event(kind, MORNING - timedelta(minutes=minutes)) for kind, minutes in drawn]
    with site.engine.begin() as connection:
        for statement in ("ALTER TABLE presence_event DISABLE TRIGGER USER", "DELETE FROM presence_event",
                          "ALTER TABLE presence_event ENABLE TRIGGER USER"):  # fmt: skip
            connection.execute(text(statement))
    sent = [*events, *events]
    Random(seed).shuffle(sent)  # noqa: S311
    for one in sent:
        found = record(site.engine, on_shift, one, by="A", clock=clock)
    ordered = in_order(events)
    state = STATE_AFTER[ordered[-1].kind]
    since = ordered[-1].occurred_at
    for one in reversed(ordered):
        if STATE_AFTER[one.kind] is not state:
            break
        since = one.occurred_at
    assert (found.state, found.since) == (state, since)

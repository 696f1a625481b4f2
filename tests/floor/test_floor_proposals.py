"""Proposals on the floor: one for each queue, decided once, applied without asking only behind a brake."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from scheduling.errors import ConflictError
from services import proposals, reallocation
from services.floor_settings import AUTOMATIC_ACTOR, read_setting, switch_automatic
from services.proposals import MOST_AUTOMATIC_AN_HOUR, ProposalState, StoredProposal
from storage.actions import actions_of
from tests.conftest import SteppedClock
from tests.published import Site, open_site
from tests.waiting import put_jobs, queue_ids

MORNING = datetime(2027, 1, 5, 5, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(MORNING)


@pytest.fixture
def site(engine: Engine, clock: SteppedClock) -> Site:
    """A floor on which a queue runs over, since all teams but a small one are given other queues."""
    made = open_site(engine, clock, associates=200)
    with engine.begin() as connection:
        connection.execute(text("UPDATE desk SET state = 'working'"))
        connection.execute(text("UPDATE queue SET sla_seconds = 3600"))
        over, easy, *_ = queue_ids(engine).values()
        others = text(
            "UPDATE mix SET share = 0 WHERE queue_id = :over AND team_id <> (SELECT id FROM team WHERE name = 'Narmada')"
        )
        connection.execute(others, {"over": over})
    put_jobs(engine, over, 1_200, MORNING, spread_seconds=600)
    put_jobs(engine, easy, 100, MORNING, spread_seconds=600)
    return made


def rows(site: Site, query: str) -> list[tuple[object, ...]]:
    with site.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def propose(site: Site) -> tuple[StoredProposal, ...]:
    return proposals.propose(site.engine, site.site_id, clock=site.clock)


def first_undoable(site: Site) -> StoredProposal:
    return next(one for one in propose(site) if one.kind in proposals.UNDOABLE)


def test_what_is_proposed_is_confirmed_by_its_own_projection(site: Site) -> None:
    one = first_undoable(site)
    assert one.state is ProposalState.OPEN
    assert one.deadline_at > MORNING
    assert one.effect["late_after"] <= one.effect["late_before"] - 0.5
    assert one.queue in one.reason
    done = proposals.apply(site.engine, one.id, by="sana", clock=site.clock)
    assert done
    entries = reallocation.history(site.engine, site.site_id)
    assert {entry.action.id for entry in entries} == set(done)
    assert all(entry.action.proposal_id == one.id and entry.action.why == one.reason for entry in entries)
    with pytest.raises(ConflictError, match="sana was faster"):
        proposals.apply(site.engine, one.id, by="ravi", clock=site.clock)
    # What was applied needs time, so nothing new is proposed for the queue at once.
    assert one.queue_id not in {other.queue_id for other in propose(site)}
    for action in reversed(done):
        reallocation.undo(site.engine, action, by="sana", why="", clock=site.clock)


def test_a_queue_has_one_proposal_however_many_ask_at_once(site: Site) -> None:
    threads = [threading.Thread(target=propose, args=(site,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = rows(site, "SELECT queue_id FROM proposal WHERE state IN ('open', 'held')")
    assert stored
    assert len(stored) == len(set(stored))


def test_one_that_is_held_stays_and_one_that_is_discarded_does_not_come_back_at_once(site: Site, clock: SteppedClock) -> None:
    one = first_undoable(site)
    proposals.hold(site.engine, one.id, by="sana", why="later", clock=clock)
    held = next(other for other in propose(site) if other.queue_id == one.queue_id)
    assert (held.id, held.state, held.decided_by) == (one.id, ProposalState.HELD, "sana")
    proposals.discard(site.engine, one.id, by="ravi", why="the burst is over", clock=clock)
    with site.engine.connect() as connection:
        discarded, before = actions_of(connection, site.site_id)
    assert (discarded.kind, discarded.actor, discarded.why) == ("proposal discarded", "ravi", "the burst is over")
    assert (before.kind, before.before, before.after) == ("proposal held", {"state": "open"}, {"state": "held"})
    assert discarded.proposal_id == before.proposal_id == one.id
    assert one.queue_id not in {other.queue_id for other in propose(site)}
    with pytest.raises(ConflictError, match="discarded already: ravi was faster"):
        proposals.hold(site.engine, one.id, by="sana", why="later", clock=clock)


def test_one_expires_with_its_deadline_and_with_its_reason(site: Site, clock: SteppedClock) -> None:
    one = first_undoable(site)
    with site.engine.begin() as connection:
        connection.execute(text("UPDATE task SET state = 'cancelled' WHERE queue_id = :id"), {"id": one.queue_id})
        connection.execute(text("DELETE FROM forecast"))
    propose(site)
    assert (one.id, "expired", proposals.SYSTEM) in rows(site, "SELECT id, state::text, decided_by FROM proposal")
    with pytest.raises(ConflictError, match="nobody decided in time"):
        proposals.apply(site.engine, one.id, by="sana", clock=clock)


def test_one_that_cannot_be_made_any_more_is_given_back(site: Site, clock: SteppedClock) -> None:
    one = first_undoable(site)
    move = '{"moves": [{"kind": "move_jobs", "from_queue_id": 1, "to_queue_id": 1, "count": 5}]}'
    with site.engine.begin() as connection:
        change = text("UPDATE proposal SET move = CAST(:move AS jsonb) WHERE id = :id")
        connection.execute(change, {"id": one.id, "move": move})
    with pytest.raises(reallocation.MoveRefusedError):
        proposals.apply(site.engine, one.id, by="sana", clock=clock)
    assert [other.id for other in proposals.undecided(site.engine, site.site_id) if other.state is ProposalState.OPEN].count(
        one.id
    )


def test_nothing_is_applied_without_asking_unless_the_site_wants_it(site: Site, clock: SteppedClock) -> None:
    assert first_undoable(site)
    assert proposals.apply_automatically(site.engine, site.site_id, clock=clock) == ()
    assert reallocation.history(site.engine, site.site_id) == ()
    switch_automatic(site.engine, site.site_id, on=True, by="sana", why="night shift", clock=clock)
    done = proposals.apply_automatically(site.engine, site.site_id, clock=clock)
    assert done
    assert {entry.action.actor for entry in reallocation.history(site.engine, site.site_id)} == {AUTOMATIC_ACTOR, "sana"}
    # The undo of what was applied without asking is the brake.
    reallocation.undo(site.engine, done[0], by="ravi", why="not now", clock=clock)
    assert not read_setting(site.engine, site.site_id).applies_automatically
    off = reallocation.history(site.engine, site.site_id)[0].action
    assert (off.actor, off.after) == ("ravi", {"on": False})


def test_it_turns_itself_off_when_it_applies_too_much(site: Site, clock: SteppedClock) -> None:
    switch_automatic(site.engine, site.site_id, on=True, by="sana", why="night shift", clock=clock)
    one = first_undoable(site)
    with site.engine.begin() as connection:
        for _ in range(MOST_AUTOMATIC_AN_HOUR):
            connection.execute(
                text(
                    "INSERT INTO proposal (site_id, queue_id, kind, move, reason, effect, created_at, deadline_at, state, "
                    "decided_by, decided_at) SELECT site_id, queue_id, kind, move, reason, effect, created_at, deadline_at, "
                    "'applied', :by, :at FROM proposal WHERE id = :id"
                ),
                {"by": AUTOMATIC_ACTOR, "at": MORNING, "id": one.id},
            )
    assert proposals.apply_automatically(site.engine, site.site_id, clock=clock) == ()
    assert not read_setting(site.engine, site.site_id).applies_automatically
    off = reallocation.history(site.engine, site.site_id)[0].action
    assert off.actor == AUTOMATIC_ACTOR
    assert "6 automatic applications" in off.why


def test_two_who_apply_at_once_apply_it_once(site: Site, clock: SteppedClock) -> None:
    one = first_undoable(site)
    outcomes: list[object] = []

    def attempt(name: str) -> None:
        try:
            outcomes.append(proposals.apply(site.engine, one.id, by=name, clock=clock))
        except ConflictError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=attempt, args=(f"supervisor {number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, tuple) for outcome in outcomes) == 1

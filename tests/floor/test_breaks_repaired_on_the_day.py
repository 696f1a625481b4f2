from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from allocation.offers import BreakWindow, ProposalKind, move_to_dict
from scheduling.duties import Duty, Span
from scheduling.errors import ConflictError
from scheduling.presence import PresenceEvent, PresenceKind
from services import proposals
from services.absences import AbsenceKind, record_absence
from services.day_breaks import (
    CauseKind,
    NewBreaks,
    RepairCause,
    RepairPreview,
    Surge,
    apply_repair,
    propose_repair,
    undo_repair,
)
from services.day_floor import floor_now, minute_of
from services.presence import record
from services.steering_choices import home_teams
from storage.actions import actions_of
from storage.duties import duties_on
from storage.figures import floor_queues
from storage.proposals import insert_proposal
from tests.builders import MONDAY
from tests.conftest import SteppedClock
from tests.published import Site, open_site

NOON = datetime(2027, 1, 5, 6, 25, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(NOON)


@pytest.fixture
def site(engine: Engine, clock: SteppedClock) -> Site:
    made = open_site(engine, clock, associates=60, pattern_count=1)
    for one in on_shift(made):
        said = PresenceEvent(uuid4(), PresenceKind.SIGN_IN, one.starts_at)
        record(engine, one.associate_id, said, by="A", clock=SteppedClock(one.starts_at))
        for rest in one.breaks:
            for kind, at in ((PresenceKind.BREAK_START, rest.starts_at), (PresenceKind.BREAK_END, rest.ends_at)):
                if at <= NOON:
                    record(engine, one.associate_id, PresenceEvent(uuid4(), kind, at), by="A", clock=clock)
    return made


def all_duties(site: Site) -> dict[tuple[int, date], Duty]:
    with site.engine.connect() as connection:
        found = duties_on(connection, site.site_id, TUESDAY - timedelta(days=1), TUESDAY + timedelta(days=1))
    return {(one.associate_id, one.day): one for one in found}


def on_shift(site: Site) -> list[Duty]:
    """Return the duties that go on, those that began last first."""
    found = [one for one in all_duties(site).values() if one.starts_at <= NOON < one.ends_at]
    return sorted(found, key=lambda one: (one.starts_at, one.associate_id), reverse=True)


def state_of_breaks(site: Site) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    with site.engine.connect() as connection:
        patterns = connection.execute(text("SELECT associate_id, day, break_pattern_id FROM duty ORDER BY 1, 2")).all()
        work = connection.execute(text("SELECT associate_id, starts_at, ends_at, day FROM stretch ORDER BY 1, 2")).all()
    return [tuple(row) for row in patterns], [tuple(row) for row in work]


def surge(site: Site) -> RepairCause:
    """Everybody has the same breaks; many heads are missing while the next movable ones of most are taken."""
    with site.engine.connect() as connection:
        skill = connection.execute(text("SELECT id FROM skill ORDER BY position LIMIT 1")).scalar_one()
    at = next(one.starts_at for one in on_shift(site)[0].breaks if one.starts_at > NOON + timedelta(minutes=65))
    span = Span(at - timedelta(minutes=at.minute % 15), at + timedelta(minutes=15))
    return RepairCause(CauseKind.SURGE, "a burst", surges=(Surge(int(skill), span, 60.0),))


@pytest.fixture
def preview(site: Site, clock: SteppedClock) -> RepairPreview:
    found = propose_repair(site.engine, site.site_id, surge(site), clock=clock)
    assert found.moves
    return found


def test_a_preview_changes_nothing_and_says_what_it_saves(site: Site, clock: SteppedClock) -> None:
    before = state_of_breaks(site)
    found = propose_repair(site.engine, site.site_id, surge(site), clock=clock)
    assert state_of_breaks(site) == before
    assert found.short_minutes_saved > 0
    assert str(len(found.moves)) in found.words
    assert all(one.from_at >= NOON + timedelta(minutes=60) for one in found.moves)
    assert all(one.to_at >= NOON + timedelta(minutes=60) for one in found.moves)
    assert all(abs(one.to_at - one.from_at) <= timedelta(minutes=30) for one in found.moves)


def test_a_repair_is_applied_as_it_was_seen_and_undone_exactly(
    site: Site, preview: RepairPreview, clock: SteppedClock
) -> None:  # fmt: skip
    before, old = state_of_breaks(site), all_duties(site)
    action = apply_repair(site.engine, site.site_id, preview.changes, by="Sup", why="burst", clock=clock)
    new = all_duties(site)
    moved = {(move.associate_id, move.kind, move.to_at) for move in preview.moves}
    fresh = {(key[0], one.kind, one.starts_at) for key, duty in new.items() for one in duty.breaks if one not in old[key].breaks}
    assert fresh == moved
    assert all(duty.productive_minutes == 420 for duty in new.values())
    stretches = {(*row[:3],) for row in state_of_breaks(site)[1]}
    assert stretches == {(key[0], s.starts_at, s.ends_at) for key, duty in new.items() for s in duty.workable_stretches}
    undo_repair(site.engine, action, by="Sup", why="was wrong", clock=clock)
    assert state_of_breaks(site) == before
    with pytest.raises(ConflictError, match="undone already"):
        undo_repair(site.engine, action, by="Sup", why="again", clock=clock)
    with site.engine.connect() as connection:
        undone, done = actions_of(connection, site.site_id)
    assert (done.kind, done.actor, done.why, undone.undoes_id) == ("breaks repaired", "Sup", "burst", done.id)
    assert done.before == undone.after
    assert done.after == undone.before


def test_what_changed_meanwhile_is_not_overwritten(site: Site, preview: RepairPreview, clock: SteppedClock) -> None:
    action = apply_repair(site.engine, site.site_id, preview.changes[:1], by="Sup", why="first", clock=clock)
    applied = state_of_breaks(site)
    with pytest.raises(ConflictError, match="not those that were looked at"):
        apply_repair(site.engine, site.site_id, preview.changes, by="Sup", why="second", clock=clock)
    assert state_of_breaks(site) == applied
    other = propose_repair(site.engine, site.site_id, RepairCause(CauseKind.SURGE, "later"), clock=clock)
    assert isinstance(other.words, str)
    with site.engine.begin() as connection:
        connection.execute(
            text("UPDATE duty SET break_pattern_id = published_break_pattern_id WHERE associate_id = :who"),
            {"who": preview.changes[0].associate_id},
        )
    with pytest.raises(ConflictError, match="not those that were looked at"):
        undo_repair(site.engine, action, by="Sup", why="undo", clock=clock)


def test_when_the_first_break_has_come_it_is_too_late(site: Site, preview: RepairPreview, clock: SteppedClock) -> None:
    before = state_of_breaks(site)
    first = min(one.first_change_at for one in preview.changes)
    late = SteppedClock(first)
    with pytest.raises(ConflictError, match="too late"):
        apply_repair(site.engine, site.site_id, preview.changes, by="Sup", why="late", clock=late)
    assert state_of_breaks(site) == before
    action = apply_repair(site.engine, site.site_id, preview.changes, by="Sup", why="in time", clock=clock)
    applied = state_of_breaks(site)
    with pytest.raises(ConflictError, match="have begun"):
        undo_repair(site.engine, action, by="Sup", why="late", clock=late)
    assert state_of_breaks(site) == applied


def test_a_change_survives_the_way_through_a_document(preview: RepairPreview) -> None:
    for one in preview.changes:
        assert NewBreaks.of(json.loads(json.dumps(one.document()))) == one


def test_nothing_to_do_is_said(site: Site, clock: SteppedClock) -> None:
    calm = propose_repair(site.engine, site.site_id, RepairCause(CauseKind.ABSENCE, "nobody"), clock=clock)
    with pytest.raises(ConflictError, match="nothing to apply"):
        apply_repair(site.engine, site.site_id, (), by="Sup", why="x", clock=clock)
    assert len(calm.short_minutes_before) == len(calm.short_minutes_after)


def test_the_floor_knows_absences_no_shows_and_what_became_of_breaks(site: Site, clock: SteppedClock) -> None:
    sick, late_back, worked_through, *_ = on_shift(site)
    record_absence(site.engine, sick.associate_id, sick.day, AbsenceKind.SICK, None, None, "ill", by="Sup", clock=clock)
    coming = next(one for one in late_back.breaks if one.starts_at > NOON)
    at = SteppedClock(coming.starts_at + timedelta(minutes=20))
    said = PresenceEvent(uuid4(), PresenceKind.BREAK_START, coming.starts_at + timedelta(minutes=4))
    record(site.engine, late_back.associate_id, said, by="A", clock=at)
    with site.engine.connect() as connection:
        seen = floor_now(connection, site.site_id, at.now())
    people = {one.associate_id: one for one in seen.floor.people}
    assert people[sick.associate_id].is_absent
    position = late_back.breaks.index(coming)
    taken = {one.position: one for one in people[late_back.associate_id].actual}
    assert (taken[position].start_minute, taken[position].end_minute) == (minute_of(coming.starts_at) + 4, None)
    assert all(taken[index].end_minute is not None for index in range(position))
    late = {one.position: one for one in people[worked_through.associate_id].actual}
    assert (late[position].start_minute, late[position].end_minute) == (minute_of(at.now()), None)
    nobody = SteppedClock(min(one.starts_at for one in all_duties(site).values() if one.starts_at > NOON) + timedelta(minutes=31))
    with site.engine.connect() as connection:
        later = floor_now(connection, site.site_id, nobody.now())
    begun = [one for one in later.floor.people if NOON < later.instant(one.start_minute) <= nobody.now() - timedelta(minutes=30)]
    assert begun
    assert all(one.is_absent for one in begun)


def test_a_proposal_moves_breaks_of_the_teams_of_whoever_applies_it_and_of_nobody_else(site: Site) -> None:
    window = surge(site).surges[0].span
    with site.engine.begin() as connection:
        queue = floor_queues(connection, site.site_id)[0]
        move = BreakWindow(queue.id, 60.0, window.starts_at, window.ends_at, window.ends_at + timedelta(hours=1))
        made = insert_proposal(
            connection, site.site_id, queue.id, kind=ProposalKind.REPAIR_BREAKS.value, move={"window": move_to_dict(move)},
            reason="a burst", effect={}, at=NOON, deadline_at=NOON + timedelta(minutes=30),
        )  # fmt: skip
        assert made is not None
    teams = home_teams(site.engine, site.site_id)
    cause = RepairCause(CauseKind.SURGE, "a burst", surges=(Surge(queue.skill_id, window, 60.0),))
    would_move = {one.associate_id for one in propose_repair(site.engine, site.site_id, cause, clock=site.clock).changes}
    led = {teams[min(would_move)]}
    assert {teams[who] for who in would_move} > led
    before = all_duties(site)
    proposals.apply(site.engine, made, by="supervisor", clock=site.clock, team_ids=led)
    moved = {key[0] for key, duty in all_duties(site).items() if duty.breaks != before[key].breaks}
    assert moved == {who for who in would_move if teams[who] in led}

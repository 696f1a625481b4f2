"""Proposals on the floor: made from the projection, at most one open for each queue, applied, held or discarded by somebody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Engine

from allocation.offers import BreakWindow, ProposalKind, move_from_dict
from allocation.projection import Projection, project
from allocation.proposals import propose as offered_proposals
from scheduling.duties import Span
from scheduling.errors import ConflictError, SchedulingError
from scheduling.times import Clock
from services import reallocation
from services.day_breaks import CauseKind, RepairCause, Surge, apply_repair, propose_repair
from services.floor_reading import read_people, read_work
from services.floor_settings import AUTOMATIC_ACTOR, setting_of, switch_within
from services.floor_state import floor_state
from services.move_plans import TeamIds
from services.moves import move_of
from services.offered_moves import Executable, executable
from services.steering_choices import home_teams
from storage import proposals, snapshots
from storage.actions import record_action
from storage.errors import domain_errors
from storage.figures import floor_queues
from storage.proposals import StoredProposal
from storage.steering_tables import ProposalState

__all__ = ["ProposalState", "StoredProposal", "apply", "apply_automatically", "discard", "hold", "propose", "undecided"]

SYSTEM: Final = "the projection"
"""Who lets proposals expire."""
QUIET: Final = timedelta(minutes=15)
"""So long after a decision nothing new is proposed for the queue: what was applied needs time to show."""
MOST_AUTOMATIC_AN_HOUR: Final = 6
"""After so many automatic applications within an hour they stop by themselves: something is wrong that moves do not mend."""
UNDOABLE: Final = frozenset({ProposalKind.MOVE_PEOPLE.value, ProposalKind.MOVE_JOBS.value})
"""Kinds that are applied without asking; breaks of people, overtime and time off always wait for somebody."""
OFFERED: Final = "offered"

log = structlog.get_logger(__name__)


def propose(engine: Engine, site_id: int, *, clock: Clock) -> tuple[StoredProposal, ...]:
    """Let proposals expire whose time or reason is gone, store new ones, and return all that are not decided.

    A queue with a proposal that is open or held gets no other one, whoever asks at the same time.
    """
    now = clock.now()
    with domain_errors():
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            work, people = read_work(connection, site_id, now), read_people(connection, site_id, now)
        state = floor_state(work, people)
        if state is None:
            return ()
        projection = project(state)
        found = [executable(work, people, projection, one) for one in offered_proposals(projection, work.zone)]
        made = [one for one in found if one is not None]
        with engine.begin() as connection:
            _expire(connection, site_id, projection, made, now)
            quiet = proposals.decided_queues(connection, site_id, now - QUIET)
            for one in made:
                if one.queue_id not in quiet and one.deadline > now:
                    _store(connection, site_id, one, now)
            return proposals.undecided(connection, site_id)


def undecided(engine: Engine, site_id: int) -> tuple[StoredProposal, ...]:
    """Return the proposals of a site that are open or held, the most urgent first."""
    with domain_errors(), engine.connect() as connection:
        return proposals.undecided(connection, site_id)


def _store(connection: Connection, site_id: int, one: Executable, now: datetime) -> None:
    proposals.insert_proposal(
        connection,
        site_id,
        one.queue_id,
        kind=one.kind,
        move=one.move,
        reason=one.reason,
        effect=one.effect,
        at=now,
        deadline_at=one.deadline,
    )


def _expire(
    connection: Connection, site_id: int, projection: Projection, made: Sequence[Executable], now: datetime
) -> None:  # fmt: skip
    """Let proposals expire when it is too late, or when the projection shows no reason any more."""
    missing = {queue.queue_id for queue in projection.queues if queue.first_miss_at is not None}
    wanted = {(one.queue_id, one.kind) for one in made}

    def is_over(one: StoredProposal) -> bool:
        has_reason = (one.queue_id, one.kind) in wanted if one.kind == ProposalKind.TIME_OFF.value else one.queue_id in missing
        return one.deadline_at <= now or not has_reason

    over = [one.id for one in proposals.undecided(connection, site_id) if is_over(one)]
    if over:
        proposals.expire(connection, over, by=SYSTEM, at=now)


def hold(engine: Engine, proposal_id: int, *, by: str, why: str, clock: Clock) -> None:
    """Keep a proposal for later; nothing new is proposed for its queue meanwhile. ConflictError when it is decided already."""
    _decide(engine, proposal_id, ProposalState.HELD, by=by, why=why, clock=clock)


def discard(engine: Engine, proposal_id: int, *, by: str, why: str, clock: Clock) -> None:
    """Say that a proposal is not wanted. ConflictError when it is decided already."""
    _decide(engine, proposal_id, ProposalState.DISCARDED, by=by, why=why, clock=clock)


def _decide(engine: Engine, proposal_id: int, state: ProposalState, *, by: str, clock: Clock, why: str = "") -> StoredProposal:
    """Write a decision; return the proposal as it was before. What is applied stands in the history by what it does."""
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        found = proposals.lock_proposal(connection, proposal_id)
        if found.state.value not in proposals.UNDECIDED:
            who = "nobody decided in time" if found.state is ProposalState.EXPIRED else f"{found.decided_by} was faster"
            raise ConflictError(f"This proposal for {found.queue} is {found.state.value} already: {who}. Nothing was changed.")
        if state is ProposalState.APPLIED and found.deadline_at <= now:
            raise ConflictError(f"It is too late for this proposal for {found.queue}; a new one comes if it is still needed.")
        proposals.decide(connection, proposal_id, state, by=by, at=now)
        if state is not ProposalState.APPLIED:
            _record_decision(connection, found, state, at=now, by=by, why=why)
        return found


def _record_decision(
    connection: Connection, found: StoredProposal, state: ProposalState, *, at: datetime, by: str, why: str
) -> None:  # fmt: skip
    record_action(
        connection,
        found.site_id,
        at=at,
        by=by,
        kind=f"proposal {state.value}",
        subject=f"{found.queue}: {found.reason}",
        why=why,
        before={"state": found.state.value},
        after={"state": state.value},
        proposal_id=found.id,
    )


def apply(engine: Engine, proposal_id: int, *, by: str, clock: Clock, why: str = "", team_ids: TeamIds = None) -> tuple[int, ...]:
    """Carry a proposal out; return its entries in the history.

    It is taken first, so that two people do not apply it twice; when nothing of it can be done, it is given back as it was.

    Raises
    ------
    ConflictError
        When it is decided already, too late, or cannot be made as things are now.
    """
    found = _decide(engine, proposal_id, ProposalState.APPLIED, by=by, clock=clock)
    done: list[int] = []
    try:
        # What was done before an error stays in the list.
        done.extend(step() for step in _steps(engine, found, by=by, why=why or found.reason, clock=clock, team_ids=team_ids))
    except SchedulingError:
        if not done:
            with domain_errors(), engine.begin() as connection:
                proposals.decide(connection, proposal_id, found.state, by=found.decided_by, at=found.decided_at)
        raise
    return tuple(done)


def _steps(
    engine: Engine, found: StoredProposal, *, by: str, why: str, clock: Clock, team_ids: TeamIds
) -> list[Callable[[], int]]:  # fmt: skip
    """Return what is to be done for a proposal, each a change with an entry of its own in the history."""
    settings: dict[str, Any] = {"by": by, "why": why, "clock": clock, "proposal_id": found.id}
    if "moves" in found.move:
        moves = [move_of(document) for document in found.move["moves"]]
        return [partial(reallocation.apply, engine, found.site_id, one, team_ids=team_ids, **settings) for one in moves]
    if "window" in found.move:
        return [partial(_repair, engine, found, team_ids=team_ids, **settings)]
    return [partial(_offer, engine, found, **settings)]


def _repair(engine: Engine, found: StoredProposal, *, team_ids: TeamIds, **settings: Any) -> int:
    """Move the breaks that lie in the window of a proposal, of people of some teams, as far as the rules of breaks allow."""
    window = move_from_dict(ProposalKind.REPAIR_BREAKS, found.move["window"])
    assert isinstance(window, BreakWindow)  # noqa: S101 - the kind says so.
    with domain_errors(), engine.connect() as connection:
        skill = next(queue.skill_id for queue in floor_queues(connection, found.site_id) if queue.id == found.queue_id)
    surge = Surge(skill, Span(window.starts_at, window.ends_at), window.heads)
    cause = RepairCause(CauseKind.SURGE, found.reason, surges=(surge,))
    seen = propose_repair(engine, found.site_id, cause, clock=settings["clock"])
    teams = home_teams(engine, found.site_id)
    mine = [one for one in seen.changes if team_ids is None or teams.get(one.associate_id) in team_ids]
    return apply_repair(engine, found.site_id, mine, **settings)


def _offer(
    engine: Engine, found: StoredProposal, *, by: str, why: str, clock: Clock, proposal_id: int
) -> int:  # fmt: skip
    """Write down that people are asked: overtime and time off are for them to take, not for a button to order."""
    with domain_errors(), engine.begin() as connection:
        return record_action(
            connection,
            found.site_id,
            at=clock.now(),
            by=by,
            kind=f"{found.kind} {OFFERED}",
            subject=found.queue,
            why=why,
            before={},
            after=found.move["offer"],
            proposal_id=proposal_id,
        )


def apply_automatically(engine: Engine, site_id: int, *, clock: Clock) -> tuple[int, ...]:
    """Apply the open proposals that can be undone, when the site wants that; return their entries in the history.

    After `MOST_AUTOMATIC_AN_HOUR` within an hour it turns itself off and says so in the history; so does the undo of any of
    them.
    """
    done: list[int] = []
    for one in undecided(engine, site_id):
        if one.state is not ProposalState.OPEN or one.kind not in UNDOABLE:
            continue
        if not _may_go_on(engine, site_id, clock):
            break
        try:
            done += apply(engine, one.id, by=AUTOMATIC_ACTOR, clock=clock)
        except SchedulingError as error:
            log.warning("proposal not applied", proposal=one.id, reason=str(error))
    return tuple(done)


def _may_go_on(engine: Engine, site_id: int, clock: Clock) -> bool:
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        if not setting_of(snapshots.read_setting(connection, site_id)).applies_automatically:
            return False
        count = proposals.automatic_count(connection, site_id, AUTOMATIC_ACTOR, now - timedelta(hours=1))
        if count < MOST_AUTOMATIC_AN_HOUR:
            return True
        why = f"{count} automatic applications within an hour; look at what they do not mend, and turn it on again."
        switch_within(connection, site_id, on=False, by=AUTOMATIC_ACTOR, why=why, at=now)
        return False

"""Breaks on the day: a repair is offered with its effect, applied as it was seen, and undone exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Engine

from breaks.repair import RepairParams, repair_breaks
from breaks.repair_result import BreakMove, MoveReason, move_words, repair_words, unrepairable_words
from scheduling.errors import ConflictError
from scheduling.plan import BreakPattern, BreakSlot
from scheduling.times import Clock
from services.day_floor import FloorNow, Outage, Surge, floor_now
from storage import day_breaks, duties
from storage.actions import FloorAction, action_with_id, record_action
from storage.day_breaks import PatternChange
from storage.duties import DutyKey
from storage.errors import domain_errors
from storage.patterns import save_patterns
from storage.sites import policy_with_id

__all__ = [
    "REPAIRED",
    "UNDONE",
    "CauseKind",
    "MovedBreak",
    "NewBreaks",
    "Outage",
    "RepairCause",
    "RepairPreview",
    "Surge",
    "apply_repair",
    "propose_repair",
    "put_breaks",
    "undo_repair",
]

REPAIRED: Final = "breaks repaired"
UNDONE: Final = "repair of breaks undone"


class CauseKind(StrEnum):
    """What makes a repair worth looking for."""

    ABSENCE = "absence"
    LATE_BREAK = "late_break"
    SURGE = "surge"
    OUTAGE = "outage"


@dataclass(frozen=True)
class RepairCause:
    """What happened.

    Parameters
    ----------
    words
        As the supervisor reads it.
    surges
        Heads that are needed beyond those planned for.
    outages
        Time in which associates cannot work, expected ones too; recorded absences and system outages are known already.
    """

    kind: CauseKind
    words: str
    surges: tuple[Surge, ...] = ()
    outages: tuple[Outage, ...] = ()


@dataclass(frozen=True)
class NewBreaks:
    """Breaks that are to be in force for a duty in place of those that were looked at.

    Parameters
    ----------
    from_pattern_id
        The breaks that were looked at; with any others nothing is changed.
    first_change_at
        Start of the first break that moves, before or after; when it has come, it is too late.
    """

    associate_id: int
    day: date
    span_minutes: int
    policy_id: int
    from_pattern_id: int
    pattern: BreakPattern
    first_change_at: datetime

    def document(self) -> dict[str, Any]:
        """Return it as a document, for a proposal or a form."""
        return {
            "associate_id": self.associate_id,
            "day": self.day.isoformat(),
            "span_minutes": self.span_minutes,
            "policy_id": self.policy_id,
            "from_pattern_id": self.from_pattern_id,
            "pattern": [[slot.start_minute, slot.kind] for slot in self.pattern],
            "first_change_at": self.first_change_at.isoformat(),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> NewBreaks:
        """Return what a document says."""
        return cls(
            associate_id=document["associate_id"],
            day=date.fromisoformat(document["day"]),
            span_minutes=document["span_minutes"],
            policy_id=document["policy_id"],
            from_pattern_id=document["from_pattern_id"],
            pattern=tuple(BreakSlot(start, kind) for start, kind in document["pattern"]),
            first_change_at=datetime.fromisoformat(document["first_change_at"]),
        )


@dataclass(frozen=True)
class MovedBreak:
    """One break that would move, for people to read."""

    associate_id: int
    code: str
    name: str
    kind: str
    from_at: datetime
    to_at: datetime
    is_for_rules: bool
    words: str


@dataclass(frozen=True)
class RepairPreview:
    """What a repair would do; nothing is changed before it is applied.

    Parameters
    ----------
    words
        The whole in one sentence.
    moves
        Every break that would move, in the order of the old starts.
    changes
        What to hand to `apply_repair`.
    unrepairable
        A sentence for each associate whose breaks cannot all be legal any more.
    short_minutes_before, short_minutes_after
        Head-minutes of shortage by skill, from now to the end of the shifts that go on.
    """

    cause: RepairCause
    words: str
    moves: tuple[MovedBreak, ...]
    changes: tuple[NewBreaks, ...]
    unrepairable: tuple[str, ...]
    short_minutes_before: Mapping[str, float]
    short_minutes_after: Mapping[str, float]
    zone_name: str

    @property
    def short_minutes_saved(self) -> float:
        """Head-minutes of shortage that the repair saves."""
        return sum(self.short_minutes_before.values()) - sum(self.short_minutes_after.values())


def propose_repair(
    engine: Engine, site_id: int, cause: RepairCause, *, clock: Clock, params: RepairParams | None = None
) -> RepairPreview:  # fmt: skip
    """Return the moves of breaks that are worth making after something happened; nothing is changed.

    Raises
    ------
    NotFoundError
        When there is no such site.
    """
    now = clock.now()
    with domain_errors(), engine.connect() as connection:
        seen = floor_now(connection, site_id, now, surges=cause.surges, outages=cause.outages)
    repair = repair_breaks(seen.floor, params)
    effect, width = repair.effect, repair.effect.interval_minutes
    return RepairPreview(
        cause=cause,
        words=repair_words(repair),
        moves=tuple(_moved(seen, move) for move in repair.moves),
        changes=_changes(seen, repair.patterns, repair.moves),
        unrepairable=tuple(
            f"{seen.fact(one.associate_id).name} ({seen.fact(one.associate_id).code}): {unrepairable_words(one, seen.clock)}"
            for one in repair.unrepairable
        ),
        short_minutes_before=_by_skill(seen, effect.short_before.sum(axis=0).tolist(), width),
        short_minutes_after=_by_skill(seen, effect.short_after.sum(axis=0).tolist(), width),
        zone_name=seen.zone.key,
    )


def apply_repair(
    engine: Engine,
    site_id: int,
    changes: Sequence[NewBreaks],
    *,
    by: str,
    why: str,
    clock: Clock,
    proposal_id: int | None = None,
) -> int:
    """Put the breaks of a preview in force, all or none; return the action of the history.

    Raises
    ------
    ConflictError
        When there is nothing to change, when breaks are not those that were looked at any more, or when the first has come.
    """
    if not changes:
        raise ConflictError("No break would move; there is nothing to apply.")
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        return put_and_record(connection, site_id, changes, at=now, by=by, why=why, proposal_id=proposal_id)


def put_and_record(
    connection: Connection,
    site_id: int,
    changes: Sequence[NewBreaks],
    *,
    at: datetime,
    by: str,
    why: str,
    proposal_id: int | None = None,
) -> int:
    """Put other breaks in force as `put_breaks` does, and write it into the history; return the action."""
    made = put_breaks(connection, changes, at)
    subject = f"{len(made)} associate{'s' if len(made) > 1 else ''}"
    return _record(connection, site_id, made, at=at, by=by, kind=REPAIRED, subject=subject, why=why, proposal_id=proposal_id)


def put_breaks(connection: Connection, changes: Sequence[NewBreaks], now: datetime) -> list[PatternChange]:
    """Put other breaks in force and let the work follow; ConflictError when one of them cannot be, and nothing is changed."""
    late = [one for one in changes if one.first_change_at <= now]
    if late:
        raise ConflictError(
            f"It is too late for this: breaks of {len(late)} associates begin already. Nothing was changed; look again."
        )
    day_breaks.lock_duties(connection, [(one.associate_id, one.day) for one in changes])
    ids: dict[tuple[int, int, BreakPattern], int] = {}
    for policy_id in sorted({one.policy_id for one in changes}):
        wanted = [(one.span_minutes, one.pattern) for one in changes if one.policy_id == policy_id]
        saved = save_patterns(connection, policy_id, policy_with_id(connection, policy_id), wanted)
        ids |= {(policy_id, *key): number for key, number in saved.items()}
    made = [
        PatternChange(one.associate_id, one.day, one.from_pattern_id, ids[one.policy_id, one.span_minutes, one.pattern])
        for one in changes
    ]
    _replace(connection, made, now)
    return made


def undo_repair(engine: Engine, action_id: int, *, by: str, why: str, clock: Clock) -> int:
    """Bring back the breaks that a repair replaced, all or none; return the action of the history.

    Raises
    ------
    ConflictError
        When it is no repair of breaks, was undone already, somebody changed one of the breaks since, or one of those that would
        move has begun.
    NotFoundError
        When there is no such action.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        action = action_with_id(connection, action_id)
        if action.kind != REPAIRED:
            raise ConflictError(f"Action {action_id} ({action.kind}) is no repair of breaks; undo it where it was made.")
        if action.undone_by_id is not None:
            raise ConflictError(f"Action {action_id} was undone already; nothing was changed.")
        back = _back(action)
        day_breaks.lock_duties(connection, [(one.associate_id, one.day) for one in back])
        before = {(one.associate_id, one.day): one for one in duties.duties_of(connection, _keys(back))}
        _replace(connection, back, now)
        for fresh in duties.duties_of(connection, _keys(back)):
            old = before[fresh.associate_id, fresh.day].breaks
            if any(one.starts_at <= now for one in set(old) ^ set(fresh.breaks)):
                raise ConflictError(
                    "Some of these breaks have begun, so that what was cannot be brought back any more. Nothing was changed."
                )
        return _record(
            connection, action.site_id, back, at=now, by=by, kind=UNDONE, subject=action.subject, why=why, undoes_id=action_id
        )


def _replace(connection: Connection, made: Sequence[PatternChange], now: datetime) -> None:
    day_breaks.replace_patterns(connection, made, now)
    duties.write_stretches(connection, duties.duties_of(connection, _keys(made)))


def _keys(made: Iterable[PatternChange]) -> list[DutyKey]:
    return [(one.associate_id, one.day) for one in made]


def _record(connection: Connection, site_id: int, made: Sequence[PatternChange], **what: Any) -> int:
    before, after = (day_breaks.pattern_document(made, after=after) for after in (False, True))
    return record_action(connection, site_id, before=before, after=after, **what)


def _back(action: FloorAction) -> list[PatternChange]:
    """Return the changes that take an action back."""
    was = {(associate, day): pattern for associate, day, pattern in action.before["patterns"]}
    return [
        PatternChange(associate, date.fromisoformat(day), pattern, was[associate, day])
        for associate, day, pattern in action.after["patterns"]
    ]


def _changes(seen: FloorNow, patterns: Mapping[int, BreakPattern], moves: Sequence[BreakMove]) -> tuple[NewBreaks, ...]:
    first: dict[int, int] = {}
    for move in moves:
        earliest = min(move.from_minute, move.to_minute)
        first[move.associate_id] = min(first.get(move.associate_id, earliest), earliest)
    found = []
    for associate, pattern in patterns.items():
        fact = seen.fact(associate)
        at = seen.instant(first[associate])
        found.append(NewBreaks(associate, fact.day, fact.span_minutes, fact.policy_id, fact.pattern_id, pattern, at))
    return tuple(found)


def _moved(seen: FloorNow, move: BreakMove) -> MovedBreak:
    fact = seen.fact(move.associate_id)
    return MovedBreak(
        associate_id=move.associate_id,
        code=fact.code,
        name=fact.name,
        kind=move.kind,
        from_at=seen.instant(move.from_minute),
        to_at=seen.instant(move.to_minute),
        is_for_rules=move.reason is MoveReason.RULES,
        words=move_words(move, seen.clock),
    )


def _by_skill(seen: FloorNow, heads: Sequence[float], interval_minutes: int) -> dict[str, float]:
    return {name: interval_minutes * count for name, count in zip(seen.skills, heads, strict=False)}

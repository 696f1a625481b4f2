"""Break patterns of duties on the floor: read for a repair, and replaced by it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import Connection

from scheduling.errors import ConflictError
from storage.bulk import raw
from storage.duties import DutyKey

FACTS: Final = (
    "SELECT d.associate_id, d.day, d.break_pattern_id, p.break_policy_id, d.span_minutes, "
    "coalesce(k.team_id, a.team_id), a.code, a.name, "
    "ARRAY(SELECT s.skill_id FROM associate_skill s WHERE s.associate_id = a.id) "
    "FROM unnest(%s::bigint[], %s::date[]) AS w (associate_id, day) "
    "JOIN duty d ON d.associate_id = w.associate_id AND d.day = w.day JOIN break_pattern p ON p.id = d.break_pattern_id "
    "JOIN associate a ON a.id = d.associate_id LEFT JOIN desk k ON k.associate_id = a.id"
)
REQUIRED: Final = (
    "SELECT c.skill_id, c.starts_at, c.required, r.interval_minutes FROM site s JOIN published_day p ON p.site_id = s.id "
    "JOIN roster r ON r.id = p.roster_id JOIN coverage c ON c.roster_id = p.roster_id "
    "WHERE s.id = %(site)s AND c.starts_at > %(start)s - r.interval_minutes * interval '1 minute' AND c.starts_at < %(end)s "
    "AND p.day BETWEEN (%(start)s AT TIME ZONE s.zone_name)::date - 1 AND (%(end)s AT TIME ZONE s.zone_name)::date "
    "AND (c.starts_at AT TIME ZONE s.zone_name)::date = p.day"
)
SKILLS: Final = "SELECT id, name FROM skill WHERE site_id = %s ORDER BY position, id"
REPLACE: Final = (
    "UPDATE duty d SET break_pattern_id = w.fresh FROM unnest(%s::bigint[], %s::date[], %s::bigint[], %s::bigint[]) "
    "AS w (associate_id, day, old, fresh) "
    "WHERE d.associate_id = w.associate_id AND d.day = w.day AND d.break_pattern_id = w.old AND d.ends_at > %s"
)
LOCK: Final = (
    "SELECT FROM duty d JOIN unnest(%s::bigint[], %s::date[]) AS w (associate_id, day) "
    "ON d.associate_id = w.associate_id AND d.day = w.day ORDER BY d.associate_id, d.day FOR UPDATE OF d"
)


@dataclass(frozen=True)
class DutyFacts:
    """What a repair needs of a duty beside its times.

    Parameters
    ----------
    pattern_id
        The breaks in force.
    team_id
        The team for which the associate works now.
    """

    associate_id: int
    day: date
    pattern_id: int
    policy_id: int
    span_minutes: int
    team_id: int
    code: str
    name: str
    skill_ids: tuple[int, ...]


@dataclass(frozen=True)
class RequiredHeads:
    """Productive heads required of a skill in the interval that starts here."""

    skill_id: int
    starts_at: datetime
    heads: float
    interval_minutes: int


@dataclass(frozen=True)
class PatternChange:
    """A duty whose breaks are replaced, from one pattern to another."""

    associate_id: int
    day: date
    from_pattern_id: int
    to_pattern_id: int


def duty_facts(connection: Connection, keys: Collection[DutyKey]) -> dict[DutyKey, DutyFacts]:
    """Return breaks, team and skills of duties."""
    who = ([associate for associate, _ in keys], [day for _, day in keys])
    return {
        (associate, day): DutyFacts(associate, day, pattern, policy, span, team, code, name, tuple(skills))
        for associate, day, pattern, policy, span, team, code, name, skills in raw(connection).execute(FACTS, who)
    }


def skills_of_site(connection: Connection, site_id: int) -> dict[int, str]:
    """Return the name of each skill of a site by its id, in their order."""
    return dict(raw(connection).execute(SKILLS, (site_id,)).fetchall())


def required_heads(connection: Connection, site_id: int, start: datetime, end: datetime) -> list[RequiredHeads]:
    """Return what the published rosters were built to cover, from the interval that holds `start` to `end`."""
    rows = raw(connection).execute(REQUIRED, {"site": site_id, "start": start, "end": end})
    return [RequiredHeads(skill, at.astimezone(UTC), heads, minutes) for skill, at, heads, minutes in rows]


def lock_duties(connection: Connection, keys: Collection[DutyKey]) -> None:
    """Keep others from changing duties before the transaction ends."""
    raw(connection).execute(LOCK, ([associate for associate, _ in keys], [day for _, day in keys]))


def replace_patterns(connection: Connection, changes: Sequence[PatternChange], now: datetime) -> None:
    """Put other breaks in force.

    Raises
    ------
    ConflictError
        When a duty has other breaks than those that are to be replaced, or is over; nothing is changed then.
    """
    values = (
        [one.associate_id for one in changes],
        [one.day for one in changes],
        [one.from_pattern_id for one in changes],
        [one.to_pattern_id for one in changes],
        now,
    )
    changed = raw(connection).execute(REPLACE, values).rowcount
    if changed != len(changes):
        raise ConflictError(
            f"The breaks of {len(changes) - changed} of {len(changes)} associates are not those that were looked at any more: "
            "somebody changed them, a newer roster moved the shift, or it is over. Nothing was changed; look again."
        )


def pattern_document(changes: Sequence[PatternChange], *, after: bool) -> Mapping[str, object]:
    """Return the breaks before or after changes as a document of the history."""
    return {
        "patterns": [
            [one.associate_id, one.day.isoformat(), one.to_pattern_id if after else one.from_pattern_id] for one in changes
        ]
    }

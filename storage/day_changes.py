"""The history of published days: what a day of an associate was, what it became, when, by whom and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from psycopg import sql
from sqlalchemy import Connection

from storage.bulk import raw
from storage.publication import Publication

DayKey = tuple[int, date]
"""Associate and local date."""

COLUMNS: Final = sql.SQL(
    "associate_id, day, roster_id, before_kind, before_shift_type_id, before_place, before_break_pattern_id, "
    "after_kind, after_shift_type_id, after_place, after_break_pattern_id, recorded_at, recorded_by, reason"
)
# A shift type that was changed is a new row with the same code; where start and span stay, the day stays.
DIFFERS: Final = sql.SQL(
    "coalesce(o.kind, 'none') <> coalesce(n.kind, 'none') OR os.starts_at IS DISTINCT FROM ns.starts_at "
    "OR os.span_minutes IS DISTINCT FROM ns.span_minutes OR o.place IS DISTINCT FROM n.place "
    "OR o.break_pattern_id IS DISTINCT FROM n.break_pattern_id"
)
TAKE_OVER: Final = sql.SQL(
    "WITH r AS (SELECT r.id, r.site_id, %(first)s::date AS first_day, %(last)s::date AS last_day, s.zone_name "
    "FROM roster r JOIN site s ON s.id = r.site_id WHERE r.id = %(roster)s), "
    "p AS (SELECT p.day, p.roster_id FROM published_day p JOIN r ON p.site_id = r.site_id "
    "AND p.day BETWEEN r.first_day AND r.last_day AND p.roster_id <> r.id), "
    "o AS (SELECT a.* FROM p JOIN assignment a ON a.roster_id = p.roster_id AND a.day = p.day), "
    "n AS (SELECT a.* FROM r JOIN assignment a ON a.roster_id = r.id JOIN p ON p.day = a.day), "
    "made AS (INSERT INTO day_change ({columns}) "
    "SELECT coalesce(n.associate_id, o.associate_id), coalesce(n.day, o.day), %(roster)s, "
    "coalesce(o.kind, 'none'), o.shift_type_id, o.place, o.break_pattern_id, "
    "coalesce(n.kind, 'none'), n.shift_type_id, n.place, n.break_pattern_id, %(now)s, %(by)s, %(reason)s "
    "FROM o FULL JOIN n ON n.associate_id = o.associate_id AND n.day = o.day "
    "LEFT JOIN shift_type os ON os.id = o.shift_type_id LEFT JOIN shift_type ns ON ns.id = n.shift_type_id "
    "WHERE {differs} RETURNING associate_id, day, before_shift_type_id, after_shift_type_id), "
    "start AS (SELECT m.associate_id, m.day, (m.day + s.starts_at) AT TIME ZONE (SELECT zone_name FROM r) AS starts_at "
    "FROM made m LEFT JOIN shift_type s ON s.id IN (m.before_shift_type_id, m.after_shift_type_id)) "
    "SELECT associate_id, count(DISTINCT day), min(starts_at) FILTER (WHERE starts_at >= %(now)s) FROM start GROUP BY 1"
).format(columns=COLUMNS, differs=DIFFERS)
NEWLY_PUBLISHED: Final = (
    "SELECT a.associate_id, min((a.day + s.starts_at) AT TIME ZONE t.zone_name) "
    "FILTER (WHERE (a.day + s.starts_at) AT TIME ZONE t.zone_name >= %(now)s) "
    "FROM roster r JOIN site t ON t.id = r.site_id JOIN assignment a ON a.roster_id = r.id "
    "LEFT JOIN shift_type s ON s.id = a.shift_type_id WHERE r.id = %(roster)s AND a.kind <> 'none' "
    "AND a.day BETWEEN %(first)s AND %(last)s "
    "AND NOT EXISTS (SELECT FROM published_day p WHERE p.site_id = r.site_id AND p.day = a.day AND p.roster_id <> r.id) "
    "GROUP BY a.associate_id"
)
IN_FORCE: Final = (
    "SELECT a.associate_id, a.day, a.kind::text, a.shift_type_id, a.place::text, a.break_pattern_id "
    "FROM assignment a JOIN roster r ON r.id = a.roster_id "
    "JOIN published_day p ON p.site_id = r.site_id AND p.day = a.day AND p.roster_id = a.roster_id "
    "JOIN unnest(%(associates)s::bigint[], %(days)s::date[]) AS k (associate_id, day) "
    "ON k.associate_id = a.associate_id AND k.day = a.day WHERE a.roster_id = %(roster)s"
)
INSERT: Final = sql.SQL("INSERT INTO day_change ({columns}) VALUES ({values})").format(
    columns=COLUMNS, values=sql.SQL(", ").join(sql.Placeholder() * 14)
)
CHANGES: Final = (
    "SELECT c.id, c.associate_id, c.day, c.roster_id, "
    "c.before_kind::text, os.code, os.starts_at, os.span_minutes, c.before_place::text, c.before_break_pattern_id, "
    "c.after_kind::text, ns.code, ns.starts_at, ns.span_minutes, c.after_place::text, c.after_break_pattern_id, "
    "c.recorded_at, c.recorded_by, c.reason FROM day_change c "
    "LEFT JOIN shift_type os ON os.id = c.before_shift_type_id LEFT JOIN shift_type ns ON ns.id = c.after_shift_type_id "
    "WHERE {condition} ORDER BY c.id"
)
EDITED: Final = (
    "SELECT w.account_id, count(DISTINCT (c.associate_id, c.day)), min(c.day), max(c.day), "
    "string_agg(DISTINCT c.recorded_by, ', '), coalesce(string_agg(DISTINCT nullif(c.reason, ''), '; '), '') "
    "FROM unnest(%(accounts)s::bigint[], %(since)s::timestamptz[]) AS w (account_id, since) "
    "JOIN account k ON k.id = w.account_id JOIN account_team l ON l.account_id = k.id "
    "JOIN associate a ON a.team_id = l.team_id JOIN day_change c ON c.associate_id = a.id AND c.recorded_at >= w.since "
    "WHERE c.roster_id = %(roster)s AND lower(c.recorded_by) <> lower(k.sign_in_name) "
    "AND (c.before_kind, c.before_shift_type_id, c.before_place) "
    "IS DISTINCT FROM (c.after_kind, c.after_shift_type_id, c.after_place) GROUP BY 1"
)
COUNTS: Final = (
    "SELECT day, count(*), max(recorded_at) FROM day_change WHERE associate_id = %s AND day BETWEEN %s AND %s GROUP BY 1"
)


@dataclass(frozen=True)
class DayFacts:
    """What a day of an associate is: a row of a roster without its roster; `none` where the roster has no row."""

    kind: str = "none"
    shift_type_id: int | None = None
    place: str | None = None
    break_pattern_id: int | None = None


@dataclass(frozen=True)
class DayState:
    """What a day was or became, in words: the shift by code, local start and span."""

    kind: str
    code: str | None
    starts_at: time | None
    span_minutes: int | None
    place: str | None
    break_pattern_id: int | None


@dataclass(frozen=True)
class DayRevision:
    """A published day of an associate that became another one."""

    id: int
    associate_id: int
    day: date
    roster_id: int
    before: DayState
    after: DayState
    recorded_at: datetime
    recorded_by: str
    reason: str

    @property
    def is_breaks_only(self) -> bool:
        """Whether shift and place stay and only the breaks move."""

        def rest(state: DayState) -> tuple[object, ...]:
            return state.kind, state.starts_at, state.span_minutes, state.place

        return rest(self.before) == rest(self.after)


@dataclass(frozen=True)
class Edited:
    """Days of the teams of a supervisor that others changed: how many, between which dates, by whom and why."""

    account_id: int
    days: int
    first_day: date
    last_day: date
    by: str
    reason: str


@dataclass(frozen=True)
class Affected:
    """One associate of a publication: how many published days changed, and the soonest start among them that is still to come."""

    associate_id: int
    days: int
    soonest_at: datetime | None


def record_take_over(connection: Connection, roster_id: int, made: Publication) -> tuple[Affected, ...]:
    """Record what a roster changes on days on which another one is in force; to be called before it takes the days over."""
    given = {"roster": roster_id, "by": made.by, "now": made.at, "reason": made.reason, **_days(made)}
    rows = raw(connection).execute(TAKE_OVER, given)
    return tuple(Affected(*row) for row in rows)


def newly_published(connection: Connection, roster_id: int, made: Publication) -> dict[int, datetime | None]:
    """Return who has published days on which no other roster is in force, with their soonest start there that is to come."""
    rows = raw(connection).execute(NEWLY_PUBLISHED, {"roster": roster_id, "now": made.at, **_days(made)})
    return dict(rows.fetchall())


def _days(made: Publication) -> dict[str, date]:
    return {"first": made.days.first, "last": made.days.last}


def days_in_force(connection: Connection, roster_id: int, keys: Collection[DayKey]) -> dict[DayKey, DayFacts]:
    """Return those of some days on which a roster is in force, as they are now; of a draft none is."""
    arguments = {"roster": roster_id, "associates": [who for who, _ in keys], "days": [day for _, day in keys]}
    return {(row[0], row[1]): DayFacts(*row[2:]) for row in raw(connection).execute(IN_FORCE, arguments)}


def record_changes(
    connection: Connection,
    roster_id: int,
    changes: Mapping[DayKey, tuple[DayFacts, DayFacts]],
    *,
    by: str,
    at: datetime,
    reason: str,
) -> None:
    """Record what days were and what they became."""
    with raw(connection).cursor() as cursor:
        cursor.executemany(
            INSERT, [(*key, roster_id, *_values(old), *_values(new), at, by, reason) for key, (old, new) in changes.items()]
        )


def _values(facts: DayFacts) -> tuple[object, ...]:
    return facts.kind, facts.shift_type_id, facts.place, facts.break_pattern_id


def revisions_since(connection: Connection, associate_id: int, since: datetime) -> tuple[DayRevision, ...]:
    """Return the changes of days of an associate that were recorded after an instant, the oldest first."""
    return _found(connection, "c.associate_id = %s AND c.recorded_at > %s", (associate_id, since))


def revisions_of(connection: Connection, associate_ids: Iterable[int], recorded_at: datetime) -> tuple[DayRevision, ...]:
    """Return the changes of days of some associates that were recorded at one instant, the oldest first."""
    return _found(connection, "c.associate_id = ANY(%s) AND c.recorded_at = %s", (list(associate_ids), recorded_at))


def revisions_of_roster(
    connection: Connection, roster_id: int, associate_ids: Iterable[int], since: datetime
) -> tuple[DayRevision, ...]:  # fmt: skip
    """Return the changes of days of some associates in a roster that were recorded at an instant or later, the oldest first."""
    condition = "c.roster_id = %s AND c.associate_id = ANY(%s) AND c.recorded_at >= %s"
    return _found(connection, condition, (roster_id, list(associate_ids), since))


def edited_days(connection: Connection, roster_id: int, since: Mapping[int, datetime]) -> tuple[Edited, ...]:
    """Return for each supervisor, by account, which days of the own teams others changed in a roster since an instant.

    Where only the breaks of a day moved, the day does not count.
    """
    given = {"roster": roster_id, "accounts": list(since), "since": list(since.values())}
    return tuple(Edited(*row) for row in raw(connection).execute(EDITED, given))


def _found(connection: Connection, condition: str, arguments: tuple[object, ...]) -> tuple[DayRevision, ...]:
    rows: Iterable[Any] = raw(connection).execute(CHANGES.format(condition=condition), arguments)
    return tuple(_revision(*row) for row in rows)


def _revision(number: int, who: int, day: date, roster_id: int, *rest: Any) -> DayRevision:
    at, by, reason = rest[12:]
    return DayRevision(number, who, day, roster_id, DayState(*rest[:6]), DayState(*rest[6:12]), at, by, reason)


def change_counts(connection: Connection, associate_id: int, first_day: date, last_day: date) -> dict[date, tuple[int, datetime]]:
    """Return how often each published day of an associate changed, and when last; days that never did are left out."""
    rows = raw(connection).execute(COUNTS, (associate_id, first_day, last_day))
    return {day: (count, last) for day, count, last in rows}

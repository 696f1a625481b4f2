"""Rotations stored and read: the rows of a cyclic roster, and who goes through them from which row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, delete, func, insert, select, text

from scheduling.errors import NotFoundError
from scheduling.rotation import DAYS_IN_WEEK, RotationProblem, RotationRules, Rows
from storage.bulk import array_literal, copy_rows
from storage.metadata import RotationState
from storage.tables import associate, rotation, rotation_place, shift_type, site, team


@dataclass(frozen=True)
class StoredRotation:
    """A rotation with its question and its answer.

    Parameters
    ----------
    shift_type_ids
        What the values of the rows mean.
    rotations
        The rows of each closed rotation; empty where there is none.
    most_free_weekends
        Whether as many free weekends as can be were asked for, or the first rotation.
    explanation
        Why there is none and what would make one possible: ``clash`` and ``relaxations``, texts.
    """

    id: int
    site: str
    name: str
    team: str | None
    shift_type_ids: tuple[int, ...]
    problem: RotationProblem
    state: RotationState
    rotations: tuple[Rows, ...]
    free_weekends: int
    is_proven: bool
    most_free_weekends: bool
    explanation: Mapping[str, Sequence[str]]
    seconds: float
    seed: int
    created_at: datetime
    created_by: str


@dataclass(frozen=True)
class RotationHead:
    """A rotation as lists show it, with how many go through it and their last day."""

    id: int
    name: str
    team: str | None
    weeks: int
    state: RotationState
    free_weekends: int
    is_proven: bool
    placed: int
    last_day: date | None
    created_at: datetime
    created_by: str


@dataclass(frozen=True)
class RotationPlace:
    """Somebody who goes through a rotation from first to last day, beginning in a row (from 0)."""

    rotation_id: int
    associate_id: int
    code: str
    name: str
    row_number: int
    first_day: date
    last_day: date


def question_document(problem: RotationProblem) -> dict[str, Any]:
    """Return a question as JSON."""
    rules = problem.rules
    return {
        "requirement": problem.requirement.tolist(),
        "work": list(rules.work),
        "off": list(rules.off),
        "blocks": [list(bounds) for bounds in rules.blocks],
        "forbidden": sorted(map(list, rules.forbidden)),
        "week_days": list(rules.week_days) if rules.week_days else None,
        "one_type_a_week": rules.one_type_a_week,
        "exact": problem.exact,
        "single": problem.single,
        "saturday": problem.saturday,
    }


def question_of(codes: Sequence[str], weeks: int, document: Mapping[str, Any]) -> RotationProblem:
    """Return a question from JSON."""

    def pair(values: Sequence[int]) -> tuple[int, int]:
        return (int(values[0]), int(values[1]))

    rules = RotationRules(
        work=pair(document["work"]),
        off=pair(document["off"]),
        blocks=tuple(pair(bounds) for bounds in document["blocks"]),
        forbidden=frozenset((one[0], one[1], one[2]) for one in document["forbidden"]),
        week_days=pair(document["week_days"]) if document["week_days"] else None,
        one_type_a_week=document["one_type_a_week"],
    )
    heads = np.array(document["requirement"], dtype=np.int64)
    return RotationProblem(tuple(codes), weeks, heads, rules, document["exact"], document["single"], document["saturday"])


def save_rotation(connection: Connection, values: Mapping[str, Any], problem: RotationProblem, rotations: Sequence[Rows]) -> int:
    """Store a rotation; `values` are the columns that neither the question nor the rows say. Return its id."""
    days = [int(value) for rows in rotations for value in rows.reshape(-1)]
    answer = {"days": days, "cycle_weeks": [len(rows) for rows in rotations]}
    asked = {"weeks": problem.weeks, "question": question_document(problem)}
    statement = insert(rotation).values(**values, **asked, **answer).returning(rotation.c.id)
    return int(connection.execute(statement).scalar_one())


def read_rotation(connection: Connection, rotation_id: int) -> StoredRotation:
    """Return a rotation; NotFoundError when there is none with this id."""
    query = (
        select(rotation, site.c.code.label("site"), team.c.name.label("team"))
        .join_from(rotation, site)
        .outerjoin(team, team.c.id == rotation.c.team_id)
        .where(rotation.c.id == rotation_id)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no rotation {rotation_id}; look at the list of rotations.")
    days = np.array(row.days, dtype=np.int16).reshape(-1, DAYS_IN_WEEK)
    ends = np.cumsum(row.cycle_weeks, dtype=np.int64)[:-1]
    return StoredRotation(
        id=row.id,
        site=row.site,
        name=row.name,
        team=row.team,
        shift_type_ids=tuple(row.shift_type_ids),
        problem=question_of(codes_of(connection, row.shift_type_ids), row.weeks, row.question),
        state=RotationState(row.state),
        rotations=tuple(np.split(days, ends)) if len(days) else (),
        free_weekends=row.free_weekends,
        is_proven=row.is_proven,
        most_free_weekends=row.most_free_weekends,
        explanation=row.explanation,
        seconds=row.seconds,
        seed=row.seed,
        created_at=row.created_at,
        created_by=row.created_by,
    )


def codes_of(connection: Connection, shift_type_ids: Sequence[int]) -> list[str]:
    """Return the codes of shift types, in the order of their ids as given."""
    known = select(shift_type.c.id, shift_type.c.code).where(shift_type.c.id.in_(shift_type_ids))
    codes = {row.id: row.code for row in connection.execute(known)}
    return [codes[number] for number in shift_type_ids]


def rotation_heads(connection: Connection, site_id: int) -> tuple[RotationHead, ...]:
    """Return the rotations of a site, the newest first."""
    columns = ("id", "name", "weeks", "state", "free_weekends", "is_proven", "created_at", "created_by")
    query = (
        select(
            *(rotation.c[name] for name in columns),
            team.c.name.label("team"),
            func.count(rotation_place.c.associate_id.distinct()).label("placed"),
            func.max(rotation_place.c.last_day).label("last_day"),
        )
        .outerjoin_from(rotation, team, team.c.id == rotation.c.team_id)
        .outerjoin(rotation_place, rotation_place.c.rotation_id == rotation.c.id)
        .where(rotation.c.site_id == site_id)
        .group_by(rotation.c.id, team.c.name)
        .order_by(rotation.c.created_at.desc(), rotation.c.id.desc())
    )
    return tuple(RotationHead(**{**row._mapping, "state": RotationState(row.state)}) for row in connection.execute(query))


def _places() -> Select[Any]:
    return select(
        rotation_place.c.rotation_id,
        rotation_place.c.associate_id,
        associate.c.code,
        associate.c.name,
        rotation_place.c.row_number,
        rotation_place.c.first_day,
        rotation_place.c.last_day,
    ).join_from(rotation_place, associate)


def places_of(connection: Connection, rotation_id: int) -> tuple[RotationPlace, ...]:
    """Return who goes through a rotation, the latest period first, then by row."""
    query = _places().where(rotation_place.c.rotation_id == rotation_id)
    order = query.order_by(rotation_place.c.first_day.desc(), rotation_place.c.row_number)
    return tuple(RotationPlace(*row) for row in connection.execute(order))


def places_between(connection: Connection, site_id: int, first: date, last: date) -> tuple[RotationPlace, ...]:
    """Return who of a site goes through a rotation on any day from first to last, by rotation and row."""
    query = _places().where(
        associate.c.site_id == site_id, rotation_place.c.first_day <= last, rotation_place.c.last_day >= first
    )
    order = query.order_by(rotation_place.c.rotation_id, rotation_place.c.first_day, rotation_place.c.row_number)
    return tuple(RotationPlace(*row) for row in connection.execute(order))


def replace_places(
    connection: Connection, rotation_id: int, first_day: date, last_day: date, rows: Iterable[tuple[int, int]]
) -> None:  # fmt: skip
    """Put associates on rows (pairs of associate and row) from a day on; those who began on that day before leave it."""
    same = (rotation_place.c.rotation_id == rotation_id) & (rotation_place.c.first_day == first_day)
    connection.execute(delete(rotation_place).where(same))
    copy_rows(
        connection,
        "rotation_place",
        ("rotation_id", "associate_id", "row_number", "first_day", "last_day"),
        ((rotation_id, number, row, first_day, last_day) for number, row in rows),
    )


def timings_in_rotations(connection: Connection, ids: Sequence[int], first: date, last: date) -> dict[int, str | None]:
    """Return the timing of each associate who goes through a rotation from first to last; ``None`` where it has several."""
    query = (
        select(rotation_place.c.associate_id, rotation.c.shift_type_ids, shift_type.c.code)
        .join_from(rotation_place, rotation)
        .join(shift_type, shift_type.c.id == rotation.c.shift_type_ids[1])
        .where(
            rotation_place.c.associate_id == text("ANY(CAST(:people AS bigint[]))"),
            rotation_place.c.first_day <= first,
            rotation_place.c.last_day >= last,
        )
    )
    rows = connection.execute(query, {"people": array_literal(ids)})
    return {row.associate_id: row.code if len(row.shift_type_ids) == 1 else None for row in rows}

"""Associates one at a time, as forms show and write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update

from storage.bulk import copy_rows, merge_rows
from storage.sites import ids_by
from storage.tables import associate, associate_skill, contract, shift_type, skill, team

PERSON = """
SELECT a.id, a.code, a.name, t.name AS team, a.work_mode, s.code AS timing, a.night_consent, a.is_active,
    ARRAY(SELECT k.name FROM associate_skill x JOIN skill k ON k.id = x.skill_id
          WHERE x.associate_id = a.id ORDER BY k.name) AS skills,
    ARRAY(SELECT c.first_day FROM contract c WHERE c.associate_id = a.id ORDER BY c.first_day) AS firsts,
    ARRAY(SELECT c.last_day FROM contract c WHERE c.associate_id = a.id ORDER BY c.first_day) AS lasts
FROM associate a JOIN team t ON t.id = a.team_id LEFT JOIN shift_type s ON s.id = a.timing_shift_type_id
"""
WANTED = """
WHERE a.site_id = :site AND (:query = '' OR a.name ILIKE :pattern OR a.code ILIKE :pattern)
    AND (:team = '' OR t.name = :team)
    AND (:skill = '' OR EXISTS (SELECT FROM associate_skill x JOIN skill k ON k.id = x.skill_id
                                WHERE x.associate_id = a.id AND k.name = :skill))
    AND (:state = 'all' OR (:state = 'inactive') = NOT a.is_active)
    AND (:state <> 'ending' OR (SELECT max(c.last_day) FROM contract c WHERE c.associate_id = a.id)
                                BETWEEN CAST(:today AS date) AND CAST(:soon AS date))
"""


@dataclass(frozen=True)
class PersonRecord:
    """An associate as a form shows it.

    Parameters
    ----------
    skills
        Names, sorted.
    timing
        Code of the shift type that is kept; ``None`` where the planner may choose.
    contracts
        First and last day of each, both included, in order.
    """

    code: str
    name: str
    team: str
    skills: tuple[str, ...]
    work_mode: str
    timing: str | None
    night_consent: bool
    contracts: tuple[tuple[date, date], ...]
    is_active: bool = True


@dataclass(frozen=True)
class Wanted:
    """Which associates a list shows; `state` is ``active``, ``ending`` (until `soon`), ``inactive`` or ``all``."""

    query: str = ""
    team: str = ""
    skill: str = ""
    state: str = "active"
    today: date = date.min
    soon: date = date.max


def _arguments(site_id: int, wanted: Wanted) -> dict[str, Any]:
    escaped = wanted.query.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return {
        "site": site_id,
        "query": wanted.query,
        "pattern": f"%{escaped}%",
        "team": wanted.team,
        "skill": wanted.skill,
        "state": wanted.state,
        "today": wanted.today,
        "soon": wanted.soon,
    }


def count_people(connection: Connection, site_id: int, wanted: Wanted) -> int:
    """Return how many associates of a site are wanted."""
    query = f"SELECT count(*) FROM associate a JOIN team t ON t.id = a.team_id {WANTED}"  # noqa: S608 - constants only.
    return int(connection.execute(text(query), _arguments(site_id, wanted)).scalar_one())


def list_people(
    connection: Connection, site_id: int, wanted: Wanted, *, first: int = 0, most: int = 100
) -> dict[int, PersonRecord]:  # fmt: skip
    """Return associates of a site by id, in the order of their names."""
    query = text(f"{PERSON} {WANTED} ORDER BY lower(a.name), a.code OFFSET :first LIMIT :most")
    rows = connection.execute(query, {**_arguments(site_id, wanted), "first": first, "most": most})
    return {row.id: _record(row) for row in rows}


def person_with_id(connection: Connection, site_id: int, associate_id: int) -> dict[int, PersonRecord]:
    """Return one associate of a site by id; empty when there is none."""
    query = text(f"{PERSON} WHERE a.site_id = :site AND a.id = :id")
    return {row.id: _record(row) for row in connection.execute(query, {"site": site_id, "id": associate_id})}


def _record(row: Any) -> PersonRecord:
    return PersonRecord(
        row.code,
        row.name,
        row.team,
        tuple(row.skills),
        row.work_mode,
        row.timing,
        row.night_consent,
        tuple(zip(row.firsts, row.lasts, strict=True)),
        row.is_active,
    )


def people_with_codes(connection: Connection, site_id: int, codes: Sequence[str]) -> dict[str, tuple[int, PersonRecord]]:
    """Return the associates of a site that have one of the codes."""
    query = text(f"{PERSON} WHERE a.site_id = :site AND a.code = ANY(:codes)")
    return {row.code: (row.id, _record(row)) for row in connection.execute(query, {"site": site_id, "codes": list(codes)})}


def write_person(connection: Connection, site_id: int, associate_id: int | None, record: PersonRecord) -> int:
    """Write an associate with skills and contracts; return the id."""
    shifts: Mapping[str, int] = ids_by(connection, shift_type, "code", site_id)
    values = {
        "code": record.code,
        "name": record.name,
        "team_id": ids_by(connection, team, "name", site_id)[record.team],
        "work_mode": record.work_mode,
        "timing_shift_type_id": None if record.timing is None else shifts[record.timing],
        "night_consent": record.night_consent,
        "is_active": record.is_active,
    }
    if associate_id is None:
        last = select(func.coalesce(func.max(associate.c.position), -1)).where(associate.c.site_id == site_id)
        position = connection.execute(last).scalar_one() + 1
        new = insert(associate).values(site_id=site_id, position=position, **values).returning(associate.c.id)
        associate_id = int(connection.execute(new).scalar_one())
    else:
        connection.execute(update(associate).where(associate.c.id == associate_id).values(**values))
        for table in (associate_skill, contract):
            connection.execute(delete(table).where(table.c.associate_id == associate_id))
    skills = ids_by(connection, skill, "name", site_id)
    mine = {"associate_id": associate_id}
    connection.execute(insert(associate_skill), [{**mine, "skill_id": skills[name]} for name in record.skills])
    connection.execute(insert(contract), [{**mine, "first_day": first, "last_day": last} for first, last in record.contracts])
    return associate_id


def write_people(connection: Connection, site_id: int, records: Sequence[PersonRecord]) -> None:
    """Write many associates by their codes with skills and contracts; teams that are not there are made."""
    names = sorted({one.team for one in records} - set(ids_by(connection, team, "name", site_id)))
    copy_rows(connection, "team", ("site_id", "name"), [(site_id, name) for name in names])
    teams, shifts = ids_by(connection, team, "name", site_id), ids_by(connection, shift_type, "code", site_id)
    query = select(associate.c.code, associate.c.position).where(associate.c.site_id == site_id)
    places = dict(connection.execute(query).all())
    free = count(max(places.values(), default=-1) + 1)
    rows = [
        (site_id, one.code, one.name, teams[one.team], one.work_mode, None if one.timing is None else shifts[one.timing],
         one.night_consent, one.is_active, places[one.code] if one.code in places else next(free))
        for one in records
    ]  # fmt: skip
    columns = (
        "site_id", "code", "name", "team_id", "work_mode", "timing_shift_type_id", "night_consent", "is_active", "position",
    )  # fmt: skip
    merge_rows(connection, associate, columns, rows, ("site_id", "code"))
    people, skills = ids_by(connection, associate, "code", site_id), ids_by(connection, skill, "name", site_id)
    mine = {"people": [people[one.code] for one in records]}
    for table in (associate_skill, contract):
        connection.execute(delete(table).where(table.c.associate_id == text("ANY(:people)")), mine)
    held = [(people[one.code], skills[name]) for one in records for name in one.skills]
    copy_rows(connection, "associate_skill", ("associate_id", "skill_id"), held)
    spans = [(people[one.code], *span) for one in records for span in one.contracts]
    copy_rows(connection, "contract", ("associate_id", "first_day", "last_day"), spans)


def code_owner(connection: Connection, site_id: int, code: str) -> int | None:
    """Return the associate who has a code at a site."""
    query = select(associate.c.id).where(associate.c.site_id == site_id, associate.c.code == code)
    return connection.execute(query).scalar_one_or_none()

"""What an import compares with and writes, by the codes and names that files use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd
from psycopg import sql
from sqlalchemy import Connection, delete, select

from scheduling.people import Leave, PastDay
from storage.bulk import copy_rows, merge_rows, read_array
from storage.codecs import day_columns, day_value
from storage.sites import ids_by
from storage.tables import associate, associate_skill, holiday, leave, past_day, queue, shift_type, skill, team


def codes(connection: Connection, site_id: int) -> Mapping[str, int]:
    """Return the associates of a site by code."""
    return ids_by(connection, associate, "code", site_id)


def skill_names(connection: Connection, site_id: int) -> Mapping[str, int]:
    """Return the skills of a site by name."""
    return ids_by(connection, skill, "name", site_id)


def team_names(connection: Connection, site_id: int) -> Mapping[str, int]:
    """Return the teams of a site by name."""
    return ids_by(connection, team, "name", site_id)


def queue_names(connection: Connection, site_id: int) -> tuple[str, ...]:
    """Return the names of the queues of a site."""
    return tuple(ids_by(connection, queue, "name", site_id))


def write_skills(connection: Connection, site_id: int, wanted: Mapping[str, Sequence[str]]) -> None:
    """Replace the skills of associates."""
    people, skills = codes(connection, site_id), skill_names(connection, site_id)
    mine = [people[code] for code in wanted]
    connection.execute(delete(associate_skill).where(associate_skill.c.associate_id.in_(mine)))
    rows = [(people[code], skills[name]) for code, own in wanted.items() for name in own]
    copy_rows(connection, "associate_skill", ("associate_id", "skill_id"), rows)


def leave_by_code(connection: Connection, site_id: int) -> dict[str, list[tuple[date, date]]]:
    """Return the leave of a site by code of the associate, in order."""
    query = (
        select(associate.c.code, leave.c.first_day, leave.c.last_day)
        .join_from(leave, associate)
        .where(associate.c.site_id == site_id)
        .order_by(leave.c.first_day)
    )
    found: dict[str, list[tuple[date, date]]] = {}
    for code, first, last in connection.execute(query):
        found.setdefault(code, []).append((first, last))
    return found


def write_leave(connection: Connection, site_id: int, new: Sequence[Leave]) -> None:
    """Add leave."""
    people = codes(connection, site_id)
    rows = [(people[one.associate], one.first_day, one.last_day) for one in new]
    copy_rows(connection, "leave", ("associate_id", "first_day", "last_day"), rows)


def holiday_names(connection: Connection, site_id: int) -> Mapping[date, str]:
    """Return the holidays of a site."""
    return dict(connection.execute(select(holiday.c.day, holiday.c.name).where(holiday.c.site_id == site_id)).all())


def write_holidays(connection: Connection, site_id: int, found: Mapping[date, str]) -> None:
    """Add holidays, or rename them."""
    rows = [(site_id, day, name) for day, name in found.items()]
    merge_rows(connection, holiday, ("site_id", "day", "name"), rows, ("site_id", "day"))


def past_values(connection: Connection, site_id: int) -> dict[tuple[str, date], str]:
    """Return what is known of days before this system had a roster, by associate and day."""
    query = (
        select(associate.c.code, past_day.c.day, past_day.c.kind, shift_type.c.code.label("shift"))
        .join_from(past_day, associate)
        .outerjoin(shift_type, shift_type.c.id == past_day.c.shift_type_id)
        .where(associate.c.site_id == site_id)
    )
    return {(row.code, row.day): day_value(row.kind, row.shift) for row in connection.execute(query)}


def write_past(connection: Connection, site_id: int, found: Sequence[PastDay]) -> None:
    """Write what was done on days before this system had a roster."""
    people, shifts = codes(connection, site_id), ids_by(connection, shift_type, "code", site_id)
    rows = [(people[one.associate], one.date, *day_columns(one.value, shifts)) for one in found]
    merge_rows(connection, past_day, ("associate_id", "day", "kind", "shift_type_id"), rows, ("associate_id", "day"))


def known_volumes(connection: Connection, site_id: int, found: pd.DataFrame) -> pd.DataFrame:
    """Return volumes with what is stored of the same intervals beside: ``there``, ``jobs_there`` and ``aht_there``."""
    if not len(found):
        return found
    names = {number: name for name, number in ids_by(connection, queue, "name", site_id).items()}
    first, last = found["starts_at"].min(), found["starts_at"].max()
    statement = sql.SQL(
        "SELECT queue_id, extract(epoch FROM starts_at)::bigint, jobs, aht_seconds FROM volume "
        "WHERE queue_id = ANY({}::bigint[]) AND starts_at BETWEEN {} AND {}"
    ).format(sql.Literal(list(names)), sql.Literal(first.to_pydatetime()), sql.Literal(last.to_pydatetime()))
    rows = read_array(connection, statement, [("queue", "i8"), ("second", "i8"), ("jobs", "f8"), ("aht", "f8")])
    stored = pd.DataFrame(
        {
            "queue": pd.Series([names[number] for number in rows["queue"].tolist()], dtype="str"),
            "second": rows["second"].astype(np.int64),
            "jobs_there": rows["jobs"].astype(np.float64),
            "aht_there": rows["aht"].astype(np.float64),
            "there": np.ones(len(rows)),
        }
    )
    seconds = found["starts_at"].map(lambda start: int(start.timestamp())).astype(np.int64)
    return found.assign(second=seconds).merge(stored, on=["queue", "second"], how="left")

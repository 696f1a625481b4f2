"""Places in rotations: who goes through which row from when on, by hand or dealt out so that a year evens out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Row, select, true

from roster.even import even_deal
from roster.rotation.unroll import days_from
from scheduling.burdens import BURDENS, Burden, burden_days, spread, whole_years
from scheduling.errors import BadInputError, ConflictError, Fault
from scheduling.kpis import ginis
from scheduling.times import WEEKDAYS, Clock
from services.rotation_days import last_day_of
from storage import rotations
from storage.codecs import rules_of
from storage.errors import domain_errors
from storage.rosters import record
from storage.rotations import RotationPlace, StoredRotation
from storage.sites import shift_types_with_ids, site_row
from storage.tables import associate, holiday, team
from storage.year_burdens import years_before

__all__ = ["RotationPlace"]

MOST_WEEKS = 53
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Candidate:
    """An associate who may go through a rotation; `works_nights` is false for those whose consent is asked for and missing."""

    id: int
    code: str
    name: str
    team: str
    works_nights: bool


@dataclass(frozen=True)
class Evenness:
    """How evenly one burden lies on a group: most less least, and the Gini coefficient, before and after."""

    burden: Burden
    spread_before: float
    spread_after: float
    gini_before: float
    gini_after: float


@dataclass(frozen=True)
class DealtRow:
    """Who is proposed for a row, with what they bore in the year before and what the row brings, by burden."""

    rotation_id: int
    rotation: str
    row_number: int
    who: Candidate
    past: tuple[int, ...]
    coming: tuple[int, ...]


@dataclass(frozen=True)
class Deal:
    """A proposal: rows of rotations for associates, and how evenly burdens lie with it."""

    first_day: date
    weeks: int
    rows: tuple[DealtRow, ...]
    evenness: tuple[Evenness, ...]
    left_over: tuple[Candidate, ...]


def candidates(engine: Engine, site: str, team_name: str | None = None) -> tuple[Candidate, ...]:
    """Return the active associates of a site or of one team, in their order."""
    with domain_errors(), engine.connect() as connection:
        return _candidates(connection, site_row(connection, site), team_name)


def _candidates(connection: Connection, place: Row[Any], team_name: str | None) -> tuple[Candidate, ...]:
    asks = rules_of(place._mapping["rules"]).night_consent_required
    works_nights = associate.c.night_consent if asks else true()
    query = (
        select(associate.c.id, associate.c.code, associate.c.name, team.c.name.label("team"), works_nights)
        .join_from(associate, team)
        .where(associate.c.site_id == place._mapping["id"], associate.c.is_active)
        .order_by(associate.c.position)
    )
    if team_name:
        query = query.where(team.c.name == team_name)
    return tuple(Candidate(*row) for row in connection.execute(query))


def places(engine: Engine, rotation_id: int) -> tuple[RotationPlace, ...]:
    """Return who goes through a rotation, the latest period first, then by row."""
    with domain_errors(), engine.connect() as connection:
        return rotations.places_of(connection, rotation_id)


def place(
    engine: Engine, rotation_id: int, codes: Mapping[int, str], first_day: date, weeks: int, *, by: str, clock: Clock
) -> int:  # fmt: skip
    """Put associates on the rows of a rotation for some weeks; return how many.

    Parameters
    ----------
    codes
        Code of the associate of each row, from 0; rows that are left out stay empty.

    Raises
    ------
    BadInputError
        When a row, an associate or the period makes no sense, with every fault.
    ConflictError
        When there is no rotation to follow, or somebody goes through another one in these weeks.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        found = rotations.read_rotation(connection, rotation_id)
        site = site_row(connection, found.site)
        if not found.rotations:
            raise ConflictError(f"Rotation {found.name!r} has no rows, so nobody can follow it; design another.")
        _refuse_period(rules_of(site._mapping["rules"]).week_starts_on, first_day, weeks)
        known = {one.code: one.id for one in _candidates(connection, site, None)}
        faults = [
            *(Fault("rotation", None, f"row {one + 1}", code, "There is no such associate.") for one, code in codes.items()
              if code not in known),
            *(Fault("rotation", None, f"row {one + 1}", code, "Put everybody on one row only.") for one, code in codes.items()
              if list(codes.values()).count(code) > 1),
            *(Fault("rotation", None, f"row {one + 1}", code, f"The rotation has {found.problem.weeks} rows.")
              for one, code in codes.items() if not 0 <= one < found.problem.weeks),
        ]  # fmt: skip
        if faults:
            raise BadInputError(faults)
        rows = [(known[code], number) for number, code in sorted(codes.items())]
        rotations.replace_places(connection, rotation_id, first_day, last_day_of(first_day, weeks), rows)
        record(
            connection, now, by, "rotation rows given", ("rotation", rotation_id), None,
            first_day=first_day.isoformat(), weeks=weeks, associates=len(rows),
        )  # fmt: skip
    return len(rows)


def _refuse_period(week_starts_on: str, first_day: date, weeks: int) -> None:
    faults = []
    if WEEKDAYS[first_day.weekday()] != week_starts_on:
        reason = f"Rows are weeks that start on {week_starts_on}; choose such a day."
        faults.append(Fault("rotation", None, "first day", first_day.isoformat(), reason))
    if not 1 <= weeks <= MOST_WEEKS:
        faults.append(Fault("rotation", None, "weeks", str(weeks), f"Choose 1 to {MOST_WEEKS} weeks."))
    if faults:
        raise BadInputError(faults)


def propose_deal(
    engine: Engine, site: str, rotation_ids: Sequence[int], first_day: date, weeks: int, team_name: str | None = None
) -> Deal:  # fmt: skip
    """Deal the rows of one or more rotations out so that the rolling year of everybody evens out; nothing is stored.

    Raises
    ------
    BadInputError
        When the period makes no sense.
    ConflictError
        When no rotation is chosen that has rows, or too few people have consented to its nights.
    """
    with domain_errors(), engine.connect() as connection:
        place = site_row(connection, site)
        row = place._mapping
        _refuse_period(rules_of(row["rules"]).week_starts_on, first_day, weeks)
        chosen = [rotations.read_rotation(connection, number) for number in dict.fromkeys(rotation_ids)]
        chosen = [one for one in chosen if one.rotations and one.site == site]
        if not chosen:
            raise ConflictError("Choose at least one rotation that has rows.")
        people = _candidates(connection, place, team_name)
        years = years_before(connection, row["id"], [one.id for one in people], first_day)
        holidays = frozenset(connection.execute(select(holiday.c.day).where(holiday.c.site_id == row["id"])).scalars())
        lines = [line for one in chosen for line in _lines(connection, one, first_day, weeks, holidays)]
    past = whole_years(years)
    gets = _dealt(past, np.array([line[2] for line in lines], dtype=np.float64), [one.works_nights for one in people])
    counts = {index: years[index].counts for index in range(len(people))}
    dealt = tuple(
        DealtRow(one.id, one.name, number, people[index], counts[index], tuple(int(part) for part in coming))
        for index, line in enumerate(gets)
        if line is not None
        for one, number, coming in [lines[line]]
    )
    among = [index for index, line in enumerate(gets) if line is not None]
    after = past.copy()
    for index in among:
        after[index] += lines[gets[index] or 0][2]
    left = tuple(people[index] for index, line in enumerate(gets) if line is None)
    return Deal(first_day, weeks, dealt, evenness(past[among], after[among]), left)


def _lines(
    connection: Connection, found: StoredRotation, first_day: date, weeks: int, holidays: frozenset[date]
) -> list[tuple[StoredRotation, int, NDArray[np.int64]]]:
    """Return each row of a rotation with the burdens that it brings in some weeks."""
    shifts = shift_types_with_ids(connection, list(found.shift_type_ids))
    dates = [first_day + timedelta(days=day) for day in range(7 * weeks)]
    values = np.stack([days_from(found.rotations, row, 0, len(dates)) for row in range(found.problem.weeks)])
    burdens = burden_days(shifts, dates, holidays, values)
    return [(found, row, burdens[row]) for row in range(found.problem.weeks)]


def _dealt(past: Floats, lines: Floats, works_nights: Sequence[bool]) -> list[int | None]:
    """Return the line of each associate, ``None`` for those who get none; lines that nobody gets stay empty.

    Lines and people are made equally many: who gets no row is taken to bear the average of the rows elsewhere, and a row that
    stays empty is that of somebody who bore the average.
    """
    size = max(len(past), len(lines))
    absent = np.tile(past.mean(axis=0) if len(past) else np.zeros(len(BURDENS)), (size - len(past), 1))
    elsewhere = np.tile(lines.mean(axis=0), (size - len(lines), 1))
    has_nights = np.append(lines[:, BURDENS.index(Burden.NIGHTS)] > 0, np.zeros(size - len(lines), dtype=bool))
    may = np.append(np.array(works_nights, dtype=bool), np.ones(size - len(past), dtype=bool))
    gets = even_deal(np.vstack([past, absent]), np.vstack([lines, elsewhere]), may[:, None] | ~has_nights)
    if gets is None:
        raise ConflictError("Too few of these people have consented to nights; add people, or leave a rotation with nights out.")
    return [line if line < len(lines) else None for line in list(gets)[: len(past)]]


def evenness(before: Floats, after: Floats) -> tuple[Evenness, ...]:
    """Return how evenly each burden lies on a group, before and after; shapes (associates, burdens)."""
    unequal_before, unequal_after = (ginis(np.round(days).astype(np.int64)) for days in (before, after))
    return tuple(
        Evenness(
            burden,
            spread(before[:, column]),
            spread(after[:, column]),
            float(unequal_before[column]),
            float(unequal_after[column]),
        )
        for column, burden in enumerate(BURDENS)
    )


def apply_deal(
    engine: Engine, site: str, rotation_ids: Sequence[int], first_day: date, weeks: int, team_name: str | None, *,
    by: str, clock: Clock,
) -> int:  # fmt: skip
    """Put everybody on the rows that `propose_deal` gives them; return how many."""
    deal = propose_deal(engine, site, rotation_ids, first_day, weeks, team_name)
    rows: dict[int, dict[int, str]] = {}
    for one in deal.rows:
        rows.setdefault(one.rotation_id, {})[one.row_number] = one.who.code
    return sum(place(engine, number, codes, first_day, weeks, by=by, clock=clock) for number, codes in rows.items())

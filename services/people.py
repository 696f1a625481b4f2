"""People: the associates of a site as planners look for, add and change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from sqlalchemy import Connection, Engine

from scheduling.errors import Fault
from scheduling.people import WorkMode
from scheduling.times import Clock
from services import records
from services.records import Store
from storage import people
from storage.errors import domain_errors
from storage.people import PersonRecord, Wanted
from storage.sites import ids_by
from storage.tables import shift_type, skill, team

__all__ = [
    "ENDING_DAYS",
    "PEOPLE",
    "STATES",
    "PeopleList",
    "PersonRecord",
    "Wanted",
    "find_people",
    "set_active",
    "words_of_site",
]

PAGE: Final = 100
ENDING_DAYS: Final = 30
"""A contract that ends within so many days is shown as ending."""
STATES: Final = {
    "active": "Planned with",
    "ending": f"Contract ends within {ENDING_DAYS} days",
    "inactive": "No longer planned with",
    "all": "Everybody",
}


@dataclass(frozen=True)
class PeopleList:
    """One page of a list of associates, by id, and how many are wanted in all."""

    found: Mapping[int, PersonRecord]
    count: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.count // PAGE))


@dataclass(frozen=True)
class SiteWords:
    """The teams, skills and shift types of a site, by name."""

    teams: tuple[str, ...]
    skills: tuple[str, ...]
    timings: tuple[str, ...]


def words_of_site(engine: Engine, site_id: int) -> SiteWords:
    """Return what an associate can be given."""
    with domain_errors(), engine.connect() as connection:
        return _words(connection, site_id)


def _words(connection: Connection, site_id: int) -> SiteWords:
    tables = ((team, "name"), (skill, "name"), (shift_type, "code"))
    return SiteWords(*(tuple(sorted(ids_by(connection, table, column, site_id))) for table, column in tables))


def find_people(engine: Engine, site_id: int, wanted: Wanted, *, page: int, today: date) -> PeopleList:
    """Return a page of the associates that are wanted, from page 1."""
    asked = replace(wanted, today=today, soon=today + timedelta(days=ENDING_DAYS))
    with domain_errors(), engine.connect() as connection:
        found = people.list_people(connection, site_id, asked, first=(page - 1) * PAGE, most=PAGE)
        return PeopleList(found, people.count_people(connection, site_id, asked))


def faults_of(connection: Connection, site_id: int, associate_id: int | None, record: PersonRecord) -> list[Fault]:
    """Return what is wrong with an associate."""
    known = _words(connection, site_id)
    owner = people.code_owner(connection, site_id, record.code)
    checks = (
        ("code", record.code, owner in {None, associate_id}, "Somebody has this code already; choose another."),
        ("team", record.team, record.team in known.teams, "This is no team of the site; add it on the page of teams first."),
        ("skills", ", ".join(record.skills), bool(record.skills), "Tick at least one: without a skill nobody covers anything."),
        ("timing", record.timing or "", record.timing in {None, *known.timings}, "This is no shift type of the site any more."),
        ("work_mode", record.work_mode, record.work_mode in set(WorkMode), "This is no work mode."),
    )
    faults = [_fault(name, value, reason) for name, value, is_right, reason in checks if not is_right]
    unknown = [name for name in record.skills if name not in known.skills]
    faults += [_fault("skills", name, f"The site has no skill {name}; add it on the page of skills first.") for name in unknown]
    return faults + contract_faults(record.contracts)


def contract_faults(contracts: tuple[tuple[date, date], ...]) -> list[Fault]:
    """Return what is wrong with the contracts of one associate."""
    if not contracts:
        return [_fault("contracts", "", "Give at least one contract: outside of contracts nobody is planned.")]
    faults = [
        _fault("contracts", f"{first} to {last}", f"The contract ends on {last}, before it starts on {first}.")
        for first, last in contracts
        if last < first
    ]
    for (_, last), (first, _) in pairwise(sorted(contracts)):
        if first <= last:
            faults.append(
                _fault("contracts", str(first), f"The contract from {first} starts before the one until {last} has ended.")
            )
    return faults


def _fault(column: str, value: str, reason: str) -> Fault:
    return Fault("associate", None, column, value, reason)


def _all_of(connection: Connection, site_id: int) -> Mapping[int, PersonRecord]:
    return people.list_people(connection, site_id, Wanted(state="all"), most=100_000)


PEOPLE: Final = Store("associate", _all_of, faults_of, people.write_person, one=people.person_with_id)


def set_active(engine: Engine, site_id: int, associate_id: int, *, active: bool, seen: str, by: str, clock: Clock) -> bool:
    """Plan with an associate again, or no longer; what is on rosters already stays. Errors as of `records.save`."""
    found = records.seen(engine, PEOPLE, site_id, associate_id)
    return records.save(
        engine, PEOPLE, site_id, associate_id, replace(found.record, is_active=active), seen=seen, by=by, clock=clock
    )  # fmt: skip

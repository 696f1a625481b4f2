"""The vocabulary of a site that planners edit: skills, teams, shift types, queues, holidays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine

from breaks.policy import refusals
from scheduling.errors import ConflictError, Fault
from scheduling.plan import DAY_WORDS
from services.records import Store
from storage import vocabulary
from storage.errors import domain_errors
from storage.sites import current_policy
from storage.vocabulary import HolidayRecord, NameRecord, QueueRecord, ShiftTypeRecord

__all__ = [
    "HOLIDAYS",
    "QUEUES",
    "SHIFT_TYPES",
    "SKILLS",
    "TEAMS",
    "HolidayRecord",
    "NameRecord",
    "QueueRecord",
    "ShiftTypeRecord",
    "measured_aht",
]

AHT_DAYS: Final = 28
Read = Callable[[Connection, int], Mapping[int, Any]]
Judge = Callable[[Connection, int, int | None, Any], list[Fault]]


def measured_aht(engine: Engine, site_id: int) -> Mapping[int, float]:
    """Return the handling time of each queue over the last four weeks of its volumes, in seconds."""
    with domain_errors(), engine.connect() as connection:
        return vocabulary.measured_aht(connection, site_id, AHT_DAYS)


def one_of_its_name(read: Read, column: str, what: str) -> Judge:
    """Return the judge that refuses a record whose name another one has."""

    def judge(connection: Connection, site_id: int, record_id: int | None, record: Any) -> list[Fault]:
        value = getattr(record, column)
        others = (getattr(one, column) for number, one in read(connection, site_id).items() if number != record_id)
        if value not in others:
            return []
        return [Fault(what, None, column, str(value), f"There is a {what} with this {column} already; choose another.")]

    return judge


def _judge_skill(connection: Connection, site_id: int, record_id: int | None, record: NameRecord) -> list[Fault]:
    faults = one_of_its_name(vocabulary.read_skills, "name", "skill")(connection, site_id, record_id, record)
    if ";" in record.name:
        faults.append(Fault("skill", None, "name", record.name, "Leave the semicolon out: files put it between skills."))
    return faults


def _judge_shift_type(connection: Connection, site_id: int, record_id: int | None, record: ShiftTypeRecord) -> list[Fault]:
    """Refuse a shift type that the break policy of the site cannot be kept in, with the arithmetic."""
    faults = one_of_its_name(vocabulary.read_shift_types, "code", "shift type")(connection, site_id, record_id, record)
    if record.code in DAY_WORDS.values():
        faults.append(Fault("shift type", None, "code", record.code, "This word has a meaning of its own; choose another code."))
    policy = current_policy(connection, site_id)[1]
    if (record.start.hour * 60 + record.start.minute) % policy.grid_minutes:
        reason = f"Breaks lie on a grid of {policy.grid_minutes} minutes; start on it."
        faults.append(Fault("shift type", None, "start", f"{record.start:%H:%M}", reason))
    found = refusals(policy, record.span_minutes)
    return faults + [Fault("shift type", None, "span_minutes", str(record.span_minutes), reason) for reason in found]


def _judge_queue(connection: Connection, site_id: int, record_id: int | None, record: QueueRecord) -> list[Fault]:
    faults = one_of_its_name(vocabulary.read_queues, "name", "queue")(connection, site_id, record_id, record)
    if record.skill not in {one.name for one in vocabulary.read_skills(connection, site_id).values()}:
        faults.append(Fault("queue", None, "skill", record.skill, "This is no skill of the site; add it on the page of skills."))
    return faults


def _retire_shift_type(connection: Connection, site_id: int, shift_type_id: int) -> None:
    users = vocabulary.timing_count(connection, shift_type_id)
    if users:
        raise ConflictError(f"{users} associates keep this timing, so it stays. Give them another timing first.")
    vocabulary.retire_shift_type(connection, site_id, shift_type_id)


SKILLS: Final = Store("skill", vocabulary.read_skills, _judge_skill, vocabulary.write_skill, vocabulary.remove_skill)
TEAMS: Final = Store(
    "team",
    vocabulary.read_teams,
    one_of_its_name(vocabulary.read_teams, "name", "team"),
    vocabulary.write_team,
    vocabulary.remove_team,
)
SHIFT_TYPES: Final = Store(
    "shift type", vocabulary.read_shift_types, _judge_shift_type, vocabulary.write_shift_type, _retire_shift_type
)
QUEUES: Final = Store("queue", vocabulary.read_queues, _judge_queue, vocabulary.write_queue)
HOLIDAYS: Final = Store(
    "holiday",
    vocabulary.read_holidays,
    one_of_its_name(vocabulary.read_holidays, "day", "holiday"),
    vocabulary.write_holiday,
    vocabulary.remove_holiday,
)

"""What can be imported: the columns each table asks for, what its rows would change, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import pandas as pd
from sqlalchemy import Connection

from interchange import facts
from interchange.facts import Register
from interchange.faults import FaultList
from interchange.mapping import WantedColumn
from interchange.tables import Columns, MappedFile, read_table
from interchange.work import volumes_from
from scheduling.people import Associate, Leave, PastDay
from scheduling.times import Horizon
from storage import imports_writing as writing
from storage import operation
from storage.people import PersonRecord, people_with_codes, write_people
from storage.site_settings import current_shifts

SKILL_ROWS: Final = Columns(("associate", "skills"))
SAMPLE: Final = 5
FORGOTTEN: Final = timedelta(days=3650)


@dataclass(frozen=True)
class Ground:
    """Where an import goes: the site with its days and clocks."""

    connection: Connection
    site_id: int
    zone_name: str
    interval_minutes: int
    today: date


@dataclass(frozen=True)
class Prepared:
    """What the rows of a file would do; `write` does it, and is called only when no row has a fault.

    Parameters
    ----------
    notes
        What else would happen, one sentence each.
    sample
        The first rows as they are understood.
    """

    rows: int
    new: int
    changed: int
    write: Callable[[], None]
    notes: tuple[str, ...] = ()
    sample: tuple[Mapping[str, str], ...] = ()

    @property
    def same(self) -> int:
        """Rows that change nothing."""
        return self.rows - self.new - self.changed


@dataclass(frozen=True)
class ImportKind:
    """One kind of file that can be imported."""

    name: str
    title: str
    meaning: str
    columns: tuple[WantedColumn, ...]
    prepare: Callable[[Ground, MappedFile, FaultList], Prepared]


def _register(ground: Ground) -> Register:
    return Register(
        associate_codes=set(writing.codes(ground.connection, ground.site_id)),
        shift_codes={one.code for one in current_shifts(ground.connection, ground.site_id)},
    )


def _people(ground: Ground, file: MappedFile, faults: FaultList) -> Prepared:
    connection, site_id = ground.connection, ground.site_id
    register = replace(_register(ground), associate_codes=set())
    facts.read_associates(file, writing.skill_names(connection, site_id), register, faults)
    known = people_with_codes(connection, site_id, list(register.associates))
    wanted = {code: _person(one, known[code][1] if code in known else None) for code, one in register.associates.items()}
    teams = sorted({one.team for one in wanted.values()} - set(writing.team_names(connection, site_id)))
    return Prepared(
        rows=len(wanted),
        new=sum(code not in known for code in wanted),
        changed=sum(code in known and known[code][1] != one for code, one in wanted.items()),
        write=lambda: write_people(connection, site_id, tuple(wanted.values())),
        notes=(f"New teams are made: {', '.join(teams)}.",) if teams else (),
        sample=tuple(_shown_person(one) for one in list(wanted.values())[:SAMPLE]),
    )


def _shown_person(one: PersonRecord) -> Mapping[str, str]:
    return {"code": one.code, "name": one.name, "team": one.team, "skills": ", ".join(one.skills)}


def _person(one: Associate, before: PersonRecord | None) -> PersonRecord:
    """Return the associate of a row; contracts that its own does not touch stay."""
    mine = (one.contract_start, one.contract_end)
    others = () if before is None else before.contracts
    kept = [other for other in others if other[1] < mine[0] or other[0] > mine[1]]
    return PersonRecord(
        one.code,
        one.name,
        one.team,
        tuple(sorted(one.skills)),
        one.work_mode.value,
        one.timing,
        one.night_consent,
        tuple(sorted([*kept, mine])),
        True,
    )


def _skills(ground: Ground, file: MappedFile, faults: FaultList) -> Prepared:
    connection, site_id = ground.connection, ground.site_id
    register, names = _register(ground), set(writing.skill_names(connection, site_id))
    wanted: dict[str, tuple[str, ...]] = {}
    for row in read_table(file, SKILL_ROWS, faults):
        code = row.known("associate", register.knows_associate(), "no code of an associate of the site")
        found = facts.skills_of(row)
        for name in sorted((found or frozenset()) - names):
            row.fault("skills", f"The site has no skill {name}; add it on the page of skills first.", name)
        if code in wanted:
            row.fault("associate", "An earlier row has this associate already; leave one of the two out.")
        elif code is not None and found:
            wanted[code] = tuple(sorted(found))
    before = {code: person.skills for code, (_, person) in people_with_codes(connection, site_id, list(wanted)).items()}
    changed = {code: own for code, own in wanted.items() if before.get(code) != own}
    sample = tuple({"associate": code, "skills": ", ".join(own)} for code, own in list(wanted.items())[:SAMPLE])
    return Prepared(len(wanted), 0, len(changed), lambda: writing.write_skills(connection, site_id, changed), sample=sample)


def _leave(ground: Ground, file: MappedFile, faults: FaultList) -> Prepared:
    connection, site_id = ground.connection, ground.site_id
    known = writing.leave_by_code(connection, site_id)
    found = facts.read_leave(file, _register(ground), faults, known)
    there = {Leave(code, first, last) for code, spans in known.items() for first, last in spans}
    new = [one for one in found if one not in there]
    sample = tuple(_shown_leave(one) for one in found[:SAMPLE])
    return Prepared(len(found), len(new), 0, lambda: writing.write_leave(connection, site_id, new), sample=sample)


def _shown_leave(one: Leave) -> Mapping[str, str]:
    return {"associate": one.associate, "first_day": str(one.first_day), "last_day": str(one.last_day)}


def _holidays(ground: Ground, file: MappedFile, faults: FaultList) -> Prepared:
    connection, site_id = ground.connection, ground.site_id
    found, known = facts.read_holidays(file, faults), writing.holiday_names(connection, site_id)
    sample = tuple({"date": str(day), "name": name} for day, name in list(found.items())[:SAMPLE])
    return Prepared(
        rows=len(found),
        new=sum(day not in known for day in found),
        changed=sum(day in known and known[day] != name for day, name in found.items()),
        write=lambda: writing.write_holidays(connection, site_id, found),
        sample=sample,
    )


def _history(ground: Ground, file: MappedFile, faults: FaultList) -> Prepared:
    connection, site_id = ground.connection, ground.site_id
    until_today = Horizon(ground.zone_name, ground.today, 1, ground.interval_minutes)
    found = facts.read_history(file, _register(ground), until_today, faults)
    known = writing.past_values(connection, site_id)
    fresh = [one for one in found if (one.associate, one.date) not in known]
    other = [one for one in found if known.get((one.associate, one.date), one.value) != one.value]
    sample = tuple(_past(one) for one in found[:SAMPLE])
    return Prepared(
        len(found), len(fresh), len(other), lambda: writing.write_past(connection, site_id, [*fresh, *other]), sample=sample
    )


def _past(one: PastDay) -> Mapping[str, str]:
    return {"associate": one.associate, "date": str(one.date), "value": one.value}


def _volumes(ground: Ground, file: MappedFile, faults: FaultList) -> Prepared:
    connection, site_id = ground.connection, ground.site_id
    clocks = Horizon(ground.zone_name, ground.today - FORGOTTEN, 1, ground.interval_minutes)
    found = volumes_from(file, writing.queue_names(connection, site_id), clocks, faults)
    known = writing.known_volumes(connection, site_id, found)
    new = int(known["there"].isna().sum()) if len(known) else 0
    differs = (known["jobs_there"] != known["jobs"]) | (known["aht_there"] != known["aht_seconds"]) if len(known) else pd.Series()
    changed = int((differs & known["there"].notna()).sum()) if len(known) else 0
    top = found.head(SAMPLE).assign(starts_at=found["starts_at"].head(SAMPLE).map(lambda start: start.isoformat()))
    sample = tuple({str(name): str(value) for name, value in row.items()} for row in top.to_dict("records"))
    return Prepared(len(found), new, changed, lambda: operation.write_volumes(connection, site_id, found), sample=sample)


DAY: Final = "2027-01-04"
SKILLS: Final = WantedColumn(
    "skills", "Skills of the site, with semicolons between.", "stow_video;image_audit", others=("skill",)
)
CODE: Final = WantedColumn(
    "associate", "Code of an associate of the site.", "A0001", others=("code", "employee", "employee id", "id")
)
PERSON: Final = (
    WantedColumn("code", "What files call this person.", "A0001", others=("employee id", "employee code", "id", "associate")),
    WantedColumn("name", "Name as people read it.", "Asha Rao", others=("full name", "employee name")),
    WantedColumn("team", "Name of a team; one that is not there is made.", "Ganga", others=("group", "department")),
    SKILLS,
    WantedColumn("work_mode", "office, home or hybrid.", "office", others=("mode", "location", "works")),
    WantedColumn("contract_start", "First day.", DAY, others=("start", "start date", "from", "joining date")),
    WantedColumn("contract_end", "Last day.", "2027-07-03", others=("end", "end date", "to", "until")),
    WantedColumn("timing", "Code of a shift type; empty leaves it open.", "M06", others=("shift", "shift code")),
    WantedColumn("night_consent", "yes or no; empty is yes.", "yes", False, ("nights", "night")),
)
SPAN: Final = (
    CODE,
    WantedColumn("first_day", "First day of leave.", DAY, others=("from", "start", "start date", "first")),
    WantedColumn("last_day", "Last day of leave.", DAY, others=("to", "until", "end", "end date", "last")),
)
VOLUME: Final = (
    WantedColumn(
        "starts_at",
        "Start of the interval with its offset.",
        "2027-01-04T06:15:00+05:30",
        others=("time", "interval", "timestamp"),
    ),
    WantedColumn("queue", "A queue of the site.", "stow_inbound"),
    WantedColumn("jobs", "How many came.", "412", others=("volume", "offered", "count", "contacts")),
    WantedColumn("aht_seconds", "Average handling time in seconds.", "18.5", others=("aht", "handle time", "handling time")),
)
NAMED_DAY: Final = (
    WantedColumn("date", "The day.", DAY, others=("day",)),
    WantedColumn("name", "What it is called.", "Pongal", others=("holiday",)),
)
WORKED_DAY: Final = (
    CODE,
    WantedColumn("date", "The day.", DAY, others=("day",)),
    WantedColumn("value", "Code of a shift type, off, leave or none.", "M06", others=("shift", "shift code", "status")),
)
KINDS: Final = (
    ImportKind(
        "people",
        "People",
        "Adds associates, and changes those whose code is there already; nobody is taken away.",
        PERSON,
        _people,
    ),
    ImportKind(
        "skills",
        "Skills of people",
        "Replaces the skills of each associate that the file names; the others keep theirs.",
        (CODE, SKILLS),
        _skills,
    ),
    ImportKind(
        "leave",
        "Leave",
        "Adds approved leave. Leave that overlaps what is there is a fault; the very same is left alone.",
        SPAN,
        _leave,
    ),
    ImportKind(
        "volumes",
        "Volumes",
        "Jobs that arrived in each interval with their handling time; an interval that is there is replaced.",
        VOLUME,
        _volumes,
    ),
    ImportKind("holidays", "Holidays", "Adds public holidays, and renames those whose day is there.", NAMED_DAY, _holidays),
    ImportKind(
        "history",
        "Worked days",
        "What associates did before this system had a roster, so that runs and rests go on; days before today.",
        WORKED_DAY,
        _history,
    ),
)
"""Every kind of file, in the order in which it is offered."""

BY_NAME: Final = {kind.name: kind for kind in KINDS}

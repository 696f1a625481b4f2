"""The small kinds of records as data: their fields, how a typed form becomes a record, how their lists look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from scheduling.queues import QueueKind
from services import records, vocabulary
from services.records import Store
from services.vocabulary import HolidayRecord, NameRecord, QueueRecord, ShiftTypeRecord
from web.context import engine
from web.operation.fields import Field, Kind, Typed

DAY_SECONDS: Final = 86_400


@dataclass(frozen=True)
class RecordKind:
    """One kind of record.

    Parameters
    ----------
    path
        The word in the address.
    title, one
        What many and one are called.
    lead
        What they are for, and what a change does.
    fields
        The fields of the form; a function of the site, since some choices are those of the site.
    read
        The record that was typed, ``None`` when it has faults.
    remove
        What the button says that takes one away; empty where they stay.
    extra
        One more column of the list, with its heading, such as a measured figure.
    """

    path: str
    title: str
    one: str
    lead: str
    store: Store[Any]
    fields: Callable[[int], tuple[Field, ...]]
    read: Callable[[Typed], Any]
    remove: str = ""
    extra: tuple[str, Callable[[int], Mapping[int, str]]] | None = None


def fixed(*fields: Field) -> Callable[[int], tuple[Field, ...]]:
    """Return fields that are the same at every site."""
    return lambda _site_id: fields


def _whole(record: Any, *needed: object) -> Any:
    return None if any(one is None for one in needed) else record


def _read_name(typed: Typed) -> NameRecord | None:
    name = typed.row.text("name")
    return None if name is None else NameRecord(name)


def _read_shift_type(typed: Typed) -> ShiftTypeRecord | None:
    row = typed.row
    code, start, span = row.text("code"), row.clock("start"), row.whole("span_minutes", 408, 1440)
    return None if code is None or start is None or span is None else ShiftTypeRecord(code, start, span)


def _read_queue(typed: Typed) -> QueueRecord | None:
    row = typed.row
    name, skill = row.text("name"), row.text("skill")
    kind = row.known("kind", tuple(QueueKind), "no kind of queue")
    sla, lease = row.whole("sla_seconds", 1, 90 * DAY_SECONDS), row.whole("lease_seconds", 10, DAY_SECONDS)
    occupancy, weight = row.number("max_occupancy", 0.01, 1.0), row.number("weight", 0.01, 1000.0)
    if name is None or skill is None or kind is None or sla is None or lease is None or occupancy is None or weight is None:
        return None
    return QueueRecord(name, skill, kind, sla, occupancy, weight, lease)


def _read_holiday(typed: Typed) -> HolidayRecord | None:
    day, name = typed.row.date("day"), typed.row.text("name")
    return None if day is None or name is None else HolidayRecord(day, name)


def _queue_fields(site_id: int) -> tuple[Field, ...]:
    skills = tuple((one.name, one.name) for one in records.listed(engine(), vocabulary.SKILLS, site_id).values())
    design = "Design"
    return (
        Field("name", "Name", meaning="What files and pages call it."),
        Field("skill", "Skill", Kind.CHOICE, "The one skill that its work needs.", choices=skills),
        Field(
            "kind",
            "Kind",
            Kind.CHOICE,
            "Real time: done as it arrives, within minutes. Backlog: may wait for quieter hours until its deadline.",
            choices=((QueueKind.REALTIME, "real time"), (QueueKind.BACKLOG, "backlog")),
        ),
        Field(
            "sla_seconds",
            "SLA",
            Kind.WHOLE,
            "Time from arrival to answer that is promised. 300 is five minutes, 86400 a day.",
            unit="seconds",
        ),
        Field(
            "max_occupancy",
            "Occupancy, at most",
            Kind.NUMBER,
            "Largest share of productive time spent on jobs. A lower one needs more heads and leaves room for peaks.",
            f"{design}: workload ÷ occupancy decides the heads of queues whose jobs take seconds",
            "0.85",
        ),
        Field(
            "weight",
            "Weight",
            Kind.NUMBER,
            "How much a late job counts against one of another queue when work is handed out.",
            f"{design}: queues count alike unless the site says otherwise",
            "1",
        ),
        Field(
            "lease_seconds",
            "Lease",
            Kind.WHOLE,
            "A job that is not answered for so long goes back to the queue.",
            f"{design}: several times a usual handling time of 15 to 20 seconds",
            "180",
            unit="seconds",
        ),
    )


def _aht_words(site_id: int) -> Mapping[int, str]:
    return {number: f"{seconds:.1f} s" for number, seconds in vocabulary.measured_aht(engine(), site_id).items()}


KINDS: Final = (
    RecordKind(
        "skills",
        "Skills",
        "skill",
        "What associates can do. An associate covers the requirement of a queue only with its skill, one at a time. A skill gets "
        "another name everywhere at once; one that is in use cannot be removed.",
        vocabulary.SKILLS,
        fixed(Field("name", "Name", meaning="Files put semicolons between skills, so a name holds none.")),
        _read_name,
        "Remove",
    ),
    RecordKind(
        "teams",
        "Teams",
        "team",
        "Who belongs together. Supervisors see the teams that they lead, and lunch is wished with one's team.",
        vocabulary.TEAMS,
        fixed(Field("name", "Name")),
        _read_name,
        "Remove",
    ),
    RecordKind(
        "shift-types",
        "Shift types",
        "shift type",
        "The timings that are planned with. A row never changes: another start or span becomes a new row that takes over "
        "timings, wishes and locks, and every roster that is there keeps the old one.",
        vocabulary.SHIFT_TYPES,
        fixed(
            Field("code", "Code", meaning="Short: it stands in every cell of the grid, such as M06."),
            Field("start", "Start", Kind.TIME, "Local time of the site."),
            Field(
                "span_minutes",
                "Span",
                Kind.WHOLE,
                "Elapsed minutes from start to end, breaks included. With the breaks of the policy 408 to 420 productive "
                "minutes must be left.",
                "Contract: a shift spans nine hours and leaves 6.8 to 7.0 h of productive time",
                "540",
                "minutes",
            ),
        ),
        _read_shift_type,
        "Plan with it no longer",
    ),
    RecordKind(
        "queues",
        "Queues",
        "queue",
        "The kinds of work that arrive. SLA and occupancy decide how many productive heads a forecast becomes; the handling time "
        "is not set but measured, over the last four weeks of volumes.",
        vocabulary.QUEUES,
        _queue_fields,
        _read_queue,
        extra=("AHT, measured", _aht_words),
    ),
    RecordKind(
        "holidays",
        "Holidays",
        "holiday",
        "Public holidays of the site. A forecast does not learn ordinary days from them, and they are shared out evenly.",
        vocabulary.HOLIDAYS,
        fixed(Field("day", "Day", Kind.DATE, "Local date of the site."), Field("name", "Name")),
        _read_holiday,
        "Remove",
    ),
)
"""Every kind, in the order of the navigation."""

BY_PATH: Final = {kind.path: kind for kind in KINDS}

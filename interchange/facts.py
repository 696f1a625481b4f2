"""The files about people and their days: associates, leave, requests, locks, history, holidays."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from interchange.faults import FaultList
from interchange.rows import Row
from interchange.tables import Columns, Source, read_csv, read_table
from scheduling.people import Associate, Leave, Lock, PastDay, Request, WorkMode
from scheduling.plan import DAY_WORDS
from scheduling.shifts import PROMISED_PRODUCTIVE_MINUTES, BreakPolicy, ShiftType
from scheduling.times import Horizon

ASSOCIATES = Columns(
    ("code", "name", "team", "skills", "work_mode", "contract_start", "contract_end", "timing"), optional=("night_consent",)
)
SHIFT_TYPES = Columns(("code", "start", "span_minutes"))
LEAVE = Columns(("associate", "first_day", "last_day"))
REQUESTS = Columns(("associate", "date", "want", "weight"))
LOCKS = Columns(("associate", "date", "value"))
HISTORY = Columns(("associate", "date", "value"))
HOLIDAYS = Columns(("date", "name"))

MOST_ASSOCIATES = 20_000
MOST_SHIFT_TYPES = 500
RESERVED = frozenset(DAY_WORDS.values())


class _Everything(Container[str]):
    """Holds every text."""

    def __contains__(self, text: object) -> bool:
        return True


_EVERYTHING = _Everything()


@dataclass
class Register:
    """What other files refer to, with the codes of rows that had faults, so that one fault does not cause a hundred."""

    associates: dict[str, Associate] = field(default_factory=dict)
    associate_codes: set[str] = field(default_factory=set)
    shifts: dict[str, ShiftType] = field(default_factory=dict)
    shift_codes: set[str] = field(default_factory=set)

    def knows_associate(self) -> Container[str]:
        """Return the codes that may be referred to; any, where the file of associates could not be read at all."""
        return self.associate_codes or _EVERYTHING

    def knows_shift(self, *words: str) -> Container[str]:
        """Return the codes of shift types with other words; any, where the file of shift types could not be read at all."""
        return self.shift_codes.union(words) if self.shift_codes else _EVERYTHING


def _key_is_new(row: Row, seen: dict[tuple[object, ...], int], key: tuple[object, ...], column: str, what: str) -> bool:
    """Note a key that another row has already."""
    if key in seen:
        row.fault(column, f"Row {seen[key]} has {what} already; leave one of the two out.")
        return False
    seen[key] = row.line
    return True


def read_shift_types(path: Path, policy: BreakPolicy, register: Register, faults: FaultList) -> None:
    """Read shift_types.csv into the register."""
    seen: dict[tuple[object, ...], int] = {}
    grid = policy.grid_minutes
    for row in read_csv(path, SHIFT_TYPES, faults, MOST_SHIFT_TYPES):
        before = faults.count(path.name)
        code, start, span = row.text("code"), row.clock("start"), row.whole("span_minutes", grid, 1440)
        if code is None or not _key_is_new(row, seen, (code,), "code", "this shift type"):
            continue
        register.shift_codes.add(code)
        if code in RESERVED:
            row.fault("code", f"The words {', '.join(sorted(RESERVED))} have a meaning of their own; choose another code.")
        if start is not None and (start.hour * 60 + start.minute) % grid:
            row.fault("start", f"A shift must start on the break grid of {grid} minutes.")
        if span is not None and span % grid:
            row.fault("span_minutes", f"The span must be a multiple of the break grid of {grid} minutes.")
        if faults.count(path.name) == before and start is not None and span is not None:
            register.shifts[code] = ShiftType(code, start, span)
    if not seen and not faults.count(path.name):
        faults.add(path.name, None, "", "", "There is no shift type; add at least one row.")


def check_policy(policy: BreakPolicy, shifts: Iterable[ShiftType], file: str, faults: FaultList) -> None:
    """Note every span for which the breaks do not leave the productive minutes, with the arithmetic."""
    least, most = policy.productive_minutes
    promised = PROMISED_PRODUCTIVE_MINUTES
    if not promised[0] <= least <= most <= promised[1]:
        faults.add(
            file,
            None,
            "productive_minutes",
            f"[{least}, {most}]",
            f"Every shift must leave {promised[0]} to {promised[1]} productive minutes; stay within these.",
        )
    spans: dict[int, list[str]] = {}
    for shift in shifts:
        spans.setdefault(shift.span_minutes, []).append(shift.code)
    terms = " + ".join(f"{kind.count} x {kind.minutes} {kind.kind}" for kind in policy.breaks if not kind.productive) or "0"
    for span, codes in spans.items():
        left = policy.productive_minutes_of(span)
        if not least <= left <= most:
            faults.add(
                file,
                None,
                "break_policy",
                f"{left} productive minutes",
                f"Shift type {', '.join(codes[:5])}: span {span} min - breaks {policy.break_minutes} min ({terms}) = {left} min, "
                f"not {least} to {most}; change the breaks, the span or productive_minutes.",
            )


def skills_of(row: Row) -> frozenset[str] | None:
    """Return the skills of a row, those between semicolons; ``None`` after noting that there is none."""
    text = row.text("skills")
    if text is None:
        return None
    skills = [skill.strip() for skill in text.split(";")]
    if len(set(skills)) < len(skills) or not all(skills):
        row.fault("skills", "A skill is empty or named twice; write skills like stow_video;image_audit.")
    return frozenset(skill for skill in skills if skill)


def _consent(row: Row) -> bool:
    text = row.cell("night_consent")
    if text not in {"", "yes", "no"}:
        row.fault("night_consent", "This must be yes or no.")
    return text != "no"


def _timing(row: Row, register: Register) -> str | None:
    timing = row.cell("timing")
    if timing and timing not in register.knows_shift():
        row.fault("timing", "This is no code of a shift type; leave it empty where the planner may choose.")
    return timing or None


def read_associates(path: Source, skills: Container[str] | None, register: Register, faults: FaultList) -> None:
    """Read associates.csv into the register.

    Parameters
    ----------
    skills
        The skills that the requirement or the queues name; ``None`` when these could not be read.
    """
    seen: dict[tuple[object, ...], int] = {}
    for row in read_table(path, ASSOCIATES, faults, MOST_ASSOCIATES):
        before = faults.count(path.name)
        code, name, team, own = row.text("code"), row.text("name"), row.text("team"), skills_of(row)
        mode = row.known("work_mode", tuple(WorkMode), f"no work mode; write {', '.join(WorkMode)}")
        first, last = row.date("contract_start"), row.date("contract_end")
        timing, consent = _timing(row, register), _consent(row)
        if first is not None and last is not None and last < first:
            row.fault("contract_end", f"The contract ends before it starts ({first}).")
        for skill in sorted(own or ()):
            if skills is not None and skill not in skills:
                row.fault("skills", f"The skill {skill} is unknown: neither the requirement nor a queue names it.", skill)
        if code is None or not _key_is_new(row, seen, (code,), "code", "this associate"):
            continue
        register.associate_codes.add(code)
        if name is None or team is None or own is None or mode is None or first is None or last is None:
            continue
        if faults.count(path.name) == before:
            register.associates[code] = Associate(code, name, team, own, WorkMode(mode), first, last, timing, consent)
    if not seen and not faults.count(path.name):
        faults.add(path.name, None, "", "", "There is no associate; add at least one row.")


def read_leave(
    path: Source, register: Register, faults: FaultList, known: Mapping[str, Iterable[tuple[date, date]]] | None = None
) -> tuple[Leave, ...]:
    """Read leave; two leaves of an associate may not overlap, nor one that is `known` already unless it is the very same."""
    found: list[Leave] = []
    by_associate: dict[str, list[tuple[date, date, int]]] = {}
    there = known or {}
    for row in read_table(path, LEAVE, faults):
        code = row.known("associate", register.knows_associate(), "no code of an associate")
        first, last = row.date("first_day"), row.date("last_day")
        if code is None or first is None or last is None:
            continue
        if last < first:
            row.fault("last_day", f"The leave ends before it starts ({first}).")
            continue
        spans = [span for span in there.get(code, ()) if span[0] <= last and first <= span[1]]
        if spans and (first, last) not in spans:
            row.fault("first_day", f"The associate has leave from {spans[0][0]} to {spans[0][1]} already; leave this row out.")
            continue
        others = by_associate.setdefault(code, [])
        # Those kept so far do not overlap and are in order, so that only the two neighbours can be in the way.
        place = bisect(others, (first, last, row.line))
        clash = next((line for begin, end, line in others[max(0, place - 1) : place + 1] if first <= end and begin <= last), None)
        if clash is not None:
            row.fault("first_day", f"The leave overlaps that of row {clash}; join the two.")
            continue
        others.insert(place, (first, last, row.line))
        found.append(Leave(code, first, last))
    return tuple(found)


def read_requests(path: Path, register: Register, faults: FaultList) -> tuple[Request, ...]:
    """Read requests.csv; an associate has at most one request a day."""
    found: list[Request] = []
    seen: dict[tuple[object, ...], int] = {}
    values = register.knows_shift("off")
    for row in read_csv(path, REQUESTS, faults):
        code = row.known("associate", register.knows_associate(), "no code of an associate")
        day, weight = row.date("date"), row.number("weight", 0.0, 1e6)
        want = row.known("want", values, "neither off nor a code of shift_types.csv")
        if (
            code is None
            or day is None
            or not _key_is_new(row, seen, (code, day), "date", "a request of this associate for the day")
        ):
            continue
        if want is not None and weight is not None:
            found.append(Request(code, day, want, weight))
    return tuple(found)


def leave_by_associate(leave: Iterable[Leave]) -> Mapping[str, list[Leave]]:
    """Return the leaves of each associate."""
    found: dict[str, list[Leave]] = {}
    for one in leave:
        found.setdefault(one.associate, []).append(one)
    return found


def read_locks(
    path: Path, register: Register, leave: Iterable[Leave], horizon: Horizon | None, faults: FaultList
) -> tuple[Lock, ...]:
    """Read locks.csv; a lock lies inside the horizon and the contract, and not on leave."""
    found: list[Lock] = []
    seen: dict[tuple[object, ...], int] = {}
    away = leave_by_associate(leave)
    values = register.knows_shift("off")
    for row in read_csv(path, LOCKS, faults):
        code = row.known("associate", register.knows_associate(), "no code of an associate")
        value = row.known("value", values, "neither off nor a code of shift_types.csv")
        day = row.date("date")
        if code is None or day is None or not _key_is_new(row, seen, (code, day), "date", "a lock of this associate for the day"):
            continue
        if horizon is not None and not 0 <= horizon.day_index(day) < horizon.day_count:
            row.fault("date", f"The day is not in the horizon, {horizon.dates[0]} to {horizon.dates[-1]}.")
        one = register.associates.get(code)
        if one is not None and not one.contract_start <= day <= one.contract_end:
            row.fault("date", f"The contract of {code} runs from {one.contract_start} to {one.contract_end}; take the lock out.")
        for other in away.get(code, ()):
            if other.first_day <= day <= other.last_day:
                row.fault(
                    "date", f"{code} is on leave from {other.first_day} to {other.last_day}; take out the lock or the leave."
                )
        if value is not None:
            found.append(Lock(code, day, value))
    return tuple(found)


def read_history(path: Source, register: Register, horizon: Horizon | None, faults: FaultList) -> tuple[PastDay, ...]:
    """Read history.csv; its days lie before the horizon."""
    found: list[PastDay] = []
    seen: dict[tuple[object, ...], int] = {}
    words = register.knows_shift(*RESERVED)
    for row in read_table(path, HISTORY, faults):
        code = row.known("associate", register.knows_associate(), "no code of an associate")
        value = row.known("value", words, "no code of a shift type, nor off, leave or none")
        day = row.date("date")
        if code is None or day is None or not _key_is_new(row, seen, (code, day), "date", "this associate and day"):
            continue
        if horizon is not None and day >= horizon.first_day:
            row.fault(
                "date", f"The day is not before the horizon, which starts on {horizon.first_day}; use locks.csv from then on."
            )
        elif value is not None:
            found.append(PastDay(code, day, value))
    return tuple(found)


def read_holidays(path: Source, faults: FaultList) -> dict[date, str]:
    """Read holidays.csv."""
    found: dict[date, str] = {}
    seen: dict[tuple[object, ...], int] = {}
    for row in read_table(path, HOLIDAYS, faults):
        day, name = row.date("date"), row.text("name")
        if day is not None and _key_is_new(row, seen, (day,), "date", "this day") and name is not None:
            found[day] = name
    return found

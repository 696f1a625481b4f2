"""scenario.toml: the horizon, the break policy, the rules, the office."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from interchange.faults import FaultList
from interchange.rows import parse_date
from interchange.tables import read_text
from scheduling.parameters import LIMITS_OF, MINUTES_LIMITS
from scheduling.rules import Office, RuleSettings, Timing
from scheduling.shifts import DEFAULT_BREAK_POLICY, BreakKind, BreakPolicy
from scheduling.times import WEEKDAYS, Horizon

FILE = "scenario.toml"
MOST_BYTES = 1024 * 1024
MOST_WEEKS = 17
MOST_BREAKS = 40
FIRST_YEAR, LAST_YEAR = 1990, 2150


@dataclass(frozen=True)
class Settings:
    """What scenario.toml says; `horizon` is ``None`` where its own values have faults."""

    horizon: Horizon | None
    break_policy: BreakPolicy
    rules: RuleSettings
    office: Office | None


class TomlTable:
    """One table of a TOML file: values taken out by key, each wrong one noted with its line."""

    def __init__(self, faults: FaultList, lines: Mapping[tuple[str, str], int], name: str, values: Mapping[str, object]) -> None:
        self._faults, self._lines, self._name, self._values = faults, lines, name, values

    def fault(self, key: str, value: object, reason: str) -> None:
        """Note a fault of a key."""
        column = f"{self._name}.{key}" if self._name else key
        self._faults.add(FILE, self._lines.get((self._name, key)), column, value, reason)

    def refuse_unknown(self, known: tuple[str, ...]) -> None:
        """Note every key that is not known."""
        for key in self._values:
            if key not in known:
                self.fault(key, self._values[key], f"The key is unknown here; known are {', '.join(known)}.")

    def has(self, key: str) -> bool:
        """Return whether the key is there."""
        return key in self._values

    def raw(self, key: str) -> object:
        """Return the value as TOML has it, ``None`` where the key is absent."""
        return self._values.get(key)

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int | None:
        """Return a whole number between two limits; without a default the key must be there."""
        value = self._values.get(key, default)
        if value is None:
            self.fault(key, "", "The key is missing.")
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.fault(key, value, f"This must be a whole number between {least} and {most}.")
            return default
        return value

    def pair(self, key: str, most: int, default: tuple[int, int] | None) -> tuple[int, int] | None:
        """Return two whole numbers, the first not larger."""
        value = self._values.get(key)
        if value is None:
            return default
        if not isinstance(value, list) or len(value) != 2 or not all(type(one) is int and 0 <= one <= most for one in value):
            self.fault(key, value, f"This must be two whole numbers between 0 and {most}, like [10, 20].")
            return default
        if value[0] > value[1]:
            self.fault(key, value, "The first number is larger than the second; the lesser or earlier comes first.")
            return default
        return int(value[0]), int(value[1])

    def word(self, key: str, default: str | None, words: tuple[str, ...] = ()) -> str | None:
        """Return a text, one of `words` where there are any."""
        value = self._values.get(key, default)
        if not isinstance(value, str) or not value.strip() or len(value) > 100 or not value.isprintable():
            self.fault(
                key, "" if value is None else value, "This must be a text." if value is not None else "The key is missing."
            )
            return default
        if words and value not in words:
            self.fault(key, value, f"This must be one of {', '.join(words)}.")
            return default
        return value

    def truth(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            self.fault(key, value, "This must be true or false.")
            return default
        return value

    def table(self, key: str, value: object) -> TomlTable:
        """Return `value` as a table named `key`; anything else is noted and read as empty."""
        if not isinstance(value, dict):
            self.fault(key, value, f"This must be a table, written as [{key}].")
            value = {}
        return TomlTable(self._faults, self._lines, f"{self._name}.{key}" if self._name else key, value)


def _key_lines(text: str) -> dict[tuple[str, str], int]:
    """Return the line on which each key of each table stands, as far as a plain look at the lines can tell."""
    lines: dict[tuple[str, str], int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[\[?([\w.-]+)\]", line):
            table = header[1]
            parent, _, key = table.rpartition(".")
            lines.setdefault((parent, key), number)
        elif key_match := re.match(r"\s*([\w-]+)\s*=", line):
            lines.setdefault((table, key_match[1]), number)
    return lines


def _zone(table: TomlTable) -> str | None:
    name = table.word("timezone", None)
    if name is None:
        return None
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        table.fault("timezone", name, "This is no IANA time zone; write it like Asia/Kolkata.")
        return None
    return name


def _start(table: TomlTable) -> date | None:
    value = table.raw("start")
    if value is None:
        table.fault("start", "", "The key is missing.")
        return None
    day = parse_date(value) if isinstance(value, str) else value
    if not isinstance(day, date) or isinstance(day, datetime):
        table.fault("start", value, "This is no date; write it like 2027-01-04.")
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        table.fault("start", value, f"The year must lie between {FIRST_YEAR} and {LAST_YEAR}.")
        return None
    return day


def _horizon(table: TomlTable, grid: int) -> Horizon | None:
    zone, start, weeks = _zone(table), _start(table), table.whole("weeks", 1, MOST_WEEKS)
    interval = table.whole("interval_minutes", 5, 240, Horizon.interval_minutes)
    assert interval is not None  # noqa: S101 - there is a default.
    if 1440 % interval or (60 % interval and interval % 60):
        table.fault("interval_minutes", interval, "The interval must divide an hour, or be full hours that divide a day.")
        return None
    if interval % grid:
        table.fault("interval_minutes", interval, f"The interval must be a multiple of the break grid of {grid} minutes.")
        return None
    if zone is None or start is None or weeks is None:
        return None
    horizon = Horizon(zone, start, weeks, interval)
    uneven = [day for day, minute in zip(horizon.dates, horizon.day_starts.tolist(), strict=False) if minute % interval]
    if uneven or horizon.total_minutes % interval:
        when = uneven[0] if uneven else horizon.dates[-1] + timedelta(days=1)
        table.fault("interval_minutes", interval, f"The clocks of {zone} change by less than an interval before {when}.")
        return None
    return horizon


def _break_kind(table: TomlTable, grid: int) -> BreakKind | None:
    table.refuse_unknown(("kind", "minutes", "count", "window_minutes", "productive"))
    kind, minutes = table.word("kind", None), table.whole("minutes", 1, 240)
    count = table.whole("count", 1, MOST_BREAKS, 1)
    window = table.pair("window_minutes", 1440, None)
    if minutes is not None and minutes % grid:
        table.fault("minutes", minutes, f"The break must be a multiple of the break grid of {grid} minutes.")
    if kind is None or minutes is None or count is None:
        return None
    return BreakKind(kind, minutes, count, window, table.truth("productive", False))


def _break_policy(root: TomlTable) -> BreakPolicy:
    if not root.has("break_policy"):
        return DEFAULT_BREAK_POLICY
    table = root.table("break_policy", root.raw("break_policy"))
    default = DEFAULT_BREAK_POLICY
    table.refuse_unknown(tuple(field.name for field in dataclasses.fields(BreakPolicy)))
    grid = table.whole("grid_minutes", 1, 60, default.grid_minutes) or default.grid_minutes
    if 60 % grid:
        table.fault("grid_minutes", grid, "The break grid must divide an hour.")
        grid = default.grid_minutes
    breaks = default.breaks
    if table.has("breaks"):
        entries = table.raw("breaks")
        if not isinstance(entries, list):
            table.fault("breaks", entries, "This must be a list of tables, each written as [[break_policy.breaks]].")
            entries = []
        found = [_break_kind(table.table("breaks", entry), grid) for entry in entries[:MOST_BREAKS]]
        breaks = tuple(kind for kind in found if kind is not None)
        if sum(kind.count for kind in breaks) > MOST_BREAKS or len(entries) > MOST_BREAKS:
            table.fault("breaks", len(entries), f"A shift can have at most {MOST_BREAKS} breaks.")
    return BreakPolicy(
        breaks=breaks,
        grid_minutes=grid,
        productive_minutes=table.pair("productive_minutes", 1440, default.productive_minutes) or default.productive_minutes,
        work_stretch_minutes=table.pair("work_stretch_minutes", 1440, default.work_stretch_minutes)
        or default.work_stretch_minutes,
        not_before_minutes=table.whole("not_before_minutes", 0, 1440, default.not_before_minutes) or 0,
        not_after_minutes=table.whole("not_after_minutes", 0, 1440, default.not_after_minutes) or 0,
    )


def _rules(root: TomlTable) -> RuleSettings:
    table = root.table("rules", root.raw("rules") if root.has("rules") else {})
    fields = dataclasses.fields(RuleSettings)
    table.refuse_unknown(tuple(field.name for field in fields))
    values: dict[str, object] = {}
    for field in fields:
        default = field.default
        if field.name == "timing":
            values["timing"] = Timing(table.word("timing", str(default), tuple(Timing)) or str(default))
        elif field.name == "week_starts_on":
            values["week_starts_on"] = table.word("week_starts_on", str(default), WEEKDAYS)
        elif isinstance(default, bool):
            values[field.name] = table.truth(field.name, default)
        elif isinstance(default, int):
            values[field.name] = table.whole(field.name, *LIMITS_OF.get(field.name, MINUTES_LIMITS), default)
    return dataclasses.replace(RuleSettings(), **values)  # type: ignore[arg-type]


def _office(root: TomlTable) -> Office | None:
    if not root.has("office"):
        return None
    table = root.table("office", root.raw("office"))
    table.refuse_unknown(("seats", "days_per_week"))
    seats, days = table.whole("seats", 0, 1_000_000), table.whole("days_per_week", 0, 7, 0)
    return None if seats is None or days is None else Office(seats, days)


def read_settings(path: Path, faults: FaultList) -> Settings | None:
    """Read scenario.toml; ``None`` when it is missing or no TOML at all."""
    text = read_text(path, faults, MOST_BYTES)
    if text is None:
        return None
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError, OverflowError) as error:
        line = re.search(r"at line (\d+)", str(error))
        faults.add(FILE, int(line[1]) if line else None, "", "", f"The file is not valid TOML: {str(error)[:200]}.")
        return None
    root = TomlTable(faults, _key_lines(text), "", values)
    root.refuse_unknown(("timezone", "start", "weeks", "interval_minutes", "break_policy", "rules", "office"))
    policy = _break_policy(root)
    return Settings(_horizon(root, policy.grid_minutes), policy, _rules(root), _office(root))

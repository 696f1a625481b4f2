"""How numbers, dates and times are written on every page; each function is a filter of the same name in templates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

MINUS: Final = "−"
DASH: Final = "–"


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with a typographic minus, thousands set apart by a narrow space that never breaks; a dash for none."""
    if value is None:
        return DASH
    text = f"{value:,.{digits}f}".replace(",", "\u202f").replace("-", MINUS)
    return text.removeprefix(MINUS) if not any(digit in text for digit in "123456789") else text


def counted(count: int, noun: str) -> str:
    """Return a count with what is counted, such as ``1 day`` and ``2 days``; the noun takes an s for more than one."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"


def signed(value: float, digits: int = 0) -> str:
    """Return a number that always shows its sign, except zero."""
    text = number(value, digits)
    return text if value <= 0 or text == number(0, digits) else f"+{text}"


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share as a percentage; a dash when there is none."""
    return DASH if share is None else f"{number(share * 100, digits)}\u202f%"


def day(value: date, *, weekday: bool = True, year: bool = False) -> str:
    """Return a date such as ``Mon 4 Jan``, with the year when asked."""
    text = f"{value:%a} {value.day} {value:%b}" if weekday else f"{value.day} {value:%b}"
    return f"{text} {value.year}" if year else text


def long_day(value: date) -> str:
    """Return a date in full, such as ``Monday 4 January 2027``."""
    return f"{value:%A} {value.day} {value:%B} {value.year}"


def period(first: date, last: date) -> str:
    """Return the days from first to last, such as ``4 Jan – 31 Jan 2027``."""
    return f"{day(first, weekday=False, year=first.year != last.year)} {DASH} {day(last, weekday=False, year=True)}"


def clock(value: datetime | time) -> str:
    """Return the wall time, such as ``06:00``; the page names the zone."""
    return f"{value:%H:%M}"


def zone_words(zone_name: str, at: date) -> str:
    """Return the zone in words with its offset at noon of a date, such as ``Asia/Kolkata (UTC+05:30)``."""
    offset = datetime.combine(at, time(12), ZoneInfo(zone_name)).utcoffset() or timedelta()
    minutes = round(offset.total_seconds() / 60)
    sign = MINUS if minutes < 0 else "+"
    return f"{zone_name} (UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d})"


def instant(value: datetime, zone_name: str) -> str:
    """Return an instant in the site's zone with the name of the zone, such as ``Mon 4 Jan 2027 06:00 IST``."""
    local = value.astimezone(ZoneInfo(zone_name))
    return f"{day(local.date(), year=True)} {clock(local)} {local.tzname()}"


def seconds(value: float | None) -> str:
    """Return a length of time, such as ``45 s`` or ``2 min 05 s``."""
    if value is None:
        return DASH
    whole = round(value)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


def words(name: str) -> str:
    """Return a name of the program as words: ``rest_between_shifts`` becomes ``Rest between shifts``."""
    text = name.replace("_", " ").replace("-", " ").strip()
    return text[:1].upper() + text[1:]


WRITERS: Final[dict[str, Callable[..., str]]] = {
    "counted": counted,
    "number": number,
    "signed": signed,
    "percent": percent,
    "day": day,
    "long_day": long_day,
    "period": period,
    "clock": clock,
    "zone_words": zone_words,
    "instant": instant,
    "seconds": seconds,
    "words": words,
}

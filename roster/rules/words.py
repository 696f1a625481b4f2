"""The wording of messages: people, days, moments, lengths of time."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from scheduling.people import Associate


def person_text(associate: Associate) -> str:
    """Return name and code: ``Asha Rao (A001)``."""
    return f"{associate.name} ({associate.code})"


@lru_cache(maxsize=2000)
def day_text(day: date) -> str:
    """Return a date as planners say it: ``Mon 4 Jan 2027``; a roster of many people names the same few days again and again."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def moment_text(instant: datetime) -> str:
    """Return an instant with its zone: ``Mon 4 Jan 2027 06:00 IST``."""
    return f"{day_text(instant.date())} {instant:%H:%M %Z}"


def minutes_text(minutes: int) -> str:
    """Return a length of time, not negative: ``10 h 30 min``, ``11 h``, ``45 min``."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else ""]
    return " ".join(part for part in parts if part)


def count_text(count: int, noun: str) -> str:
    """Return a number with its noun: ``1 day``, ``2 days``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

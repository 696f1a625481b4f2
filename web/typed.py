"""Values of a form as they were typed: read, and refused in words when they make no sense."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import flash
from werkzeug.datastructures import MultiDict

from scheduling.errors import BadInputError, ConflictError, Fault
from scheduling.times import local_instant
from scheduling.words import Words
from web.arguments import near
from web.floor_steering import WordsError, decimal, whole
from web.speech import in_words

__all__ = [
    "Given",
    "WordsError",
    "chosen",
    "day",
    "decimal",
    "flash_outcome",
    "local_moment",
    "note",
    "optional_id",
    "said",
    "together",
    "whole",
]

Given = MultiDict[str, str]

LONGEST_NOTE: Final = 500


def day(given: Given, name: str, what: str) -> date:
    """Return a date of a form."""
    try:
        return near(date.fromisoformat(given.get(name, "").strip()))
    except ValueError:
        raise WordsError(Words("Choose %(what)s, as year-month-day.", what=Words(what))) from None


def local_moment(given: Given, name: str, zone_name: str, what: str) -> datetime:
    """Return the instant of a date with a time, as clocks of a zone show it."""
    try:
        typed = datetime.fromisoformat(given.get(name, "").strip())
        near(typed.date())
    except ValueError:
        raise WordsError(f"Choose {what}, a day and a time.") from None
    return local_instant(typed.date(), time(typed.hour, typed.minute), ZoneInfo(zone_name))


def together(**parts: Callable[[], Any]) -> dict[str, Any]:
    """Return what each part of a form reads, by name.

    Raises
    ------
    BadInputError
        With the faults of all parts that cannot be read, so that nobody mends a form one fault at a time.
    """
    read: dict[str, Any] = {}
    faults = []
    for name, part in parts.items():
        try:
            read[name] = part()
        except WordsError as error:
            faults.append(Fault("form", None, name, "", error.args[0]))
    if faults:
        raise BadInputError(faults)
    return read


def note(given: Given, name: str) -> str:
    """Return a text of a form, cut where it becomes too long."""
    return given.get(name, "").replace("\x00", "").strip()[:LONGEST_NOTE]


def optional_id(given: Given, name: str, what: str) -> int | None:
    """Return an id of a form, nothing for the empty choice."""
    return whole(given, name, what) if given.get(name, "").strip() else None


def chosen(given: Given, name: str) -> list[int]:
    """Return the ids of all boxes that are ticked."""
    return [int(value) for value in given.getlist(name) if value.isascii() and value.isdigit() and len(value) < 19]


def flash_outcome(work: Callable[[], str]) -> None:
    """Do something and tell the next page what came of it: what it says, or why it could not be done."""
    try:
        flash(in_words(work()), "good")
    except (BadInputError, ConflictError) as error:
        flash(said(error), "stop")


def said(error: BadInputError | ConflictError) -> str:
    """Return what is wrong in the words of whoever reads it: the reasons of all faults, or the message."""
    reasons = [fault.reason for fault in error.faults] if isinstance(error, BadInputError) else [error.args[0]]
    return " ".join(in_words(one) for one in reasons)

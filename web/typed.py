"""Values of a form as they were typed: read, and refused in words when they make no sense."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import flash
from werkzeug.datastructures import MultiDict

from scheduling.errors import BadInputError, ConflictError, Fault
from scheduling.times import local_instant
from scheduling.words import Words
from web.arguments import near
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
NO_LABELS: Final[Mapping[str, str]] = {}


class WordsError(ConflictError):
    """Something that was typed cannot be; the message says what, and `field` in which field of the form, where it is one."""

    def __init__(self, words: str, field: str = "") -> None:
        super().__init__(words)
        self.field = field


def day(given: Given, name: str, what: str) -> date:
    """Return a date of a form."""
    typed = given.get(name, "").strip()
    if not typed:
        # A browser shows the field of a day in its own order, and hands nothing in for one that is not whole.
        raise WordsError(Words("Choose %(what)s.", what=Words(what)), name)
    try:
        return near(date.fromisoformat(typed))
    except ValueError:
        raise WordsError(Words("Choose %(what)s, as year-month-day.", what=Words(what)), name) from None


def local_moment(given: Given, name: str, zone_name: str, what: str) -> datetime:
    """Return the instant of a date with a time, as clocks of a zone show it."""
    try:
        typed = datetime.fromisoformat(given.get(name, "").strip())
        near(typed.date())
    except ValueError:
        raise WordsError(f"Choose {what}, a day and a time.", name) from None
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
            faults.append(Fault("form", None, error.field or name, "", error.args[0]))
    if faults:
        raise BadInputError(faults)
    return read


def note(given: Given, name: str) -> str:
    """Return a text of a form, cut where it becomes too long."""
    return given.get(name, "").replace("\x00", "").strip()[:LONGEST_NOTE]


def whole(given: Given, name: str, what: str) -> int:
    """Return a whole number of a form."""
    text = given.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        words = f"Say {what}, as a whole number." if name == "count" else Words("Choose %(what)s.", what=Words(what))
        raise WordsError(words, name)
    return int(text)


def decimal(given: Given, name: str, what: str) -> float:
    """Return a number of a form."""
    try:
        value = float(given.get(name, "").strip().replace(",", "."))
    except ValueError:
        value = float("nan")
    if not -1e9 < value < 1e9:
        raise WordsError(f"Say {what}, as a number.", name)
    return value


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


class Said(str):
    """What is wrong with a form, as one text.

    Attributes
    ----------
    fields
        The words for each field that is wrong, by its name; some faults are of no field.
    """

    fields: Mapping[str, str]

    @classmethod
    def of(cls, faults: Iterable[tuple[str, str]], labels: Mapping[str, str]) -> Said:
        """Return the words of faults, each with the name of its field, which the one text calls by its label."""
        told: dict[str, list[str]] = {}
        for field, words in faults:
            told.setdefault(field, []).append(words)
        fields = {field: " ".join(several) for field, several in told.items()}
        made = cls(" ".join(f"{labels[field]}: {words}" if field in labels else words for field, words in fields.items()))
        made.fields = {field: words for field, words in fields.items() if field}
        return made


def said(error: BadInputError | ConflictError, labels: Mapping[str, str] = NO_LABELS) -> Said:
    """Return what is wrong in the words of whoever reads it: the reasons of all faults, or the message.

    Parameters
    ----------
    labels
        What fields are called on the page, where the reasons alone do not say of which they speak.
    """
    if isinstance(error, BadInputError):
        return Said.of(((one.column, in_words(one.reason)) for one in error.faults), labels)
    return Said.of([(error.field if isinstance(error, WordsError) else "", in_words(error.args[0]))], labels)

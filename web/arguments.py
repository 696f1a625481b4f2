"""Arguments in the address of a page: read, checked, and refused with a sentence when they make no sense."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from flask import request
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter, Map

from scheduling.errors import NotFoundError
from scheduling.times import Horizon

MAX_LENGTH = 200
MOST_NAMED = 5
"""So many of the right choices are named where a wrong one was asked for."""
LARGEST_ID = 2**63 - 1
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
"""No roster reaches further; beside the first and the last dates that there are, weeks cannot be counted."""


class IdConverter(IntegerConverter):
    """A number in the path that can be the id of a row; a larger one is an address that does not exist."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, min=1, max=LARGEST_ID)


def text(name: str) -> str:
    """Return a text of the address, empty when it is not given."""
    value = request.args.get(name, "")
    if len(value) > MAX_LENGTH or "\x00" in value:
        raise BadRequest(f"The value of {name!r} in the address is longer than {MAX_LENGTH} characters, or no text.")
    return value


def near(day: date) -> date:
    """Return a date; ValueError when no roster can reach it."""
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"{day} does not lie from {EARLIEST} to {LATEST}")
    return day


def near_instant(at: datetime) -> datetime:
    """Return an aware instant in UTC; ValueError when no roster can reach it, where zones cannot be converted any more."""
    near(at.date())
    return at.astimezone(UTC)


def date_or_none(name: str) -> date | None:
    """Return a date of the address, nothing when it is not given."""
    value = text(name)
    try:
        return near(date.fromisoformat(value)) if value else None
    except ValueError:
        raise BadRequest(
            f"The value of {name!r} in the address, {value!r}, is not a date such as 2027-01-04, or too far away."
        ) from None


def day_of(horizon: Horizon, today: date) -> int:
    """Return the index of the day that the address names, else of today, else of the first day of the horizon."""
    chosen = date_or_none("day")
    if chosen is not None and not 0 <= horizon.day_index(chosen) < horizon.day_count:
        first, last = horizon.dates[0], horizon.dates[-1]
        raise NotFoundError(f"The day {chosen} is not in this roster; it goes from {first} to {last}.")
    index = horizon.day_index(chosen or today)
    return index if 0 <= index < horizon.day_count else 0


def one_of(name: str, choices: Sequence[str], default: str) -> str:
    """Return a text of the address that must be one of the choices."""
    value = text(name) or default
    if value not in choices and value != default:
        raise NotFoundError(f"The address asks for {name}={value}, which there is not. {_instead(choices)}")
    return value


def _instead(choices: Sequence[str]) -> str:
    named = [one for one in choices if one]
    more = " and others" if len(named) > MOST_NAMED else ""
    return f"What there is: {', '.join(named[:MOST_NAMED])}{more}." if named else "There is nothing to choose yet."


def page_number() -> int:
    """Return the number of the page, from 1."""
    value = text("page") or "1"
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:9]) == int(value)):
        raise BadRequest(f"The page in the address, {value!r}, is not a whole number from 1.")
    return int(value)

"""What the script of the board sends: read strictly, and refused with a sentence."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from werkzeug.exceptions import BadRequest

from scheduling.edits import CellEdit
from web.json_input import sent_json

LONGEST = 200
LARGEST_VERSION = 2**31 - 1


def body() -> dict[str, Any]:
    """Return the object that the request carries."""
    given = sent_json()
    if not isinstance(given, dict):
        raise BadRequest("The request must carry a JSON object.")
    return cast("dict[str, Any]", given)


def text_of(given: object, name: str) -> str:
    """Return a text."""
    if not isinstance(given, str) or len(given) > LONGEST or "\x00" in given:
        raise BadRequest(f"{name} must be a text of at most {LONGEST} characters.")
    return given


def day_of(given: object, name: str = "day") -> date:
    """Return a date."""
    try:
        return date.fromisoformat(text_of(given, name))
    except ValueError:
        raise BadRequest(f"{name} must be a date such as 2027-01-04.") from None


def version_of(given: object, name: str) -> int:
    """Return the number of a version."""
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= LARGEST_VERSION:
        raise BadRequest(f"{name} must be a whole number from 0.")
    return given


def edits_of(given: object) -> list[CellEdit]:
    """Return edits: lists of associate, day, what was seen, what is wanted, and lock (true, false or null)."""
    if not isinstance(given, list):
        raise BadRequest("edits must be a list.")
    return [_edit(one) for one in given]


def _edit(given: object) -> CellEdit:
    if not isinstance(given, list) or len(given) != 5 or not (given[4] is None or isinstance(given[4], bool)):
        raise BadRequest("An edit is a list of associate, day, seen, value, and lock (true, false or null).")
    seen, value = text_of(given[2], "seen"), text_of(given[3], "value")
    return CellEdit(text_of(given[0], "associate"), day_of(given[1]), seen, value, given[4])


def cell_of(given: object) -> tuple[str, date] | None:
    """Return a cell: associate and day; nothing for null."""
    if given is None:
        return None
    if not isinstance(given, list) or len(given) != 2:
        raise BadRequest("A cell is a list of associate and day.")
    return text_of(given[0], "associate"), day_of(given[1])

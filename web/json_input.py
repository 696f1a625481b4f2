"""JSON that somebody sends: read within bounds, so that nothing that goes on with it meets what it cannot take."""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import Any, Final

from flask import request
from werkzeug.exceptions import BadRequest

DEEPEST: Final = 20
"""Levels of lists and objects in each other; no document that this application takes has half as many."""
TOO_DEEP: Final = f"The JSON has lists or objects in each other more than {DEEPEST} deep; send it as the interface describes it."
NOT_KEPT: Final = (
    "The JSON has a text with a character that cannot be kept (NUL, or half of a pair of surrogates), or a number that is not "
    "finite; send it without."
)
_UNKEPT: Final = re.compile("[\\x00\\ud800-\\udfff]")


def sent_json() -> Any:
    """Return the JSON body of the request, nothing when it has none; BadRequest as `json_of`."""
    return json_of(request.get_data()) if request.is_json else None


def json_of(given: str | bytes) -> Any:
    """Return what a JSON text says, nothing when it is none.

    Raises
    ------
    BadRequest
        When it is nested too deep, or has a text or a number that the database does not take.
    """
    try:
        read = json.loads(given)
    except ValueError:
        return None
    except RecursionError:
        raise BadRequest(TOO_DEEP) from None
    level = [read]
    for _ in range(DEEPEST + 1):
        if not all(map(_can_be_kept, level)):
            raise BadRequest(NOT_KEPT)
        level = [part for one in level for part in _parts(one)]
        if not level:
            return read
    raise BadRequest(TOO_DEEP)


def _parts(one: object) -> list[Any]:
    if isinstance(one, dict):
        return [*one.keys(), *one.values()]
    return one if isinstance(one, list) else []


def _can_be_kept(one: object) -> bool:
    if isinstance(one, str):
        return not _UNKEPT.search(one)
    return not isinstance(one, float) or isfinite(one)

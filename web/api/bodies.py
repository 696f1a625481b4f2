"""Bodies of requests: read as what they should be, with every fault in words."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest

from scheduling.errors import BadInputError, Fault
from web.json_input import sent_json

Body = TypeVar("Body", bound=BaseModel)
SHOWN_CHARACTERS = 80


def body_as(kind: type[Body]) -> Body:
    """Return the JSON body of the request.

    Raises
    ------
    BadRequest
        When it is no JSON, or none that can be kept.
    BadInputError
        With every fault, the place of each as a path into the body.
    """
    given = sent_json()
    if given is None:
        raise BadRequest("Send the body as application/json.")
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise BadInputError([fault_of(one) for one in error.errors()]) from error


def fault_of(one: object, *, file: str = "body", row: int | None = None) -> Fault:
    """Return the fault that a reader of bodies found.

    Parameters
    ----------
    one
        One of `ValidationError.errors()`.
    row
        Place in a batch.
    """
    details = dict(one)  # type: ignore[call-overload]
    place = ".".join(str(part) for part in details["loc"])
    value = "" if isinstance(details["input"], dict) else str(details["input"])[:SHOWN_CHARACTERS]
    return Fault(file, row, place, value, f"{details['msg']}.")

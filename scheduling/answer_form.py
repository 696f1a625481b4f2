"""Answer forms: what an associate is asked about a job, whether an answer fits, and whether two answers agree."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scheduling.errors import BadInputError, Fault
from scheduling.words import Words

MOST_FIELDS: Final = 30
MOST_OPTIONS: Final = 100
MOST_TEXT_LENGTH: Final = 2000
MOST_LABEL_LENGTH: Final = 200
POINT_TOLERANCE: Final = 0.05
"""Two points agree when they are no further apart than this share of the picture."""


class FieldKind(StrEnum):
    """What a field takes."""

    CHOICE = "choice"
    """One of the options."""
    CHOICES = "choices"
    """Some of the options, none of them twice."""
    NUMBER = "number"
    """A finite number."""
    TEXT = "text"
    """Words; they are not compared."""
    POINT = "point"
    """A place in the picture: ``{"x": 0.25, "y": 0.5}``, from the left and from the top, 0 to 1."""


@dataclass(frozen=True)
class Field:
    """One question of a form.

    Parameters
    ----------
    name
        Key of the value in an answer.
    label
        What the associate reads.
    options
        Of a choice; empty for other kinds.
    required
        Whether an answer must have it.
    tolerance
        By how much numbers may differ, or how far apart points may be, and still agree.
    """

    name: str
    label: str
    kind: FieldKind
    options: tuple[str, ...] = ()
    required: bool = True
    tolerance: float = 0.0


@dataclass(frozen=True)
class AnswerForm:
    """The questions that are asked about each job of a queue, in their order."""

    fields: tuple[Field, ...]


PLAINEST: Final = AnswerForm(
    (Field("verdict", "Is the item where it should be?", FieldKind.CHOICE, ("ok", "misplaced", "cannot tell")),)
)
"""The form of a queue that has none of its own."""


def document_of(form: AnswerForm) -> dict[str, object]:
    """Return a form as the document that is stored and sent; `form_of` reads it back."""
    return {
        "fields": [
            {
                "name": one.name,
                "label": one.label,
                "kind": one.kind.value,
                "options": list(one.options),
                "required": one.required,
                "tolerance": one.tolerance,
            }
            for one in form.fields
        ]
    }


def form_of(document: Mapping[str, object]) -> AnswerForm:
    """Return the form of a document; an empty one is the plainest form.

    Raises
    ------
    BadInputError
        With every fault of the document.
    """
    if not document:
        return PLAINEST
    given = document.get("fields")
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_FIELDS:
        raise BadInputError([_fault("fields", given, f"A form has a list of 1 to {MOST_FIELDS} fields.")])
    faults: list[Fault] = []
    fields = [_field_of(index, one, faults) for index, one in enumerate(given)]
    names = [one.name for one in fields if one]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults.extend(_fault("name", name, "Two fields have this name; give each its own.") for name in twice)
    if faults:
        raise BadInputError(faults)
    return AnswerForm(tuple(one for one in fields if one))


def _field_of(index: int, given: object, faults: list[Fault]) -> Field | None:
    before = len(faults)
    if not isinstance(given, dict):
        faults.append(_fault(f"fields.{index}", given, "A field is an object with name, label and kind."))
        return None
    name, label, kind = given.get("name"), given.get("label", given.get("name")), given.get("kind")
    for column, value in (("name", name), ("label", label)):
        if not isinstance(value, str) or not 1 <= len(value) <= MOST_LABEL_LENGTH:
            faults.append(_fault(f"fields.{index}.{column}", value, f"Write 1 to {MOST_LABEL_LENGTH} characters."))
    if kind not in tuple(FieldKind):
        faults.append(_fault(f"fields.{index}.kind", kind, f"A kind is one of {', '.join(FieldKind)}."))
    options = given.get("options", [])
    needs_options = kind in {FieldKind.CHOICE, FieldKind.CHOICES}
    if not _are_options(options, least=2 if needs_options else 0, most=MOST_OPTIONS if needs_options else 0):
        reason = f"A choice has 2 to {MOST_OPTIONS} different words to choose from; other kinds have none."
        faults.append(_fault(f"fields.{index}.options", options, reason))
    required = given.get("required", True)
    if not isinstance(required, bool):
        faults.append(_fault(f"fields.{index}.required", required, "Write true or false."))
    tolerance = given.get("tolerance", POINT_TOLERANCE if kind == FieldKind.POINT else 0.0)
    if not _is_number(tolerance) or float(tolerance) < 0:
        faults.append(_fault(f"fields.{index}.tolerance", tolerance, "A tolerance is a number from 0."))
    if len(faults) > before:
        return None
    return Field(str(name), str(label), FieldKind(str(kind)), tuple(options), required, float(tolerance))


def _are_options(options: object, *, least: int, most: int) -> bool:
    if not isinstance(options, list) or not least <= len(options) <= most:
        return False
    words = [one for one in options if isinstance(one, str) and 1 <= len(one) <= MOST_LABEL_LENGTH]
    return len(set(words)) == len(options)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _fault(column: str, value: object, reason: str, file: str = "form") -> Fault:
    return Fault(file, None, column, "" if value is None else str(value)[:60], reason)


def faults_of(form: AnswerForm, given: Mapping[str, object], *, file: str = "answer") -> tuple[Fault, ...]:
    """Return everything that is wrong with an answer; nothing when it fits the form.

    Parameters
    ----------
    given
        Value by name of the field; a field that is left out, or has the value ``None``, is not answered.
    file
        What a fault calls the input.
    """
    return tuple(_faults(form, given, file))


def _faults(form: AnswerForm, given: Mapping[str, object], file: str) -> Iterator[Fault]:
    for name in given.keys() - {one.name for one in form.fields}:
        yield _fault(str(name)[:60], given[name], Words("The form has no such field."), file)
    for one in form.fields:
        value = given.get(one.name)
        if value is None:
            if one.required:
                yield _fault(one.name, None, Words("“%(question)s” must be answered.", question=one.label), file)
        elif not _fits(one, value):
            yield _fault(one.name, value, _wanted(one), file)


def _fits(field: Field, value: object) -> bool:
    match field.kind:
        case FieldKind.CHOICE:
            return isinstance(value, str) and value in field.options
        case FieldKind.CHOICES:
            return (
                isinstance(value, list)
                and (bool(value) or not field.required)
                and all(isinstance(one, str) and one in field.options for one in value)
                and len(set(value)) == len(value)
            )
        case FieldKind.NUMBER:
            return _is_number(value)
        case FieldKind.TEXT:
            return isinstance(value, str) and 1 <= len(value) <= MOST_TEXT_LENGTH and "\0" not in value
        case FieldKind.POINT:
            return _point(value) is not None


def _wanted(field: Field) -> str:
    match field.kind:
        case FieldKind.CHOICE:
            return Words("Choose one of %(options)s.", options=", ".join(field.options))
        case FieldKind.CHOICES:
            return Words("Give a list of some of %(options)s, each once.", options=", ".join(field.options))
        case FieldKind.NUMBER:
            return Words("Write a number.")
        case FieldKind.TEXT:
            return Words("Write 1 to %(most)s characters.", most=MOST_TEXT_LENGTH)
        case FieldKind.POINT:
            return Words('Mark a place as {"x": 0.25, "y": 0.5}, from the left and from the top, each from 0 to 1.')


def _point(value: object) -> tuple[float, float] | None:
    match value:
        case {"x": int() | float() as x, "y": int() | float() as y, **rest} if not rest:
            is_inside = _is_number(x) and _is_number(y) and 0 <= x <= 1 and 0 <= y <= 1
            return (float(x), float(y)) if is_inside else None
    return None


def agrees(form: AnswerForm, one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Return whether two answers, or an answer and the known one, say the same; words are not compared.

    An answer that does not fit the form, as it was when the form was another one, agrees only where it says literally the same.
    """
    return all(
        _same(field, one.get(field.name), other.get(field.name)) for field in form.fields if field.kind is not FieldKind.TEXT
    )


def _same(field: Field, one: object, other: object) -> bool:
    if one is None or other is None or not (_fits(field, one) and _fits(field, other)):
        return one == other
    if field.kind is FieldKind.CHOICES and isinstance(one, Sequence) and isinstance(other, Sequence):
        return set(one) == set(other)
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) <= field.tolerance
    first, second = _point(one), _point(other)
    if first is not None and second is not None:
        return math.dist(first, second) <= field.tolerance
    return one == other

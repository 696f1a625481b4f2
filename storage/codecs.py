"""How values of the kernel are written in rows and documents, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from scheduling.plan import DAY_WORDS, HOME, LEAVE, NONE, OFF, OFFICE
from scheduling.rules import RuleSettings, Timing
from scheduling.shifts import BreakKind, BreakPolicy
from storage.metadata import DayKind, Place

Document = dict[str, Any]

KIND_OF_VALUE = {OFF: DayKind.OFF, LEAVE: DayKind.LEAVE, NONE: DayKind.NONE}
"""The kind of day of each plan value that is no shift type."""
PLACE_OF_VALUE = {OFFICE: Place.OFFICE, HOME: Place.HOME}


def rules_document(rules: RuleSettings) -> Document:
    """Return rule settings as a document."""
    return {name: str(value) if isinstance(value, Timing) else value for name, value in asdict(rules).items()}


def rules_of(document: Mapping[str, Any]) -> RuleSettings:
    """Return the rule settings of a document; a rule that it does not know yet takes its default."""
    known = {field.name for field in fields(RuleSettings)}
    given = {name: value for name, value in document.items() if name in known}
    if "timing" in given:
        given["timing"] = Timing(given["timing"])
    return RuleSettings(**given)


def policy_document(policy: BreakPolicy) -> Document:
    """Return a break policy as a document."""
    document = asdict(policy)
    document["breaks"] = [asdict(kind) for kind in policy.breaks]
    for kind in document["breaks"]:
        kind["window_minutes"] = None if kind["window_minutes"] is None else list(kind["window_minutes"])
    for pair in ("productive_minutes", "work_stretch_minutes"):
        document[pair] = list(document[pair])
    return document


def policy_of(document: Mapping[str, Any]) -> BreakPolicy:
    """Return the break policy of a document."""
    kinds = tuple(
        BreakKind(**{**kind, "window_minutes": None if kind["window_minutes"] is None else tuple(kind["window_minutes"])})
        for kind in document["breaks"]
    )
    pairs = {name: tuple(document[name]) for name in ("productive_minutes", "work_stretch_minutes")}
    return BreakPolicy(**{**document, **pairs, "breaks": kinds})


def day_columns(value: str, shift_ids: Mapping[str, int]) -> tuple[str, int | None]:
    """Return kind and shift type of a day value (a shift code, or a word of `DAY_WORDS`)."""
    if value in DAY_WORDS.values():
        return value, None
    return DayKind.SHIFT.value, shift_ids[value]


def day_value(kind: str, shift_code: str | None) -> str:
    """Return the day value of kind and shift code."""
    return kind if shift_code is None else shift_code

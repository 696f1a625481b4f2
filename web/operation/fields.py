"""Forms described as data: what a field is called, what it means, where its default comes from, and what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from flask import request

from interchange.faults import FaultList
from interchange.rows import Row
from scheduling.errors import Fault
from services.records import Change

FILE: Final = "form"
WHOLE_FORM: Final = 0
"""The line of a fault that belongs to no line of a part."""


class Kind(StrEnum):
    """How a field is typed into."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    CHOICE = "choice"
    TICKS = "ticks"


@dataclass(frozen=True)
class Field:
    """One field of a form.

    Parameters
    ----------
    meaning
        What the value does, one sentence.
    source
        Where the default comes from: a law, a standard, the contract, the design; empty where there is no default.
    default
        The value of a new record, as text.
    choices
        Value and words of each choice.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    meaning: str = ""
    source: str = ""
    default: str = ""
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ShownField:
    """A field with its value (several for ticks), what is wrong with it, and who changed it last."""

    field: Field
    value: str
    faults: tuple[str, ...] = ()
    change: Change | None = None

    @property
    def ticked(self) -> frozenset[str]:
        """The choices that are ticked."""
        return frozenset(self.value.split(";"))

    @property
    def is_default(self) -> bool:
        """Whether the value is the default, where there is one."""
        return bool(self.field.source) and self.value == self.field.default


COLUMN_WORDS: Final = {"count": "how many", "earliest": "earliest start", "latest": "latest start"}
"""Columns of tables in forms whose names do not say what stands above them."""


@dataclass(frozen=True)
class FormModel:
    """A form as its template shows it.

    Parameters
    ----------
    faults
        What is wrong with the whole, and with parts that have no field of their own.
    seen
        Fingerprint of what was opened; empty for something new.
    faulty
        Line and column of what is wrong in a table of the form.
    """

    fields: tuple[ShownField, ...]
    faults: tuple[str, ...] = ()
    seen: str = ""
    parts: Mapping[str, Sequence[object]] = field(default_factory=dict)
    faulty: frozenset[tuple[int, str]] = frozenset()

    @property
    def fault_count(self) -> int:
        """How many things are wrong."""
        return len(self.faults) + sum(len(one.faults) for one in self.fields)


class Typed:
    """What was typed into a form, read by the same reader as the cells of files, every fault noted."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.faults = FaultList()
        cells = [";".join(request.form.getlist(one.name)) for one in fields]
        self.row = Row(self.faults, FILE, WHOLE_FORM, cells, {one.name: place for place, one in enumerate(fields)})
        self.values = {one.name: self.row.cell(one.name) for one in fields}

    def lines(self, *names: str) -> list[Row]:
        """Return the lines of a part with several of the same fields, those without anything left out."""
        columns = [[value.strip() for value in request.form.getlist(name)] for name in names]
        index = {name: place for place, name in enumerate(names)}
        found = enumerate(zip(*columns, strict=False), 1)
        return [Row(self.faults, FILE, number, list(cells), index) for number, cells in found if any(cells)]

    def count(self) -> int:
        """Return how many faults there are so far."""
        return len(self.faults)


def form_model(
    fields: Sequence[Field],
    values: Mapping[str, str],
    *,
    faults: Sequence[Fault] = (),
    changes: Mapping[str, Change] | None = None,
    seen: str = "",
    parts: Mapping[str, Sequence[object]] | None = None,
) -> FormModel:
    """Return a form with each fault beside its field; those of no field stand above all."""
    names = {one.name for one in fields}
    beside = {
        name: tuple(dict.fromkeys(_said(one) for one in faults if one.column == name)) for name in names
    }  # the same sentence once
    shown = (
        ShownField(one, values.get(one.name, one.default), beside[one.name], (changes or {}).get(one.name)) for one in fields
    )
    above = tuple(dict.fromkeys(_said(one) for one in faults if one.column not in names))
    faulty = frozenset((one.row, one.column) for one in faults if one.row)
    return FormModel(tuple(shown), above, seen, parts or {}, faulty)


def _said(fault: Fault) -> str:
    place = f", {COLUMN_WORDS.get(fault.column, fault.column.replace('_', ' '))}" if fault.column else ""
    return fault.reason if not fault.row else f"Line {fault.row}{place}: {fault.reason}"


def seen() -> str:
    """Return the fingerprint that the form was opened with."""
    return request.form.get("seen", "")[:64]

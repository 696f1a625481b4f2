"""The catalogue of tables: how constraints are named, and the column shapes that several tables share."""

from __future__ import annotations

from datetime import datetime
from enum import Enum, StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import ENUM

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


class DayKind(StrEnum):
    """What a day of an associate is."""

    SHIFT = "shift"
    """A working day; the shift type says when."""
    OFF = "off"
    """A weekly day off."""
    LEAVE = "leave"
    """Approved leave."""
    NONE = "none"
    """Outside the contract, or unknown."""


class RosterState(StrEnum):
    """Where a roster stands."""

    DRAFT = "draft"
    """Built, seen by planners only."""
    PUBLISHED = "published"
    """In force on at least one day."""
    SUPERSEDED = "superseded"
    """Was published; other rosters are in force on all of its days."""


class RunState(StrEnum):
    """Where a planning run stands."""

    QUEUED = "queued"
    """Waits for a worker."""
    RUNNING = "running"
    """A worker builds the roster."""
    STOPPING = "stopping"
    """Somebody asked it to stop; it will end with the best roster so far."""
    DONE = "done"
    """Ended with a draft."""
    FAILED = "failed"
    """Ended without one; the message says why."""


class RunKind(StrEnum):
    """What a planning run is asked to do."""

    ROSTER = "roster"
    """Build a roster anew; it ends with a draft."""
    REPAIR = "repair"
    """Mend a roster with the least change; it ends with a draft beside the roster."""
    SCENARIO = "scenario"
    """Answer a scenario; its result stays with the scenario, and no roster is made."""
    ROTATION = "rotation"
    """Look for a rotation; it belongs to no days, and no roster is made."""


class RotationState(StrEnum):
    """What is known of a rotation."""

    FEASIBLE = "feasible"
    """There is one; its days are stored."""
    INFEASIBLE = "infeasible"
    """It is proven that there is none; the explanation says why."""
    UNKNOWN = "unknown"
    """The time ended before an answer was there."""


class Place(StrEnum):
    """Where a shift is worked."""

    OFFICE = "office"
    HOME = "home"


def enum_type(words: type[Enum], name: str) -> ENUM:
    """Return the PostgreSQL enum of a class of words; rows carry the plain words."""
    return ENUM(*[str(word.value) for word in words], name=name, metadata=metadata)


def key() -> Column[int]:
    """Return a generated primary key."""
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


def reference(table: str, *, name: str = "", nullable: bool = False, cascade: bool = False, index: bool = False) -> Column[int]:
    """Return a reference to the row of another table; with `cascade` the row goes when the other goes."""
    target = ForeignKey(f"{table}.id", ondelete="CASCADE" if cascade else None)
    return Column(name or f"{table}_id", BigInteger, target, nullable=nullable, index=index)


def instant(name: str, *, nullable: bool = False) -> Column[datetime]:
    """Return a point in time, stored in UTC."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def words(name: str, *, nullable: bool = False) -> Column[str]:
    """Return a text."""
    return Column(name, Text, nullable=nullable)


def finite(column: str, *, least: str = "'-Infinity'") -> CheckConstraint:
    """Return the check that a number is finite and not below `least`; not-a-number is above infinity and refused as well."""
    comparison = ">" if "Infinity" in least else ">="
    return CheckConstraint(f"{column} {comparison} {least} AND {column} < 'Infinity'", name=f"{column}_finite")

"""Tables of offers: overtime and voluntary time off, taken in the order of coming."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from storage.metadata import enum_type, instant, key, metadata, reference, words


class OfferKind(StrEnum):
    """What is offered."""

    OVERTIME = "overtime"
    """A further shift on a day off."""
    TIME_OFF = "time_off"
    """A shift may be given up."""


class TakeState(StrEnum):
    """Where an associate stands in an offer."""

    TAKEN = "taken"
    """Has one of the places; the roster in force is changed."""
    WAITING = "waiting"
    """All places were gone; moves up when one is given back."""
    GIVEN_BACK = "given_back"
    """Gave the place back, or stopped waiting."""
    MISSED = "missed"
    """Waited until the offer was over."""


offer_kind = enum_type(OfferKind, "offer_kind")
take_state = enum_type(TakeState, "take_state")

offer = Table(
    "offer",
    metadata,
    key(),
    reference("site", index=True),
    reference("team", nullable=True),
    Column("kind", offer_kind, nullable=False),
    Column("day", Date, nullable=False),
    reference("shift_type", nullable=True),
    reference("skill", nullable=True),
    Column("places", SmallInteger, nullable=False),
    instant("closes_at"),
    words("note"),
    words("made_by"),
    instant("made_at"),
    instant("ended_at", nullable=True),
    words("ended_by", nullable=True),
    UniqueConstraint("id", "places"),
    CheckConstraint("places BETWEEN 1 AND 1000", name="places"),
    CheckConstraint("made_at < closes_at", name="deadline"),
    CheckConstraint("kind <> 'overtime' OR shift_type_id IS NOT NULL", name="shift"),
    CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
    Index("ix_offer_open", "closes_at", postgresql_where=text("ended_at IS NULL")),
    comment="So many places on a day, for a team or the whole site, for those who have a skill; open until closes_at.",
)

offer_take = Table(
    "offer_take",
    metadata,
    key(),
    Column("offer_id", BigInteger, nullable=False),
    Column("places", SmallInteger, nullable=False),
    reference("associate", cascade=True, index=True),
    Column("state", take_state, nullable=False),
    Column("place", SmallInteger),
    instant("asked_at"),
    instant("ended_at", nullable=True),
    # The number of places stands in the key, so that the check below holds a place against it.
    ForeignKeyConstraint(["offer_id", "places"], ["offer.id", "offer.places"], ondelete="CASCADE"),
    CheckConstraint("(state = 'taken') = (place IS NOT NULL)", name="place"),
    CheckConstraint("place BETWEEN 1 AND places", name="places"),
    CheckConstraint("(state IN ('given_back', 'missed')) = (ended_at IS NOT NULL)", name="ended"),
    Index("ix_offer_take_one_winner", "offer_id", "place", unique=True, postgresql_where=text("place IS NOT NULL")),
    Index("ix_offer_take_one_each", "offer_id", "associate_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    comment="Who took a place of an offer or waits for one, in the order of id; a place has one winner.",
)

"""Tables of editing: what was changed in rosters by hand, and who looks at which of them now."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
)
from sqlalchemy.dialects.postgresql import JSONB

from storage.metadata import instant, metadata, reference, words

roster_edit = Table(
    "roster_edit",
    metadata,
    reference("roster", cascade=True),
    Column("version", Integer, nullable=False),
    instant("made_at"),
    words("made_by"),
    words("client"),
    words("why"),
    Column("undoes_version", Integer),
    PrimaryKeyConstraint("roster_id", "version"),
    ForeignKeyConstraint(["roster_id", "undoes_version"], ["roster_edit.roster_id", "roster_edit.version"]),
    CheckConstraint("undoes_version < version", name="undoes"),
    comment="One edit by hand, by the version of the roster that it made; who follows a roster reads on from the last one seen.",
)

roster_edit_cell = Table(
    "roster_edit_cell",
    metadata,
    Column("roster_id", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    reference("associate"),
    Column("day", Date, nullable=False),
    Column("before", JSONB, nullable=False),
    Column("after", JSONB, nullable=False),
    PrimaryKeyConstraint("roster_id", "version", "associate_id", "day"),
    ForeignKeyConstraint(["roster_id", "version"], ["roster_edit.roster_id", "roster_edit.version"], ondelete="CASCADE"),
    Index("ix_roster_edit_cell_cell", "roster_id", "associate_id", "day"),
    comment="One day of one associate before and after an edit, with place and breaks, so that it can be undone exactly.",
)

roster_viewer = Table(
    "roster_viewer",
    metadata,
    reference("roster", cascade=True),
    words("client"),
    words("name"),
    instant("seen_at"),
    Column("associate_id", BigInteger),
    Column("day", Date),
    PrimaryKeyConstraint("roster_id", "client"),
    CheckConstraint("num_nulls(associate_id, day) IN (0, 2)", name="cell"),
    comment="Who has a roster open, and which cell is looked at; a row that is not renewed says nothing any more.",
)

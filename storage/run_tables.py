"""Tables of what happens: planning runs with their progress, and the audit trail."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Float, Index, Integer, SmallInteger, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from storage.metadata import RunState, enum_type, instant, key, metadata, reference, words

run_state = enum_type(RunState, "run_state")

planning_run = Table(
    "planning_run",
    metadata,
    key(),
    reference("site"),
    Column("first_day", Date, nullable=False),
    Column("weeks", SmallInteger, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("state", run_state, nullable=False),
    words("requested_by"),
    instant("requested_at"),
    instant("started_at", nullable=True),
    instant("heartbeat_at", nullable=True),
    instant("finished_at", nullable=True),
    words("stop_requested_by", nullable=True),
    words("worker", nullable=True),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("phase", words("phase").type, nullable=False, server_default=""),
    Column("done", Float, nullable=False, server_default="0"),
    Column("objective", Float),
    Column("bound", Float),
    Column("message", words("message").type, nullable=False, server_default=""),
    reference("roster", nullable=True),
    CheckConstraint("weeks BETWEEN 1 AND 53", name="weeks"),
    CheckConstraint("seconds > 0 AND seconds < 'Infinity'", name="seconds"),
    CheckConstraint("done BETWEEN 0 AND 1", name="done"),
    CheckConstraint(
        "(state IN ('running', 'stopping')) <= (started_at IS NOT NULL AND heartbeat_at IS NOT NULL AND worker IS NOT NULL) "
        "AND (state IN ('done', 'failed')) = (finished_at IS NOT NULL) AND (state = 'done') = (roster_id IS NOT NULL)",
        name="state",
    ),
    Index(
        "ix_planning_run_one_active",
        "site_id",
        unique=True,
        postgresql_where=text("state IN ('queued', 'running', 'stopping')"),
    ),
    Index("ix_planning_run_queue", "requested_at", postgresql_where=text("state = 'queued'")),
    comment="One request to build a roster, from queued to done or failed; a site has at most one that is not ended.",
)

planning_step = Table(
    "planning_step",
    metadata,
    key(),
    reference("planning_run", cascade=True, index=True),
    instant("recorded_at"),
    words("phase"),
    Column("done", Float, nullable=False),
    Column("objective", Float),
    Column("bound", Float),
    comment="How objective and bound of a planning run moved.",
)

audit = Table(
    "audit",
    metadata,
    key(),
    instant("recorded_at"),
    words("actor"),
    words("action"),
    words("subject"),
    Column("subject_id", BigInteger, nullable=False),
    Column("subject_version", Integer),
    Column("detail", JSONB, nullable=False),
    Index("ix_audit_subject_subject_id", "subject", "subject_id"),
    comment="Who did what when; a trigger refuses to change or remove entries.",
)

"""Tables of what happens: planning runs with their progress, and the audit trail."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Float, Index, Integer, SmallInteger, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from storage.metadata import RunKind, RunState, enum_type, instant, key, metadata, reference, words

run_state = enum_type(RunState, "run_state")
run_kind = enum_type(RunKind, "run_kind")
ACTIVE = "state IN ('queued', 'running', 'stopping')"

planning_run = Table(
    "planning_run",
    metadata,
    key(),
    reference("site"),
    Column("first_day", Date),
    Column("weeks", SmallInteger),
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
    Column("kind", run_kind, nullable=False, server_default="roster"),
    reference("roster", name="base_roster_id", nullable=True, index=True),
    Column("base_version", Integer),
    Column("task", JSONB, nullable=False, server_default=text("'{}'")),
    CheckConstraint("weeks BETWEEN 1 AND 53", name="weeks"),
    CheckConstraint("(first_day IS NULL) = (kind = 'rotation') AND (weeks IS NULL) = (kind = 'rotation')", name="days"),
    CheckConstraint("seconds > 0 AND seconds < 'Infinity'", name="seconds"),
    CheckConstraint("done BETWEEN 0 AND 1", name="done"),
    CheckConstraint(
        "(state IN ('running', 'stopping')) <= (started_at IS NOT NULL AND heartbeat_at IS NOT NULL AND worker IS NOT NULL) "
        "AND (state IN ('done', 'failed')) = (finished_at IS NOT NULL) "
        "AND (roster_id IS NOT NULL) = (state = 'done' AND kind NOT IN ('scenario', 'rotation'))",
        name="state",
    ),
    CheckConstraint(
        "(kind = 'repair') <= (base_roster_id IS NOT NULL) AND (base_roster_id IS NULL) = (base_version IS NULL)", name="base"
    ),
    Index("ix_planning_run_one_active", "site_id", unique=True, postgresql_where=text(f"{ACTIVE} AND kind = 'roster'")),
    Index("ix_planning_run_one_repair", "base_roster_id", unique=True, postgresql_where=text(f"{ACTIVE} AND kind = 'repair'")),
    Index("ix_planning_run_queue", "requested_at", postgresql_where=text("state = 'queued'")),
    comment="One request to a planner, from queued to done or failed: a site has at most one active that builds a roster anew, "
    "and a roster at most one that repairs it; task says what is asked beside days, seed and time, and of a rotation all of it.",
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

scenario = Table(
    "scenario",
    metadata,
    key(),
    reference("site", index=True),
    reference("roster", name="base_roster_id", cascade=True, index=True),
    words("name"),
    instant("created_at"),
    words("created_by"),
    Column("document", JSONB, nullable=False),
    Column("result", JSONB),
    instant("solved_at", nullable=True),
    CheckConstraint("(result IS NULL) = (solved_at IS NULL)", name="solved"),
    CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
    comment="A copy of a roster under other people, rules or volumes; the document says what differs, and touches nothing else.",
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

"""Tables of the work itself: jobs, the tasks that are handed out for them, and the answers."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Interval,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from scheduling.jobs import MediaKind, TaskState
from storage.metadata import enum_type, instant, key, metadata, reference, words

media_kind = enum_type(MediaKind, "media_kind")
task_state = enum_type(TaskState, "task_state")

job = Table(
    "job",
    metadata,
    key(),
    reference("site"),
    reference("queue"),
    words("reference"),
    Column("media_kind", media_kind, nullable=False),
    words("media_url"),
    words("media_text"),
    Column("priority", SmallInteger, nullable=False),
    instant("arrived_at"),
    instant("due_at"),
    Column("known_answer", JSONB),
    Column("answers_wanted", SmallInteger, nullable=False),
    UniqueConstraint("site_id", "reference"),
    Index("ix_job_arrived_at", "arrived_at", postgresql_using="brin"),
    CheckConstraint("priority BETWEEN 0 AND 9", name="priority"),
    CheckConstraint("answers_wanted BETWEEN 1 AND 2", name="answers_wanted"),
    CheckConstraint("arrived_at < due_at", name="due"),
    CheckConstraint("(media_kind = 'text') = (media_text <> '') AND (media_kind = 'text') = (media_url = '')", name="media"),
    comment="One item of work as it arrived; a row never changes. queue_id is the queue in which it arrived.",
)

task = Table(
    "task",
    metadata,
    key(),
    Column("job_id", BigInteger, ForeignKey("job.id"), nullable=False),
    # No foreign keys on what a claim reads or writes: they lock the rows that all claims share. A job brings its queue, a desk
    # its associate.
    Column("queue_id", BigInteger, nullable=False),
    Column("state", task_state, nullable=False),
    instant("rank_at"),
    instant("arrived_at"),
    instant("due_at"),
    Column("is_double", Boolean, nullable=False),
    Column("is_gold", Boolean, nullable=False),
    Column("associate_id", BigInteger),
    Column("is_ahead", Boolean),
    Column("lease_token", Uuid),
    instant("leased_at", nullable=True),
    instant("started_at", nullable=True),
    instant("expires_at", nullable=True),
    Column("returned_by", ARRAY(BigInteger)),
    CheckConstraint(
        "CASE state WHEN 'waiting' THEN num_nonnulls(associate_id, is_ahead, lease_token, leased_at, started_at, expires_at) = 0 "
        "WHEN 'leased' THEN num_nulls(associate_id, is_ahead, lease_token, leased_at, expires_at) = 0 "
        "AND is_ahead = (started_at IS NULL) "
        "WHEN 'answered' THEN associate_id IS NOT NULL AND NOT is_ahead AND lease_token IS NOT NULL "
        "ELSE associate_id IS NULL END",
        name="state",
    ),
    # The statement of the claim reads the head of a queue from here; see the function claim_task.
    Index("ix_task_waiting", "queue_id", "rank_at", "id", postgresql_where=text("state = 'waiting'")),
    Index("ix_task_one_open_lease", "associate_id", "is_ahead", unique=True, postgresql_where=text("state = 'leased'")),
    Index("ix_task_double_audit", "job_id", "associate_id", unique=True, postgresql_where=text("is_double")),
    comment="One wanted answer: waiting, leased, answered or cancelled. Its id is 2 x job, for a second one 2 x job + 1.",
)

answer = Table(
    "answer",
    metadata,
    Column("task_id", BigInteger, ForeignKey("task.id"), nullable=False),
    Column("queue_id", BigInteger, nullable=False),
    Column("associate_id", BigInteger, nullable=False),
    Column("given", JSONB, nullable=False),
    instant("started_at"),
    instant("answered_at"),
    Column("handling_seconds", Float, nullable=False),
    Column("is_in_sla", Boolean, nullable=False),
    Column("awaits_grading", Boolean, nullable=False),
    Column("is_correct", Boolean),
    Column("is_agreed", Boolean),
    PrimaryKeyConstraint("task_id"),
    CheckConstraint("handling_seconds >= 0 AND handling_seconds < 'Infinity'", name="handling_seconds"),
    Index("ix_answer_answered_at", "answered_at", postgresql_using="brin"),
    Index("ix_answer_associate_id_answered_at", "associate_id", "answered_at"),
    Index("ix_answer_awaits_grading", "task_id", postgresql_where=text("awaits_grading")),
    comment="The one answer to a task; is_correct is set for gold jobs, is_agreed once a double audit has both answers.",
)

queue_head = Table(
    "queue_head",
    metadata,
    reference("queue", cascade=True),
    instant("rank_from"),
    PrimaryKeyConstraint("queue_id"),
    comment="No task of the queue waits with an earlier rank_at; a claim looks from here on, past the dead entries.",
)

route = Table(
    "route",
    metadata,
    reference("queue", name="from_queue_id"),
    reference("queue", name="to_queue_id"),
    Column("share", Float, nullable=False),
    Column("credit", Float, nullable=False, server_default="0"),
    PrimaryKeyConstraint("from_queue_id", "to_queue_id"),
    CheckConstraint("share > 0 AND share <= 1", name="share"),
    CheckConstraint("from_queue_id <> to_queue_id", name="ends"),
    comment="The share of the jobs arriving in one queue from now on that is put into another; credit is what it is owed.",
)

lane = Table(
    "lane",
    metadata,
    reference("associate", cascade=True),
    reference("queue", cascade=True),
    Column("weight", Float, nullable=False),
    Column("relative_speed", Float, nullable=False),
    Column("handling_mean_seconds", Float, nullable=False),
    Column("handling_p95", Interval, nullable=False),
    Column("lease", Interval, nullable=False),
    Column("reserved_from", Float, nullable=False),
    Column("reserved_until", Float, nullable=False),
    PrimaryKeyConstraint("associate_id", "queue_id"),
    CheckConstraint("weight >= 0 AND weight < 'Infinity'", name="weight"),
    CheckConstraint("relative_speed > 0 AND handling_mean_seconds > 0", name="speed"),
    CheckConstraint("0 <= reserved_from AND reserved_from <= reserved_until AND reserved_until <= 1", name="reserved"),
    comment="What an associate may take now and how much it counts: skills, mix and handling times in one row for the claim.",
    postgresql_with={"fillfactor": "70"},
)

queue_minute = Table(
    "queue_minute",
    metadata,
    Column("queue_id", BigInteger, nullable=False),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("arrived", BigInteger, nullable=False),
    Column("answered", BigInteger, nullable=False),
    Column("answered_in_sla", BigInteger, nullable=False),
    Column("handling_seconds", Float, nullable=False),
    PrimaryKeyConstraint("queue_id", "starts_at"),
    comment="What happened in each queue in the minute that starts here, so that live pages need not count answers.",
)

upload = Table(
    "upload",
    metadata,
    key(),
    reference("site"),
    Column("file_name", Text, nullable=False),
    Column("jobs", BigInteger, nullable=False),
    Column("known_jobs", BigInteger, nullable=False),
    words("uploaded_by"),
    instant("uploaded_at"),
    comment="A file of jobs that was taken whole.",
)

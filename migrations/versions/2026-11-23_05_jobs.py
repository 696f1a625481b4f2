"""Jobs, the tasks handed out for them, answers, and the claim."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_05"
down_revision = "20261123_04"
branch_labels = None
depends_on = None

MEDIA_KIND = postgresql.ENUM("video", "image", "text", name="media_kind", create_type=False)
TASK_STATE = postgresql.ENUM("waiting", "leased", "answered", "cancelled", name="task_state", create_type=False)

# Types are made once here, because several tables share them; the comment explains each word.
TYPES = {
    MEDIA_KIND: "video: played from its address; image: shown from its address; text: read as it stands.",
    TASK_STATE: (
        "waiting: in its queue; leased: in the hands of one associate, or loaded ahead; answered: once "
        "and for all; cancelled: withdrawn by the sender."
    ),
}

# A plan is kept for as long as a session lives: one that was made while the tables were nearly empty would read all of them, and
# go on doing so when a hundred thousand jobs have come (measured: 20 ms a claim instead of 0.3 ms).
CLAIM_TASK = """
CREATE FUNCTION claim_task(p_associate_id bigint, p_now timestamptz, p_free_at timestamptz, p_is_ahead boolean)
RETURNS SETOF task LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
DECLARE
    v_ends_at timestamptz;
    v_point float8;
    v_lane record;
    v_missed bigint[] := '{}';
BEGIN
    -- A claim that is lost in a crash leaves its task in the queue, so it need not wait for the disk; an answer does.
    PERFORM set_config('synchronous_commit', 'off', true);

    SELECT s.ends_at INTO v_ends_at
    FROM desk d
    CROSS JOIN LATERAL (
        SELECT w.ends_at FROM stretch w
        WHERE w.associate_id = d.associate_id AND w.starts_at <= p_now ORDER BY w.starts_at DESC LIMIT 1
    ) s
    WHERE d.associate_id = p_associate_id AND d.state = 'working' AND p_now < s.ends_at;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    -- The multiples of the golden ratio are spread so evenly that each reserved interval gets its share in every short run.
    v_point := nextval('claim_number') * 0.6180339887498949::float8;
    v_point := v_point - floor(v_point);

    LOOP
        -- Which queue: the generalised c-mu index over the heads, unless it is the turn of a reserved share.
        SELECT l.queue_id, l.lease, h.rank_from INTO v_lane
        FROM lane l
        JOIN queue_head h ON h.queue_id = l.queue_id
        CROSS JOIN LATERAL (
            SELECT t.arrived_at,
                greatest(0.001, extract(epoch FROM t.due_at - t.arrived_at)::float8) AS sla_seconds,
                greatest(0, extract(epoch FROM p_now - t.arrived_at)::float8) AS age_seconds
            FROM task t
            WHERE t.queue_id = l.queue_id AND t.state = 'waiting' AND t.rank_at >= h.rank_from
                AND t.returned_by_associate_id IS DISTINCT FROM p_associate_id
                AND NOT (t.is_double AND EXISTS (
                    SELECT FROM task o WHERE o.job_id = t.job_id AND o.is_double AND o.associate_id = p_associate_id))
            ORDER BY t.rank_at, t.id LIMIT 1
        ) head
        WHERE l.associate_id = p_associate_id AND l.weight > 0 AND p_free_at + l.handling_p95 <= v_ends_at
            AND l.queue_id <> ALL (v_missed)
        ORDER BY (v_point >= l.reserved_from AND v_point < l.reserved_until) DESC,
            l.weight / head.sla_seconds * (head.age_seconds / head.sla_seconds) * (head.age_seconds / head.sla_seconds)
                * (head.age_seconds / head.sla_seconds) DESC,
            head.arrived_at, l.queue_id
        LIMIT 1;
        IF NOT FOUND THEN
            RETURN;
        END IF;

        -- The head of that queue that nobody else is taking at this moment.
        RETURN QUERY
        UPDATE task SET
            state = 'leased', associate_id = p_associate_id, is_ahead = p_is_ahead, lease_token = gen_random_uuid(),
            leased_at = p_now, started_at = CASE WHEN p_is_ahead THEN NULL ELSE p_now END,
            expires_at = p_free_at + v_lane.lease
        WHERE id = (
            SELECT t.id FROM task t
            WHERE t.queue_id = v_lane.queue_id AND t.state = 'waiting' AND t.rank_at >= v_lane.rank_from
                AND t.returned_by_associate_id IS DISTINCT FROM p_associate_id
                AND NOT (t.is_double AND EXISTS (
                    SELECT FROM task o WHERE o.job_id = t.job_id AND o.is_double AND o.associate_id = p_associate_id))
            ORDER BY t.rank_at, t.id LIMIT 1
            FOR UPDATE SKIP LOCKED
        )
        RETURNING *;
        IF FOUND THEN
            RETURN;
        END IF;
        v_missed := v_missed || v_lane.queue_id;
    END LOOP;
END $$
"""

ADVANCE_QUEUE_HEADS = """
CREATE FUNCTION advance_queue_heads() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_queue_id bigint;
BEGIN
    -- Whoever puts tasks into a queue lowers its head first and keeps that row locked until they are there, so what is looked
    -- for after the lock was had misses none of them.
    FOR v_queue_id IN SELECT queue_id FROM queue_head ORDER BY queue_id LOOP
        PERFORM FROM queue_head WHERE queue_id = v_queue_id FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
            UPDATE queue_head SET rank_from = coalesce(
                (SELECT min(t.rank_at) FROM task t WHERE t.queue_id = v_queue_id AND t.state = 'waiting'), 'infinity')
            WHERE queue_id = v_queue_id;
        END IF;
    END LOOP;
END $$
"""

FUNCTIONS = {
    "claim_task(bigint, timestamptz, timestamptz, boolean)": CLAIM_TASK,
    "advance_queue_heads()": ADVANCE_QUEUE_HEADS,
}


def upgrade() -> None:
    bind = op.get_bind()
    for enum, comment in TYPES.items():
        enum.create(bind)
        op.execute(f"COMMENT ON TYPE {enum.name} IS '{comment}'")

    op.create_table(
        "queue_minute",
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived", sa.BigInteger(), nullable=False),
        sa.Column("answered", sa.BigInteger(), nullable=False),
        sa.Column("answered_in_sla", sa.BigInteger(), nullable=False),
        sa.Column("handling_seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("queue_id", "starts_at", name=op.f("pk_queue_minute")),
        comment="What happened in each queue in the minute that starts here, so that live pages need not count answers.",
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("jobs", sa.BigInteger(), nullable=False),
        sa.Column("known_jobs", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_upload_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        comment="A file of jobs that was taken whole.",
    )
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("media_kind", MEDIA_KIND, nullable=False),
        sa.Column("media_url", sa.Text(), nullable=False),
        sa.Column("media_text", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("answers_wanted", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "(media_kind = 'text') = (media_text <> '') AND (media_kind = 'text') = (media_url = '')", name=op.f("ck_job_media")
        ),
        sa.CheckConstraint("answers_wanted BETWEEN 1 AND 2", name=op.f("ck_job_answers_wanted")),
        sa.CheckConstraint("arrived_at < due_at", name=op.f("ck_job_due")),
        sa.CheckConstraint("priority BETWEEN 0 AND 9", name=op.f("ck_job_priority")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_job_queue_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_job_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("site_id", "reference", name=op.f("uq_job_site_id_reference")),
        comment="One item of work as it arrived; a row never changes. queue_id is the queue in which it arrived.",
    )
    op.create_index("ix_job_arrived_at", "job", ["arrived_at"], unique=False, postgresql_using="brin")
    op.create_table(
        "lane",
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("relative_speed", sa.Float(), nullable=False),
        sa.Column("handling_mean_seconds", sa.Float(), nullable=False),
        sa.Column("handling_p95", sa.Interval(), nullable=False),
        sa.Column("lease", sa.Interval(), nullable=False),
        sa.Column("reserved_from", sa.Float(), nullable=False),
        sa.Column("reserved_until", sa.Float(), nullable=False),
        sa.CheckConstraint("weight >= 0 AND weight < 'Infinity'", name=op.f("ck_lane_weight")),
        sa.CheckConstraint(
            "0 <= reserved_from AND reserved_from <= reserved_until AND reserved_until <= 1", name=op.f("ck_lane_reserved")
        ),
        sa.CheckConstraint("relative_speed > 0 AND handling_mean_seconds > 0", name=op.f("ck_lane_speed")),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_lane_associate_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_lane_queue_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("associate_id", "queue_id", name=op.f("pk_lane")),
        comment="What an associate may take now and how much it counts: skills, mix and handling times in one row for the claim.",
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "queue_head",
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("rank_from", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_queue_head_queue_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("queue_id", name=op.f("pk_queue_head")),
        comment="No task of the queue waits with an earlier rank_at; a claim looks from here on, past the dead entries.",
    )
    op.create_table(
        "route",
        sa.Column("from_queue_id", sa.BigInteger(), nullable=False),
        sa.Column("to_queue_id", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.CheckConstraint("from_queue_id <> to_queue_id", name=op.f("ck_route_ends")),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_route_share")),
        sa.ForeignKeyConstraint(["from_queue_id"], ["queue.id"], name=op.f("fk_route_from_queue_id")),
        sa.ForeignKeyConstraint(["to_queue_id"], ["queue.id"], name=op.f("fk_route_to_queue_id")),
        sa.PrimaryKeyConstraint("from_queue_id", "to_queue_id", name=op.f("pk_route")),
        comment="The share of the jobs arriving in one queue from now on that is put into another; credit is what it is owed.",
    )
    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("state", TASK_STATE, nullable=False),
        sa.Column("rank_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_double", sa.Boolean(), nullable=False),
        sa.Column("is_gold", sa.Boolean(), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=True),
        sa.Column("is_ahead", sa.Boolean(), nullable=True),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("leased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_by_associate_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "CASE state WHEN 'waiting' THEN num_nonnulls(associate_id, is_ahead, lease_token, leased_at, "
            "started_at, expires_at) = 0 WHEN 'leased' THEN num_nulls(associate_id, is_ahead, lease_token, "
            "leased_at, expires_at) = 0 AND is_ahead = (started_at IS NULL) WHEN 'answered' THEN "
            "associate_id IS NOT NULL AND NOT is_ahead AND lease_token IS NOT NULL ELSE associate_id IS NULL "
            "END",
            name=op.f("ck_task_state"),
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_task_job_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        comment="One wanted answer: waiting, leased, answered or cancelled. Its id is 2 x job, for a second one 2 x job + 1.",
    )
    op.create_index(
        "ix_task_double_audit", "task", ["job_id", "associate_id"], unique=True, postgresql_where=sa.text("is_double")
    )
    op.create_index(
        "ix_task_one_open_lease", "task", ["associate_id", "is_ahead"], unique=True, postgresql_where=sa.text("state = 'leased'")
    )
    op.create_index(
        "ix_task_waiting", "task", ["queue_id", "rank_at", "id"], unique=False, postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_table(
        "answer",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("given", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handling_seconds", sa.Float(), nullable=False),
        sa.Column("is_in_sla", sa.Boolean(), nullable=False),
        sa.Column("awaits_grading", sa.Boolean(), nullable=False),
        sa.Column("is_correct", sa.Boolean(), nullable=True),
        sa.Column("is_agreed", sa.Boolean(), nullable=True),
        sa.CheckConstraint("handling_seconds >= 0 AND handling_seconds < 'Infinity'", name=op.f("ck_answer_handling_seconds")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_answer_task_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_answer")),
        comment="The one answer to a task; is_correct is set for gold jobs, is_agreed once a double audit has both answers.",
    )
    op.create_index("ix_answer_answered_at", "answer", ["answered_at"], unique=False, postgresql_using="brin")
    op.create_index("ix_answer_associate_id_answered_at", "answer", ["associate_id", "answered_at"], unique=False)
    op.create_index("ix_answer_awaits_grading", "answer", ["task_id"], unique=False, postgresql_where=sa.text("awaits_grading"))
    op.add_column("queue", sa.Column("weight", sa.Float(), server_default="1", nullable=False))
    op.add_column("queue", sa.Column("lease_seconds", sa.Integer(), server_default="180", nullable=False))
    op.add_column(
        "queue", sa.Column("form", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False)
    )
    op.create_table_comment(
        "queue",
        "A kind of work that needs one skill; form says what its answers look like, empty means the plainest one.",
        existing_comment="A kind of work that needs one skill.",
        schema=None,
    )
    op.create_check_constraint(op.f("ck_queue_weight"), "queue", "weight > 0 AND weight < 'Infinity'")
    op.create_check_constraint(op.f("ck_queue_lease_seconds"), "queue", "lease_seconds BETWEEN 10 AND 86400")
    op.execute("CREATE SEQUENCE claim_number CACHE 32")
    for function in FUNCTIONS.values():
        op.execute(function)


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
    op.execute("DROP SEQUENCE claim_number")
    op.drop_table("answer")
    op.drop_table("task")
    op.drop_table("route")
    op.drop_table("queue_head")
    op.drop_table("lane")
    op.drop_table("job")
    op.drop_table("upload")
    op.drop_table("queue_minute")
    for check in ("weight", "lease_seconds"):
        op.drop_constraint(f"ck_queue_{check}", "queue")
    for column in ("weight", "lease_seconds", "form"):
        op.drop_column("queue", column)
    for enum in TYPES:
        enum.drop(op.get_bind())

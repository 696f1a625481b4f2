"""Handing out work in one round trip: what an associate has, gets next, answers, and what goes back into the queues."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261123_08"
down_revision = "20261123_07"
branch_labels = None
depends_on = None

# Why the functions plan as they do is said beside `claim_task`.
WORK_IN_HAND = """
CREATE TYPE work_in_hand AS (
    is_ahead boolean, task_id bigint, job_id bigint, queue_id bigint, queue_name text, lease_token uuid, media_kind text,
    media_url text, media_text text, form text, started_at timestamptz, expires_at timestamptz, due_at timestamptz,
    works_until timestamptz
)
"""

LOWER_QUEUE_HEAD = """
CREATE FUNCTION lower_queue_head(p_queue_id bigint, p_rank_at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOOP
        UPDATE queue_head SET rank_from = p_rank_at WHERE queue_id = p_queue_id AND rank_from > p_rank_at;
        EXIT WHEN FOUND;
        -- It is low enough, and has to stay so until what is put into the queue can be seen. Many may hold it at once.
        PERFORM FROM queue_head WHERE queue_id = p_queue_id AND rank_from <= p_rank_at FOR SHARE;
        EXIT WHEN FOUND;
        INSERT INTO queue_head (queue_id, rank_from) VALUES (p_queue_id, p_rank_at) ON CONFLICT (queue_id) DO NOTHING;
        EXIT WHEN FOUND;
    END LOOP;
END $$
"""

PUT_BACK_TASKS = """
CREATE FUNCTION put_back_tasks(p_task_ids bigint[], p_returned_by bigint) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
BEGIN
    -- The caller has locked the tasks. Everybody locks tasks first, then heads in the order of queues.
    PERFORM lower_queue_head(q.queue_id, q.rank_at) FROM (
        SELECT t.queue_id, min(t.rank_at) AS rank_at FROM task t WHERE t.id = ANY (p_task_ids)
        GROUP BY t.queue_id ORDER BY t.queue_id
    ) q;
    UPDATE task SET
        state = 'waiting', associate_id = NULL, is_ahead = NULL, lease_token = NULL, leased_at = NULL, started_at = NULL,
        expires_at = NULL, returned_by_associate_id = coalesce(p_returned_by, returned_by_associate_id)
    WHERE id = ANY (p_task_ids) AND state = 'leased';
END $$
"""

HAND_OUT_WORK = """
CREATE FUNCTION hand_out_work(p_associate_id bigint, p_now timestamptz) RETURNS SETOF work_in_hand LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
DECLARE
    v_works boolean;
    v_ends_at timestamptz;
    v_lease record;
    v_has_open boolean := false;
    v_has_ahead boolean := false;
    v_promoted bigint;
    v_promoted_lease interval;
    v_free_at timestamptz := p_now;
    v_back bigint[] := '{}';
    v_queue_id bigint;
BEGIN
    SELECT d.state = 'working' AND s.ends_at IS NOT NULL, s.ends_at INTO v_works, v_ends_at
    FROM desk d
    LEFT JOIN LATERAL (
        SELECT w.ends_at FROM stretch w
        WHERE w.associate_id = d.associate_id AND w.starts_at <= p_now ORDER BY w.starts_at DESC LIMIT 1
    ) s ON p_now < s.ends_at
    WHERE d.associate_id = p_associate_id;
    v_works := coalesce(v_works, false);

    -- What the associate has: the open task first, then the one ahead. Everybody locks them in this order.
    FOR v_lease IN
        SELECT t.id, t.is_ahead, t.started_at, t.expires_at, l.weight, l.handling_p95, l.lease
        FROM task t LEFT JOIN lane l ON l.associate_id = t.associate_id AND l.queue_id = t.queue_id
        WHERE t.associate_id = p_associate_id AND t.state = 'leased' ORDER BY t.is_ahead FOR UPDATE OF t
    LOOP
        IF v_lease.expires_at <= p_now THEN
            v_back := v_back || v_lease.id;
        ELSIF NOT v_lease.is_ahead THEN
            v_has_open := true;
            v_free_at := greatest(p_now, v_lease.started_at + coalesce(v_lease.handling_p95, interval '0'));
        ELSIF v_works AND v_has_open THEN
            v_has_ahead := true;
        ELSIF v_works AND v_lease.weight > 0 AND p_now + v_lease.handling_p95 <= v_ends_at THEN
            v_promoted := v_lease.id;
            v_promoted_lease := v_lease.lease;
            v_free_at := p_now + v_lease.handling_p95;
        ELSE
            -- It would run into the break, or the mix has changed since it was loaded.
            v_back := v_back || v_lease.id;
        END IF;
    END LOOP;
    IF cardinality(v_back) > 0 THEN
        PERFORM put_back_tasks(v_back, NULL);
    END IF;
    IF v_promoted IS NOT NULL THEN
        UPDATE task SET is_ahead = false, started_at = p_now, expires_at = p_now + v_promoted_lease WHERE id = v_promoted;
        v_has_open := true;
    END IF;

    IF v_works AND NOT v_has_open THEN
        SELECT c.queue_id INTO v_queue_id FROM claim_task(p_associate_id, p_now, p_now, false) c;
        IF FOUND THEN
            v_has_open := true;
            SELECT p_now + l.handling_p95 INTO v_free_at
            FROM lane l WHERE l.associate_id = p_associate_id AND l.queue_id = v_queue_id;
        END IF;
    END IF;
    IF v_works AND v_has_open AND NOT v_has_ahead THEN
        PERFORM claim_task(p_associate_id, p_now, v_free_at, true);
    END IF;

    RETURN QUERY
    SELECT t.is_ahead, t.id, t.job_id, t.queue_id, q.name, t.lease_token, j.media_kind::text, j.media_url, j.media_text,
        q.form::text, t.started_at, t.expires_at, t.due_at, v_ends_at
    FROM task t JOIN job j ON j.id = t.job_id JOIN queue q ON q.id = t.queue_id
    WHERE v_has_open AND t.associate_id = p_associate_id AND t.state = 'leased' ORDER BY t.is_ahead;
END $$
"""

NEXT_WORK = """
CREATE FUNCTION next_work(p_associate_id bigint, p_now timestamptz) RETURNS SETOF work_in_hand LANGUAGE plpgsql AS $$
BEGIN
    -- What is lost in a crash is a lease, and its task is in the queue again; that need not wait for the disk.
    PERFORM set_config('synchronous_commit', 'off', true);
    RETURN QUERY SELECT * FROM hand_out_work(p_associate_id, p_now);
END $$
"""

ANSWER_TASK = """
CREATE FUNCTION answer_task(
    p_associate_id bigint, p_task_id bigint, p_token uuid, p_given jsonb, p_now timestamptz, p_handling_seconds float8
) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
BEGIN
    -- One statement, so that an answer is there exactly when its task is answered; of two at once the second finds no lease.
    WITH taken AS (
        UPDATE task SET state = 'answered'
        WHERE id = p_task_id AND associate_id = p_associate_id AND lease_token = p_token AND state = 'leased' AND NOT is_ahead
            AND expires_at > p_now
        RETURNING id, queue_id, associate_id, started_at, due_at, is_gold OR is_double AS awaits_grading,
            greatest(0, extract(epoch FROM p_now - started_at))::float8 AS elapsed_seconds
    )
    INSERT INTO answer (
        task_id, queue_id, associate_id, given, started_at, answered_at, handling_seconds, is_in_sla, awaits_grading
    )
    SELECT id, queue_id, associate_id, p_given, started_at, p_now,
        least(elapsed_seconds, greatest(0, coalesce(p_handling_seconds, elapsed_seconds))), p_now <= due_at, awaits_grading
    FROM taken;
    RETURN FOUND;
END $$
"""

ANSWER_AND_NEXT = """
CREATE FUNCTION answer_and_next(
    p_associate_id bigint, p_task_id bigint, p_token uuid, p_given jsonb, p_now timestamptz, p_handling_seconds float8
) RETURNS SETOF work_in_hand LANGUAGE plpgsql AS $$
DECLARE
    v_synchronous_commit text := current_setting('synchronous_commit');
    v_nothing work_in_hand;
BEGIN
    -- No row: the answer was not taken. An empty row: it was, and there is no work.
    IF NOT answer_task(p_associate_id, p_task_id, p_token, p_given, p_now, p_handling_seconds) THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT * FROM hand_out_work(p_associate_id, p_now);
    IF NOT FOUND THEN
        RETURN NEXT v_nothing;
    END IF;
    -- A claim does not wait for the disk, but the answer in the same transaction does.
    PERFORM set_config('synchronous_commit', v_synchronous_commit, true);
END $$
"""

RETURN_TASK = """
CREATE FUNCTION return_task(p_associate_id bigint, p_task_id bigint, p_token uuid, p_now timestamptz)
RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
BEGIN
    PERFORM FROM task
    WHERE id = p_task_id AND associate_id = p_associate_id AND lease_token = p_token AND state = 'leased' AND NOT is_ahead
        AND expires_at > p_now
    FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM put_back_tasks(ARRAY[p_task_id], p_associate_id);
    RETURN true;
END $$
"""

SWEEP_LEASES = """
CREATE FUNCTION sweep_leases(p_now timestamptz) RETURNS bigint LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
DECLARE
    v_expired bigint[];
BEGIN
    -- A lease that somebody is answering, extending or taking back at this moment is left to them.
    SELECT array_agg(e.id) INTO v_expired FROM (
        SELECT t.id FROM task t WHERE t.state = 'leased' AND t.expires_at <= p_now ORDER BY t.id FOR UPDATE SKIP LOCKED
    ) e;
    IF v_expired IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM put_back_tasks(v_expired, NULL);
    RETURN cardinality(v_expired);
END $$
"""

EXTEND_LEASES = """
CREATE FUNCTION extend_leases(p_associate_id bigint, p_now timestamptz, OUT works_until timestamptz, OUT expires_at timestamptz)
LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    SELECT s.ends_at INTO works_until
    FROM desk d
    CROSS JOIN LATERAL (
        SELECT w.ends_at FROM stretch w
        WHERE w.associate_id = d.associate_id AND w.starts_at <= p_now ORDER BY w.starts_at DESC LIMIT 1
    ) s
    WHERE d.associate_id = p_associate_id AND d.state = 'working' AND p_now < s.ends_at;
    IF FOUND THEN
        -- A page that is left open keeps its task until the next break, and one lease longer.
        UPDATE task t SET expires_at = greatest(t.expires_at,
            p_now + l.lease + CASE WHEN t.is_ahead THEN l.handling_p95 ELSE interval '0' END)
        FROM lane l
        WHERE t.associate_id = p_associate_id AND t.state = 'leased' AND t.expires_at > p_now
            AND l.associate_id = t.associate_id AND l.queue_id = t.queue_id;
    END IF;
    SELECT t.expires_at INTO expires_at FROM task t
    WHERE t.associate_id = p_associate_id AND t.state = 'leased' AND NOT t.is_ahead AND t.expires_at > p_now;
END $$
"""

ANSWER_FORM = """
CREATE FUNCTION answer_form(p_task_id bigint) RETURNS text LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
BEGIN
    RETURN (SELECT q.form::text FROM task t JOIN queue q ON q.id = t.queue_id WHERE t.id = p_task_id);
END $$
"""

FUNCTIONS = {
    "lower_queue_head(bigint, timestamptz)": LOWER_QUEUE_HEAD,
    "put_back_tasks(bigint[], bigint)": PUT_BACK_TASKS,
    "hand_out_work(bigint, timestamptz)": HAND_OUT_WORK,
    "next_work(bigint, timestamptz)": NEXT_WORK,
    "answer_task(bigint, bigint, uuid, jsonb, timestamptz, float8)": ANSWER_TASK,
    "answer_and_next(bigint, bigint, uuid, jsonb, timestamptz, float8)": ANSWER_AND_NEXT,
    "return_task(bigint, bigint, uuid, timestamptz)": RETURN_TASK,
    "sweep_leases(timestamptz)": SWEEP_LEASES,
    "extend_leases(bigint, timestamptz)": EXTEND_LEASES,
    "answer_form(bigint)": ANSWER_FORM,
}


def upgrade() -> None:
    op.execute(WORK_IN_HAND)
    for function in FUNCTIONS.values():
        op.execute(function)
    op.add_column("route", sa.Column("credit", sa.Float(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("route", "credit")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
    op.execute("DROP TYPE work_in_hand")

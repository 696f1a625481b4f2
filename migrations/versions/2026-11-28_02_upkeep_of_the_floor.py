"""Upkeep costs what there is to do, not what has ever been done.

Leases that are over were looked for in the order of tasks, without leave to sort, so that every task of the past was read each
time; they are now read from the index of open leases. Heads of queues were written and waited for each second, moved or not.
"""

from __future__ import annotations

from alembic import op

revision = "20261128_02"
down_revision = "20261128_01"
branch_labels = None
depends_on = None

SWEEP_LEASES = """
CREATE OR REPLACE FUNCTION sweep_leases(p_now timestamptz) RETURNS bigint LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
DECLARE
    v_expired bigint[];
BEGIN
    -- A lease that somebody is answering, extending or taking back at this moment is left to them.
    SELECT array_agg(e.id) INTO v_expired FROM (
        SELECT t.id FROM task t WHERE t.state = 'leased' AND t.expires_at <= p_now ORDER BY {order} FOR UPDATE SKIP LOCKED
    ) e;
    IF v_expired IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM put_back_tasks(v_expired, NULL);
    RETURN cardinality(v_expired);
END $$
"""

ADVANCE_QUEUE_HEADS = """
CREATE OR REPLACE FUNCTION advance_queue_heads() RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET jit = off AS $$
DECLARE
    v_queue_id bigint;
    v_rank_from timestamptz;
    v_first timestamptz;
BEGIN
    -- What is lost in a crash is how far claims may look ahead, and the next round finds that again.
    PERFORM set_config('synchronous_commit', 'off', true);
    -- Whoever puts tasks into a queue lowers its head first and keeps that row locked until they are there, so what is looked
    -- for after the lock was had misses none of them.
    FOR v_queue_id IN SELECT queue_id FROM queue_head ORDER BY queue_id LOOP
        SELECT rank_from INTO v_rank_from FROM queue_head WHERE queue_id = v_queue_id FOR UPDATE SKIP LOCKED;
        IF FOUND THEN
            SELECT coalesce(min(t.rank_at), 'infinity') INTO v_first
            FROM task t WHERE t.queue_id = v_queue_id AND t.state = 'waiting' AND t.rank_at >= v_rank_from;
            UPDATE queue_head SET rank_from = v_first WHERE queue_id = v_queue_id AND rank_from <> v_first;
        END IF;
    END LOOP;
END $$
"""

ADVANCED_EACH_TIME = """
CREATE OR REPLACE FUNCTION advance_queue_heads() RETURNS void LANGUAGE plpgsql AS $$
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


def upgrade() -> None:
    op.execute(SWEEP_LEASES.replace("{order}", "t.associate_id, t.is_ahead"))
    op.execute(ADVANCE_QUEUE_HEADS)


def downgrade() -> None:
    op.execute("ALTER FUNCTION advance_queue_heads() RESET ALL")
    op.execute(ADVANCED_EACH_TIME)
    op.execute(SWEEP_LEASES.replace("{order}", "t.id"))

"""A task knows everybody who returned it, so that the next return does not bring it back to the first.

Only where nobody else can take a task before it is due may whoever returned it earlier get it again, and never who did last.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261128_20"
down_revision = "20261128_10"
branch_labels = None
depends_on = None

ONE_LEFT_OUT = "t.returned_by_associate_id IS DISTINCT FROM p_associate_id"
ALL_LEFT_OUT = "(t.returned_by IS NULL OR p_associate_id <> ALL (t.returned_by))"

LAST_KEPT = "returned_by_associate_id = coalesce(p_returned_by, returned_by_associate_id)"
ALL_KEPT = "returned_by = CASE WHEN p_returned_by IS NULL THEN returned_by ELSE array_append(returned_by, p_returned_by) END"

PUT_BACK = "PERFORM put_back_tasks(ARRAY[p_task_id], p_associate_id);"
PUT_BACK_FOR_OTHERS = """-- Others who work this queue before it is due, and have neither returned it nor answered its twin.
    IF NOT EXISTS (
        SELECT FROM task t
        JOIN lane l ON l.queue_id = t.queue_id AND l.weight > 0 AND l.associate_id <> p_associate_id
        WHERE t.id = p_task_id AND (t.returned_by IS NULL OR l.associate_id <> ALL (t.returned_by))
            AND EXISTS (
                SELECT FROM stretch w WHERE w.associate_id = l.associate_id
                AND w.ends_at > p_now AND w.starts_at <= greatest(t.due_at, p_now))
            AND NOT EXISTS (
                SELECT FROM task o WHERE t.is_double AND o.is_double AND o.job_id = t.job_id AND o.associate_id = l.associate_id)
    ) THEN
        UPDATE task SET returned_by = NULL WHERE id = p_task_id;
    END IF;
    """


def _reword(function: str, old: str, new: str) -> None:
    """Replace words of a function that is there; what is said around them stays as it was.

    A function without these words stops the migration: to go on would leave one that reads a column that is gone.
    """
    op.execute(
        f"DO $reword$ DECLARE said text := pg_get_functiondef('{function}'::regproc); BEGIN "
        f"IF position($old${old}$old$ IN said) = 0 THEN RAISE 'The function {function} is not as it was expected.'; END IF; "
        f"EXECUTE replace(said, $old${old}$old$, $new${new}$new$); END $reword$"
    )


def upgrade() -> None:
    op.add_column("task", sa.Column("returned_by", postgresql.ARRAY(sa.BigInteger()), nullable=True))
    op.execute("UPDATE task SET returned_by = ARRAY[returned_by_associate_id] WHERE returned_by_associate_id IS NOT NULL")
    _reword("claim_task", ONE_LEFT_OUT, ALL_LEFT_OUT)
    _reword("put_back_tasks", LAST_KEPT, ALL_KEPT)
    _reword("return_task", PUT_BACK, PUT_BACK_FOR_OTHERS + PUT_BACK)
    op.drop_column("task", "returned_by_associate_id")


def downgrade() -> None:
    op.add_column("task", sa.Column("returned_by_associate_id", sa.BigInteger(), nullable=True))
    op.execute("UPDATE task SET returned_by_associate_id = returned_by[cardinality(returned_by)] WHERE returned_by IS NOT NULL")
    _reword("return_task", PUT_BACK_FOR_OTHERS, "")
    _reword("put_back_tasks", ALL_KEPT, LAST_KEPT)
    _reword("claim_task", ALL_LEFT_OUT, ONE_LEFT_OUT)
    op.drop_column("task", "returned_by")

"""Rosters: versions, assignments, break patterns, coverage, violations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_02"
down_revision = "20261123_01"
branch_labels = None
depends_on = None

DAY_KIND = postgresql.ENUM("shift", "off", "leave", "none", name="day_kind", create_type=False)
ROSTER_STATE = postgresql.ENUM("draft", "published", "superseded", name="roster_state", create_type=False)
ROSTER_STATUS = postgresql.ENUM("optimal", "feasible", "infeasible", name="roster_status", create_type=False)
SEVERITY = postgresql.ENUM("blocks publishing", "needs a reason", name="severity", create_type=False)
PLACE = postgresql.ENUM("office", "home", name="place", create_type=False)

# Types are made once here, because several tables share them; the comment explains each word.
TYPES = {
    ROSTER_STATE: (
        "draft: seen by planners only; published: in force on at least one day; superseded: was published, others are "
        "in force on its days."
    ),
    ROSTER_STATUS: (
        "optimal: the objective equals the bound; feasible: every hard rule is kept; infeasible: hard rules clash, this "
        "is the nearest relaxation."
    ),
    SEVERITY: "blocks publishing: a hard rule is broken; needs a reason: a wish is not granted.",
    PLACE: "office: on a seat of the site; home: at home.",
}

# The sum stands in the schema, so that no pattern whatever writes it can claim minutes that it does not leave.
BREAKS_ADD_UP = """
CREATE FUNCTION breaks_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    pattern bigint := CASE WHEN TG_TABLE_NAME = 'break_slot' THEN (to_jsonb(coalesce(NEW, OLD)) ->> 'break_pattern_id')::bigint
                           ELSE (to_jsonb(NEW) ->> 'id')::bigint END;
BEGIN
    IF EXISTS (
        SELECT FROM break_pattern p
        WHERE p.id = pattern AND p.productive_minutes <> p.span_minutes - (
            SELECT coalesce(sum(s.minutes), 0) FROM break_slot s WHERE s.break_pattern_id = p.id AND NOT s.productive
        )
    ) THEN
        RAISE EXCEPTION 'the breaks of pattern % do not add up to its productive minutes', pattern
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_break_pattern_sum', TABLE = 'break_pattern';
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    bind = op.get_bind()
    for enum, comment in TYPES.items():
        enum.create(bind)
        op.execute(f"COMMENT ON TYPE {enum.name} IS '{comment}'")
    op.create_table(
        "break_pattern",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("break_policy_id", sa.BigInteger(), nullable=False),
        sa.Column("span_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("productive_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.CheckConstraint("productive_minutes BETWEEN 408 AND 420", name=op.f("ck_break_pattern_productive_minutes")),
        sa.ForeignKeyConstraint(["break_policy_id"], ["break_policy.id"], name=op.f("fk_break_pattern_break_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_pattern")),
        sa.UniqueConstraint(
            "break_policy_id",
            "span_minutes",
            "fingerprint",
            name=op.f("uq_break_pattern_break_policy_id_span_minutes_fingerprint"),
        ),
        sa.UniqueConstraint("id", "span_minutes", name=op.f("uq_break_pattern_id_span_minutes")),
        comment="One legal set of breaks in a shift of one span, shared by every assignment that has it.",
    )

    op.create_table(
        "roster",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("break_policy_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("weeks", sa.SmallInteger(), nullable=False),
        sa.Column("interval_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("state", ROSTER_STATE, nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.Text(), nullable=True),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("skill_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("shift_type_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("status", ROSTER_STATUS, nullable=False),
        sa.Column("objective", sa.Float(), nullable=False),
        sa.Column("bound", sa.Float(), nullable=False),
        sa.Column("gap", sa.Float(), nullable=False),
        sa.Column("wall_seconds", sa.Float(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("versions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("parameters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("objective_parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("kpis", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_by IS NULL) AND (state = 'draft') = (published_at IS NULL)",
            name=op.f("ck_roster_publication"),
        ),
        sa.CheckConstraint("bound > '-Infinity' AND bound < 'Infinity'", name=op.f("ck_roster_bound_finite")),
        sa.CheckConstraint("gap >= 0 AND gap < 'Infinity'", name=op.f("ck_roster_gap_finite")),
        sa.CheckConstraint("objective > '-Infinity' AND objective < 'Infinity'", name=op.f("ck_roster_objective_finite")),
        sa.CheckConstraint("bound <= objective + 1e-4 * greatest(1, abs(objective))", name=op.f("ck_roster_bound")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_roster_version")),
        sa.CheckConstraint("weeks BETWEEN 1 AND 53", name=op.f("ck_roster_weeks")),
        sa.ForeignKeyConstraint(["break_policy_id"], ["break_policy.id"], name=op.f("fk_roster_break_policy_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_roster_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster")),
        comment="One version of a roster; `version` rises with every change and guards against two people changing it at once.",
    )

    op.create_index(op.f("ix_roster_site_id"), "roster", ["site_id"], unique=False)

    op.create_table(
        "break_slot",
        sa.Column("break_pattern_id", sa.BigInteger(), nullable=False),
        sa.Column("start_minute", sa.SmallInteger(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("kind_index", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("productive", sa.Boolean(), nullable=False),
        sa.CheckConstraint("start_minute >= 0 AND minutes > 0", name=op.f("ck_break_slot_minutes")),
        sa.ForeignKeyConstraint(
            ["break_pattern_id"], ["break_pattern.id"], name=op.f("fk_break_slot_break_pattern_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("break_pattern_id", "start_minute", name=op.f("pk_break_slot")),
        comment="One break of a pattern; minutes are counted from the start of the shift.",
    )

    op.create_table(
        "clash",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=True),
        sa.Column("facts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("relaxation", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_clash_associate_id")),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name=op.f("fk_clash_roster_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clash")),
        sa.UniqueConstraint("roster_id", "position", name=op.f("uq_clash_roster_id_position")),
        comment="A smallest set of facts and rules that cannot all be kept, with the nearest way out.",
    )

    op.create_table(
        "coverage",
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("required", sa.Float(), nullable=False),
        sa.Column("scheduled", sa.Float(), nullable=False),
        sa.CheckConstraint("required >= 0 AND required < 'Infinity'", name=op.f("ck_coverage_required_finite")),
        sa.CheckConstraint("scheduled >= 0 AND scheduled < 'Infinity'", name=op.f("ck_coverage_scheduled_finite")),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name=op.f("fk_coverage_roster_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_coverage_skill_id")),
        sa.PrimaryKeyConstraint("roster_id", "skill_id", "starts_at", name=op.f("pk_coverage")),
        comment="Average productive heads, needed and there, in the interval that starts here.",
    )

    op.create_table(
        "published_day",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name=op.f("fk_published_day_roster_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_published_day_site_id")),
        sa.PrimaryKeyConstraint("site_id", "day", name=op.f("pk_published_day")),
        comment="The one roster that is in force on a day; publishing a roster takes its days over from older ones.",
    )

    op.create_index(op.f("ix_published_day_roster_id"), "published_day", ["roster_id"], unique=False)

    op.create_table(
        "roster_associate",
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_roster_associate_associate_id")),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name=op.f("fk_roster_associate_roster_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("roster_id", "associate_id", name=op.f("pk_roster_associate")),
        comment="The associates of a roster in the order of its rows.",
    )

    op.create_index(op.f("ix_roster_associate_associate_id"), "roster_associate", ["associate_id"], unique=False)

    op.create_table(
        "violation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("severity", SEVERITY, nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("amount", sa.Float(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_violation_associate_id")),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name=op.f("fk_violation_roster_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_violation")),
        sa.UniqueConstraint("roster_id", "position", name=op.f("uq_violation_roster_id_position")),
        comment="One rule broken once, as the independent checker says.",
    )

    op.create_index("ix_violation_roster_id_severity", "violation", ["roster_id", "severity"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", DAY_KIND, nullable=False),
        sa.Column("shift_type_id", sa.BigInteger(), nullable=True),
        sa.Column("break_pattern_id", sa.BigInteger(), nullable=True),
        sa.Column("span_minutes", sa.SmallInteger(), nullable=True),
        sa.Column("place", PLACE, nullable=True),
        sa.CheckConstraint(
            "CASE WHEN kind = 'shift' THEN num_nulls(shift_type_id, break_pattern_id, span_minutes, place) = 0 ELSE "
            "num_nonnulls(shift_type_id, break_pattern_id, span_minutes, place) = 0 END",
            name=op.f("ck_assignment_state"),
        ),
        sa.ForeignKeyConstraint(
            ["break_pattern_id", "span_minutes"],
            ["break_pattern.id", "break_pattern.span_minutes"],
            name=op.f("fk_assignment_break_pattern_id_span_minutes"),
        ),
        sa.ForeignKeyConstraint(
            ["roster_id", "associate_id"],
            ["roster_associate.roster_id", "roster_associate.associate_id"],
            name=op.f("fk_assignment_roster_id_associate_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shift_type_id", "span_minutes"],
            ["shift_type.id", "shift_type.span_minutes"],
            name=op.f("fk_assignment_shift_type_id_span_minutes"),
        ),
        sa.PrimaryKeyConstraint("roster_id", "associate_id", "day", name=op.f("pk_assignment")),
        comment="What an associate does on a day; a shift belongs to the local date on which it starts.",
    )

    op.create_table(
        "carried_break",
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("break_pattern_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["break_pattern_id"], ["break_pattern.id"], name=op.f("fk_carried_break_break_pattern_id")),
        sa.ForeignKeyConstraint(
            ["roster_id", "associate_id"],
            ["roster_associate.roster_id", "roster_associate.associate_id"],
            name=op.f("fk_carried_break_roster_id_associate_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("roster_id", "associate_id", name=op.f("pk_carried_break")),
        comment="The breaks of the shift that began on the day before the roster and runs into it.",
    )
    op.execute(BREAKS_ADD_UP)
    for table, events in (("break_pattern", "INSERT OR UPDATE"), ("break_slot", "INSERT OR UPDATE OR DELETE")):
        op.execute(
            f"CREATE CONSTRAINT TRIGGER breaks_add_up AFTER {events} ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION breaks_add_up()"
        )


def downgrade() -> None:
    op.drop_table("carried_break")
    op.drop_table("assignment")
    op.drop_table("violation")
    op.drop_table("roster_associate")
    op.drop_table("published_day")
    op.drop_table("coverage")
    op.drop_table("clash")
    op.drop_table("break_slot")
    op.drop_table("roster")
    op.drop_table("break_pattern")
    op.execute("DROP FUNCTION breaks_add_up()")
    for enum in TYPES:
        enum.drop(op.get_bind())

"""The operation: sites, people, shift types, queues, volumes, requirement."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_01"
down_revision = None
branch_labels = None
depends_on = None

WORK_MODE = postgresql.ENUM("office", "home", "hybrid", name="work_mode", create_type=False)
DAY_KIND = postgresql.ENUM("shift", "off", "leave", "none", name="day_kind", create_type=False)
QUEUE_KIND = postgresql.ENUM("realtime", "backlog", name="queue_kind", create_type=False)

# Types are made once here, because several tables share them; the comment explains each word.
TYPES = {
    WORK_MODE: "office: always in the office; home: always at home; hybrid: some days in the office.",
    DAY_KIND: (
        "shift: a working day, the shift type says when; off: a weekly day off; leave: approved leave; none: outside "
        "the contract, or unknown."
    ),
    QUEUE_KIND: "realtime: a service level of minutes; backlog: a deadline of hours or days.",
}


def upgrade() -> None:
    bind = op.get_bind()
    for enum, comment in TYPES.items():
        enum.create(bind)
        op.execute(f"COMMENT ON TYPE {enum.name} IS '{comment}'")
    op.create_table(
        "site",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone_name", sa.Text(), nullable=False),
        sa.Column("interval_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("office_seats", sa.Integer(), nullable=True),
        sa.Column("office_days_per_week", sa.SmallInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "interval_minutes BETWEEN 5 AND 1440 AND mod(1440, interval_minutes) = 0", name=op.f("ck_site_interval_minutes")
        ),
        sa.CheckConstraint("office_seats >= 0 AND office_days_per_week BETWEEN 0 AND 7", name=op.f("ck_site_office")),
        sa.CheckConstraint("rules_version >= 1", name=op.f("ck_site_rules_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
        comment="A place with one time zone and one set of rules; rules_version rises with every change of the rules.",
    )

    op.create_table(
        "break_policy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("least_productive_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("most_productive_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("is_current", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint(
            "408 <= least_productive_minutes AND least_productive_minutes <= most_productive_minutes AND "
            "most_productive_minutes <= 420",
            name=op.f("ck_break_policy_productive_minutes"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_break_policy_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_policy")),
        comment="What breaks a shift has; a row never changes, so that an old roster keeps the policy it was built with.",
    )

    op.create_index(
        "ix_break_policy_one_current", "break_policy", ["site_id"], unique=True, postgresql_where=sa.text("is_current")
    )

    op.create_index(op.f("ix_break_policy_site_id"), "break_policy", ["site_id"], unique=False)

    op.create_table(
        "holiday",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_holiday_site_id")),
        sa.PrimaryKeyConstraint("site_id", "day", name=op.f("pk_holiday")),
    )

    op.create_table(
        "shift_type",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("span_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("span_minutes BETWEEN 408 AND 1440", name=op.f("ck_shift_type_span")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_shift_type_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift_type")),
        sa.UniqueConstraint("id", "span_minutes", name=op.f("uq_shift_type_id_span_minutes")),
        comment="A timing; start and span of a row never change, so that an old roster stays what it was.",
    )

    op.create_index(
        "ix_shift_type_one_current", "shift_type", ["site_id", "code"], unique=True, postgresql_where=sa.text("is_current")
    )

    op.create_index(op.f("ix_shift_type_site_id"), "shift_type", ["site_id"], unique=False)

    op.create_table(
        "skill",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_skill_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_skill_site_id_name")),
    )

    op.create_table(
        "team",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_team_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_team_site_id_name")),
    )

    op.create_table(
        "associate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("work_mode", WORK_MODE, nullable=False),
        sa.Column("timing_shift_type_id", sa.BigInteger(), nullable=True),
        sa.Column("night_consent", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_associate_site_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_associate_team_id")),
        sa.ForeignKeyConstraint(["timing_shift_type_id"], ["shift_type.id"], name=op.f("fk_associate_timing_shift_type_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_associate")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_associate_site_id_code")),
        comment="A person who audits; one who is no longer in the operation stays for the old rosters and is not active.",
    )

    op.create_index(op.f("ix_associate_team_id"), "associate", ["team_id"], unique=False)

    op.create_table(
        "queue",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", QUEUE_KIND, nullable=False),
        sa.Column("sla_seconds", sa.Integer(), nullable=False),
        sa.Column("max_occupancy", sa.Float(), nullable=False),
        sa.CheckConstraint("sla_seconds > 0", name=op.f("ck_queue_sla_seconds")),
        sa.CheckConstraint("max_occupancy > 0 AND max_occupancy <= 1", name=op.f("ck_queue_max_occupancy")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_queue_site_id")),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_queue_skill_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue")),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_queue_site_id_name")),
        comment="A kind of work that needs one skill.",
    )

    op.create_table(
        "requirement",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heads", sa.Float(), nullable=False),
        sa.CheckConstraint("heads >= 0 AND heads < 'Infinity'", name=op.f("ck_requirement_heads_finite")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_requirement_site_id")),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_requirement_skill_id")),
        sa.PrimaryKeyConstraint("skill_id", "starts_at", name=op.f("pk_requirement")),
        comment="Productive heads needed in the interval that starts here.",
    )

    op.create_index("ix_requirement_site_id_starts_at", "requirement", ["site_id", "starts_at"], unique=False)

    op.create_table(
        "associate_skill",
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("skill_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["associate_id"], ["associate.id"], name=op.f("fk_associate_skill_associate_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_associate_skill_skill_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("associate_id", "skill_id", name=op.f("pk_associate_skill")),
    )

    op.create_table(
        "contract",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(associate_id, associate_id, '[]')"), "&&"),
            (sa.text("daterange(first_day, last_day, '[]')"), "&&"),
            using="gist",
            name="ex_contract_overlap",
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_contract_days_in_order")),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_contract_associate_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        comment="First and last day both belong to the contract; contracts of one associate do not overlap.",
    )

    op.create_table(
        "day_lock",
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", DAY_KIND, nullable=False),
        sa.Column("shift_type_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('shift', 'off') AND (kind = 'shift') = (shift_type_id IS NOT NULL)", name=op.f("ck_day_lock_state")
        ),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_day_lock_associate_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["shift_type_id"], ["shift_type.id"], name=op.f("fk_day_lock_shift_type_id")),
        sa.PrimaryKeyConstraint("associate_id", "day", name=op.f("pk_day_lock")),
        comment="A decision made by hand that the solver keeps.",
    )

    op.create_table(
        "leave",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_leave_days_in_order")),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_leave_associate_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave")),
        sa.UniqueConstraint("associate_id", "first_day", name=op.f("uq_leave_associate_id_first_day")),
        comment="Approved leave, both days included.",
    )

    op.create_table(
        "past_day",
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", DAY_KIND, nullable=False),
        sa.Column("shift_type_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(kind = 'shift') = (shift_type_id IS NOT NULL)", name=op.f("ck_past_day_state")),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_past_day_associate_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["shift_type_id"], ["shift_type.id"], name=op.f("fk_past_day_shift_type_id")),
        sa.PrimaryKeyConstraint("associate_id", "day", name=op.f("pk_past_day")),
        comment="What was worked before this system had a roster; days with a published roster are read from it instead.",
    )

    op.create_table(
        "request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", DAY_KIND, nullable=False),
        sa.Column("shift_type_id", sa.BigInteger(), nullable=True),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('shift', 'off') AND (kind = 'shift') = (shift_type_id IS NOT NULL)", name=op.f("ck_request_state")
        ),
        sa.CheckConstraint("weight >= 0 AND weight < 'Infinity'", name=op.f("ck_request_weight_finite")),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_request_associate_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["shift_type_id"], ["shift_type.id"], name=op.f("fk_request_shift_type_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint(
            "associate_id",
            "day",
            "kind",
            "shift_type_id",
            name=op.f("uq_request_associate_id_day_kind_shift_type_id"),
            postgresql_nulls_not_distinct=True,
        ),
        comment="A wish for a day; weight is what a refusal costs in weighted head-hours.",
    )

    op.create_table(
        "volume",
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("jobs", sa.Float(), nullable=False),
        sa.Column("aht_seconds", sa.Float(), nullable=False),
        sa.CheckConstraint("aht_seconds > 0 AND aht_seconds < 'Infinity'", name=op.f("ck_volume_aht_seconds")),
        sa.CheckConstraint("jobs >= 0 AND jobs < 'Infinity'", name=op.f("ck_volume_jobs_finite")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_volume_queue_id")),
        sa.PrimaryKeyConstraint("queue_id", "starts_at", name=op.f("pk_volume")),
        comment="Jobs that arrived in the interval that starts here, with their average handling time.",
    )


def downgrade() -> None:
    op.drop_table("volume")
    op.drop_table("request")
    op.drop_table("past_day")
    op.drop_table("leave")
    op.drop_table("day_lock")
    op.drop_table("contract")
    op.drop_table("associate_skill")
    op.drop_table("requirement")
    op.drop_table("queue")
    op.drop_table("associate")
    op.drop_table("team")
    op.drop_table("skill")
    op.drop_table("shift_type")
    op.drop_table("holiday")
    op.drop_table("break_policy")
    op.drop_table("site")
    for enum in TYPES:
        enum.drop(op.get_bind())

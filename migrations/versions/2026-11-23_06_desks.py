"""Duties of the day, presence, absences, and what teams work on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261123_06"
down_revision = "20261123_05"
branch_labels = None
depends_on = None

ABSENCE_KIND = postgresql.ENUM("sick", "no_show", "late", "left_early", "excused", name="absence_kind", create_type=False)
PRESENCE_STATE = postgresql.ENUM(
    "signed_out", "working", "on_break", "coaching", "system_down", name="presence_state", create_type=False
)
PLACE = postgresql.ENUM("office", "home", name="place", create_type=False)
PRESENCE_KIND = postgresql.ENUM(
    "sign_in",
    "sign_out",
    "break_start",
    "break_end",
    "coaching_start",
    "coaching_end",
    "system_down",
    "system_up",
    name="presence_kind",
    create_type=False,
)

# Types are made once here, because several tables share them; the comment explains each word.
TYPES = {
    PRESENCE_STATE: (
        "signed_out: not there; working: there, takes jobs; on_break: on a break, planned or not; coaching: in coaching or a "
        "huddle; system_down: there, but the tools do not work."
    ),
    PRESENCE_KIND: (
        "sign_in: came; sign_out: went; break_start: a break began; break_end: it ended; coaching_start: a coaching began; "
        "coaching_end: it ended; system_down: an outage began; system_up: it ended."
    ),
    ABSENCE_KIND: (
        "sick: ill; no_show: did not come and said nothing; late: came later; left_early: went sooner; "
        "excused: agreed with the supervisor."
    ),
}

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_' || TG_TABLE_NAME || '_append_only', TABLE = TG_TABLE_NAME;
END $$
"""

APPEND_ONLY = ("presence_event",)


def upgrade() -> None:
    bind = op.get_bind()
    for enum, comment in TYPES.items():
        enum.create(bind)
        op.execute(f"COMMENT ON TYPE {enum.name} IS '{comment}'")

    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", ABSENCE_KIND, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(withdrawn_by IS NULL) = (withdrawn_at IS NULL)", name=op.f("ck_absence_withdrawn")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_absence_span")),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_absence_associate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        comment="Time of a duty in which the associate is not there; a mistake is withdrawn, not removed.",
    )
    op.create_index("ix_absence_associate_id_day", "absence", ["associate_id", "day"], unique=False)
    op.create_table(
        "desk",
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("state", PRESENCE_STATE, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lent_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_desk_associate_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_desk_site_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_desk_team_id")),
        sa.PrimaryKeyConstraint("associate_id", name=op.f("pk_desk")),
        comment="What an associate is doing now, and for which team: the home team, or another until lent_until.",
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(op.f("ix_desk_site_id"), "desk", ["site_id"], unique=False)
    op.create_index(op.f("ix_desk_team_id"), "desk", ["team_id"], unique=False)
    op.create_table(
        "duty",
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("roster_id", sa.BigInteger(), nullable=False),
        sa.Column("shift_type_id", sa.BigInteger(), nullable=False),
        sa.Column("span_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("break_pattern_id", sa.BigInteger(), nullable=False),
        sa.Column("published_break_pattern_id", sa.BigInteger(), nullable=False),
        sa.Column("place", PLACE, nullable=False),
        sa.CheckConstraint("ends_at = starts_at + span_minutes * interval '1 minute'", name=op.f("ck_duty_span")),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_duty_associate_id")),
        sa.ForeignKeyConstraint(
            ["break_pattern_id", "span_minutes"],
            ["break_pattern.id", "break_pattern.span_minutes"],
            name=op.f("fk_duty_break_pattern_id_span_minutes"),
        ),
        sa.ForeignKeyConstraint(
            ["published_break_pattern_id", "span_minutes"],
            ["break_pattern.id", "break_pattern.span_minutes"],
            name=op.f("fk_duty_published_break_pattern_id_span_minutes"),
        ),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name=op.f("fk_duty_roster_id")),
        sa.ForeignKeyConstraint(
            ["shift_type_id", "span_minutes"],
            ["shift_type.id", "shift_type.span_minutes"],
            name=op.f("fk_duty_shift_type_id_span_minutes"),
        ),
        sa.PrimaryKeyConstraint("associate_id", "day", name=op.f("pk_duty")),
        comment="A published shift put on the floor; break_pattern_id is what is in force, which a repair on the day may change.",
    )
    op.create_index("ix_duty_starts_at", "duty", ["starts_at"], unique=False)
    op.create_table(
        "mix",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("queue_id", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("reserved_share", sa.Float(), nullable=False),
        sa.CheckConstraint("reserved_share >= 0 AND reserved_share <= 0.5", name=op.f("ck_mix_reserved_share")),
        sa.CheckConstraint("share >= 0 AND share <= 100", name=op.f("ck_mix_share")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_mix_queue_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_mix_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "queue_id", name=op.f("pk_mix")),
        comment="How much a queue counts for a team (0: not served by it), and the share of claims it gets in any case.",
    )
    op.create_table(
        "presence_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", PRESENCE_KIND, nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_presence_event_associate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence_event")),
        comment="Append-only; the id comes from the sender, so that an event that is sent twice counts once.",
    )
    op.create_index("ix_presence_event_associate_id_occurred_at", "presence_event", ["associate_id", "occurred_at"], unique=False)
    op.create_table(
        "stretch",
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_stretch_span")),
        sa.ForeignKeyConstraint(
            ["associate_id", "day"],
            ["duty.associate_id", "duty.day"],
            name=op.f("fk_stretch_associate_id_day"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("associate_id", "starts_at", name=op.f("pk_stretch")),
        comment="Work between two breaks of a duty, without absences: the only time in which an associate is given jobs.",
    )
    op.create_index("ix_stretch_associate_id_day", "stretch", ["associate_id", "day"], unique=False)
    op.execute(REFUSE)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("stretch")
    op.drop_table("presence_event")
    op.drop_table("mix")
    op.drop_table("duty")
    op.drop_table("desk")
    op.drop_table("absence")
    op.execute("DROP FUNCTION refuse_change()")
    for enum in TYPES:
        enum.drop(op.get_bind())

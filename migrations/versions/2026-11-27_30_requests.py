"""What associates ask for: leave with balances and limits, swaps, wishes before a rotation period, offers that are taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261127_30"
down_revision = "20261127_21"
branch_labels = None
depends_on = None

OFFER_KIND = postgresql.ENUM("overtime", "time_off", name="offer_kind", create_type=False)
LEAVE_STATE = postgresql.ENUM(
    "asked", "waitlisted", "approved", "refused", "withdrawn", "cancelled", "expired", name="leave_state", create_type=False
)
TAKE_STATE = postgresql.ENUM("taken", "waiting", "given_back", "missed", name="take_state", create_type=False)
SWAP_KIND = postgresql.ENUM("shift", "weekly_off", name="swap_kind", create_type=False)
SWAP_STATE = postgresql.ENUM(
    "offered", "accepted", "approved", "declined", "refused", "withdrawn", "expired", name="swap_state", create_type=False
)
LEAVE_ENTRY_KIND = postgresql.ENUM("granted", "corrected", "taken", "returned", name="leave_entry_kind", create_type=False)

# Types are made here once; the comment explains each word.
TYPES = {
    OFFER_KIND: ("overtime: a further shift on a day off; time_off: a shift may be given up."),
    LEAVE_STATE: (
        "asked: room on all days, waits for a decision; waitlisted: no room on a day, moves up by itself; approved: "
        "granted; refused: not granted, with a reason; withdrawn: taken back before the decision; cancelled: granted and "
        "given up again; expired: its first day came undecided."
    ),
    TAKE_STATE: (
        "taken: has a place; waiting: all places were gone; given_back: no longer wants it; missed: waited until the "
        "offer was over."
    ),
    SWAP_KIND: ("shift: a shift against another one or a day off; weekly_off: the days off of a week."),
    SWAP_STATE: (
        "offered: the partner has to answer; accepted: a supervisor has to decide; approved: done; declined: the partner "
        "said no; refused: a supervisor said no, with a reason; withdrawn: taken back; expired: its first day came, or "
        "the roster changed."
    ),
    LEAVE_ENTRY_KIND: (
        "granted: the entitlement of a year; corrected: carried over, imported or corrected; taken: approved leave; "
        "returned: approved leave that was cancelled."
    ),
}

# The balance is a sum, so that it is right whoever writes; the lock lets two who take from the same account take turns.
KEEP_BALANCE = """
CREATE FUNCTION keep_leave_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.days >= 0 THEN
        RETURN NULL;
    END IF;
    PERFORM FROM associate WHERE id = NEW.associate_id FOR NO KEY UPDATE;
    IF (SELECT sum(days) FROM leave_entry
            WHERE associate_id = NEW.associate_id AND leave_kind_id = NEW.leave_kind_id AND year = NEW.year) < 0 THEN
        RAISE EXCEPTION 'the balance would be negative'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_leave_entry_balance', TABLE = 'leave_entry';
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
        "leave_kind",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("has_balance", sa.Boolean(), nullable=False),
        sa.Column("days_per_year", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("is_limited", sa.Boolean(), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("notice_days", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("is_current", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("days_per_year BETWEEN 0 AND 366", name=op.f("ck_leave_kind_days_per_year")),
        sa.CheckConstraint("notice_days BETWEEN 0 AND 366", name=op.f("ck_leave_kind_notice_days")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_leave_kind_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_kind")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_leave_kind_site_id_code")),
        comment="A kind of leave: taken from a balance or not, held to limits of a day or not, decided by somebody or at once.",
    )
    op.create_table(
        "site_request_rule",
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("swaps_across_timings", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("swap_notice_hours", sa.SmallInteger(), server_default="12", nullable=False),
        sa.CheckConstraint("swap_notice_hours BETWEEN 0 AND 720", name=op.f("ck_site_request_rule_swap_notice_hours")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_request_rule_site_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_site_request_rule")),
        comment="What a site lets its people swap; a site without a row has the defaults.",
    )
    op.create_table(
        "wish_window",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("points", sa.SmallInteger(), nullable=False),
        sa.Column("weight_per_point", sa.Float(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(site_id, site_id, '[]')"), "&&"),
            (sa.text("daterange(first_day, last_day, '[]')"), "&&"),
            using="gist",
            name="ex_wish_window_overlap",
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_wish_window_days_in_order")),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_wish_window_opens_before_it_closes")),
        sa.CheckConstraint("points BETWEEN 1 AND 1000", name=op.f("ck_wish_window_points")),
        sa.CheckConstraint("weight_per_point > 0 AND weight_per_point <= 1000", name=op.f("ck_wish_window_weight_per_point")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_wish_window_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_window")),
        comment="A period that is planned next, and when associates may say what they wish for it; points are to be shared out.",
    )
    op.create_table(
        "leave_limit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("most_count", sa.SmallInteger(), nullable=True),
        sa.Column("most_share", sa.Float(), nullable=True),
        sa.CheckConstraint("most_count >= 0", name=op.f("ck_leave_limit_most_count")),
        sa.CheckConstraint("most_share >= 0 AND most_share <= 1", name=op.f("ck_leave_limit_most_share")),
        sa.CheckConstraint(
            "num_nonnulls(first_day, last_day) IN (0, 2) AND first_day <= last_day", name=op.f("ck_leave_limit_days_in_order")
        ),
        sa.CheckConstraint("num_nonnulls(most_count, most_share) = 1", name=op.f("ck_leave_limit_one_number")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_leave_limit_site_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_leave_limit_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_limit")),
        sa.UniqueConstraint(
            "site_id",
            "team_id",
            "first_day",
            name=op.f("uq_leave_limit_site_id_team_id_first_day"),
            postgresql_nulls_not_distinct=True,
        ),
        comment="How many of a team, or of the whole site, may be on leave on one day; one with dates goes before one without.",
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("site_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", OFFER_KIND, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shift_type_id", sa.BigInteger(), nullable=True),
        sa.Column("skill_id", sa.BigInteger(), nullable=True),
        sa.Column("places", sa.SmallInteger(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint("kind <> 'overtime' OR shift_type_id IS NOT NULL", name=op.f("ck_offer_shift")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_offer_ended")),
        sa.CheckConstraint("made_at < closes_at", name=op.f("ck_offer_deadline")),
        sa.CheckConstraint("places BETWEEN 1 AND 1000", name=op.f("ck_offer_places")),
        sa.ForeignKeyConstraint(["shift_type_id"], ["shift_type.id"], name=op.f("fk_offer_shift_type_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_offer_site_id")),
        sa.ForeignKeyConstraint(["skill_id"], ["skill.id"], name=op.f("fk_offer_skill_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_offer_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("id", "places", name=op.f("uq_offer_id_places")),
        comment="So many places on a day, for a team or the whole site, for those who have a skill; open until closes_at.",
    )
    op.create_index("ix_offer_open", "offer", ["closes_at"], unique=False, postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index(op.f("ix_offer_site_id"), "offer", ["site_id"], unique=False)
    op.create_table(
        "team_request_rule",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("swaps_are_automatic", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_request_rule_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_team_request_rule")),
        comment="Whether swaps that keep every rule need no decision, when both teams say so; a team without a row decides each.",
    )
    op.create_table(
        "leave_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("leave_kind_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", LEAVE_STATE, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(associate_id, associate_id, '[]')"), "&&"),
            (sa.text("daterange(first_day, last_day, '[]')"), "&&"),
            where=sa.text("state IN ('asked', 'waitlisted', 'approved')"),
            using="gist",
            name="ex_leave_request_overlap",
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (state IN ('asked', 'waitlisted')) = (decided_at IS NULL)",
            name=op.f("ck_leave_request_decided"),
        ),
        sa.CheckConstraint("state <> 'refused' OR btrim(reason) <> ''", name=op.f("ck_leave_request_reason")),
        sa.CheckConstraint("first_day <= last_day AND last_day - first_day < 366", name=op.f("ck_leave_request_days_in_order")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_leave_request_version")),
        sa.ForeignKeyConstraint(
            ["associate_id"], ["associate.id"], name=op.f("fk_leave_request_associate_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["leave_kind_id"], ["leave_kind.id"], name=op.f("fk_leave_request_leave_kind_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_request")),
        comment="Leave that somebody asked for; the order of asking is that of asked_at, then id.",
    )
    op.create_index(op.f("ix_leave_request_associate_id"), "leave_request", ["associate_id"], unique=False)
    op.create_index(
        "ix_leave_request_open",
        "leave_request",
        ["asked_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('asked', 'waitlisted')"),
    )
    op.create_table(
        "offer_take",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("places", sa.SmallInteger(), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("state", TAKE_STATE, nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'taken') = (place IS NOT NULL)", name=op.f("ck_offer_take_place")),
        sa.CheckConstraint("(state IN ('given_back', 'missed')) = (ended_at IS NOT NULL)", name=op.f("ck_offer_take_ended")),
        sa.CheckConstraint("place BETWEEN 1 AND places", name=op.f("ck_offer_take_places")),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_offer_take_associate_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["offer_id", "places"], ["offer.id", "offer.places"], name=op.f("fk_offer_take_offer_id_places"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_take")),
        comment="Who took a place of an offer or waits for one, in the order of id; a place has one winner.",
    )
    op.create_index(op.f("ix_offer_take_associate_id"), "offer_take", ["associate_id"], unique=False)
    op.create_index(
        "ix_offer_take_one_each",
        "offer_take",
        ["offer_id", "associate_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_offer_take_one_winner",
        "offer_take",
        ["offer_id", "place"],
        unique=True,
        postgresql_where=sa.text("place IS NOT NULL"),
    )
    op.create_table(
        "swap",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", SWAP_KIND, nullable=False),
        sa.Column("asker_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", SWAP_STATE, nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (state IN ('approved', 'refused')) = (decided_at IS NOT NULL)",
            name=op.f("ck_swap_decided"),
        ),
        sa.CheckConstraint(
            "(state IN ('accepted', 'approved', 'declined', 'refused')) <= (answered_at IS NOT NULL)",
            name=op.f("ck_swap_answered"),
        ),
        sa.CheckConstraint("is_open = (state IN ('offered', 'accepted'))", name=op.f("ck_swap_is_open")),
        sa.CheckConstraint("state <> 'refused' OR btrim(reason) <> ''", name=op.f("ck_swap_reason")),
        sa.CheckConstraint("asker_id <> partner_id", name=op.f("ck_swap_two_people")),
        sa.ForeignKeyConstraint(["asker_id"], ["associate.id"], name=op.f("fk_swap_asker_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["partner_id"], ["associate.id"], name=op.f("fk_swap_partner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_swap")),
        sa.UniqueConstraint("id", "is_open", name=op.f("uq_swap_id_is_open")),
        comment="Two associates exchange what they have on the days of its cells.",
    )
    op.create_index(op.f("ix_swap_asker_id"), "swap", ["asker_id"], unique=False)
    op.create_index("ix_swap_open", "swap", ["first_day"], unique=False, postgresql_where=sa.text("is_open"))
    op.create_index(op.f("ix_swap_partner_id"), "swap", ["partner_id"], unique=False)
    op.create_table(
        "wish",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("wish_window_id", sa.BigInteger(), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("shift_type_id", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("num_nonnulls(day, shift_type_id) = 1", name=op.f("ck_wish_one_thing")),
        sa.CheckConstraint("points BETWEEN 1 AND 1000", name=op.f("ck_wish_points")),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_wish_associate_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["shift_type_id"], ["shift_type.id"], name=op.f("fk_wish_shift_type_id")),
        sa.ForeignKeyConstraint(["wish_window_id"], ["wish_window.id"], name=op.f("fk_wish_wish_window_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sa.UniqueConstraint(
            "wish_window_id",
            "associate_id",
            "day",
            "shift_type_id",
            name=op.f("uq_wish_wish_window_id_associate_id_day_shift_type_id"),
            postgresql_nulls_not_distinct=True,
        ),
        comment="A day off, or a timing for the whole period, with the points that the associate puts on it.",
    )
    op.create_index(op.f("ix_wish_associate_id"), "wish", ["associate_id"], unique=False)
    op.create_index("ix_wish_wish_window_id", "wish", ["wish_window_id"], unique=False)
    op.create_table(
        "leave_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("leave_kind_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("kind", LEAVE_ENTRY_KIND, nullable=False),
        sa.Column("leave_request_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(kind IN ('taken', 'returned')) = (leave_request_id IS NOT NULL)", name=op.f("ck_leave_entry_request")
        ),
        sa.CheckConstraint(
            "CASE kind WHEN 'granted' THEN days > 0 WHEN 'taken' THEN days < 0 WHEN 'returned' THEN days > 0 ELSE days <> 0 END",
            name=op.f("ck_leave_entry_days"),
        ),
        sa.CheckConstraint("year BETWEEN 2000 AND 2200", name=op.f("ck_leave_entry_year")),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_leave_entry_associate_id")),
        sa.ForeignKeyConstraint(["leave_kind_id"], ["leave_kind.id"], name=op.f("fk_leave_entry_leave_kind_id")),
        sa.ForeignKeyConstraint(["leave_request_id"], ["leave_request.id"], name=op.f("fk_leave_entry_leave_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_entry")),
        sa.UniqueConstraint("leave_request_id", "year", "kind", name=op.f("uq_leave_entry_leave_request_id_year_kind")),
        comment="Append-only; the balance of a year is the sum of its rows, which a trigger keeps from being negative.",
    )
    op.create_index("ix_leave_entry_account", "leave_entry", ["associate_id", "leave_kind_id", "year"], unique=False)
    op.create_index(
        "ix_leave_entry_one_grant",
        "leave_entry",
        ["associate_id", "leave_kind_id", "year"],
        unique=True,
        postgresql_where=sa.text("kind = 'granted'"),
    )
    op.create_table(
        "swap_cell",
        sa.Column("swap_id", sa.BigInteger(), nullable=False),
        sa.Column("associate_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["associate_id"], ["associate.id"], name=op.f("fk_swap_cell_associate_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["swap_id", "is_open"],
            ["swap.id", "swap.is_open"],
            name=op.f("fk_swap_cell_swap_id_is_open"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("swap_id", "associate_id", "day", name=op.f("pk_swap_cell")),
        comment="A day of one of the two associates; a day of a person is in at most one swap that is open.",
    )
    op.create_index(
        "ix_swap_cell_one_open", "swap_cell", ["associate_id", "day"], unique=True, postgresql_where=sa.text("is_open")
    )
    op.add_column("leave", sa.Column("leave_request_id", sa.BigInteger(), nullable=True))
    op.add_column("leave", sa.Column("offer_take_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_leave_leave_request_id"), "leave", ["leave_request_id"], unique=False)
    op.create_index(op.f("ix_leave_offer_take_id"), "leave", ["offer_take_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_leave_leave_request_id"), "leave", "leave_request", ["leave_request_id"], ["id"], ondelete="CASCADE"
    )
    op.create_foreign_key(op.f("fk_leave_offer_take_id"), "leave", "offer_take", ["offer_take_id"], ["id"], ondelete="CASCADE")
    op.create_table_comment(
        "leave",
        "Approved leave, both days included; it comes from a request, from an offer, or from a file.",
        existing_comment="Approved leave, both days included.",
        schema=None,
    )
    op.create_check_constraint(op.f("ck_leave_one_origin"), "leave", "num_nonnulls(leave_request_id, offer_take_id) <= 1")
    op.add_column("request", sa.Column("wish_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_request_wish_id"), "request", ["wish_id"], unique=False)
    op.create_foreign_key(op.f("fk_request_wish_id"), "request", "wish", ["wish_id"], ["id"], ondelete="CASCADE")
    op.create_table_comment(
        "request",
        "A wish for a day; weight is what a refusal costs in weighted head-hours; wish_id says whence.",
        existing_comment="A wish for a day; weight is what a refusal costs in weighted head-hours.",
        schema=None,
    )
    op.execute(KEEP_BALANCE)
    op.execute("CREATE TRIGGER keep_leave_balance AFTER INSERT ON leave_entry FOR EACH ROW EXECUTE FUNCTION keep_leave_balance()")
    op.execute(
        "CREATE TRIGGER leave_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON leave_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.create_table_comment(
        "request",
        "A wish for a day; weight is what a refusal costs in weighted head-hours.",
        existing_comment="A wish for a day; weight is what a refusal costs in weighted head-hours; wish_id says whence.",
        schema=None,
    )
    op.drop_constraint(op.f("fk_request_wish_id"), "request", type_="foreignkey")
    op.drop_index(op.f("ix_request_wish_id"), table_name="request")
    op.drop_column("request", "wish_id")
    op.create_table_comment(
        "leave",
        "Approved leave, both days included.",
        existing_comment="Approved leave, both days included; it comes from a request, from an offer, or from a file.",
        schema=None,
    )
    op.drop_constraint(op.f("fk_leave_offer_take_id"), "leave", type_="foreignkey")
    op.drop_constraint(op.f("fk_leave_leave_request_id"), "leave", type_="foreignkey")
    op.drop_index(op.f("ix_leave_offer_take_id"), table_name="leave")
    op.drop_index(op.f("ix_leave_leave_request_id"), table_name="leave")
    op.drop_column("leave", "offer_take_id")
    op.drop_column("leave", "leave_request_id")
    op.drop_index("ix_swap_cell_one_open", table_name="swap_cell", postgresql_where=sa.text("is_open"))
    op.drop_table("swap_cell")
    op.drop_index("ix_leave_entry_one_grant", table_name="leave_entry", postgresql_where=sa.text("kind = 'granted'"))
    op.drop_index("ix_leave_entry_account", table_name="leave_entry")
    op.drop_table("leave_entry")
    op.drop_index("ix_wish_wish_window_id", table_name="wish")
    op.drop_index(op.f("ix_wish_associate_id"), table_name="wish")
    op.drop_table("wish")
    op.drop_index(op.f("ix_swap_partner_id"), table_name="swap")
    op.drop_index("ix_swap_open", table_name="swap", postgresql_where=sa.text("is_open"))
    op.drop_index(op.f("ix_swap_asker_id"), table_name="swap")
    op.drop_table("swap")
    op.drop_index("ix_offer_take_one_winner", table_name="offer_take", postgresql_where=sa.text("place IS NOT NULL"))
    op.drop_index("ix_offer_take_one_each", table_name="offer_take", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index(op.f("ix_offer_take_associate_id"), table_name="offer_take")
    op.drop_table("offer_take")
    op.drop_index(
        "ix_leave_request_open", table_name="leave_request", postgresql_where=sa.text("state IN ('asked', 'waitlisted')")
    )
    op.drop_index(op.f("ix_leave_request_associate_id"), table_name="leave_request")
    op.drop_table("leave_request")
    op.drop_table("team_request_rule")
    op.drop_index(op.f("ix_offer_site_id"), table_name="offer")
    op.drop_index("ix_offer_open", table_name="offer", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("offer")
    op.drop_table("leave_limit")
    op.drop_table("wish_window")
    op.drop_table("site_request_rule")
    op.drop_table("leave_kind")
    op.execute("DROP FUNCTION keep_leave_balance()")
    for enum in reversed(TYPES):
        enum.drop(op.get_bind())

"""Tables of the operation: the site, its people, shift types, queues, volumes and requirement."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Time,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint

from scheduling.people import WorkMode
from scheduling.queues import QueueKind
from storage.metadata import DayKind, enum_type, finite, instant, key, metadata, reference, words

work_mode = enum_type(WorkMode, "work_mode")
day_kind = enum_type(DayKind, "day_kind")
queue_kind = enum_type(QueueKind, "queue_kind")

TERM_NUMBERS = (
    "least_minutes",
    "most_minutes",
    "most_days_in_a_row",
    "least_days_in_a_row",
    "least_days_off_in_a_row",
    "most_weekends",
)
ONE_KIND_OF_DAY = "(kind = 'shift') = (shift_type_id IS NOT NULL)"
DAYS_IN_ORDER = "first_day <= last_day"

site = Table(
    "site",
    metadata,
    key(),
    words("code"),
    words("name"),
    words("zone_name"),
    Column("interval_minutes", SmallInteger, nullable=False),
    Column("rules", JSONB, nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("office_seats", Integer),
    Column("office_days_per_week", SmallInteger, nullable=False, server_default="0"),
    Column("notice_days", SmallInteger, nullable=False, server_default="14"),
    UniqueConstraint("code"),
    CheckConstraint("notice_days BETWEEN 0 AND 90", name="notice_days"),
    CheckConstraint("interval_minutes BETWEEN 5 AND 1440 AND mod(1440, interval_minutes) = 0", name="interval_minutes"),
    CheckConstraint("rules_version >= 1", name="rules_version"),
    CheckConstraint("office_seats >= 0 AND office_days_per_week BETWEEN 0 AND 7", name="office"),
    comment="A place with one time zone and one set of rules; rules_version rises with every change of the rules.",
)

break_policy = Table(
    "break_policy",
    metadata,
    key(),
    reference("site", index=True),
    Column("settings", JSONB, nullable=False),
    Column("least_productive_minutes", SmallInteger, nullable=False),
    Column("most_productive_minutes", SmallInteger, nullable=False),
    Column("is_current", Boolean, nullable=False, server_default=text("true")),
    CheckConstraint(
        "408 <= least_productive_minutes AND least_productive_minutes <= most_productive_minutes "
        "AND most_productive_minutes <= 420",
        name="productive_minutes",
    ),
    Index("ix_break_policy_one_current", "site_id", unique=True, postgresql_where=text("is_current")),
    comment="What breaks a shift has; a row never changes, so that an old roster keeps the policy it was built with.",
)

team = Table("team", metadata, key(), reference("site"), words("name"), UniqueConstraint("site_id", "name"))

skill = Table(
    "skill",
    metadata,
    key(),
    reference("site"),
    words("name"),
    Column("position", Integer, nullable=False),
    UniqueConstraint("site_id", "name"),
)

shift_type = Table(
    "shift_type",
    metadata,
    key(),
    reference("site", index=True),
    words("code"),
    Column("starts_at", Time, nullable=False),
    Column("span_minutes", SmallInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("is_current", Boolean, nullable=False, server_default=text("true")),
    CheckConstraint("span_minutes BETWEEN 408 AND 1440", name="span"),
    UniqueConstraint("id", "span_minutes"),
    Index("ix_shift_type_one_current", "site_id", "code", unique=True, postgresql_where=text("is_current")),
    comment="A timing; start and span of a row never change, so that an old roster stays what it was.",
)

associate = Table(
    "associate",
    metadata,
    key(),
    reference("site"),
    reference("team", index=True),
    words("code"),
    words("name"),
    Column("work_mode", work_mode, nullable=False),
    reference("shift_type", name="timing_shift_type_id", nullable=True),
    Column("night_consent", Boolean, nullable=False, server_default=text("true")),
    Column("position", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    UniqueConstraint("site_id", "code"),
    comment="A person who audits; one who is no longer in the operation stays for the old rosters and is not active.",
)

associate_skill = Table(
    "associate_skill",
    metadata,
    reference("associate", cascade=True),
    reference("skill", cascade=True),
    PrimaryKeyConstraint("associate_id", "skill_id"),
)

contract = Table(
    "contract",
    metadata,
    key(),
    reference("associate", cascade=True),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    CheckConstraint(DAYS_IN_ORDER, name="days_in_order"),
    # A range of one number takes the place of an equality, which in such a constraint would need the extension btree_gist.
    ExcludeConstraint(
        (func.int8range(text("associate_id"), text("associate_id"), text("'[]'")), "&&"),
        (func.daterange(text("first_day"), text("last_day"), text("'[]'")), "&&"),
        name="ex_contract_overlap",
    ),
    comment="First and last day both belong to the contract; contracts of one associate do not overlap.",
)

contract_terms = Table(
    "contract_terms",
    metadata,
    reference("associate", cascade=True),
    *(Column(name, Integer) for name in TERM_NUMBERS),
    Column("most_shifts", JSONB, nullable=False, server_default="[]"),
    Column("forbidden_successions", JSONB, nullable=False, server_default="[]"),
    PrimaryKeyConstraint("associate_id"),
    CheckConstraint(" AND ".join(f"{name} >= 0" for name in TERM_NUMBERS), name="numbers"),
    CheckConstraint("least_minutes <= most_minutes", name="minutes_in_order"),
    comment="What a contract asks for over a horizon beside the rules of the site; who has no row has the usual contract.",
)

leave = Table(
    "leave",
    metadata,
    key(),
    reference("associate", cascade=True),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    reference("leave_request", nullable=True, cascade=True, index=True),
    reference("offer_take", nullable=True, cascade=True, index=True),
    UniqueConstraint("associate_id", "first_day"),
    CheckConstraint(DAYS_IN_ORDER, name="days_in_order"),
    CheckConstraint("num_nonnulls(leave_request_id, offer_take_id) <= 1", name="one_origin"),
    comment="Approved leave, both days included; it comes from a request, from an offer, or from a file.",
)

request = Table(
    "request",
    metadata,
    key(),
    reference("associate", cascade=True),
    Column("day", Date, nullable=False),
    Column("kind", day_kind, nullable=False),
    reference("shift_type", nullable=True),
    Column("weight", Float, nullable=False),
    reference("wish", nullable=True, cascade=True, index=True),
    UniqueConstraint("associate_id", "day", "kind", "shift_type_id", postgresql_nulls_not_distinct=True),
    CheckConstraint(f"kind IN ('shift', 'off') AND {ONE_KIND_OF_DAY}", name="state"),
    finite("weight", least="0"),
    comment="A wish for a day; weight is what a refusal costs in weighted head-hours; wish_id says whence.",
)

day_lock = Table(
    "day_lock",
    metadata,
    reference("associate", cascade=True),
    Column("day", Date, nullable=False),
    Column("kind", day_kind, nullable=False),
    reference("shift_type", nullable=True),
    PrimaryKeyConstraint("associate_id", "day"),
    CheckConstraint(f"kind IN ('shift', 'off') AND {ONE_KIND_OF_DAY}", name="state"),
    comment="A decision made by hand that the solver keeps.",
)

past_day = Table(
    "past_day",
    metadata,
    reference("associate", cascade=True),
    Column("day", Date, nullable=False),
    Column("kind", day_kind, nullable=False),
    reference("shift_type", nullable=True),
    PrimaryKeyConstraint("associate_id", "day"),
    CheckConstraint(ONE_KIND_OF_DAY, name="state"),
    comment="What was worked before this system had a roster; days with a published roster are read from it instead.",
)

holiday = Table(
    "holiday",
    metadata,
    reference("site"),
    Column("day", Date, nullable=False),
    words("name"),
    PrimaryKeyConstraint("site_id", "day"),
)

queue = Table(
    "queue",
    metadata,
    key(),
    reference("site"),
    reference("skill"),
    words("name"),
    Column("kind", queue_kind, nullable=False),
    Column("sla_seconds", Integer, nullable=False),
    Column("max_occupancy", Float, nullable=False),
    Column("weight", Float, nullable=False, server_default="1"),
    Column("lease_seconds", Integer, nullable=False, server_default="180"),
    Column("form", JSONB, nullable=False, server_default=text("'{}'")),
    UniqueConstraint("site_id", "name"),
    CheckConstraint("weight > 0 AND weight < 'Infinity'", name="weight"),
    CheckConstraint("lease_seconds BETWEEN 10 AND 86400", name="lease_seconds"),
    CheckConstraint("sla_seconds > 0", name="sla_seconds"),
    CheckConstraint("max_occupancy > 0 AND max_occupancy <= 1", name="max_occupancy"),
    comment="A kind of work that needs one skill; form says what its answers look like, empty means the plainest one.",
)

volume = Table(
    "volume",
    metadata,
    reference("queue"),
    instant("starts_at"),
    Column("jobs", Float, nullable=False),
    Column("aht_seconds", Float, nullable=False),
    PrimaryKeyConstraint("queue_id", "starts_at"),
    finite("jobs", least="0"),
    CheckConstraint("aht_seconds > 0 AND aht_seconds < 'Infinity'", name="aht_seconds"),
    comment="Jobs that arrived in the interval that starts here, with their average handling time.",
)

requirement = Table(
    "requirement",
    metadata,
    reference("site"),
    Column("skill_id", BigInteger, nullable=False),
    instant("starts_at"),
    Column("heads", Float, nullable=False),
    PrimaryKeyConstraint("skill_id", "starts_at"),
    ForeignKeyConstraint(["skill_id"], ["skill.id"]),
    Index("ix_requirement_site_id_starts_at", "site_id", "starts_at"),
    finite("heads", least="0"),
    comment="Productive heads needed in the interval that starts here.",
)

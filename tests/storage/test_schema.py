from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.dialects.postgresql import ENUM

from scheduling.errors import ConflictError, SchedulingError
from storage import migrate
from storage.database import engine_at
from storage.errors import CONFLICTS, DatabaseUnavailableError, StorageError, domain_errors
from storage.tables import (
    associate,
    audit,
    break_pattern,
    break_policy,
    break_slot,
    contract,
    contract_terms,
    leave,
    metadata,
    planning_run,
    queue,
    shift_type,
    site,
    skill,
    team,
    volume,
)

NOW = datetime(2026, 12, 1, tzinfo=UTC)

CATALOGUE = """
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype <> 'n' AND conrelid::regclass::text <> 'alembic_version'
UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND tablename <> 'alembic_version'
UNION ALL SELECT 'column', table_name, column_name, concat_ws(' ', udt_name, is_nullable, column_default, is_identity)
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
UNION ALL SELECT 'word', typname, enumlabel, enumsortorder::text FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid
"""


def catalogue(engine: Engine) -> set[tuple[str, ...]]:
    with engine.connect() as connection:
        return {tuple(row) for row in connection.execute(text(CATALOGUE))}


def test_migrations_make_exactly_the_tables_of_the_code(engine: Engine, empty_engine: Engine) -> None:
    # Alembic does not compare checks, exclusions and partial indexes, so the catalogues are compared as well.
    with engine.connect() as connection:
        assert migrate.differences(connection) == []
    metadata.create_all(empty_engine)
    constraint_triggers = {row for row in catalogue(engine) if row[3] == "TRIGGER DEFERRABLE INITIALLY DEFERRED"}
    assert {row[2] for row in constraint_triggers} == {"breaks_add_up"}
    assert catalogue(engine) - constraint_triggers == catalogue(empty_engine)


def test_migrations_go_down_to_nothing_and_up_again(empty_engine: Engine) -> None:
    migrate.upgrade(empty_engine)
    first = catalogue(empty_engine)
    assert migrate.current(empty_engine) == migrate.head()
    migrate.downgrade(empty_engine, "base")
    assert catalogue(empty_engine) == set()
    assert migrate.current(empty_engine) is None
    with empty_engine.connect() as connection:
        left = connection.execute(text("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")).all()
    assert left == []
    migrate.upgrade(empty_engine)
    assert catalogue(empty_engine) == first


def test_each_migration_goes_back_one_step(empty_engine: Engine) -> None:
    migrate.upgrade(empty_engine)
    steps = []
    while (revision := migrate.current(empty_engine)) is not None:
        steps.append(revision)
        migrate.downgrade(empty_engine, "-1")
    assert steps == sorted(steps, reverse=True)
    assert len(steps) >= 3


def test_unknown_revision_is_a_clear_error(engine: Engine) -> None:
    with pytest.raises(StorageError, match="cannot be migrated"):
        migrate.downgrade(engine, "nonsense")


def test_every_enum_and_large_table_is_explained(engine: Engine) -> None:
    query = "SELECT typname, obj_description(oid, 'pg_type') FROM pg_type WHERE typtype = 'e'"
    with engine.connect() as connection:
        comments = {row.typname: row.obj_description for row in connection.execute(text(query))}
        words = connection.execute(text("SELECT typname, enumlabel FROM pg_enum JOIN pg_type ON pg_type.oid = enumtypid")).all()
    named = {column.type.name for table in metadata.tables.values() for column in table.c if isinstance(column.type, ENUM)}
    assert set(comments) == named
    for name, word in words:
        assert f"{word}:" in comments[name]


def test_every_message_belongs_to_a_constraint_of_the_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        names = set(
            connection.execute(text("SELECT conname FROM pg_constraint UNION SELECT indexname FROM pg_indexes")).scalars()
        )
    raised_by_triggers = {"ck_break_pattern_sum", "ck_audit_append_only", "ck_leave_entry_balance"}
    assert set(CONFLICTS) - raised_by_triggers <= names


@pytest.fixture
def ids(engine: Engine) -> dict[str, int]:
    """A site with one of everything."""
    made: dict[str, int] = {}
    with engine.begin() as connection:

        def make(what: str, table: Any, /, **values: Any) -> None:
            made[what] = connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()

        make("site", site, code="S", name="S", zone_name="UTC", interval_minutes=15, rules={}, rules_version=1)
        make("team", team, site_id=made["site"], name="T")
        make("skill", skill, site_id=made["site"], name="stow", position=0)
        make("policy", break_policy, site_id=made["site"], settings={}, least_productive_minutes=408, most_productive_minutes=420)
        people = {"site_id": made["site"], "team_id": made["team"], "work_mode": "office", "position": 0}
        make("associate", associate, code="A", name="A", **people)
        make(
            "queue",
            queue,
            site_id=made["site"],
            skill_id=made["skill"],
            name="Q",
            kind="backlog",
            sla_seconds=60,
            max_occupancy=1,
        )
    return made


SHIFT = {"code": "M", "starts_at": "06:00", "position": 0}
RUN = {
    "first_day": date(2027, 1, 4),
    "weeks": 1,
    "seed": 1,
    "seconds": 5,
    "state": "queued",
    "requested_by": "p",
    "requested_at": NOW,
}
SPAN = {"first_day": date(2027, 1, 1), "last_day": date(2027, 6, 30)}


def put(connection: Connection, ids: Mapping[str, int], table: Any, values: Mapping[str, Any]) -> None:
    keys = {
        name: ids[name.removesuffix("_id")]
        for name in [column.name for column in table.c]
        if name.removesuffix("_id") in ids and name != "id"
    }
    if "break_policy_id" in table.c:
        keys["break_policy_id"] = ids["policy"]
    connection.execute(insert(table).values(**{**keys, **values}))


PERSON = {"name": "", "work_mode": "home", "position": 1}
PLACE = {"name": "", "zone_name": "UTC", "interval_minutes": 15, "rules": {}, "rules_version": 1}
POLICY = {"settings": {}, "least_productive_minutes": 408, "most_productive_minutes": 420}
PATTERN = {"span_minutes": 540, "fingerprint": ""}
BACKWARDS = {"first_day": date(2027, 1, 2), "last_day": date(2027, 1, 1)}
NEXT = {"first_day": date(2027, 6, 30), "last_day": date(2027, 7, 1)}
REFUSED: list[tuple[str, Any, list[dict[str, Any]]]] = [
    ("uq_site_code", site, [{**PLACE, "code": "S"}]),
    ("uq_team_site_id_name", team, [{"name": "T"}]),
    ("uq_skill_site_id_name", skill, [{"name": "stow", "position": 1}]),
    ("uq_associate_site_id_code", associate, [{**PERSON, "code": "A"}]),
    ("uq_queue_site_id_name", queue, [{"name": "Q", "kind": "backlog", "sla_seconds": 1, "max_occupancy": 1}]),
    ("ck_shift_type_span", shift_type, [{**SHIFT, "span_minutes": 407}]),
    ("ix_shift_type_one_current", shift_type, [{**SHIFT, "span_minutes": 540}] * 2),
    ("ck_break_policy_productive_minutes", break_policy, [{**POLICY, "least_productive_minutes": 400, "is_current": False}]),
    ("ck_break_policy_productive_minutes", break_policy, [{**POLICY, "most_productive_minutes": 421, "is_current": False}]),
    ("ix_break_policy_one_current", break_policy, [POLICY]),
    ("ex_contract_overlap", contract, [SPAN, NEXT]),
    ("ck_contract_days_in_order", contract, [BACKWARDS]),
    ("ck_contract_terms_minutes_in_order", contract_terms, [{"least_minutes": 2, "most_minutes": 1}]),
    ("ck_contract_terms_numbers", contract_terms, [{"most_weekends": -1}]),
    ("ck_leave_days_in_order", leave, [BACKWARDS]),
    ("uq_leave_associate_id_first_day", leave, [SPAN, SPAN]),
    ("ck_break_pattern_productive_minutes", break_pattern, [{**PATTERN, "productive_minutes": 421}]),
    ("ck_break_pattern_productive_minutes", break_pattern, [{**PATTERN, "productive_minutes": 407}]),
    ("ix_planning_run_one_active", planning_run, [RUN, RUN]),
]


@pytest.mark.parametrize(("name", "table", "rows"), REFUSED)
def test_violated_constraint_is_a_domain_error_by_its_name(
    engine: Engine, ids: dict[str, int], name: str, table: Any, rows: list[dict[str, Any]]
) -> None:
    with engine.connect() as connection:
        for row in rows[:-1]:
            put(connection, ids, table, row)
        with pytest.raises(ConflictError) as caught, domain_errors():
            put(connection, ids, table, rows[-1])
    assert str(caught.value) == CONFLICTS[name]


def test_contracts_that_follow_each_other_are_allowed(engine: Engine, ids: dict[str, int]) -> None:
    with engine.begin() as connection:
        put(connection, ids, contract, SPAN)
        put(connection, ids, contract, {"first_day": date(2027, 7, 1), "last_day": date(2027, 12, 31)})
        assert connection.execute(text("SELECT count(*) FROM contract")).scalar_one() == 2


@pytest.mark.parametrize("jobs", [-1.0, float("nan"), float("inf")])
def test_volume_that_is_no_amount_is_refused(engine: Engine, ids: dict[str, int], jobs: float) -> None:
    with pytest.raises(StorageError, match="ck_volume_jobs_finite"), domain_errors(), engine.begin() as connection:
        put(connection, ids, volume, {"starts_at": NOW, "jobs": jobs, "aht_seconds": 30.0})


@pytest.mark.parametrize("minutes", [115, 125])
def test_pattern_whose_breaks_do_not_add_up_is_refused_at_commit(engine: Engine, ids: dict[str, int], minutes: int) -> None:
    with pytest.raises(ConflictError, match="do not add up"), domain_errors(), engine.begin() as connection:
        _pattern(connection, ids, minutes)


def test_pattern_whose_breaks_add_up_is_kept_whole(engine: Engine, ids: dict[str, int]) -> None:
    with engine.begin() as connection:
        _pattern(connection, ids, 120)
    with pytest.raises(ConflictError, match="do not add up"), domain_errors(), engine.begin() as connection:
        connection.execute(break_slot.delete())
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM break_slot")).scalar_one() == 1


def _pattern(connection: Connection, ids: Mapping[str, int], minutes: int) -> None:
    values = {"break_policy_id": ids["policy"], "span_minutes": 540, "productive_minutes": 420, "fingerprint": "x"}
    number = connection.execute(insert(break_pattern).values(**values).returning(break_pattern.c.id)).scalar_one()
    slot = {"start_minute": 60, "minutes": minutes, "kind_index": 0, "kind": "meal", "productive": False}
    connection.execute(insert(break_slot).values(break_pattern_id=number, **slot))


@pytest.mark.parametrize("change", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_audit_trail_is_append_only(engine: Engine, change: str) -> None:
    entry = {"recorded_at": NOW, "actor": "p", "action": "a", "subject": "s", "subject_id": 1, "detail": {}}
    with engine.begin() as connection:
        connection.execute(insert(audit).values(**entry))
    with pytest.raises(ConflictError, match="append-only"), domain_errors(), engine.begin() as connection:
        connection.execute(text(change))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT actor FROM audit")).scalar_one() == "p"


def test_other_errors_of_the_database_are_errors_of_the_domain_too(engine: Engine, empty_engine: Engine) -> None:
    with pytest.raises(StorageError), domain_errors(), engine.connect() as connection:
        connection.execute(text("SELECT 1 / 0"))
    gone = empty_engine.url.set(database="never_made")
    with pytest.raises(DatabaseUnavailableError, match="cannot be reached"), domain_errors():
        engine_at(gone).connect()
    assert issubclass(DatabaseUnavailableError, SchedulingError)

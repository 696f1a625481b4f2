"""Days packed into one number by the database, and unpacked again."""

from __future__ import annotations

from datetime import date, timedelta

from psycopg import sql
from sqlalchemy import Engine

from scheduling.plan import HOME, LEAVE, NONE, NOWHERE, OFF, OFFICE
from storage.bulk import read_array
from storage.cells import packed, unpacked

FIRST = date(2027, 1, 4)
LARGE = 2**40
DAYS = (
    (0, "shift", 1, "office", (1, OFFICE)),
    (1, "shift", LARGE, "home", (LARGE, HOME)),
    (2, "off", None, None, (OFF, NOWHERE)),
    (363, "leave", None, None, (LEAVE, NOWHERE)),
    (4000, "none", None, None, (NONE, NOWHERE)),
)


def test_every_kind_of_day_comes_back_as_it_was(engine: Engine) -> None:
    rows = sql.SQL(", ").join(
        sql.SQL("({}::date, {}, {}::bigint, {})").format(FIRST + timedelta(days=day), kind, shift, place)
        for day, kind, shift, place, _ in DAYS
    )
    query = sql.SQL("SELECT {} FROM (VALUES {}) AS d (day, kind, shift_type_id, place)").format(packed("d", FIRST), rows)
    with engine.connect() as connection:
        cells = unpacked(read_array(connection, query, [("cell", "i8")])["cell"])
    found = sorted(zip(cells.day.tolist(), zip(cells.value.tolist(), cells.place.tolist(), strict=True), strict=True))
    assert found == [(day, expected) for day, *_, expected in DAYS]

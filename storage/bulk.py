"""Bulk reads and writes: COPY into tables, and packed arrays out of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Table, func
from sqlalchemy.dialects.postgresql import ARRAY

SENDERS = {"i2": "int2send", "i4": "int4send", "i8": "int8send", "f8": "float8send"}
"""The function of the database that writes a value of each numpy type in network order."""
CHUNK_LINES = 50_000
Row = Sequence[object]


def raw(connection: Connection) -> psycopg.Connection[Any]:
    """Return the driver's connection, inside the same transaction."""
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


def _copy_in(table: str, columns: Sequence[str]) -> sql.Composed:
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)


def copy_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write rows into a table."""
    with raw(connection).cursor() as cursor, cursor.copy(_copy_in(table, columns)) as copy:
        for row in rows:
            copy.write_row(row)


def copy_lines(connection: Connection, table: str, columns: Sequence[str], lines: Sequence[str]) -> None:
    r"""Write rows that are already lines of the text format: fields divided by tabs, ``\N`` for null."""
    with raw(connection).cursor() as cursor, cursor.copy(_copy_in(table, columns)) as copy:
        for first in range(0, len(lines), CHUNK_LINES):
            copy.write("\n".join(lines[first : first + CHUNK_LINES]) + "\n")


def merge_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row], key: Sequence[str]) -> None:
    """Write rows into a table; where a row with the same key is there, its other columns are replaced.

    Rows that would not change are left alone, so that loading the same twice writes nothing.
    """
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    target, stage = sql.Identifier(table.name), sql.Identifier(f"stage_{table.name}")
    others = [column for column in columns if column not in key]
    assignments = sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column)) for column in others)
    old = sql.SQL(", ").join(sql.SQL("{}.{}").format(target, sql.Identifier(column)) for column in others)
    new = sql.SQL(", ").join(sql.SQL("excluded.{}").format(sql.Identifier(column)) for column in others)
    driver = raw(connection)
    driver.execute(sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} LIMIT 0").format(stage, names, target))
    copy_rows(connection, f"stage_{table.name}", columns, rows)
    driver.execute(
        sql.SQL(
            "INSERT INTO {target} ({names}) SELECT {names} FROM {stage} ON CONFLICT ({key}) "
            "DO UPDATE SET {assignments} WHERE ({old}) IS DISTINCT FROM ({new})"
        ).format(
            target=target, names=names, stage=stage, assignments=assignments, old=old, new=new,
            key=sql.SQL(", ").join(sql.Identifier(column) for column in key),
        )
    )  # fmt: skip
    driver.execute(sql.SQL("DROP TABLE {}").format(stage))


def refresh_statistics(connection: Connection, *tables: str) -> None:
    """Tell the planner of queries what the tables hold now; after a bulk write its old figures mislead it for a minute."""
    for table in tables:
        raw(connection).execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def read_array(connection: Connection, query: sql.Composed, columns: Sequence[tuple[str, str]]) -> NDArray[np.void]:
    """Return the rows of a query as a structured array, in no particular order, without making an object of any value.

    The server packs all rows into one value, which was measured four times as fast as a binary COPY: that one hands over every
    row as a message of its own.

    Parameters
    ----------
    query
        Its columns are never null and have the types of `columns`.
    columns
        Name and numpy type (a key of `SENDERS`) of each column.
    """
    names = [sql.Identifier(name) for name, _ in columns]
    packed = sql.SQL(" || ").join(
        sql.SQL("{}({})").format(sql.SQL(SENDERS[kind]), name) for name, (_, kind) in zip(names, columns, strict=True)
    )
    statement = sql.SQL("SELECT string_agg({}, ''::bytea) FROM ({}) AS found ({})").format(
        packed, query, sql.SQL(", ").join(names)
    )
    with raw(connection).cursor(binary=True) as cursor:
        row = cursor.execute(statement).fetchone()
    dtype = np.dtype([(name, f">{kind}") for name, kind in columns])
    return np.frombuffer((row[0] if row else None) or b"", dtype=dtype)


def one_array(query: Select[tuple[int]]) -> ColumnElement[list[int]]:
    """Return the numbers of a query as one array, in its order: a row each would take longer to hand over than to find."""
    return func.array(query.scalar_subquery(), type_=ARRAY(BigInteger))


def array_literal(numbers: Iterable[int]) -> str:
    """Return numbers as the text of a PostgreSQL array, for ``CAST(:name AS bigint[])``.

    The driver looks at every element of a list to find its type, which takes longer than most queries that are given one.
    """
    return f"{{{','.join(map(str, numbers))}}}"


def positions_of(keys: NDArray[np.int64], values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each of `values` where it stands in `keys`; each must be there."""
    order = np.argsort(keys, kind="stable")
    return np.asarray(order[np.searchsorted(keys, values, sorter=order)], dtype=np.int64)

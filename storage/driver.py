"""Connections for the few statements that are asked hundreds of times a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine


@contextmanager
def statements(engine: Engine) -> Iterator[Connection]:
    """Give a connection on which every statement is a transaction of its own, and costs one round trip."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection

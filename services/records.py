"""Records that people edit in forms: shown with a fingerprint, saved only over what was seen, every change on record."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from scheduling.errors import BadInputError, ConflictError, Fault, NotFoundError
from scheduling.shifts import BreakKind
from scheduling.times import Clock
from storage import rosters
from storage.errors import domain_errors

R = TypeVar("R")

STALE: Final = (
    "Somebody changed this after you opened it; nothing was saved. Open it again: what you see then is what is stored now."
)
CHANGED, ADDED, REMOVED = "changed", "added", "removed"


@dataclass(frozen=True)
class Change:
    """One change of one value, as the audit trail has it; both values are empty where something was added or removed."""

    at: datetime
    by: str
    what: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Seen(Generic[R]):
    """A record as a form shows it.

    Parameters
    ----------
    fingerprint
        Of the content; hand it back when saving. It does not match what somebody else changed meanwhile, by whatever way.
    changes
        What was changed by hand, the newest first.
    """

    id: int
    record: R
    fingerprint: str
    changes: tuple[Change, ...]

    @property
    def last_changes(self) -> Mapping[str, Change]:
        """The newest change of each value."""
        return {one.name: one for one in reversed(self.changes)}


@dataclass(frozen=True)
class Store(Generic[R]):
    """How records of one kind are read, judged and written.

    Parameters
    ----------
    subject
        What the audit trail calls one of them.
    read
        All of a site by id, in the order in which they are shown.
    judge
        What is wrong with a record that is otherwise well-formed: connection, site, id (``None`` for a new one), record.
    write
        Writes a record (a new one without an id) and returns its id.
    remove
        Takes one away; ``None`` where records of this kind stay.
    one
        As `read` for a single id, where there are too many to read them all.
    """

    subject: str
    read: Callable[[Connection, int], Mapping[int, R]]
    judge: Callable[[Connection, int, int | None, R], list[Fault]]
    write: Callable[[Connection, int, int | None, R], int]
    remove: Callable[[Connection, int, int], None] | None = None
    one: Callable[[Connection, int, int], Mapping[int, R]] | None = None


def words_of(value: Any) -> str:
    """Return a value as the audit trail and the pages write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(words_of(one) for one in value)
    if isinstance(value, BreakKind):
        window = "" if value.window_minutes is None else " from minute {} to {}".format(*value.window_minutes)
        return f"{value.count} x {value.minutes} {value.kind}{window}{', productive' if value.productive else ''}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def fingerprint(record: Any) -> str:
    """Return a short text that differs between records of different content."""
    text = json.dumps({name: words_of(value) for name, value in _values(record).items()}, sort_keys=True)
    return sha256(text.encode()).hexdigest()[:24]


def _values(record: Any) -> Mapping[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def differences(before: Any, after: Any) -> dict[str, list[str]]:
    """Return the values in which two records of one kind differ: name to words before and after."""
    old, new = _values(before), _values(after)
    return {name: [words_of(old[name]), words_of(new[name])] for name in new if old[name] != new[name]}


def listed(engine: Engine, store: Store[R], site_id: int) -> Mapping[int, R]:
    """Return all records of a site by id."""
    with domain_errors(), engine.connect() as connection:
        return store.read(connection, site_id)


def seen(engine: Engine, store: Store[R], site_id: int, record_id: int) -> Seen[R]:
    """Return one record with its fingerprint and its changes; NotFoundError when the site has none with this id."""
    with domain_errors(), engine.connect() as connection:
        record = _one(connection, store, site_id, record_id)
        return Seen(record_id, record, fingerprint(record), changes_of(connection, store.subject, record_id))


def _one(connection: Connection, store: Store[R], site_id: int, record_id: int) -> R:
    known = store.one(connection, site_id, record_id) if store.one else store.read(connection, site_id)
    found = known.get(record_id)
    if found is None:
        raise NotFoundError(f"The site has no {store.subject} {record_id}; it may have been removed.")
    return found


def changes_of(connection: Connection, subject: str, subject_id: int) -> tuple[Change, ...]:
    """Return what was changed of one thing by hand, the newest first."""
    found = []
    for entry in reversed(rosters.audit_trail(connection, subject, subject_id)):
        verb = entry.action.rsplit(" ", 1)[-1]
        values = entry.detail.get("changes") or {"": ["", ""]}
        found += [Change(entry.recorded_at, entry.actor, verb, name, *pair) for name, pair in values.items()]
    return tuple(found)


def judged(engine: Engine, store: Store[R], site_id: int, record_id: int | None, record: R) -> list[Fault]:
    """Return what is wrong with a record, without saving anything."""
    with domain_errors(), engine.connect() as connection:
        return store.judge(connection, site_id, record_id, record)


def add(engine: Engine, store: Store[R], site_id: int, record: R, *, by: str, clock: Clock) -> int:
    """Store a new record; return its id.

    Raises
    ------
    BadInputError
        With everything that is wrong with it.
    """
    with domain_errors(), engine.begin() as connection:
        _refuse(store.judge(connection, site_id, None, record))
        number = store.write(connection, site_id, None, record)
        rosters.record(
            connection, clock.now(), by, f"{store.subject} {ADDED}", (store.subject, number), None, record=_plain(record)
        )
    return number


def save(
    engine: Engine, store: Store[R], site_id: int, record_id: int, record: R, *, seen: str, by: str, clock: Clock
) -> bool:  # fmt: skip
    """Replace a record by another; return whether anything changed.

    Parameters
    ----------
    seen
        The fingerprint of what was shown.

    Raises
    ------
    BadInputError
        With everything that is wrong with it.
    ConflictError
        When somebody changed it since.
    NotFoundError
        When the site has none with this id.
    """
    with domain_errors(), engine.begin() as connection:
        _lock(connection, site_id)
        before = _one(connection, store, site_id, record_id)
        if fingerprint(before) != seen:
            raise ConflictError(STALE)
        _refuse(store.judge(connection, site_id, record_id, record))
        changes = differences(before, record)
        if not changes:
            return False
        number = store.write(connection, site_id, record_id, record)
        action = f"{store.subject} {CHANGED}"
        # What becomes a new row takes its history along.
        for subject_id in {record_id, number}:
            rosters.record(connection, clock.now(), by, action, (store.subject, subject_id), None, changes=changes)
    return True


def remove(engine: Engine, store: Store[R], site_id: int, record_id: int, *, seen: str, by: str, clock: Clock) -> None:
    """Take a record away.

    Raises
    ------
    ConflictError
        When somebody changed it since, or something still uses it.
    NotFoundError
        When the site has none with this id, or records of this kind stay.
    """
    if store.remove is None:
        raise NotFoundError(f"Nobody can remove a {store.subject}.")
    with domain_errors(), engine.begin() as connection:
        _lock(connection, site_id)
        before = _one(connection, store, site_id, record_id)
        if fingerprint(before) != seen:
            raise ConflictError(STALE)
        _remove_unused(connection, store, site_id, record_id)
        action, subject = f"{store.subject} {REMOVED}", (store.subject, record_id)
        rosters.record(connection, clock.now(), by, action, subject, None, record=_plain(before))


def _remove_unused(connection: Connection, store: Store[R], site_id: int, record_id: int) -> None:
    assert store.remove is not None  # noqa: S101 - the caller has looked.
    try:
        store.remove(connection, site_id, record_id)
    except IntegrityError as error:
        raise ConflictError(
            f"This {store.subject} is in use, so it stays. Take it from everything that uses it first."
        ) from error


def _lock(connection: Connection, site_id: int) -> None:
    """Let one change of a site's records follow the other, so that both do not compare with the same past."""
    connection.exec_driver_sql("SELECT FROM site WHERE id = %s FOR NO KEY UPDATE", (site_id,))


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise BadInputError(faults)


def _plain(record: Any) -> dict[str, str]:
    return {name: words_of(value) for name, value in asdict(record).items()}

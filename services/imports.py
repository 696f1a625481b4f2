"""The import of a file: handed in, its columns named, tried without writing, then written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from interchange.faults import FaultList
from interchange.mapping import Preview, delimiter_of, guess, preview
from interchange.tables import MappedFile
from scheduling.errors import BadInputError, ConflictError, Fault, NotFoundError
from scheduling.times import Clock
from services.import_kinds import BY_NAME, KINDS, Ground, ImportKind, Prepared
from storage import imports, rosters
from storage.errors import domain_errors
from storage.import_tables import MOST_BYTES
from storage.imports import StoredFile
from storage.sites import list_sites

__all__ = [
    "BY_NAME",
    "KINDS",
    "MOST_BYTES",
    "ROSTER",
    "ImportKind",
    "Trial",
    "discard",
    "hand_in",
    "import_file",
    "kept_file",
    "name_columns",
    "on_disk",
    "try_file",
]

KEPT: Final = timedelta(hours=4)
ENDINGS: Final = (".csv", ".xlsx")
ROSTER: Final = "roster"
"""A workbook of a roster that comes back; it is tried and imported by `services.roster_import`."""
GONE: Final = (
    "This file is not there any more: it was imported, discarded, or has waited longer than four hours. Hand it in again."
)


@dataclass(frozen=True)
class Trial:
    """What an import would do, without having done it.

    Parameters
    ----------
    columns
        For each column of the file which one is meant, empty where it is left out.
    prepared
        What would change; ``None`` when nothing can be said because the file cannot be read.
    """

    id: int
    kind: ImportKind
    name: str
    preview: Preview
    columns: tuple[str, ...]
    faults: tuple[Fault, ...]
    prepared: Prepared | None

    @property
    def is_ready(self) -> bool:
        """Whether it can be imported."""
        return self.prepared is not None and not self.faults and self.prepared.rows > 0


def hand_in(engine: Engine, site_id: int, kind: str, name: str, content: bytes, *, by: str, clock: Clock) -> int:
    """Keep a file for some hours; return its number.

    Raises
    ------
    BadInputError
        When it is no CSV or XLSX, empty, or too large.
    NotFoundError
        When there is no such kind.
    """
    if kind not in {*BY_NAME, ROSTER}:
        raise NotFoundError(f"Nothing of the kind {kind!r} can be imported.")
    shown = Path(name).name[:200] or "file"
    faults = []
    if Path(shown).suffix.lower() not in ENDINGS:
        faults.append(Fault(shown, None, "file", shown, "Choose a file that ends in .csv or .xlsx."))
    elif not content:
        faults.append(Fault(shown, None, "file", shown, "The file is empty."))
    if len(content) > MOST_BYTES:
        faults.append(Fault(shown, None, "file", shown, f"The file is larger than {MOST_BYTES // 2**20} MiB; part it."))
    if faults:
        raise BadInputError(faults)
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        return imports.keep(connection, site_id, kind, shown, content, by=by, at=now, until=now + KEPT)


def name_columns(engine: Engine, file_id: int, columns: Sequence[str], *, by: str, clock: Clock) -> None:
    """Say what each column of a file is, empty for those that are left out; NotFoundError when the file is gone."""
    with domain_errors(), engine.begin() as connection:
        kind = _kind_of(kept_file(connection, file_id, by, clock))
        known = {one.name for one in kind.columns}
        imports.name_columns(connection, file_id, [name if name in known else "" for name in columns])


def try_file(engine: Engine, file_id: int, *, by: str, clock: Clock) -> Trial:
    """Return what importing a file would do; nothing is written. NotFoundError when the file is gone."""
    with domain_errors(), engine.connect() as connection:
        return _trial(connection, kept_file(connection, file_id, by, clock), clock)


def import_file(engine: Engine, file_id: int, *, by: str, clock: Clock) -> Trial:
    """Import a file, all of it or nothing.

    Raises
    ------
    BadInputError
        With every fault; nothing is written.
    ConflictError
        When the file has no row.
    NotFoundError
        When the file is gone.
    """
    with domain_errors(), engine.begin() as connection:
        stored = kept_file(connection, file_id, by, clock, lock=True)
        connection.exec_driver_sql("SELECT FROM site WHERE id = %s FOR NO KEY UPDATE", (stored.site_id,))
        trial = _trial(connection, stored, clock)
        if trial.faults:
            raise BadInputError(trial.faults)
        if trial.prepared is None or not trial.prepared.rows:
            raise ConflictError("The file has no row to import.")
        trial.prepared.write()
        detail = {"file": stored.name, "rows": trial.prepared.rows, "new": trial.prepared.new, "changed": trial.prepared.changed}
        rosters.record(connection, clock.now(), by, f"{stored.kind} imported", ("site", stored.site_id), None, **detail)
        imports.drop(connection, file_id)
    return trial


def discard(engine: Engine, file_id: int, *, by: str, clock: Clock) -> None:
    """Drop a file without importing it; NotFoundError when it is gone."""
    with domain_errors(), engine.begin() as connection:
        kept_file(connection, file_id, by, clock)
        imports.drop(connection, file_id)


def kept_file(connection: Connection, file_id: int, by: str, clock: Clock, *, lock: bool = False) -> StoredFile:
    """Return a file to whoever handed it in; NotFoundError when it is gone."""
    found = imports.kept(connection, file_id, by=by, at=clock.now(), lock=lock)
    if found is None:
        raise NotFoundError(GONE)
    return found


def _kind_of(stored: StoredFile) -> ImportKind:
    if stored.kind not in BY_NAME:
        raise NotFoundError(GONE)
    return BY_NAME[stored.kind]


def _trial(connection: Connection, stored: StoredFile, clock: Clock) -> Trial:
    kind, faults = _kind_of(stored), FaultList()
    site = next(one for one in list_sites(connection) if one.id == stored.site_id)
    with on_disk(stored) as plain:
        top = preview(plain, faults)
        columns = stored.columns if stored.columns is not None else guess(top.header, kind.columns)
        file = MappedFile(plain.path, stored.name, columns, plain.delimiter)
        missing = [one for one in kind.columns if one.is_needed and one.name not in columns]
        for one in missing if top.header else ():
            faults.add(stored.name, None, one.name, "", f"Say which column of the file is {one.name}: {one.meaning}")
        for name in sorted({name for name in columns if name and columns.count(name) > 1}):
            faults.add(stored.name, None, name, "", "Two columns of the file are given as this one; leave one of them out.")
        prepared = None
        if not len(faults):
            today = clock.now().astimezone(ZoneInfo(site.zone_name)).date()
            ground = Ground(connection, site.id, site.zone_name, site.interval_minutes, today)
            prepared = kind.prepare(ground, file, faults)
    return Trial(stored.id, kind, stored.name, top, columns, faults.faults(), prepared)


@contextmanager
def on_disk(stored: StoredFile) -> Iterator[MappedFile]:
    """Lend a file as one of the disk, under a name of our own, for what reads files."""
    with TemporaryDirectory(prefix="workforce-import-") as folder:
        path = Path(folder) / f"file{Path(stored.name).suffix.lower()}"
        path.write_bytes(stored.content)
        yield MappedFile(path, stored.name, None, delimiter_of(path) if path.suffix == ".csv" else ",")

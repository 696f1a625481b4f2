"""Writes a folder as a whole or not at all."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from scheduling.errors import BadInputError, Fault


def check_target(folder: Path, names: frozenset[str], mark: str) -> None:
    """Refuse a folder that holds anything but an earlier version of what is to be written.

    Parameters
    ----------
    names
        All files that such a folder may have.
    mark
        The file by which it is recognised.

    Raises
    ------
    BadInputError
        When the folder may not be replaced.
    """
    reason = ""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        reason = "This is not a folder; choose another path."
    elif folder.exists():
        there = {entry.name for entry in folder.iterdir()}
        if there and (mark not in there or not there <= names):
            reason = f"The folder holds something else than an earlier {mark} and its files; choose an empty or a new folder."
    if reason:
        raise BadInputError([Fault(folder.name or str(folder), None, "", "", reason)])


def write_folder(folder: Path, files: Mapping[str, str], names: frozenset[str], mark: str) -> None:
    """Write the files into a folder beside it, then put that in its place, so that nothing half-written is ever seen.

    Raises
    ------
    BadInputError
        When the folder may not be replaced, or cannot be written.
    """
    check_target(folder, names, mark)
    ticket = secrets.token_hex(6)
    fresh, stale = (folder.parent / f".{folder.name}.{ticket}.{word}" for word in ("new", "old"))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh.mkdir()
        for name, text in files.items():
            (fresh / name).write_bytes(text.encode())
        if folder.exists():
            folder.rename(stale)
        try:
            fresh.rename(folder)
        except OSError:
            if stale.exists():
                stale.rename(folder)
            raise
    except OSError as error:
        reason = f"The folder cannot be written: {error.strerror}."
        raise BadInputError([Fault(folder.name, None, "", "", reason)]) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(stale, ignore_errors=True)

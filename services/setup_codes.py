"""The setup code: what proves, before there is an account, that somebody sits at the machine of the installation."""

from __future__ import annotations

from pathlib import Path

from config import write_private
from services.passwords import generated_password

FILE = "setup_code"


def known(folder: Path) -> str | None:
    """Return the code that was printed, nothing when none was."""
    try:
        return (folder / FILE).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def make(folder: Path) -> str:
    """Return the code, made once and kept readable to its owner only.

    It has 79 bits, so nobody guesses it in the time that an installation waits for its administrator.
    """
    if known(folder) is None:
        write_private(folder / FILE, generated_password())
    return known(folder) or make(folder)


def forget(folder: Path) -> None:
    """Remove the code, when there is an administrator."""
    (folder / FILE).unlink(missing_ok=True)

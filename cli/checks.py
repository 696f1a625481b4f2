"""What is looked at to say whether an installation works; each look is one function."""

from __future__ import annotations

import importlib
import re
import shutil
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryFile
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Engine

from config import Settings
from scheduling.errors import SchedulingError

LEAST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 500 * 1024 * 1024
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
PAGE_MARK = b"Workforce</title>"
TIMEOUT_SECONDS = 5


class Verdict(StrEnum):
    """What a look came to."""

    GOOD = "good"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    words
        What was found; for a problem also what to do.
    """

    subject: str
    verdict: Verdict
    words: str


def python_finding(version_info: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    """Say whether this Python is new enough."""
    words = ".".join(map(str, version_info))
    if version_info >= LEAST_PYTHON:
        return Finding("Python", Verdict.GOOD, words)
    return Finding("Python", Verdict.PROBLEM, f"{words} is too old; install Python 3.11 or later and make .venv anew.")


def pins_of(lines: Iterable[str]) -> dict[str, str]:
    """Return the pinned version of each package of a requirements file."""
    found = (re.match(r"([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def packages_finding(pins: dict[str, str]) -> Finding:
    """Say which packages are missing or have another version than the pinned one."""
    wrong = []
    for name, wanted in pins.items():
        try:
            there = version(name)
        except PackageNotFoundError:
            wrong.append(f"{name} is missing")
        else:
            if there != wanted:
                wrong.append(f"{name} is {there}, not {wanted}")
    if not wrong:
        return Finding("Packages", Verdict.GOOD, f"all {len(pins)} as pinned")
    more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    remedy = f"run `{sys.executable} -m pip install -r requirements.txt`."
    return Finding("Packages", Verdict.PROBLEM, f"{', '.join(wrong[:5])}{more}; {remedy}")


def solver_finding() -> Finding:
    """Say whether the solver's libraries can be loaded on this machine."""
    try:
        importlib.import_module("ortools.sat.python.cp_model")
    except ImportError as error:
        words = f"OR-Tools cannot be loaded ({error}); install the packages anew, on a 64-bit system."
        return Finding("Solver", Verdict.PROBLEM, words)
    return Finding("Solver", Verdict.GOOD, f"OR-Tools {version('ortools')}")


def instance_finding(settings: Settings) -> Finding:
    """Say whether the instance folder can be written and has room."""
    try:
        folder = settings.make_instance_dir()
        with TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        words = f"{settings.instance_dir} cannot be written ({error.strerror}); mend its rights, or set INSTANCE_DIR."
        return Finding("Instance folder", Verdict.PROBLEM, words)
    if free < LEAST_FREE_BYTES:
        words = f"only {free // 1024**2} MiB are free in {folder}; make room, a database needs more."
        return Finding("Instance folder", Verdict.PROBLEM, words)
    return Finding("Instance folder", Verdict.GOOD, f"{folder}, {free / 1024**3:.1f} GiB free")


def database_findings(engine: Engine, settings: Settings) -> list[Finding]:
    """Say whether the database answers, is new enough, and has the schema of the code."""
    from storage import migrate  # noqa: PLC0415 (slow to import)
    from storage.database import check_version  # noqa: PLC0415

    kind = "embedded" if settings.database_url is None else "configured by DATABASE_URL"
    try:
        number = check_version(engine)
        there, wanted = migrate.current(engine), migrate.head()
    except SchedulingError as error:
        return [Finding("Database", Verdict.PROBLEM, f"({kind}) {error}")]
    reached = Finding("Database", Verdict.GOOD, f"PostgreSQL {number // 10000}.{number % 10000}, {kind}")
    if there == wanted:
        return [reached, Finding("Schema", Verdict.GOOD, f"{there}")]
    state = "there is none yet" if there is None else f"{there}, the code wants {wanted}"
    return [reached, Finding("Schema", Verdict.PROBLEM, f"{state}; run `flask db upgrade`.")]


def zones_finding(names: Iterable[str]) -> Finding:
    """Say whether the time zones of the sites are known here."""
    missing = []
    for name in dict.fromkeys(names):
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            missing.append(name)
    if missing:
        words = f"{', '.join(missing)} is not known; install the package tzdata anew."
        return Finding("Time zones", Verdict.PROBLEM, words)
    return Finding("Time zones", Verdict.GOOD, "known")


def is_free(host: str, port: int) -> bool:
    """Return whether a server could listen there; OSError when the address is none of this machine."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno in {48, 98}:  # EADDRINUSE on macOS and on Linux.
                return False
            raise
    return True


def port_finding(host: str, port: int) -> Finding:
    """Say whether the web application could listen, or does already."""
    try:
        free = is_free(host, port)
    except OSError as error:
        words = f"{host}:{port} cannot be used ({error.strerror or error}); set HOST and PORT to others."
        return Finding("Port", Verdict.PROBLEM, words)
    if free:
        return Finding("Port", Verdict.GOOD, f"{host}:{port} is free")
    if _is_ours(f"http://{host}:{port}/"):
        return Finding("Port", Verdict.GOOD, f"{host}:{port}, the web application is running")
    return Finding("Port", Verdict.PROBLEM, f"{host}:{port} is used by another program; set PORT to a free one.")


def _is_ours(address: str) -> bool:
    try:
        # The address is http: and made of the settings.
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return PAGE_MARK in answer.read(100_000)
    except (OSError, ValueError, urllib.error.URLError):
        return False


def browser_finding(find: Callable[[str], str | None] = shutil.which) -> Finding:
    """Say whether there is a browser for the tests of the pages; the product needs none."""
    found = next((path for name in CHROMIUM_NAMES if (path := find(name))), None)
    if found:
        return Finding("Chromium", Verdict.GOOD, found)
    return Finding("Chromium", Verdict.NOTE, "not found; only the tests of the pages need it, and are skipped without it")


def findings(engine: Engine, settings: Settings, root: Path, zones: Iterable[str]) -> list[Finding]:
    """Return what every look came to, in the order in which problems are best mended."""
    pins = pins_of((root / "requirements.txt").read_text(encoding="utf-8").splitlines())
    return [
        python_finding(),
        packages_finding(pins),
        solver_finding(),
        zones_finding(zones),
        instance_finding(settings),
        *database_findings(engine, settings),
        port_finding(settings.host, settings.port),
        browser_finding(),
    ]

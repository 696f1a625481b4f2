"""Configuration: the one typed table of everything that an installation may set."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from scheduling.errors import SchedulingError

SECRET_BYTES = 32


class SettingsError(SchedulingError):
    """The configuration has faults; the message names each variable."""


class Settings(BaseSettings):
    """What an installation may set, each by the environment variable of the same name in capitals (or in `.env`)."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    database_url: SecretStr | None = Field(
        default=None, description="URL of a PostgreSQL 15 or later; without it an embedded one runs in the instance folder."
    )
    instance_dir: Path = Field(default=Path("instance"), description="Folder of everything that this installation writes.")
    host: str = Field(default="127.0.0.1", description="Address on which the web application listens.")
    port: Annotated[int, Field(ge=1, le=65535)] = Field(default=8000, description="Port on which the web application listens.")
    live_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=0,
        description="Port of the live process, which tells open pages of news; 0 means the port after that of the pages.",
    )
    live_url: str = Field(
        default="",
        description="Where browsers reach the live process when a proxy stands in front, such as https://live.example.org.",
    )
    site_origin: str = Field(
        default="", description="Scheme, host and port of the pages as browsers see them when a proxy stands in front."
    )
    secret_key: SecretStr | None = Field(
        default=None, min_length=16, description="Signs cookies; without it one is generated into the instance folder."
    )
    solve_seconds: float = Field(default=60.0, gt=0, description="Time that a planning run may take unless it asks for another.")
    solve_workers: int = Field(default=2, ge=1, description="Processor cores that a planning run may use.")
    solver_cluster: str = Field(
        default="",
        pattern=r"^((tcp|tls)://.+)?$",
        description="Scheduler of a Dask cluster that proves bounds, such as tcp://solver:8786; without it this machine does.",
    )
    worker_poll_seconds: float = Field(default=0.5, gt=0, description="How often the worker looks for queued planning runs.")
    progress_seconds: float = Field(default=0.5, gt=0, description="How often a planning run writes its progress.")
    heartbeat_timeout_seconds: float = Field(
        default=30.0, gt=1, description="A planning run that was silent for longer is taken for dead and queued again."
    )
    database_pool_size: int = Field(default=8, ge=1, description="Connections that one process keeps open.")
    statement_timeout_seconds: float = Field(default=60.0, gt=0, description="No single statement may take longer.")
    password_memory_kib: int = Field(
        default=47_104, ge=8, description="Memory that the hash of a password takes to make; whoever guesses pays it too."
    )
    password_passes: int = Field(default=1, ge=1, description="How often the hash of a password goes through that memory.")
    proxies: int = Field(
        default=0, ge=0, description="Web servers in front of this one whose word for address and scheme of a visitor is taken."
    )
    media_origins: str = Field(
        default="https:",
        pattern=r"^[A-Za-z0-9:/.*\- ]*$",
        description="Where videos and pictures of jobs may come from beside this application, parted by spaces.",
    )
    smtp_host: str = Field(
        default="", description="Mail server; without one mails are written into the folder mail of the instance."
    )
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = Field(default=587, description="Port of the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the connection to the mail server is made safe."
    )
    smtp_user: str = Field(default="", description="Sign-in name at the mail server, where it wants one.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="Password at the mail server.")
    mail_from: str = Field(
        default="workforce@localhost", pattern=r"^[^@\s]+@[^@\s]+$", description="Address from which mails to associates are."
    )
    log_level: str = Field(default="INFO", description="Least severe level that is logged.")

    @property
    def live_port_used(self) -> int:
        """The port on which the live process listens."""
        return self.live_port or (self.port + 1 if self.port < 65535 else self.port - 1)

    def make_instance_dir(self) -> Path:
        """Create the instance folder where it is missing; return its absolute path."""
        folder = self.instance_dir.expanduser().resolve()
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def signing_key(self) -> str:
        """Return the key that signs cookies: the one that is set, else one generated once and kept readable to its owner only."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        path = self.make_instance_dir() / "secret_key"
        if not path.exists():
            write_private(path, secrets.token_hex(SECRET_BYTES))
        return path.read_text(encoding="ascii").strip()


def settings_from_environment() -> Settings:
    """Return the settings of the environment and of `.env`; SettingsError with every variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        # The value is not shown, it may be a secret.
        faults = [f"{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}." for fault in error.errors()]
        raise SettingsError(f"The configuration is wrong. {' '.join(faults)}") from error


def write_private(path: Path, text: str) -> None:
    """Write a new file for its owner only, in one step, so that processes that start together all read the same whole one.

    A file that is there already stays as it is.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()

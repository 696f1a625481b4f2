"""The one place where a failure becomes a clear line and an exit status; no command shows a traceback."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from scheduling.errors import BadInputError, SchedulingError

FAILED, BAD_INPUT, INTERRUPTED, TERMINATED = 1, 2, 130, 143
"""Exit statuses; the last two are those of a program that ended by SIGINT or SIGTERM."""


class CommandFailure(click.ClickException):
    """A command failed; the message is what the user reads, one line for each thing wrong."""

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # Click reads it of the instance.

    def show(self, file: Any = None) -> None:
        """Print the message to the error stream."""
        click.echo(self.message, file=file or sys.stderr)


def failure_of(error: BaseException) -> CommandFailure:
    """Return the failure that tells the user of an error."""
    if isinstance(error, CommandFailure):
        return error
    if isinstance(error, BadInputError):
        return CommandFailure("\n".join(one_line(str(fault)) for fault in error.faults), BAD_INPUT)
    words, status = next((words(error), status) for kind, words, status in FAILURES if isinstance(error, kind))
    return CommandFailure(f"Error: {one_line(words)}", status)


FAILURES: Final[tuple[tuple[type[BaseException], Callable[[Any], str], int], ...]] = (
    (SchedulingError, str, FAILED),
    (click.UsageError, lambda error: error.format_message(), BAD_INPUT),
    (click.ClickException, lambda error: error.format_message(), FAILED),
    (KeyboardInterrupt, lambda _: "Interrupted; nothing was half done.", INTERRUPTED),
    (OSError, lambda error: f"{error.strerror or error} {f'({error.filename})' if error.filename else ''}", FAILED),
    (MemoryError, lambda _: "There is not enough memory for this.", FAILED),
    (
        BaseException,
        lambda error: f"Unexpected {type(error).__name__}: {error} - a fault of the program; `flask --debug ...` shows where.",
        FAILED,
    ),
)
"""What is said of each kind of error, and the exit status; the first kind that fits decides."""


def one_line(text: str) -> str:
    """Return a text without line breaks."""
    return " ".join(text.split())


@contextmanager
def plain_failures() -> Iterator[None]:
    """Let errors leave the block as `CommandFailure`; in debug mode unexpected ones leave it as they are."""
    try:
        yield
    except (click.exceptions.Exit, click.exceptions.Abort, click.exceptions.NoArgsIsHelpError, BrokenPipeError):
        raise
    except (SchedulingError, click.ClickException, OSError, KeyboardInterrupt) as error:
        raise failure_of(error) from error
    except Exception as error:
        if current_app and current_app.debug:
            raise
        raise failure_of(error) from error


@contextmanager
def orderly_termination() -> Iterator[None]:
    """Let SIGTERM end the program as an exit does, so that whatever was opened is closed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(_number: int, _frame: FrameType | None) -> None:
        sys.exit(TERMINATED)

    previous = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


class PlainCommand(click.Command):
    """A command whose failures are clear lines."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the arguments."""
        with plain_failures():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with plain_failures(), orderly_termination():
            return super().invoke(ctx)


class PlainGroup(AppGroup):
    """A group of such commands."""

    def command(  # type: ignore[override]  # As in Flask, which has only this form of it.
        self, *args: Any, **kwargs: Any
    ) -> Callable[[Callable[..., Any]], click.Command]:
        """Return a decorator that adds a command to the group."""
        kwargs.setdefault("cls", PlainCommand)
        return super().command(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command of the group that is asked for."""
        with plain_failures():
            return super().invoke(ctx)


def plain_command(name: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Return a decorator that makes a command outside any group."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        return click.command(name, cls=PlainCommand)(with_appcontext(function))

    return decorate

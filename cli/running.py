"""Runs a planner in front of a user: shows where it stands, and stops it on Ctrl-C."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType
from typing import Generic, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from scheduling.plan import RosterPlan
from scheduling.ports import Planner, Progress, ProgressListener, StopSignal
from scheduling.result import PlanningResult
from scheduling.scenario import Scenario

Done = TypeVar("Done")
Show = Callable[[Progress], None]

LOOK_SECONDS = 0.1
PLAIN_LINE_SECONDS = 5.0
"""Without a terminal, a line is written when the phase changes, and else not more often than this."""
ABORT_SECONDS = 10.0
"""How long a planner that was told to abort may take to leave."""


def shielded_planner(workers: int, cluster: str = "") -> Planner:
    """Return the planner with so many workers, or with those of a Dask cluster at an address, shielded against Ctrl-C.

    A terminal sends Ctrl-C to all processes that were started from it. Those of the planner inherit the signals that the
    thread which starts them has blocked, so they go on until they are told to end.
    """

    def planned(
        scenario: Scenario,
        progress: ProgressListener,
        stop: StopSignal,
        seed: int,
        seconds: float,
        start: RosterPlan | None = None,
    ) -> PlanningResult:
        from services.cluster import cluster_executor  # noqa: PLC0415
        from services.planning import plan  # noqa: PLC0415 (loads the solver, which takes long)
        from services.ready import ready  # noqa: PLC0415

        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        ready(scenario, stop)
        with cluster_executor(cluster) as executor:
            return plan(scenario, progress, stop, seed, seconds, workers, executor, warm_start=start)

    return planned


class Job(Generic[Done]):
    """Work in a thread of its own, so that the main thread is free to hear of signals while a solver computes."""

    def __init__(self, work: Callable[[ProgressListener, StopSignal], Done]) -> None:
        self._work = work
        self._result: list[Done] = []
        self._error: BaseException | None = None
        self._stopping = threading.Event()
        self.latest: Progress | None = None
        self.thread = threading.Thread(target=self._carry_out, name="planner", daemon=True)

    def stop(self) -> None:
        """Ask the work to end with the best so far."""
        self._stopping.set()

    @property
    def is_stopping(self) -> bool:
        """Whether it was asked to."""
        return self._stopping.is_set()

    def result(self) -> Done:
        """Return what came out, or raise what went wrong; the work must have ended."""
        if self._error is not None:
            raise self._error
        return self._result[0]

    def _carry_out(self) -> None:
        try:
            self._result.append(self._work(self._listen, self._stopping.is_set))
        except BaseException as error:
            self._error = error

    def _listen(self, progress: Progress) -> None:
        before = self.latest or Progress("", 0.0)
        # A phase that does not know objective or bound leaves the last ones in sight.
        objective = before.objective if progress.objective is None else progress.objective
        bound = before.bound if progress.bound is None else progress.bound
        self.latest = replace(progress, objective=objective, bound=bound)


def run_with_progress(work: Callable[[ProgressListener, StopSignal], Done], *, keeps_best: bool = True) -> Done:
    """Run `work` and show its progress on the error stream.

    Parameters
    ----------
    keeps_best
        Whether the first Ctrl-C asks for the best so far and only the second aborts; otherwise the first one aborts.

    Raises
    ------
    KeyboardInterrupt
        When the user aborts.
    """
    job = Job(work)
    with interrupts(job, keeps_best=keeps_best), display() as show:
        job.thread.start()
        try:
            while job.thread.is_alive():
                job.thread.join(LOOK_SECONDS)
                if job.latest is not None:
                    show(job.latest)
        except BaseException:
            abort(job)
            raise
    return job.result()


def abort(job: Job[Done]) -> None:
    """End a job and its processes without waiting for a result."""
    job.stop()
    for process in multiprocessing.active_children():
        process.kill()
    job.thread.join(ABORT_SECONDS)


@contextmanager
def interrupts(job: Job[Done], *, keeps_best: bool) -> Iterator[None]:
    """Let the first Ctrl-C stop the job and the second one abort it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        if job.is_stopping or not keeps_best:
            raise KeyboardInterrupt
        job.stop()
        click.echo("Stopping with the best roster so far; Ctrl-C again aborts.", err=True)

    previous = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


@contextmanager
def display() -> Iterator[Show]:
    """Give a function that shows progress: a bar on a terminal, a line now and then elsewhere."""
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield PlainLines().show
        return
    columns = (
        TextColumn("{task.description:<26}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[figures]}"),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=console, transient=True) as bars:
        task = bars.add_task("begins", total=1.0, figures="")

        def show(progress: Progress) -> None:
            bars.update(task, description=progress.phase, completed=min(1.0, progress.done), figures=figures(progress))

        yield show


class PlainLines:
    """Progress for logs and pipes."""

    def __init__(self) -> None:
        self._phase = ""
        self._written = 0.0

    def show(self, progress: Progress) -> None:
        """Write a line if there is something new to say."""
        now = time.monotonic()
        if progress.phase == self._phase and now - self._written < PLAIN_LINE_SECONDS:
            return
        self._phase, self._written = progress.phase, now
        click.echo(f"{100 * progress.done:3.0f} %  {progress.phase}  {figures(progress)}".rstrip(), err=True)


def figures(progress: Progress) -> str:
    """Return objective, bound and gap as far as they are known."""
    objective, bound = progress.objective, progress.bound
    parts = [] if objective is None else [f"objective {objective:,.1f}"]
    if bound is not None:
        parts.append(f"bound {bound:,.1f}")
    if objective is not None and bound is not None:
        parts.append(f"gap {100 * max(0.0, (objective - bound) / max(abs(objective), 1e-9)):.2f} %")
    return "  ".join(parts)

"""The background process: carries out queued planning runs, one of a lane at a time, and does the chores of the floor."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock
from types import FrameType
from typing import Final

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine

from config import Settings
from scheduling.errors import SchedulingError
from scheduling.ports import Planner
from scheduling.times import Clock
from services.chores import Chore, do_chore
from services.execution import Preparer, execute_next_run
from services.planning_runs import recover_runs
from services.reading import RunKind

log = structlog.get_logger(__name__)

LANES: Final[Mapping[str, tuple[RunKind, ...]]] = {
    "runs": (RunKind.ROSTER, RunKind.SCENARIO),
    "repairs": (RunKind.REPAIR,),
    "rotations": (RunKind.ROTATION,),
}
"""Kinds of runs that wait for each other; what takes seconds does not wait for a roster of minutes."""
CHORE_THREADS = 4
"""Chores that are done at once; each holds one connection to the database at a time."""
ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class Lane:
    """A queue of runs of some kinds, of which one at a time is carried out."""

    name: str
    kinds: tuple[RunKind, ...]
    busy: Lock = field(default_factory=Lock)


class Worker:
    """Carries out planning runs and does chores until it is told to leave.

    Parameters
    ----------
    planner, prepare
        What builds a roster, and what makes the scenario for it.
    chores
        What is done again and again beside the runs.
    takes_runs
        False leaves planning runs to another process: a search that computes in this one makes every chore wait for it.
    """

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        clock: Clock,
        planner: Planner,
        prepare: Preparer,
        *,
        chores: Sequence[Chore] = (),
        takes_runs: bool = True,
    ) -> None:
        self._engine, self._settings, self._clock = engine, settings, clock
        self._planner, self._prepare = planner, prepare
        self._chores, self._takes_runs = tuple(chores), takes_runs
        self._leaving = Event()
        self._lanes = tuple(Lane(name, kinds) for name, kinds in LANES.items())
        self.name = f"{socket.gethostname()}:{os.getpid()}"

    def leave(self) -> None:
        """Tell the worker to end soon; a run that it has is put back into the queue."""
        self._leaving.set()

    def work_off(self, kinds: Collection[RunKind] = tuple(RunKind)) -> int:
        """Carry out queued runs until there is none; return how many there were. No error of a run ends the worker."""
        count = 0
        while not self._leaving.is_set() and self._next_run(kinds) is not None:
            count += 1
        return count

    def recover(self) -> None:
        """Queue runs again whose worker died."""
        try:
            found = recover_runs(self._engine, timeout_seconds=self._settings.heartbeat_timeout_seconds, clock=self._clock)
        except SchedulingError as error:
            log.warning("runs not recovered", reason=str(error))
        else:
            if found:
                log.warning("runs of dead workers recovered", runs=found)

    def serve(self) -> None:
        """Work until told to leave; returns when the last run is stored or put back."""
        # One thread for the runs of a lane, so that there is never more than one, and others for everything short.
        scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={
                **{lane.name: ThreadPoolExecutor(1) for lane in self._lanes},
                "default": ThreadPoolExecutor(1),
                "chores": ThreadPoolExecutor(CHORE_THREADS),
            },
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        # A chore that takes longer than its turn leaves one out; the clock would complain of each.
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
        if self._takes_runs:
            seconds = self._settings.worker_poll_seconds
            for lane in self._lanes:
                scheduler.add_job(
                    self._poll, "interval", args=(scheduler, lane), id=lane.name, seconds=seconds, executor=lane.name
                )
            scheduler.add_job(self.recover, "interval", seconds=self._settings.heartbeat_timeout_seconds / 3)
        for chore in self._chores:
            # The first turn is at once, by the clock that the scheduler itself goes by.
            timing = {"seconds": chore.seconds, "next_run_time": datetime.now(UTC)}
            scheduler.add_job(self._do, "interval", args=(chore,), id=chore.name, executor="chores", **timing)
        scheduler.start()
        log.info("worker ready", worker=self.name)
        self._leaving.wait()
        # The clock holds its own lock while it waits for its threads, and a thread that ends needs that lock; so the work is
        # waited for here, before the clock is stopped.
        with ExitStack() as ended:
            for lane in self._lanes:
                ended.enter_context(lane.busy)
            scheduler.shutdown(wait=False)
        log.info("worker left", worker=self.name)

    def _do(self, chore: Chore) -> None:
        if not self._leaving.is_set():
            do_chore(chore, self._engine, self._clock)

    def _poll(self, scheduler: BackgroundScheduler, lane: Lane) -> None:
        # A run takes minutes; without the pause the clock would complain at every tick that the last one is still busy.
        with lane.busy:
            if self._leaving.is_set():
                return
            scheduler.pause_job(lane.name)
            try:
                self.work_off(lane.kinds)
            finally:
                scheduler.resume_job(lane.name)

    def _next_run(self, kinds: Collection[RunKind]) -> int | None:
        try:
            return execute_next_run(
                self._engine,
                self.name,
                planner=self._planner,
                prepare=self._prepare,
                clock=self._clock,
                progress_seconds=self._settings.progress_seconds,
                leaving=self._leaving,
                kinds=kinds,
            )
        except SchedulingError as error:
            log.warning("no run claimed", reason=str(error))
            return None


def serve_until_signal(worker: Worker) -> None:
    """Let a worker work until the process is asked to end (SIGTERM or Ctrl-C); must be called in the main thread."""

    def end(_number: int, _frame: FrameType | None) -> None:
        worker.leave()

    previous = {number: signal.signal(number, end) for number in ENDING_SIGNALS}
    try:
        worker.serve()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)

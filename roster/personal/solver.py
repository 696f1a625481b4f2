"""The recipe for a personal roster: a first roster, annealing, the bound with dives, neighbourhoods until time is up.

With two workers one soon turns to the bound and the other goes on annealing; they tell each other of better rosters through this
process, which keeps the best and stops them in time.
"""

from __future__ import annotations

import math
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from threading import Thread
from time import monotonic
from typing import cast

import numpy as np

from roster.personal.check import cost_of, faults_of
from roster.personal.question import Ints, Question
from roster.personal.search import Post, Search, first_roster

STOPPING_SECONDS = 4.0
"""Time kept for stopping workers and checking the result, beside a part of all time and of the size of the question."""

ASKING_SECONDS = 0.3
"""Time between two questions whether to stop, where one process does all."""

Progress = Callable[[float, float], bool]


@dataclass(frozen=True)
class Answer:
    """A checked roster.

    Parameters
    ----------
    lines
        Shift or -1 for a day off, shape (associates, days); ``None`` where none was found.
    objective, bound
        Cost of the roster, and the proven least cost of any.
    faults
        What the independent checker says of the roster.
    """

    lines: Ints | None
    objective: float
    bound: float
    seconds: float
    faults: tuple[str, ...]

    @property
    def gap(self) -> float:
        """Distance from the bound as a part of the objective."""
        return (
            max(0.0, self.objective - self.bound) / max(1e-9, abs(self.objective)) if math.isfinite(self.objective) else math.inf
        )

    @property
    def status(self) -> str:
        """Return ``optimal``, ``feasible``, ``wrong`` where the checker finds a fault, or ``unknown``."""
        if self.lines is None:
            return "unknown"
        if self.faults:
            return "wrong"
        return "optimal" if self.objective <= self.bound + 1e-6 else "feasible"


class _Best:
    """The best roster and bound so far."""

    def __init__(self, question: Question) -> None:
        self._step = question.step
        self.lines: Ints | None = None
        # Whatever the terms, nobody's day costs less than the cheapest of its shifts or a day off.
        least = question.base_costs + np.minimum(0.0, question.shift_costs.min(axis=2))
        self.objective, self.bound = math.inf, self._rounded(float(least.sum()))

    def take(self, post: Post) -> bool:
        """Take what a worker sends; say whether the roster is better."""
        self.bound = max(self.bound, self._rounded(post.bound))
        if post.lines is None or post.objective >= self.objective:
            return False
        self.lines, self.objective = post.lines, post.objective
        return True

    def _rounded(self, bound: float) -> float:
        """Return a bound rounded up to what an objective can be."""
        return math.ceil(bound - 1e-3) if self._step == 1.0 and math.isfinite(bound) else bound

    @property
    def proven(self) -> bool:
        """Whether nothing better can be."""
        return self.objective <= self.bound + 1e-6


def solve(
    question: Question,
    seconds: float,
    *,
    workers: int = 2,
    seed: int = 1,
    start: Ints | None = None,
    progress: Progress = lambda *_: False,
) -> Answer:
    """Return the best roster found in `seconds`.

    Parameters
    ----------
    start
        A roster to begin with, shape (associates, days); the answer is never dearer.
    progress
        Hears of objective and bound and says whether to stop.

    Raises
    ------
    ValueError
        If the checker finds a fault in `start`, with every fault, or if an associate has no legal line.
    """
    began = monotonic()
    if start is not None and (wrong := faults_of(question, start.tolist())):
        raise ValueError("The roster to begin with is not legal. " + " ".join(wrong))
    kept = STOPPING_SECONDS + 0.02 * seconds + 4e-6 * question.on_weights.size
    deadline = began + max(0.0, seconds - min(kept, seconds / 4))
    best = _Best(question)
    if workers > 1:
        _solve_beside(question, deadline, workers, seed, start, best, progress)
    else:
        left = _clock(deadline, lambda: best.proven or progress(best.objective, best.bound))
        first = first_roster(question, seed, left) if start is None else start
        for post in Search(question, seed, left, leads=True).posts(first) if first is not None else ():
            best.take(post)
    lines = best.lines
    faults = () if lines is None else tuple(faults_of(question, lines.tolist()))
    objective = math.inf if lines is None else cost_of(question, lines.tolist())
    return Answer(lines, objective, best.bound, monotonic() - began, faults)


def _clock(deadline: float, stops: Callable[[], bool]) -> Callable[[], float]:
    """Return what tells the seconds that are left; it asks now and then whether to stop, and then there are none."""
    asked, stopped = -math.inf, False

    def seconds_left() -> float:
        nonlocal asked, stopped
        now = monotonic()
        if not stopped and now - asked > ASKING_SECONDS:
            asked, stopped = now, stops()
        return 0.0 if stopped else deadline - now

    return seconds_left


def _solve_beside(
    question: Question, deadline: float, workers: int, seed: int, start: Ints | None, best: _Best, progress: Progress
) -> None:
    """Run workers as processes of their own until time is up or nothing better can be."""
    context = get_context("spawn")
    pipes, processes = [], []
    for number in range(workers):
        ours, theirs = context.Pipe()
        process = context.Process(
            target=_work, args=(theirs, question, seed + number, deadline - monotonic(), number == 0), daemon=True
        )
        process.start()
        theirs.close()
        pipes.append(ours)
        processes.append(process)
    try:
        first = first_roster(question, seed, lambda: deadline - monotonic()) if start is None else start
        if first is not None:
            best.take(Post(first, question.objective(first)))
            # A worker inside the linear programme cannot read, so that a long letter to it would wait: only a thread may.
            listener = Thread(target=_listen, args=(pipes, deadline, best, progress), daemon=True)
            listener.start()
            listener.join(max(0.0, deadline - monotonic()))
    finally:
        for process in processes:
            process.kill()
            process.join()


def _listen(pipes: list[Connection], deadline: float, best: _Best, progress: Progress) -> None:
    """Take posts of workers and pass on what is better, until time is up, all have ended, or nothing better can be."""
    open_pipes = list(pipes)
    for worker in pipes:
        _send(worker, Post(best.lines, best.objective))
    while open_pipes and not best.proven and monotonic() < deadline:
        for pipe in wait(open_pipes, max(0.0, min(1.0, deadline - monotonic()))):
            post = _receive(cast("Connection", pipe))
            if post is None:
                open_pipes.remove(cast("Connection", pipe))
                continue
            better = best.take(post)
            for other in open_pipes:
                if other is not pipe and (better or post.prices is not None):
                    _send(other, Post(post.lines if better else None, post.objective, best.bound, post.prices))
        if progress(best.objective, best.bound):
            break


def _receive(pipe: Connection) -> Post | None:
    """Receive from a worker, ``None`` where it has ended."""
    try:
        return cast("Post", pipe.recv())
    except (EOFError, ConnectionResetError):
        return None


def _send(pipe: Connection, post: Post) -> None:
    """Send to a worker that may have ended."""
    try:
        pipe.send(post)
    except (BrokenPipeError, ConnectionResetError):
        return


def _work(pipe: Connection, question: Question, seed: int, seconds: float, leads: bool) -> None:
    """Search in a process of its own, sending what is found and taking what others found."""
    # Who interrupts the recipe wants the best so far: the recipe ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    deadline = monotonic() + seconds
    first, letters = pipe.recv(), SimpleQueue[Post]()
    # Who sends must never wait for a worker that is busy, so a thread of its own empties the pipe.
    Thread(target=_empty, args=(pipe, letters), daemon=True).start()

    def news() -> Post | None:
        return None if letters.empty() else letters.get()

    search = Search(question, seed, lambda: deadline - monotonic(), leads=leads, news=news)
    for post in search.posts(first.lines):
        pipe.send(post)


def _empty(pipe: Connection, letters: SimpleQueue[Post]) -> None:
    """Put what a pipe brings where it can be taken without waiting, until the pipe is closed."""
    while (post := _receive(pipe)) is not None:
        letters.put(post)

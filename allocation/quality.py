"""Quality: accuracy and speed with their intervals, held against goals that rise in steps with tenure.

Accuracy comes from gold jobs, whose right answer is known, and from double audits, where two associates answer the same job. Of a
disagreement in a double audit nobody knows who is wrong, so each of the two bears half of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, sqrt
from typing import Final

Z: Final = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""
LEAST_CHECKED: Final = 30
LEAST_ANSWERS: Final = 30
"""With fewer than these nothing is said of accuracy, or of speed."""
HASTE_SHARE: Final = 0.8
"""Somebody who needs less than this share of the seconds that are allowed hurries."""
SMALLEST_MARGIN: Final = 0.01


class Verdict(StrEnum):
    """How a figure stands to its goal."""

    MET = "met"
    NOT_MET = "not met"
    """Beyond what chance explains."""
    UNKNOWN = "not enough data"
    """Too few answers, or too near to the goal to tell."""
    NO_GOAL = "no goal"


@dataclass(frozen=True)
class Sums:
    """Answers added up; sums of sums are the sums of all their answers.

    Parameters
    ----------
    gold, doubles
        Answers to gold jobs, and to jobs of double audits that both have answered.
    seconds
        Handling time.
    sum_ln_seconds, sum_ln_squared
        Sums of the logarithm of each handling time in seconds, and of its square.
    """

    answers: int = 0
    gold: int = 0
    gold_correct: int = 0
    doubles: int = 0
    agreed: int = 0
    seconds: float = 0.0
    sum_ln_seconds: float = 0.0
    sum_ln_squared: float = 0.0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.answers + other.answers,
            self.gold + other.gold,
            self.gold_correct + other.gold_correct,
            self.doubles + other.doubles,
            self.agreed + other.agreed,
            self.seconds + other.seconds,
            self.sum_ln_seconds + other.sum_ln_seconds,
            self.sum_ln_squared + other.sum_ln_squared,
        )

    @property
    def checked(self) -> int:
        """Answers whose quality is known."""
        return self.gold + self.doubles

    @property
    def right(self) -> float:
        """Checked answers that were right, half of each disagreement among them."""
        return self.gold_correct + self.agreed + (self.doubles - self.agreed) / 2


@dataclass(frozen=True)
class Goal:
    """What is asked from a week of tenure on."""

    from_week: int
    accuracy_share: float
    seconds_per_job: float


@dataclass(frozen=True)
class Figure:
    """A figure with its interval, its goal and how it stands to it.

    Parameters
    ----------
    value, low, high
        The figure, and the ends of its 95 % interval; ``None`` without answers.
    count
        How many answers it is made of.
    """

    value: float | None
    low: float | None
    high: float | None
    count: int
    goal: float | None
    verdict: Verdict


def goal_in_week(steps: Sequence[Goal], week: int | None) -> Goal | None:
    """Return the step that holds in a week of tenure; the first one for somebody whose tenure is not known."""
    held = [step for step in steps if step.from_week <= (week or 1)]
    return max(held, key=lambda step: step.from_week, default=None)


def accuracy_figure(sums: Sums, goal: float | None) -> Figure:
    """Return accuracy with Wilson's score interval, held against the least that is asked.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), 209-212,
    doi:10.1080/01621459.1927.10502953.
    """
    count = sums.checked
    if not count:
        return Figure(None, None, None, 0, goal, _verdict_without(goal))
    share = sums.right / count
    middle = (share + Z * Z / (2 * count)) / (1 + Z * Z / count)
    reach = Z / (1 + Z * Z / count) * sqrt(share * (1 - share) / count + Z * Z / (4 * count * count))
    # At the ends the formula gives 0 and 1 but for rounding.
    low, high = min(share, max(0.0, middle - reach)), max(share, min(1.0, middle + reach))
    is_met, is_missed = goal is not None and share >= goal, goal is not None and high < goal
    return Figure(share, low, high, count, goal, _verdict(goal, count >= LEAST_CHECKED, is_met=is_met, is_missed=is_missed))


def speed_figure(sums: Sums, goal: float | None) -> Figure:
    """Return the mean handling time in seconds with its interval, held against the most that is allowed.

    Handling times are near to log-normal; the width of the interval, as a factor, is that of Cox's method for the mean of one.
    Source: X. H. Zhou and S. Gao, Confidence intervals for the log-normal mean, Statistics in Medicine 16 (1997), 783-790.
    """
    count = sums.answers
    if not count:
        return Figure(None, None, None, 0, goal, _verdict_without(goal))
    mean = sums.seconds / count
    if count < 2:
        return Figure(mean, None, None, count, goal, _verdict_without(goal))
    variance = max(0.0, (sums.sum_ln_squared - sums.sum_ln_seconds**2 / count) / (count - 1))
    factor = exp(Z * sqrt(variance / count + variance**2 / (2 * (count - 1))))
    low, high = mean / factor, mean * factor
    is_met, is_missed = goal is not None and mean <= goal, goal is not None and low > goal
    return Figure(mean, low, high, count, goal, _verdict(goal, count >= LEAST_ANSWERS, is_met=is_met, is_missed=is_missed))


def _verdict_without(goal: float | None) -> Verdict:
    return Verdict.NO_GOAL if goal is None else Verdict.UNKNOWN


def _verdict(goal: float | None, is_enough: bool, *, is_met: bool, is_missed: bool) -> Verdict:
    if goal is None or not is_enough:
        return _verdict_without(goal)
    if is_missed:
        return Verdict.NOT_MET
    return Verdict.MET if is_met else Verdict.UNKNOWN


@dataclass(frozen=True)
class QueueQuality:
    """Somebody's quality in one queue."""

    queue_id: int
    queue: str
    sums: Sums
    accuracy: Figure
    speed: Figure

    @property
    def answers(self) -> int:
        """How many answers were given."""
        return self.sums.answers

    @property
    def need(self) -> float:
        """How far the figures stand from their goals beyond chance: the larger, the sooner coaching helps; 0 if it is not known.

        Errors beyond those that the goal leaves room for, as a multiple of these, and time beyond the goal as a share of it.
        """
        errors = hours = 0.0
        if self.accuracy.verdict is Verdict.NOT_MET and self.accuracy.goal is not None and self.accuracy.high is not None:
            errors = (self.accuracy.goal - self.accuracy.high) / max(SMALLEST_MARGIN, 1 - self.accuracy.goal)
        if self.speed.verdict is Verdict.NOT_MET and self.speed.goal is not None and self.speed.low is not None:
            hours = self.speed.low / self.speed.goal - 1
        return errors + hours


def queue_quality(queue_id: int, queue: str, sums: Sums, goal: Goal | None) -> QueueQuality:
    """Return somebody's quality in one queue."""
    accuracy = accuracy_figure(sums, goal.accuracy_share if goal else None)
    return QueueQuality(queue_id, queue, sums, accuracy, speed_figure(sums, goal.seconds_per_job if goal else None))


def overall(queues: Sequence[QueueQuality]) -> tuple[Figure, Figure]:
    """Return accuracy and speed over queues, held against the mean of their goals by how much was done in each.

    A goal that is not met in one queue is not met, however good the others are.
    """
    sums = sum((one.sums for one in queues), Sums())
    accuracy = accuracy_figure(sums, _mean_goal([(one.accuracy.goal, one.sums.checked or one.answers) for one in queues]))
    speed = speed_figure(sums, _mean_goal([(one.speed.goal, one.answers) for one in queues]))
    return (
        _worst(accuracy, [one.accuracy.verdict for one in queues]),
        _worst(speed, [one.speed.verdict for one in queues]),
    )


def _mean_goal(goals: Sequence[tuple[float | None, int]]) -> float | None:
    held = [(goal, weight) for goal, weight in goals if goal is not None]
    weight = sum(one for _, one in held)
    return sum(goal * one for goal, one in held) / weight if weight else None


def _worst(figure: Figure, verdicts: Sequence[Verdict]) -> Figure:
    if Verdict.NOT_MET not in verdicts:
        return figure
    return Figure(figure.value, figure.low, figure.high, figure.count, figure.goal, Verdict.NOT_MET)


@dataclass(frozen=True)
class Suggestion:
    """What to talk about, and the figures that say so; the queue is empty when it is about all of them."""

    topic: str
    queue: str
    based_on: str


def suggestions_of(one: QueueQuality) -> tuple[Suggestion, ...]:
    """Return what a coaching could be about; nothing where goals are met or nothing is known."""
    found = []
    accuracy, speed = one.accuracy, one.speed
    if accuracy.verdict is Verdict.NOT_MET:
        hurries = speed.high is not None and speed.goal is not None and speed.high < HASTE_SHARE * speed.goal
        found.append(Suggestion("Accuracy: take more time" if hurries else "Accuracy", one.queue, _accuracy_words(one, hurries)))
    if speed.verdict is Verdict.NOT_MET:
        found.append(Suggestion("Speed", one.queue, _speed_words(speed)))
    return tuple(found)


def _accuracy_words(one: QueueQuality, hurries: bool) -> str:
    figure = one.accuracy
    words = (
        f"{_percent(figure.value)} right of {figure.count} checked (95 % interval {_percent(figure.low)} to "
        f"{_percent(figure.high)}), asked for {_percent(figure.goal)}"
    )
    if hurries and one.speed.value is not None and one.speed.goal is not None:
        words += f"; {one.speed.value:.1f} s a job, where {one.speed.goal:.1f} s are allowed"
    return f"{words}."


def _speed_words(figure: Figure) -> str:
    low, high = figure.low or 0.0, figure.high or 0.0
    return (
        f"{figure.value or 0.0:.1f} s a job over {figure.count} answers (95 % interval {low:.1f} to {high:.1f} s), "
        f"at most {figure.goal or 0.0:.1f} s asked."
    )


def _percent(share: float | None) -> str:
    return f"{100 * (share or 0.0):.1f} %"

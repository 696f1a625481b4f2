"""Refusals: why an associate gets no work at this moment, and when it goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from scheduling.duties import Duty
from scheduling.presence import PresenceState
from scheduling.words import N_, Moment, Words, joined
from services.day_words import break_words
from storage.standing import Standing


class RefusalKind(StrEnum):
    """Why there is no work."""

    OFF_SHIFT = "off_shift"
    ON_LEAVE = "on_leave"
    ABSENT = "absent"
    ON_BREAK = "on_break"
    BREAK_DUE_SOON = "break_due_soon"
    NOT_SIGNED_IN = "not_signed_in"
    COACHING = "coaching"
    SYSTEM_DOWN = "system_down"
    NO_QUEUE = "no_queue"
    NOTHING_FITS = "nothing_fits"
    NO_WORK = "no_work"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no work.

    Parameters
    ----------
    message
        In words for the associate, times in the zone of the site.
    resumes_at
        When work goes on; now, where a word of the associate is all that it takes, and ``None`` when nobody knows.
    """

    kind: RefusalKind
    message: str
    resumes_at: datetime | None = None


STATES: Final[Mapping[PresenceState | None, tuple[RefusalKind, str]]] = {
    PresenceState.ON_BREAK: (
        RefusalKind.ON_BREAK,
        N_("You have been on a break since %(time)s (%(zone)s); end it, and work goes on."),
    ),
    PresenceState.COACHING: (
        RefusalKind.COACHING,
        N_("You have been in coaching since %(time)s (%(zone)s); end it, and work goes on."),
    ),
    PresenceState.SYSTEM_DOWN: (
        RefusalKind.SYSTEM_DOWN,
        N_("Your tools have been down since %(time)s (%(zone)s); say when they work again."),
    ),
}
"""What is said to somebody whose own word stands between them and work."""


@dataclass(frozen=True)
class _Case:
    """Everything that a reason is looked for in."""

    standing: Standing
    duty: Duty | None
    begins_at: datetime | None
    now: datetime

    def at(self, instant: datetime) -> Moment:
        """Return an instant as the clock at the site shows it, with its date when it is not of today."""
        zone = ZoneInfo(self.standing.zone_name)
        return Moment(instant.astimezone(zone), self.now.astimezone(zone).date())

    @property
    def at_their_word(self) -> datetime | None:
        """When work goes on for somebody who has only to say so: now, or when the planned work does."""
        return self.now if self.standing.works_until is not None else self.standing.works_from or self.begins_at

    def then(self, reason: Words, instant: datetime | None) -> Words:
        """Return a reason with the sentence that says when work goes on."""
        if instant is None:
            return reason
        zone = self.standing.zone_name
        return joined([reason, Words("Work goes on at %(time)s (%(zone)s).", time=self.at(instant), zone=zone)])


def refusal_of(standing: Standing, duty: Duty | None, begins_at: datetime | None, now: datetime) -> Refusal:
    """Return why an associate who was given no work was given none.

    Parameters
    ----------
    duty
        The one that goes on now.
    begins_at
        When the next shift begins; ``None`` when none is published.
    """
    case = _Case(standing, duty, begins_at, now)
    return next(found for reason in REASONS if (found := reason(case)) is not None)


def _absent(case: _Case) -> Refusal | None:
    absence = next((one for one in case.duty.absences if one.holds(case.now)), None) if case.duty else None
    if absence is None or case.duty is None:
        return None
    returns = None if case.duty.is_absent else case.standing.works_from
    span = {"start": case.at(absence.starts_at), "end": case.at(absence.ends_at)}
    absent = Words("You are recorded as absent from %(start)s to %(end)s.", **span)
    return Refusal(
        RefusalKind.ABSENT,
        joined([case.then(absent, returns), Words("If you are there, ask your supervisor to withdraw it.")]),
        returns,
    )


def _away(case: _Case) -> Refusal | None:
    if case.duty is not None:
        return None
    begins, zone = case.begins_at, case.standing.zone_name
    if case.standing.is_on_leave:
        return Refusal(RefusalKind.ON_LEAVE, case.then(Words("You are on leave today."), begins), begins)
    message = (
        Words("Your next shift begins at %(time)s (%(zone)s).", time=case.at(begins), zone=zone)
        if begins
        else Words("No shift of yours is published for the next days.")
    )
    return Refusal(RefusalKind.OFF_SHIFT, message, begins)


def _not_signed_in(case: _Case) -> Refusal | None:
    if case.standing.state not in {None, PresenceState.SIGNED_OUT}:
        return None
    return Refusal(
        RefusalKind.NOT_SIGNED_IN,
        Words("You are not signed in to your shift; say that you are there, and work begins."),
        case.at_their_word,
    )


def _planned_break(case: _Case) -> Refusal | None:
    one = next((one for one in case.duty.breaks if one.holds(case.now)), None) if case.duty else None
    if one is None or case.standing.state not in {PresenceState.WORKING, PresenceState.ON_BREAK}:
        return None
    resumes = case.standing.works_from
    began = Words("Your break (%(kind)s) began at %(time)s.", kind=break_words(one.kind), time=case.at(one.starts_at))
    return Refusal(
        RefusalKind.ON_BREAK,
        case.then(began, resumes or one.ends_at),
        resumes or one.ends_at,
    )


def _other_state(case: _Case) -> Refusal | None:
    if case.standing.state not in STATES:
        return None
    kind, message = STATES[case.standing.state]
    since = case.standing.since or case.now
    reason = Words(message, time=case.at(since), zone=case.standing.zone_name)
    resumes = case.at_their_word
    return Refusal(kind, reason if resumes == case.now else case.then(reason, resumes), resumes)


def _between(case: _Case) -> Refusal | None:
    if case.standing.works_until is not None:
        return None
    resumes = case.standing.works_from or case.begins_at
    return Refusal(RefusalKind.ON_BREAK, case.then(Words("There is no work planned for you now."), resumes), resumes)


def _no_queue(case: _Case) -> Refusal | None:
    if case.standing.shortest_p95 is not None:
        return None
    return Refusal(
        RefusalKind.NO_QUEUE,
        Words("No queue is open to you: your team serves none that you have the skill for. Ask your supervisor."),
    )


def _too_late(case: _Case) -> Refusal | None:
    until, shortest = case.standing.works_until, case.standing.shortest_p95
    if until is None or shortest is None or case.now + shortest <= until:
        return None
    is_last = _ends_shift(case, until)
    ends = N_("Your shift ends at %(time)s, and no item can be finished before.")
    begins = N_("Your break begins at %(time)s, and no item can be finished before.")
    resumes = case.begins_at if is_last else case.standing.works_from
    return Refusal(
        RefusalKind.BREAK_DUE_SOON,
        case.then(Words(ends if is_last else begins, time=case.at(until)), resumes),
        resumes,
    )


def _nothing_fits(case: _Case) -> Refusal | None:
    until = case.standing.works_until
    if until is None or not case.standing.longer_waits:
        return None
    ends = N_("Your shift ends at %(time)s, and what waits takes longer. Shorter work comes as soon as there is some.")
    begins = N_("Your break begins at %(time)s, and what waits takes longer. Shorter work comes as soon as there is some.")
    # When that will be, nobody knows, so the page goes on asking.
    return Refusal(RefusalKind.NOTHING_FITS, Words(ends if _ends_shift(case, until) else begins, time=case.at(until)))


def _ends_shift(case: _Case, until: datetime) -> bool:
    return case.duty is not None and until >= case.duty.ends_at


def _no_work(_case: _Case) -> Refusal | None:
    return no_work()


REASONS: Final[tuple[Callable[[_Case], Refusal | None], ...]] = (
    _absent,
    _away,
    _not_signed_in,
    _planned_break,
    _other_state,
    _between,
    _no_queue,
    _too_late,
    _nothing_fits,
    _no_work,
)
"""The first reason that holds is told."""


def needs_duties(standing: Standing, now: datetime) -> bool:
    """Return whether the duties are needed to tell the reason; the most frequent one, no work, needs none."""
    if standing.state is not PresenceState.WORKING or standing.works_until is None or standing.shortest_p95 is None:
        return True
    return standing.longer_waits or now + standing.shortest_p95 > standing.works_until


def no_work() -> Refusal:
    """Return the refusal of somebody who may work, and for whom there is none."""
    return Refusal(RefusalKind.NO_WORK, Words("Nothing waits for you; work comes as soon as there is some."))

"""The guarantee ledger: the productive minutes of one duty against those promised, and against the plan.

Words, as this operation uses them (elapsed minutes throughout, never wall clocks):

*Scheduled productive* minutes are those of the duty outside its breaks, and those of breaks that the policy counts as
productive (a huddle). *Productive* minutes are those in which the associate worked (signed in, on no break, in no coaching,
with tools that work), inside the plan or outside it, and those of a break that stands for a planned productive one, at most as
many as were planned. Work in the time of a planned break, before the duty or after it is therefore productive; coaching
outside the plan and time in which the system was down are not, but are *excused*.

*Adherence* is the share of scheduled minutes in which the associate did what was scheduled for that minute. *Conformance* is
worked minutes divided by scheduled worked minutes, whenever they were worked. Sources: Society of Workforce Planning
Professionals, glossary, "adherence" and "compliance" (also called conformance); ServiceNow, Workforce Optimization, "Schedule
adherence", which defines both in the same way. An approved absence changes the schedule, so that its minutes count in neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from allocation.differences import EXCUSED_STATES, Difference, DifferenceKind, causes_of, differences_of
from allocation.segments import Segment, segments_of, served_breaks, together
from allocation.timeline import Timeline, attendance, state_timeline, utc, utc_duty, utc_span
from scheduling.duties import Duty, Span
from scheduling.presence import PresenceEvent, PresenceState
from scheduling.shifts import PROMISED_PRODUCTIVE_MINUTES

__all__ = [
    "DayLedger",
    "Difference",
    "DifferenceKind",
    "Guarantee",
    "GuaranteeState",
    "LedgerRules",
    "Timeline",
    "day_ledger",
    "state_timeline",
]


@dataclass(frozen=True)
class LedgerRules:
    """How presence is read.

    Parameters
    ----------
    guarantee_minutes
        Least and most productive minutes that are promised for a duty.
    open_tolerance_minutes
        How long after the end of the duty a state lasts that no event ends. Zero, since time of which nobody told is no work.
    early_limit_minutes, overtime_limit_minutes
        How long before and after a duty events still tell of it; together less than the rest between two duties.
    match_minutes
        A break that starts further than this from a planned start, and outside it, does not stand for it.
    mention_minutes
        A break that starts less than this from its planned start counts as begun in time.
    coaching_kinds
        Kinds of planned breaks that are coaching, for which the state of coaching stands.

    Raises
    ------
    ValueError
        When a limit is negative, nothing is left to mention, or the guarantee is upside down.
    """

    guarantee_minutes: tuple[float, float] = PROMISED_PRODUCTIVE_MINUTES
    open_tolerance_minutes: float = 0.0
    early_limit_minutes: float = 240.0
    overtime_limit_minutes: float = 240.0
    match_minutes: float = 60.0
    mention_minutes: float = 1.0
    coaching_kinds: frozenset[str] = frozenset({"coaching", "huddle"})

    def __post_init__(self) -> None:
        limits = (self.open_tolerance_minutes, self.early_limit_minutes, self.overtime_limit_minutes, self.match_minutes)
        if min(limits) < 0 or self.mention_minutes <= 0 or not 0 <= self.guarantee_minutes[0] <= self.guarantee_minutes[1]:
            raise ValueError(
                f"{self}: limits must not be negative, mention_minutes above zero, the guarantee from least to most."
            )


class GuaranteeState(StrEnum):
    """How productive minutes stand to the guarantee."""

    OPEN = "open"
    """The duty goes on."""
    WITHIN = "within"
    """As promised."""
    BELOW = "below"
    """Fewer than promised."""
    ABOVE = "above"
    """More than promised."""
    ABSENT = "absent"
    """The associate was recorded as absent for the whole duty: nothing was promised."""


@dataclass(frozen=True)
class Guarantee:
    """How productive minutes stand to the guarantee.

    Parameters
    ----------
    minutes
        By how much they are below or above it; for an open duty, how many are still wanting.
    """

    state: GuaranteeState
    minutes: float = 0.0


@dataclass(frozen=True)
class DayLedger:
    """What was promised, planned and done in one duty, up to an instant; all figures are elapsed minutes, none is negative.

    Parameters
    ----------
    duty
        With its instants in UTC.
    segments
        The duty up to `until`, and the time around it in which the associate was there.
    assumed_end_at
        When the associate is taken to have left, since no event says so; ``None`` when one does, or while the duty goes on.
    """

    duty: Duty
    until: datetime
    segments: tuple[Segment, ...]
    assumed_end_at: datetime | None
    rules: LedgerRules

    def _minutes(self, belongs: Callable[[Segment], bool]) -> float:
        return sum((one.length for one in self.segments if belongs(one)), timedelta()) / timedelta(minutes=1)

    def _in_state(self, state: PresenceState) -> float:
        return self._minutes(lambda one: one.state is state)

    @property
    def duty_minutes(self) -> float:
        """Minutes of the duty so far, breaks included."""
        return self._minutes(lambda one: one.is_rostered)

    @property
    def duty_productive_minutes(self) -> float:
        """Scheduled productive minutes of the whole duty, whatever `until` is."""
        return self.duty.productive_minutes

    @cached_property
    def scheduled_productive_minutes(self) -> float:
        """Scheduled productive minutes so far."""
        return self._minutes(lambda one: one.is_scheduled_productive)

    @cached_property
    def productive_minutes(self) -> float:
        """Actual productive minutes, inside the plan and outside it."""
        return self._minutes(lambda one: one.is_productive)

    @property
    def overtime_minutes(self) -> float:
        """Productive minutes before the start and after the end of the duty; part of `productive_minutes`."""
        return self._minutes(lambda one: one.is_productive and not one.is_rostered)

    @property
    def working_minutes(self) -> float:
        """Minutes in the state of working."""
        return self._in_state(PresenceState.WORKING)

    @property
    def on_break_minutes(self) -> float:
        """Minutes on a break, planned or not."""
        return self._in_state(PresenceState.ON_BREAK)

    @property
    def coaching_minutes(self) -> float:
        """Minutes in coaching or a huddle, planned or not."""
        return self._in_state(PresenceState.COACHING)

    @property
    def system_down_minutes(self) -> float:
        """Minutes in which the tools did not work."""
        return self._in_state(PresenceState.SYSTEM_DOWN)

    @property
    def attended_minutes(self) -> float:
        """Minutes of the duty in which the associate was there, in any state."""
        return self._minutes(lambda one: one.is_rostered and one.state is not PresenceState.SIGNED_OUT)

    @property
    def absent_minutes(self) -> float:
        """Minutes of the duty signed out in an approved absence."""
        return self._minutes(lambda one: one.is_absence and one.state is PresenceState.SIGNED_OUT)

    def _signed_out(self, kind: DifferenceKind) -> float:
        out = zip(self.segments, causes_of(self.duty, self.segments, self.until), strict=True)
        spans = (one.length for one, cause in out if cause is kind)
        return sum(spans, timedelta()) / timedelta(minutes=1)

    @property
    def late_start_minutes(self) -> float:
        """Minutes from the start of the duty to the first sign-in, without approved absence."""
        return self._signed_out(DifferenceKind.LATE_START)

    @property
    def early_end_minutes(self) -> float:
        """Minutes from the last sign-out to the end of the duty, without approved absence; known when the duty is over."""
        return self._signed_out(DifferenceKind.EARLY_END)

    @property
    def missing_minutes(self) -> float:
        """Minutes signed out in between, or all of them when nobody came, without approved absence.

        With `attended_minutes`, `absent_minutes`, `late_start_minutes` and `early_end_minutes` these are the `duty_minutes`.
        """
        return self._signed_out(DifferenceKind.MISSING)

    @property
    def is_attended(self) -> bool:
        """Whether the associate was there in any part of the duty."""
        return any(one.is_rostered and one.state is not PresenceState.SIGNED_OUT for one in self.segments)

    def _agrees(self, one: Segment) -> bool:
        if one.planned_break is None:
            return one.state is PresenceState.WORKING
        is_coaching = self.duty.breaks[one.planned_break].kind in self.rules.coaching_kinds
        return one.state is PresenceState.ON_BREAK or (is_coaching and one.state is PresenceState.COACHING)

    @property
    def scheduled_minutes(self) -> float:
        """Minutes of the duty so far without approved absence: what adherence is a share of."""
        return self._minutes(lambda one: one.is_rostered and not one.is_absence)

    @property
    def adherent_minutes(self) -> float:
        """Scheduled minutes in which the associate did what was scheduled: work in work, a break in a break.

        Coaching is agreed with by being in coaching or on a break, since both buttons are pressed for it.
        """
        return self._minutes(lambda one: one.is_rostered and not one.is_absence and self._agrees(one))

    @property
    def adherence_share(self) -> float | None:
        """``adherent_minutes / scheduled_minutes``; ``None`` where nothing was scheduled yet."""
        return _share(self.adherent_minutes, self.scheduled_minutes)

    @property
    def excused_adherence_share(self) -> float | None:
        """Adherence with the minutes of coaching and of systems that were down counted as agreed with."""
        excused = self._minutes(
            lambda one: one.is_rostered and not one.is_absence and one.state in EXCUSED_STATES and not self._agrees(one)
        )
        return _share(self.adherent_minutes + excused, self.scheduled_minutes)

    @property
    def conformance_share(self) -> float | None:
        """``productive_minutes / scheduled productive minutes`` without those in approved absence; may be above 1.

        ``None`` where nothing was scheduled yet.
        """
        scheduled = self._minutes(lambda one: one.is_scheduled_productive and not one.is_absence)
        return _share(self.productive_minutes, scheduled)

    @property
    def guarantee(self) -> Guarantee:
        """How the productive minutes stand to the guarantee."""
        least, most = self.rules.guarantee_minutes
        if self.duty.is_absent and not self.is_attended:
            return Guarantee(GuaranteeState.ABSENT)
        if self.until < self.duty.ends_at:
            return Guarantee(GuaranteeState.OPEN, max(0.0, least - self.productive_minutes))
        if self.productive_minutes < least:
            return Guarantee(GuaranteeState.BELOW, least - self.productive_minutes)
        if self.productive_minutes > most:
            return Guarantee(GuaranteeState.ABOVE, self.productive_minutes - most)
        return Guarantee(GuaranteeState.WITHIN)

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """What made the difference, in the order of time.

        ``scheduled_productive_minutes + sum of the minutes of all differences = productive_minutes``.
        """
        return differences_of(self.duty, self.segments, self.until, mention_minutes=self.rules.mention_minutes)

    @property
    def excused_minutes(self) -> float:
        """Productive minutes lost by what the associate need not answer for."""
        return sum(max(0.0, -one.minutes) for one in self.differences if one.is_excused)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def day_ledger(
    duty: Duty,
    events: Iterable[PresenceEvent],
    until: datetime,
    *,
    absences: Sequence[Span] = (),
    rules: LedgerRules | None = None,
) -> DayLedger:
    """Return the ledger of one duty.

    Parameters
    ----------
    duty
        With the breaks that are in force.
    events
        Of its associate, in any order, with any of them repeated; those of other days are left out by their times.
    until
        The present, or any instant up to which to count; nothing after the last event that tells of the duty is counted.
    absences
        Approved absences of the associate; an absence for the whole duty may stand here or in the duty.

    Raises
    ------
    ValueError
        When an instant has no zone.
    """
    rules, duty, until = rules or LedgerRules(), utc_duty(duty), utc(until)
    whole = Span(duty.starts_at, duty.ends_at)
    approved = [utc_span(one) for one in absences] + ([whole] if duty.is_absent else [])
    spans = together([one for one in approved if one.starts_at < duty.ends_at and duty.starts_at < one.ends_at])
    found = attendance(
        duty,
        events,
        spans,
        early_limit_minutes=rules.early_limit_minutes,
        overtime_limit_minutes=rules.overtime_limit_minutes,
        open_tolerance_minutes=rules.open_tolerance_minutes,
    )
    served = served_breaks(duty, found.timeline, match_minutes=rules.match_minutes, coaching_kinds=rules.coaching_kinds)
    is_assumed = found.assumed_end_at is not None and found.assumed_end_at <= until
    return DayLedger(
        duty=duty,
        until=until,
        segments=segments_of(duty, found.timeline, served, spans, until),
        assumed_end_at=found.assumed_end_at if is_assumed else None,
        rules=rules,
    )

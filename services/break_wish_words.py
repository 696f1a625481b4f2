"""Answers to a wish for a break at another time, as they are said to an associate: in any language, with local times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from breaks.ask_answer import Answer, BreakOffer, No, ShiftedBreak, Yes, lost_minutes, worse_spans
from breaks.sequence import SequenceFault
from scheduling.words import N_, Moment, Words, joined
from services.day_words import break_words

InstantOf = Callable[[int], datetime]
"""Gives the instant of a minute of the axis of the floor."""

REASONS: Final[Mapping[str, str]] = {
    "break_kinds": N_("a shift has %(least)s breaks of this kind (%(kind)s), and there would be %(value)s"),
    "break_grid": N_("breaks begin in steps of %(most)s minutes only"),
    "break_window": N_("it may begin between %(first)s and %(last)s only (%(kind)s)"),
    "break_edges": N_("no break may begin before %(first)s or end after %(last)s"),
    "breaks_apart": N_("two breaks would overlap at %(until)s"),
    "work_stretch": N_("there would be %(value)s minutes of work from %(since)s to %(until)s; %(least)s to %(most)s are allowed"),
    "productive_minutes": N_("%(value)s minutes of work would be left of your shift; %(least)s to %(most)s are agreed"),
    "team_limit": N_("%(value)s of your team would be on a break at %(since)s; at most %(most)s may be"),
    "break_begun": N_("your break of %(since)s (%(kind)s) has begun or is over"),
    "notice": N_("%(wished)s is too early; the first time that can be had is %(first)s"),
    "absent": N_("you are recorded as absent"),
}
"""What each reason against a wish says, by the name of its rule."""


class WishWords:
    """Puts answers into words, with the times of one zone on one day.

    Parameters
    ----------
    now
        Times of this local day stand without their date.
    """

    def __init__(self, instant: InstantOf, zone: ZoneInfo, now: datetime) -> None:
        self._instant, self._zone, self._today = instant, zone, now.astimezone(zone).date()

    def answer(self, answer: Answer) -> Words:
        """Return an answer as a sentence."""
        if isinstance(answer, Yes):
            return Words("Yes: %(breaks)s.", breaks=self._breaks(answer.offer))
        if not isinstance(answer, No):
            return Words("Yes, but %(cost)s: %(breaks)s.", cost=self._cost(answer.offer), breaks=self._breaks(answer.offer))
        reasons = joined((self._reason(one) for one in answer.reasons), "; ")
        if answer.nearest is None:
            return Words("No: %(reasons)s. No other time can be offered.", reasons=reasons)
        nearest = {"reasons": reasons, "breaks": self._breaks(answer.nearest)}
        if answer.nearest.is_free:
            return Words("No: %(reasons)s. What can be had: %(breaks)s.", **nearest)
        return Words("No: %(reasons)s. What can be had: %(breaks)s, but %(cost)s.", **nearest, cost=self._cost(answer.nearest))

    def _reason(self, fault: SequenceFault) -> Words:
        # Each sentence takes of these what it speaks of: a value is a number for one rule and a time for another.
        return Words(
            REASONS[fault.rule],
            kind=break_words(fault.kind),
            value=fault.value,
            least=fault.limits[0],
            most=fault.limits[1],
            wished=self._at(fault.value),
            first=self._at(fault.limits[0]),
            last=self._at(fault.limits[1]),
            since=self._at(fault.minutes[0]),
            until=self._at(fault.minutes[1]),
        )

    def _breaks(self, offer: BreakOffer) -> Words:
        asked = Words("%(kind)s at %(time)s", kind=break_words(offer.asked.kind), time=self._at(offer.asked.to_minute))
        if not offer.others:
            return asked
        return Words("%(asked)s, together with %(others)s", asked=asked, others=self._moved(offer.others))

    def _moved(self, others: Iterable[ShiftedBreak]) -> Words:
        moved = (
            Words(
                "%(kind)s at %(time)s in place of %(before)s",
                kind=break_words(one.kind), time=self._at(one.to_minute), before=self._at(one.from_minute),
            )
            for one in others
        )  # fmt: skip
        return joined(moved, ", ")

    def _cost(self, offer: BreakOffer) -> Words:
        spans = [Words("%(first)s to %(last)s", first=self._at(start), last=self._at(end)) for start, end in worse_spans(offer)]
        minutes = round(lost_minutes(offer))
        return Words("%(minutes)s minutes of work would be missing (%(spans)s)", minutes=minutes, spans=joined(spans, ", "))

    def _at(self, minute: int) -> Moment:
        return Moment(self._instant(minute).astimezone(self._zone), self._today)

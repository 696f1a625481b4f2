"""One duty on a scale of time: what was planned above, what was done below; drawn by `templates/me/_day_bar.html`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from allocation.ledger import DayLedger
from scheduling.duties import Duty, Span
from scheduling.presence import PresenceState
from services.day_words import break_word
from services.languages import Speech
from web.charts import Tick
from web.own_words import STATES

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Piece:
    """A piece of a bar: its place and width in per cent of the scale, its kind (the end of a style class) and its words."""

    at: float
    width: float
    kind: str
    words: str


@dataclass(frozen=True)
class DayBar:
    """A duty and what was done in it.

    Parameters
    ----------
    now
        Where the present lies in per cent of the scale; ``None`` outside it.
    """

    hours: tuple[Tick, ...]
    planned: tuple[Piece, ...]
    done: tuple[Piece, ...]
    now: float | None


@dataclass(frozen=True)
class Scale:
    """Instants as places on a bar."""

    whole: Span
    speech: Speech

    def at(self, instant: datetime) -> float:
        """Return the place of an instant in per cent."""
        return 100.0 * ((instant - self.whole.starts_at) / (self.whole.ends_at - self.whole.starts_at))

    def piece(self, span: Span, kind: str, words: str) -> Piece:
        """Return a span as a piece, its words with its times."""
        times = self.speech.times(span.starts_at, span.ends_at)
        return Piece(self.at(span.starts_at), self.at(span.ends_at) - self.at(span.starts_at), kind, f"{words} {times}")

    def hours(self) -> tuple[Tick, ...]:
        """Return a mark for each full local hour."""
        first = self.whole.starts_at.astimezone(self.speech.zone).replace(minute=0, second=0, microsecond=0)
        count = int((self.whole.ends_at - first) / HOUR) + 1
        # Elapsed hours, so that the night of a clock change has one mark more or less.
        marks = [first.astimezone(self.whole.starts_at.tzinfo) + index * HOUR for index in range(count)]
        return tuple(
            Tick(self.at(mark), self.speech.hour(mark)) for mark in marks if self.whole.starts_at <= mark < self.whole.ends_at
        )


def day_bar(ledger: DayLedger, speech: Speech) -> DayBar:
    """Return the bar of a duty with what was done up to the instant of its ledger."""
    done = [segment for segment in ledger.segments if segment.state is not PresenceState.SIGNED_OUT]
    starts = [ledger.duty.starts_at, *(one.span.starts_at for one in done)]
    ends = [ledger.duty.ends_at, *(one.span.ends_at for one in done)]
    scale = Scale(Span(min(starts), max(ends)), speech)
    now = scale.at(ledger.until)
    return DayBar(
        hours=scale.hours(),
        planned=_planned(scale, ledger.duty),
        done=tuple(scale.piece(span, str(state), speech.say(STATES[state])) for span, state in _runs(ledger)),
        now=now if 0 <= now <= 100 else None,
    )


def _planned(scale: Scale, duty: Duty) -> tuple[Piece, ...]:
    work_word = scale.speech.say(STATES[PresenceState.WORKING])
    work = [(span, "working", work_word) for span in duty.stretches]
    breaks = [(Span(one.starts_at, one.ends_at), "on_break", break_word(one.kind, scale.speech)) for one in duty.breaks]
    return tuple(scale.piece(*one) for one in sorted(work + breaks))


def _runs(ledger: DayLedger) -> list[tuple[Span, PresenceState]]:
    """Return what was done, pieces of the same state that meet put together, without the time signed out."""
    runs: list[tuple[Span, PresenceState]] = []
    for one in ledger.segments:
        if runs and runs[-1][1] is one.state and runs[-1][0].ends_at == one.span.starts_at:
            runs[-1] = (Span(runs[-1][0].starts_at, one.span.ends_at), one.state)
        else:
            runs.append((one.span, one.state))
    return [(span, state) for span, state in runs if state is not PresenceState.SIGNED_OUT]

"""What the model face of a rule knows of the lines that it shapes."""

from __future__ import annotations

from dataclasses import dataclass

from roster.successions import Calendar
from scheduling.people import Associate, ContractTerms
from scheduling.rules import Timing
from scheduling.scenario import Scenario


@dataclass(frozen=True)
class WishCosts:
    """What a refused wish costs in weighted head-hours; requests carry their own weight."""

    day_beyond_wished_run: float = 0.25
    night_beyond_wished_run: float = 0.05
    short_weekly_rest: float = 0.25
    repeated_days_off: float = 0.5


@dataclass(frozen=True)
class LineChoice:
    """One way in which the days of an associate may be filled.

    Parameters
    ----------
    shifts
        Shift types that a day without lock may have.
    kept
        The only shift types that the horizon may have, locks included, because a timing is kept; ``None`` where none is.
    refuses_nights
        Whether the associate may not be given nights.
    terms
        What the contract of the associate asks for beside the rules of the site.
    """

    shifts: tuple[int, ...]
    kept: frozenset[int] | None = None
    refuses_nights: bool = False
    terms: ContractTerms | None = None


@dataclass(frozen=True)
class LineSetting:
    """A site and one choice of shifts, as the machines of the sequence rules need them.

    Parameters
    ----------
    shifts
        Every shift type that may occur in a line, in its past or in a lock.
    choice
        What the timing and the consent of the associate leave.
    left_out
        Names of the rules that do not hold, for a rule that another one makes superfluous.
    """

    scenario: Scenario
    calendar: Calendar
    shifts: tuple[int, ...]
    choice: LineChoice
    wishes: WishCosts
    left_out: frozenset[str] = frozenset()


def line_choices(
    scenario: Scenario, associate: Associate, *, timing_kept: bool = True, consent_kept: bool = True
) -> tuple[LineChoice, ...]:
    """Return the ways to fill the days of an associate: one for each timing where a timing is kept, else one for all.

    Parameters
    ----------
    timing_kept, consent_kept
        Whether the rules ``timing-kept`` and ``night-consent`` hold.
    """
    refuses = consent_kept and scenario.rules.night_consent_required and not associate.night_consent
    everything = tuple(range(len(scenario.shift_types)))
    days_only = tuple(shift for shift in everything if not scenario.shift_types[shift].is_night)
    # Where all shifts are refused one of them is tried nevertheless, so that the clash shows.
    possible = (days_only or everything) if refuses else everything
    if timing_kept and associate.timing is not None:
        possible = (scenario.shift_index[associate.timing],)
    elif not timing_kept or scenario.rules.timing is not Timing.FIXED:
        return (LineChoice(possible, None, refuses, associate.terms),)
    return tuple(LineChoice((shift,), frozenset({shift}), refuses, associate.terms) for shift in possible)

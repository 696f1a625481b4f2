"""Rules of place: office or home, seats, office days."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from roster.rules.rule import Face, HardRule
from roster.rules.timeline import DAYS_PER_WEEK, Timeline
from roster.rules.words import count_text, day_text, moment_text
from scheduling.kpis import office_occupancy
from scheduling.people import WorkMode
from scheduling.plan import HOME, NOWHERE, OFFICE, PLACE_WORDS
from scheduling.rules import Violation

PLACES = {WorkMode.OFFICE: (OFFICE,), WorkMode.HOME: (HOME,), WorkMode.HYBRID: (OFFICE, HOME)}
"""Where an associate of each mode may work."""


class PlaceOfWork(HardRule):
    """Every shift has a place that fits the associate's work mode, and a day without a shift has none."""

    name = "place-of-work"
    title = "Place of work"
    source = "Contract: the work mode of the associate"
    face = Face.PLACES

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each day with a place that does not fit; the amount is 1 a day."""
        places = timeline.plan.places
        worked = timeline.worked[:, timeline.past_days :]
        legal_places = [PLACES[person.work_mode] for person in timeline.scenario.associates]
        fits = np.array([[place in legal for place in (OFFICE, HOME)] for legal in legal_places], dtype=bool)
        fitting = (places == OFFICE) & fits[:, :1] | (places == HOME) & fits[:, 1:]
        for row, day in np.argwhere(np.where(worked, ~fitting, places != NOWHERE)):
            person, when = timeline.associate(row), timeline.scenario.horizon.dates[day]
            place = PLACE_WORDS.get(int(places[row, day]), f"the unknown place {places[row, day]}") or "no place"
            legal = " or ".join(PLACE_WORDS[place] for place in legal_places[row])
            if worked[row, day]:
                sentence = f"has a shift on {day_text(when)} with {place}, but the work mode {person.work_mode} asks for {legal}"
                fix = f"Put {legal} on that shift"
            else:
                sentence = f"has {place} on {day_text(when)}, a day without a shift"
                fix = "Leave the place of that day empty"
            yield self.broken(person, when, 1, sentence, fix)


class OfficeDays(HardRule):
    """A hybrid associate comes to the office often enough in each full week of horizon and contract.

    Often enough is ``min(office days per week, days worked in that week)``.
    """

    name = "office-days"
    title = "Office days of a hybrid week"
    source = "Contract: least office days of hybrid associates"
    face = Face.PLACES

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each full week of a hybrid associate with too few office days; the amount is the missing days."""
        office = timeline.scenario.office
        if office is None:
            return
        hybrid = np.array([person.work_mode is WorkMode.HYBRID for person in timeline.scenario.associates], dtype=bool)
        for week in timeline.weeks:
            low, high = week.low - timeline.past_days, week.high - timeline.past_days
            if low < 0 or high - low < DAYS_PER_WEEK:
                continue
            worked = timeline.worked[:, week.low : week.high]
            present = ((timeline.plan.places[:, low:high] == OFFICE) & worked).sum(axis=1)
            least = np.minimum(office.days_per_week, worked.sum(axis=1))
            full = timeline.in_contract[:, low:high].all(axis=1)
            for row in np.flatnonzero(hybrid & full & (present < least)):
                missing = int(least[row] - present[row])
                sentence = (
                    f"comes to the office on {count_text(int(present[row]), 'day')} in the week of {day_text(week.first_day)}; "
                    f"{least[row]} is the least, {count_text(missing, 'day')} too few"
                )
                fix = f"Put {count_text(missing, 'shift')} of that week into the office"
                yield self.broken(timeline.associate(row), week.first_day, missing, sentence, fix)


class OfficeSeats(HardRule):
    """There are never more people on shift in the office than it has seats.

    Shifts that began before the horizon are not counted, because the place of a past shift is not known.
    """

    name = "office-seats"
    title = "Office seats"
    source = "Contract: the lease of the office"
    face = Face.PLACES
    compares_people = True

    def violations(self, timeline: Timeline) -> Iterator[Violation]:
        """Yield each day with too few seats; the amount is the seats missing at the worst minute."""
        office, horizon = timeline.scenario.office, timeline.scenario.horizon
        if office is None:
            return
        over = office_occupancy(timeline.scenario, timeline.plan) - office.seats
        for day, (low, high) in enumerate(zip(horizon.day_starts[:-1], horizon.day_starts[1:], strict=True)):
            missing = int(over[low:high].max())
            if missing <= 0:
                continue
            worst = horizon.instant_of(int(low + over[low:high].argmax()))
            sentence = (
                f"{office.seats + missing} people are in the office on {moment_text(worst)}, the worst moment of that day; "
                f"it has {count_text(office.seats, 'seat')}, {missing} too few"
            )
            fix = f"Let {count_text(missing, 'hybrid shift')} be done from home, or move as many to another timing"
            yield self.broken(None, horizon.dates[day], missing, sentence, fix)

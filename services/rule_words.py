"""Rules that are broken, as they are said to an associate: in a few words of any language, where a planner gets every figure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from scheduling.rules import Violation
from scheduling.words import N_, Words, joined

SENTENCES: Final[Mapping[str, str]] = {
    "value-for-every-day": N_("a day would have no shift and be no day off"),
    "leave-kept": N_("it would lie in approved leave"),
    "contract-kept": N_("it would lie outside the contract"),
    "locks-kept": N_("a planner has fixed this day"),
    "nights-in-a-row": N_("there would be too many nights in a row"),
    "night-consent": N_("it would be a night without consent to nights"),
    "place-of-work": N_("the shift cannot be worked at this place"),
    "office-days": N_("there would be too few days in the office"),
    "office-seats": N_("the office would have too few seats"),
    "rest-between-shifts": N_("there would be too little rest between two shifts"),
    "weekly-rest": N_("there would be too little continuous rest in the week"),
    "working-days-in-a-row": N_("there would be too many working days in a row"),
    "days-off-together": N_("the days off would no longer be together"),
    "minutes-of-the-terms": N_("it would be more or less work than the contract says"),
    "shifts-of-a-type": N_("there would be too many or too few shifts of this kind"),
    "weekends-of-the-terms": N_("there would be too many weekends with work"),
    "own-working-days-in-a-row": N_("there would be too many working days in a row"),
    "working-days-together": N_("there would be too few working days together"),
    "own-days-off-together": N_("there would be too few days off together"),
    "own-successions": N_("this shift may not follow the one before"),
    "timing-kept": N_("the shift is of another timing"),
    "rest-at-timing-change": N_("there would be too little rest at the change of timing"),
    "timing-moves-forward": N_("the timing would move backwards"),
    "working-days-in-a-week": N_("the week would have another number of working days"),
    "weekly-work": N_("the week would have too many hours"),
}
"""What each rule that blocks publishing says to somebody whose wish would break it, by its name in the register."""


def broken_words(broken: Collection[Violation], names: Mapping[str, str]) -> Words:
    """Return what would be broken: each rule once for each person, with the first day on which it shows.

    Parameters
    ----------
    names
        Names of associates by code; where there is none the sentence speaks of nobody.
    """
    first: dict[tuple[str, str], Violation] = {}
    for one in broken:
        first.setdefault((one.rule, one.who), one)
    simple = joined(_words_of(one, names.get(one.who, "")) for one in first.values())
    return Words.retold(" ".join(one.message for one in broken), simple.message, **simple.parameters)


def _words_of(one: Violation, name: str) -> str:
    rule = Words(SENTENCES[one.rule]) if one.rule in SENTENCES else one.message
    if one.when is None:
        return Words("%(name)s: %(rule)s.", name=name, rule=rule) if name else Words("%(rule)s.", rule=rule)
    if not name:
        return Words("%(day)s: %(rule)s.", day=one.when, rule=rule)
    return Words("%(name)s, %(day)s: %(rule)s.", name=name, day=one.when, rule=rule)

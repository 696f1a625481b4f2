"""Words of the ledger and of quality for associates, as messages that the catalogues translate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Flask

from allocation.differences import Difference, DifferenceKind
from allocation.ledger import Guarantee, GuaranteeState
from allocation.quality import Verdict
from scheduling.presence import PresenceState
from scheduling.words import N_
from services.day_words import break_word
from web.speech import speech

DIFFERENCES: Final[Mapping[DifferenceKind, str]] = {
    DifferenceKind.LATE_START: N_("signed in %(minutes)s min late"),
    DifferenceKind.EARLY_END: N_("signed out %(minutes)s min early"),
    DifferenceKind.MISSING: N_("signed out for %(minutes)s min"),
    DifferenceKind.ABSENCE: N_("approved absence of %(minutes)s min"),
    DifferenceKind.SYSTEM_DOWN: N_("system down %(minutes)s min"),
    DifferenceKind.COACHING: N_("coaching outside the plan, %(minutes)s min"),
    DifferenceKind.BREAK_LATE: N_("%(name)s started %(minutes)s min late"),
    DifferenceKind.BREAK_EARLY: N_("%(name)s started %(minutes)s min early"),
    DifferenceKind.BREAK_OVER: N_("%(minutes)s min over on %(name)s"),
    DifferenceKind.BREAK_SHORT: N_("back %(minutes)s min early from %(name)s"),
    DifferenceKind.BREAK_NOT_TAKEN: N_("%(name)s not taken"),
    DifferenceKind.BREAK_DISPLACED: N_("%(name)s displaced, %(minutes)s min taken later"),
    DifferenceKind.BREAK_UNPLANNED: N_("break outside the plan, %(minutes)s min"),
    DifferenceKind.WORKED_BEFORE: N_("worked %(minutes)s min before the start"),
    DifferenceKind.WORKED_AFTER: N_("worked %(minutes)s min after the end"),
}
NOT_YET_IN: Final = N_("not signed in yet, %(minutes)s min late")

GUARANTEES: Final[Mapping[GuaranteeState, tuple[str, str, str]]] = {
    GuaranteeState.WITHIN: ("met", "✓", N_("as promised")),
    GuaranteeState.OPEN: ("open", "…", N_("%(minutes)s min to go")),
    GuaranteeState.BELOW: ("missed", "▼", N_("%(minutes)s min below")),
    GuaranteeState.ABOVE: ("missed", "▲", N_("%(minutes)s min above")),
    GuaranteeState.ABSENT: ("open", "–", N_("absent")),
}
"""Style class, sign and words of each state."""

VERDICTS: Final[Mapping[Verdict, tuple[str, str, str]]] = {
    Verdict.MET: ("met", "✓", N_("goal met")),
    Verdict.NOT_MET: ("missed", "▼", N_("not met")),
    Verdict.UNKNOWN: ("open", "?", N_("not enough data")),
    Verdict.NO_GOAL: ("open", "–", N_("no goal")),
}

STATES: Final[Mapping[PresenceState, str]] = {
    PresenceState.SIGNED_OUT: N_("signed out"),
    PresenceState.WORKING: N_("work"),
    PresenceState.ON_BREAK: N_("break"),
    PresenceState.COACHING: N_("coaching"),
    PresenceState.SYSTEM_DOWN: N_("system down"),
}


def difference_words(one: Difference) -> str:
    """Return what happened, such as ``12 min over on meal break``."""
    said, minutes = speech(), one.span.minutes
    is_open = one.kind is DifferenceKind.LATE_START and not one.is_over
    name = break_word(one.break_kind or "break", said)
    shown = said.number(minutes, 0 if round(minutes, 1) == round(minutes) else 1)
    return said.say(NOT_YET_IN if is_open else DIFFERENCES[one.kind], minutes=shown, name=name)


def guarantee_words(one: Guarantee) -> tuple[str, str, str]:
    """Return style class, sign and words of how productive minutes stand to the guarantee."""
    style, sign, words = GUARANTEES[one.state]
    return style, sign, speech().say(words, minutes=speech().number(one.minutes, 1))


def verdict_words(one: Verdict) -> tuple[str, str, str]:
    """Return style class, sign and words of how a figure stands to its goal."""
    style, sign, words = VERDICTS[one]
    return style, sign, speech().say(words)


def register(app: Flask) -> None:
    """Give the templates of an application these words."""
    app.jinja_env.filters.update(difference_words=difference_words, guarantee_words=guarantee_words, verdict_words=verdict_words)

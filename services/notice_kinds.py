"""The kinds of notices: what each says, in messages that the catalogues translate, and what it is about.

A new kind is one entry here. Its parameters are plain values; how one is written follows from the end of its name:
``day`` a date, ``days`` a pair of dates, ``at`` an instant, ``before`` and ``after`` what a day was and became (see `day_words`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from scheduling.words import N_
from services.day_words import day_words
from services.languages import Speech


class About(StrEnum):
    """What a notice is about, which says where it leads."""

    ROSTER = "roster"
    CHANGES = "changes"
    REQUESTS = "requests"
    OFFERS = "offers"
    DECISIONS = "decisions"
    OFFER_DESK = "offer desk"
    ROSTERS = "rosters"


@dataclass(frozen=True)
class NoticeKind:
    """The words of a kind of notice; a message names its parameters as ``%(name)s``."""

    about: About
    title: str
    body: str


REASON_ALONE: Final = N_("Reason: %(reason)s")
"""A body that is left out where no reason was given."""

KINDS: Final[Mapping[str, NoticeKind]] = {
    "roster_published": NoticeKind(
        About.ROSTER,
        N_("Your shifts for %(first_day)s to %(last_day)s are published"),
        N_("Look at them and confirm that you have seen them."),
    ),
    "roster_changed": NoticeKind(
        About.CHANGES,
        N_("Published days of yours changed: %(changed)s"),
        N_("A new roster for %(first_day)s to %(last_day)s is in force. Look at what changed and confirm it."),
    ),
    "roster_published_late": NoticeKind(
        About.ROSTER,
        N_("Your shifts for %(first_day)s to %(last_day)s are published"),
        N_("They come at shorter notice than usual. Reason: %(reason)s"),
    ),
    "roster_changed_late": NoticeKind(
        About.CHANGES,
        N_("Published days of yours changed: %(changed)s"),
        N_("A new roster for %(first_day)s to %(last_day)s is in force, at shorter notice than usual. Reason: %(reason)s"),
    ),
    "shift_changed": NoticeKind(
        About.CHANGES,
        N_("%(day)s changed: %(after)s"),
        N_("It was: %(before)s. Reason: %(reason)s"),
    ),
    "breaks_changed": NoticeKind(
        About.CHANGES,
        N_("%(day)s: your breaks moved"),
        N_("The shift stays as it was. Reason: %(reason)s"),
    ),
    "days_changed": NoticeKind(
        About.CHANGES,
        N_("Published days of yours changed: %(changed)s"),
        N_("They lie between %(first_day)s and %(last_day)s. Reason: %(reason)s"),
    ),
    "leave_decided": NoticeKind(
        About.REQUESTS,
        N_("Your leave from %(first_day)s to %(last_day)s: %(decision)s"),
        REASON_ALONE,
    ),
    "leave_moved_up": NoticeKind(
        About.REQUESTS,
        N_("There is room for your leave from %(first_day)s to %(last_day)s"),
        N_("It is off the waiting list, and your supervisor has to decide."),
    ),
    "wishes_open": NoticeKind(
        About.REQUESTS,
        N_("Say what you wish for %(first_day)s to %(last_day)s"),
        N_("Wishes for your timing and for days off count until %(answer_at)s."),
    ),
    "swap_offered": NoticeKind(
        About.REQUESTS,
        N_("%(name)s offers you a swap"),
        N_("You would give %(give_day)s and take %(take_day)s. Answer by %(answer_at)s."),
    ),
    "swap_decided": NoticeKind(
        About.REQUESTS,
        N_("Your swap of %(day)s: %(decision)s"),
        REASON_ALONE,
    ),
    "wish_decided": NoticeKind(
        About.REQUESTS,
        N_("Your wish for %(day)s: %(decision)s"),
        REASON_ALONE,
    ),
    "overtime_offered": NoticeKind(
        About.OFFERS,
        N_("Overtime on %(day)s, from %(starts_at)s"),
        N_("Places go to those who take it first, until %(answer_at)s."),
    ),
    "time_off_offered": NoticeKind(
        About.OFFERS,
        N_("Time off on %(day)s, from %(starts_at)s"),
        N_("Places go to those who take it first, until %(answer_at)s."),
    ),
    "offer_decided": NoticeKind(
        About.OFFERS,
        N_("The offer for %(day)s: %(decision)s"),
        REASON_ALONE,
    ),
    "leave_waits": NoticeKind(
        About.DECISIONS,
        N_("%(name)s asks for leave from %(first_day)s to %(last_day)s"),
        N_("It waits for your decision."),
    ),
    "swap_waits": NoticeKind(
        About.DECISIONS,
        N_("%(name)s and %(partner)s want to swap on %(day)s"),
        N_("Both said yes. It waits for your decision until %(answer_at)s."),
    ),
    "decision_due": NoticeKind(
        About.DECISIONS,
        N_("The request of %(name)s for %(day)s still waits for you"),
        N_("Without a decision it ends by itself, %(answer_at)s."),
    ),
    "offer_filled": NoticeKind(
        About.OFFER_DESK,
        N_("All places of the offer for %(day)s are taken"),
        N_("Places taken: %(taken)s of %(places)s."),
    ),
    "offer_over": NoticeKind(
        About.OFFER_DESK,
        N_("The offer for %(day)s is over"),
        N_("Places taken: %(taken)s of %(places)s."),
    ),
    "team_days_changed": NoticeKind(
        About.ROSTERS,
        N_("Published days of your teams changed: %(changed)s"),
        N_("They lie between %(first_day)s and %(last_day)s, and %(by)s changed them. Reason: %(reason)s"),
    ),
}

DECISIONS: Final[Mapping[str, str]] = {
    "approved": N_("approved"),
    "declined": N_("declined"),
    "waiting": N_("on the waiting list"),
    "withdrawn": N_("withdrawn"),
    "expired": N_("expired"),
    "changed": N_("no longer possible, since a day of it changed"),
    "yours": N_("it is yours"),
    "gone": N_("others were faster"),
}
NO_REASON: Final = N_("none was given")


@dataclass(frozen=True)
class NoticeWords:
    """A notice in the language of its reader."""

    about: About
    title: str
    body: str


def words_of(kind: str, parameters: Mapping[str, Any], speech: Speech) -> NoticeWords:
    """Return a stored notice in the language of its reader."""
    found = KINDS[kind]
    written = {name: written_as(name, value, speech) for name, value in parameters.items()}
    is_empty = found.body == REASON_ALONE and not parameters["reason"]
    return NoticeWords(found.about, speech.say(found.title, **written), "" if is_empty else speech.say(found.body, **written))


def written_as(name: str, value: Any, speech: Speech) -> str:
    """Return a parameter as its name says that it is written."""
    last = name.rpartition("_")[2]
    if last == "day":
        return speech.day(date.fromisoformat(value))
    if last == "at":
        return speech.moment(datetime.fromisoformat(value))
    if last in {"before", "after"}:
        return day_words(value, speech)
    if last == "decision":
        return speech.say(DECISIONS.get(value, value))
    if last == "reason":
        return value or speech.say(NO_REASON)
    return speech.number(value) if isinstance(value, int | float) else str(value)

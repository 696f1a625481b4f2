"""Words for what a day holds, in the messages of the catalogues: kinds of days, places, breaks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from scheduling.words import N_, Words
from services.languages import Speech

DAY_WORDS: Final[Mapping[str, str]] = {
    "off": N_("day off"),
    "leave": N_("leave"),
    "none": N_("no shift"),
}
SHORT_DAY_WORDS: Final[Mapping[str, str]] = {"off": N_("off"), "leave": N_("leave"), "none": "–"}
"""The same where there is room for one short word."""
PLACE_WORDS: Final[Mapping[str, str]] = {"office": N_("office"), "home": N_("home")}
BREAK_WORDS: Final[Mapping[str, str]] = {
    "meal": N_("meal break"),
    "short": N_("short break"),
    "coaching": N_("coaching"),
    "huddle": N_("huddle"),
}


def day_word(kind: str, speech: Speech) -> str:
    """Return what a day without a shift is."""
    return speech.say(DAY_WORDS[kind])


def short_day_word(kind: str, speech: Speech) -> str:
    """Return what a day without a shift is, in one short word."""
    return speech.say(SHORT_DAY_WORDS[kind])


def place_word(place: str, speech: Speech) -> str:
    """Return where a shift is worked."""
    return speech.say(PLACE_WORDS[place])


def break_word(kind: str, speech: Speech) -> str:
    """Return what a break is; a site's own kind is called as the site calls it."""
    return speech.say(BREAK_WORDS[kind]) if kind in BREAK_WORDS else kind.replace("_", " ")


def break_words(kind: str) -> Words:
    """Return what a break is, for a sentence that is translated later; one without a kind is a planned break."""
    return Words(BREAK_WORDS.get(kind, kind.replace("_", " ")) if kind else N_("planned break"))


def day_words(day: Mapping[str, Any], speech: Speech) -> str:
    """Return what a day is, such as ``06:00–15:00, office`` or ``day off``.

    Parameters
    ----------
    day
        ``kind``; for a shift also ``starts_at`` and ``ends_at`` with their offsets, and ``place``.
    """
    if day["kind"] != "shift":
        return day_word(day["kind"], speech)
    start, end = (datetime.fromisoformat(day[name]) for name in ("starts_at", "ends_at"))
    return f"{speech.times(start, end)}, {place_word(day['place'], speech)}"

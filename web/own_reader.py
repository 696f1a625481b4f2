"""What the pages of an associate share: who reads, and what is shown of a day."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from scheduling.shifts import ShiftType
from services.day_words import break_word, day_word, day_words, place_word, short_day_word
from services.own_days import OwnDay
from services.preferences import Reader, reader_of
from web.access import addressee_of, current_user
from web.context import engine
from web.speech import speech
from web.tones import tone_of


def own_reader() -> Reader:
    """Return who asks: an associate, or on the pages of notices and settings the account of a supervisor."""
    return reader_of(engine(), addressee_of(current_user()))


def day_tone(day: OwnDay | None) -> str:
    """Return the style class of a day: the time of day of its shift, or what else it is."""
    if day is None:
        return "is-unpublished"
    if day.shift is None:
        return day.kind
    start = day.shift.starts_at.astimezone(speech().zone)
    span = round((day.shift.ends_at - day.shift.starts_at).total_seconds() / 60)
    return str(tone_of(ShiftType(day.shift.code, start.time(), span)))


def register(app: Flask) -> None:
    """Give the templates of an application the words for a day."""
    app.jinja_env.globals.update(day_tone=day_tone, week_step=timedelta(days=7))
    app.jinja_env.filters.update(
        day_words=lambda day: day_words(day, speech()),
        short_day_word=lambda kind: short_day_word(kind, speech()),
        day_word=lambda kind: day_word(kind, speech()),
        place_word=lambda place: place_word(place, speech()),
        break_word=lambda kind: break_word(kind, speech()),
    )

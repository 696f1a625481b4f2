"""The languages in which associates read: catalogues of words, and how each language writes days, times and numbers.

Pages and mails use the same, so nothing here knows of a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_timezone_location
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from scheduling.words import Moment, Words

FOLDER: Final = Path(__file__).resolve().parent.parent / "translations"
LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "hi": "हिन्दी", "es": "Español"}
"""Each language by its code, with its name in itself."""
LOCALES: Final[Mapping[str, str]] = {"en": "en_GB", "hi": "hi_IN", "es": "es_ES"}
"""Where the language is spoken as it is here: it decides the order of day and month."""
DEFAULT_LANGUAGE: Final = "en"
HOUR_CYCLES: Final = (24, 12)
TIME_PATTERNS: Final[Mapping[int, str]] = {24: "HH:mm", 12: "h:mm a"}
HOUR_PATTERNS: Final[Mapping[int, str]] = {24: "HH", 12: "h"}


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the words of a language; a message that is not in it stays English."""
    return Translations.load(FOLDER, [language])


def known_language(wished: str | None) -> str:
    """Return a language that there is: the one that is wished, or the default."""
    return wished if wished is not None and wished in LANGUAGES else DEFAULT_LANGUAGE


@dataclass(frozen=True)
class Speech:
    """How one person reads: language, 12 or 24 hours, and the zone in which times are meant."""

    language: str = DEFAULT_LANGUAGE
    hour_cycle: int = 24
    zone_name: str = "UTC"

    @property
    def locale(self) -> Locale:
        """The language with its place."""
        return Locale.parse(LOCALES[self.language])

    @property
    def zone(self) -> ZoneInfo:
        """The zone of all times."""
        return ZoneInfo(self.zone_name)

    def say(self, message: str, /, **parameters: object) -> str:
        """Return a message in this language, with its parameters put in."""
        text = catalogue(self.language).gettext(message)
        return text % parameters if parameters else text

    def words(self, text: str) -> str:
        """Return a text in this language: one that remembers how it was made, or one that is marked for the catalogues."""
        if isinstance(text, Words):
            return self.say(text.message, **{name: self._written(value) for name, value in text.parameters.items()})
        return self.say(text) if text else ""

    def _written(self, value: object) -> str:
        match value:
            case str():
                return self.words(value) if isinstance(value, Words) else value
            case Moment():
                return self.time(value.at) if value.is_today else self.moment(value.at)
            case datetime():
                return self.moment(value)
            case date():
                return self.day(value)
            case int() | float():
                return self.number(value)
        return str(value)

    def count(self, one: str, many: str, n: int, /, **parameters: object) -> str:
        """Return a message about a number of things; `n` stands in it as `%(n)s`."""
        return catalogue(self.language).ngettext(one, many, n) % {"n": self.number(n), **parameters}

    def day(self, value: date) -> str:
        """Return a date such as ``Mon, 4 Jan``."""
        return format_skeleton("MMMEd", _noon(value), locale=self.locale)

    def plain_day(self, value: date) -> str:
        """Return a date without its weekday, such as ``4 Jan``."""
        return format_skeleton("MMMd", _noon(value), locale=self.locale)

    def long_day(self, value: date) -> str:
        """Return a date in full, such as ``Monday, 4 January 2027``."""
        return format_date(value, "full", locale=self.locale)

    def weekday(self, value: date) -> str:
        """Return the short name of a weekday, such as ``Mon``."""
        return format_date(value, "ccc", locale=self.locale)

    def month(self, value: date) -> str:
        """Return the month with its year, such as ``January 2027``."""
        return format_date(value, "LLLL y", locale=self.locale)

    def days(self, first: date, last: date) -> str:
        """Return the days from first to last."""
        return f"{self.day(first)} – {self.day(last)}"

    def time(self, at: datetime) -> str:
        """Return the time of an instant in the zone."""
        return format_time(at, TIME_PATTERNS[self.hour_cycle], tzinfo=self.zone, locale=self.locale)

    def hour(self, at: datetime) -> str:
        """Return the hour of an instant alone, for a scale."""
        return format_time(at, HOUR_PATTERNS[self.hour_cycle], tzinfo=self.zone, locale=self.locale)

    def times(self, start: datetime, end: datetime) -> str:
        """Return two instants as a span of time."""
        return f"{self.time(start)}–{self.time(end)}"

    def moment(self, at: datetime) -> str:
        """Return day and time of an instant in the zone."""
        return f"{self.day(at.astimezone(self.zone).date())}, {self.time(at)}"

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with so many digits after its point."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(round(value, digits), pattern, locale=self.locale)

    def zone_words(self, at: datetime) -> str:
        """Return the zone in words with its offset at an instant, such as ``India Time (UTC+05:30)``."""
        offset = at.astimezone(self.zone).utcoffset() or timedelta()
        minutes = round(offset.total_seconds() / 60)
        sign = "−" if minutes < 0 else "+"
        place = get_timezone_location(self.zone, locale=self.locale)
        return f"{place} (UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d})"


def _noon(value: date) -> datetime:
    # A skeleton wants a time and turns it into a zone; noon in no zone stays on its day.
    return datetime(value.year, value.month, value.day, 12)  # noqa: DTZ001


def best_language(wished: Iterable[str]) -> str:
    """Return the first language of a list of wishes, such as a browser sends, that there is."""
    return next((code for one in wished if (code := one.partition("-")[0].lower()) in LANGUAGES), DEFAULT_LANGUAGE)

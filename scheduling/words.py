"""Sentences that remember how they were made, so that whoever reads another language can have them in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self


def N_(message: str) -> str:  # noqa: N802 (the usual name of this mark)
    """Mark a message for the catalogues where it stands, to be translated where it is read."""
    return message


@dataclass(frozen=True)
class Moment:
    """An instant for a sentence: its time alone when it is of today, else with its day.

    Parameters
    ----------
    at
        In the zone of whoever reads.
    today
        The local date.
    """

    at: datetime
    today: date

    @property
    def is_today(self) -> bool:
        """Whether the time alone says it."""
        return self.at.date() == self.today

    def __str__(self) -> str:
        return f"{self.at:%H:%M}" if self.is_today else f"{self.at:%H:%M on %a %d %b}"


class Words(str):
    """A sentence in English that knows its message and what was put into it.

    It is a plain text wherever one is wanted, as in an error; `services.languages.Speech.words` says it in another language.
    What is put in may be a date, a `Moment`, a number, a text that stays as it is, or other words.
    """

    message: str
    parameters: Mapping[str, Any]

    def __new__(cls, message: str, /, **parameters: Any) -> Self:
        """Return a message with its parameters put in, named in it as ``%(name)s``."""
        written = {name: written_plainly(value) for name, value in parameters.items()}
        return cls._made(message % written if parameters else message, message, parameters)

    @classmethod
    def retold(cls, text: str, message: str, /, **parameters: Any) -> Self:
        """Return a text for those who want every detail, with the simpler message that is said to an associate in its place."""
        return cls._made(text, message, parameters)

    @classmethod
    def _made(cls, text: str, message: str, parameters: Mapping[str, Any]) -> Self:
        made = super().__new__(cls, text)
        made.message, made.parameters = message, parameters
        return made


def joined(parts: Iterable[str], between: str = " ") -> Words:
    """Return several texts as one, each of which keeps how it was made."""
    given = {f"part{number}": part for number, part in enumerate(parts)}
    return Words(between.join(f"%({name})s" for name in given), **given)


def written_plainly(value: object) -> str:
    """Return what is put into a sentence as English has it."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return f"{value:%a} {value.day} {value:%b %Y}"
    return str(value)

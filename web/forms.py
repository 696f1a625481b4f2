"""Forms: what a planner may type, checked with every fault at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypedDict

from flask_wtf import FlaskForm
from werkzeug.exceptions import BadRequest
from wtforms import DateField, HiddenField, IntegerField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from services.publishing import Days
from services.reading import RosterSummary
from web.formatting import period

LARGEST_SEED = 2**31 - 1


class Asked(TypedDict):
    """What a planning run is asked for."""

    first_day: date
    weeks: int
    seconds: float
    seed: int
    begins_with: int | None


class GenerateForm(FlaskForm):
    """What a planning run is asked for.

    Parameters
    ----------
    rosters
        Those that it may begin with.
    """

    first_day = DateField(
        "First day",
        validators=[InputRequired("Choose the first day of the roster.")],
        description="Local date of the site; best the first day of a week.",
    )
    weeks = IntegerField(
        "Weeks",
        validators=[InputRequired("Say how many weeks."), NumberRange(1, 13, "Choose 1 to 13 weeks.")],
        description="How long the roster is.",
    )
    seconds = IntegerField(
        "Seconds",
        validators=[InputRequired("Say how many seconds."), NumberRange(5, 3600, "Choose 5 to 3600 seconds.")],
        description="How long it may think, at most.",
    )
    seed = IntegerField(
        "Seed",
        validators=[InputRequired("Give a whole number."), NumberRange(0, LARGEST_SEED, f"Choose 0 to {LARGEST_SEED}.")],
        description="Another seed gives another roster. The same one gives the same roster, as long as the time suffices.",
    )

    begins_with = SelectField(
        "Begin with",
        default="",
        description="A roster of the same days is improved further. Whoever cannot keep their line any more gets a new one.",
    )

    def __init__(self, rosters: Sequence[RosterSummary] = (), **values: Any) -> None:
        super().__init__(**values)
        self._rosters = {str(one.id): one for one in rosters}
        named = [(number, f"roster {number}, {period(one.first_day, one.last_day)}") for number, one in self._rosters.items()]
        self.begins_with.choices = [("", "nothing: build it anew"), *named]

    def validate_begins_with(self, field: SelectField) -> None:
        """Refuse a roster of other days."""
        one = self._rosters.get(field.data)
        if one is not None and (one.first_day, one.weeks) != (self.first_day.data, self.weeks.data):
            days = period(one.first_day, one.last_day)
            raise ValidationError(f"Roster {one.id} is of {days}. Choose these days, or begin with nothing.")

    @property
    def request(self) -> Asked:
        """What was asked for, when the form is valid."""
        return {
            "first_day": self.first_day.data,
            "weeks": self.weeks.data,
            "seconds": float(self.seconds.data),
            "seed": self.seed.data,
            "begins_with": int(self.begins_with.data) if self.begins_with.data else None,
        }


def days_named(first: date | None, last: date | None) -> Days | None:
    """Return the days to publish, ``None``, all of them, where neither is named; with only one nobody knows what is meant."""
    if (first is None) != (last is None) or (first and last and last < first):
        raise BadRequest("Name the first and the last day to publish, the first one first.")
    return Days(first, last) if first and last else None


class PublishForm(FlaskForm):
    """The confirmation of a publication: the version and the days that were looked at, and why it is right."""

    version = HiddenField(validators=[DataRequired(), Regexp("[1-9][0-9]{0,8}$")])
    first_day = DateField(validators=[Optional()])
    last_day = DateField(validators=[Optional()])
    reason = TextAreaField(validators=[Length(max=2000, message="Keep the reason under 2000 characters.")])

    @property
    def seen_version(self) -> int:
        """The version that the publisher saw."""
        return int(self.version.data)

    @property
    def days(self) -> Days | None:
        """The days that were looked at, ``None`` for all of them."""
        return days_named(self.first_day.data, self.last_day.data)

    def validate_with(self, *, needs_reason: bool) -> bool:
        """Return whether the form is complete; with `needs_reason` the reason must say something."""
        missing = DataRequired("Say why it is right to publish this all the same.")
        return bool(self.validate(extra_validators={"reason": [missing]} if needs_reason else None))


class StopForm(FlaskForm):
    """The button that stops a planning run; it has only the token against forged requests."""

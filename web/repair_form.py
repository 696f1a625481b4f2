"""The form that asks for a repair of a roster: what happened, and what may change."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, DecimalField, IntegerField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from services.overrides import Absence, ContractEnd, Growth, Overrides
from services.repairs import RepairTask

MOST_TEXT = 200_000
DEFAULT_SECONDS = 30
DAY_HINT = "Write a day as year-month-day."


def codes_in(text: str | None) -> tuple[str, ...]:
    """Return the codes in a text, separated by blanks, commas or lines, each once and in order."""
    return tuple(dict.fromkeys(code for code in re.split(r"[\s,;]+", text or "") if code))


class RepairForm(FlaskForm):
    """What a repair is asked for; only the days and people that may change need be given, and not even those."""

    absent = TextAreaField("Who is away", validators=[Optional(), Length(max=MOST_TEXT)], description="Codes, one a line.")
    absent_from = DateField("From", validators=[Optional()])
    absent_to = DateField("To", validators=[Optional()], description="Both days included.")
    leaving = TextAreaField("Who leaves", validators=[Optional(), Length(max=MOST_TEXT)], description="Codes, one a line.")
    leaving_last = DateField("Last day at work", validators=[Optional()])
    queue = SelectField("Which work changes", validators=[Optional()])
    growth = DecimalField(
        "By per cent",
        validators=[Optional(), NumberRange(-90, 900, "Choose −90 to 900 per cent.")],
        description="20 is a fifth more, −10 a tenth less.",
    )
    associates = TextAreaField(
        "Whose days",
        validators=[Optional(), Length(max=MOST_TEXT)],
        description="Codes; everybody when it is empty. Whoever is away or leaves is always among them.",
    )
    first_day = DateField("From", validators=[Optional()], description="The whole roster when it is empty.")
    last_day = DateField("To", validators=[Optional()])
    notice_days = IntegerField(
        "Days of notice",
        validators=[Optional(), NumberRange(0, 366, "Choose 0 to 366 days.")],
        description="Within so many days from today nothing changes that is not forced.",
    )
    changed_day_cost = DecimalField(
        "A changed day must gain",
        places=1,
        validators=[Optional(), NumberRange(0, 1000, "Choose 0 to 1000 head-hours.")],
        description="Head-hours; the more, the fewer days change.",
    )
    seconds = IntegerField(
        "Seconds",
        validators=[Optional(), NumberRange(1, 600, "Choose 1 to 600 seconds.")],
        description="How long it may think, at most.",
    )

    def offer(self, queues: list[str]) -> RepairForm:
        """Offer the queues of the site, and return the form."""
        self.queue.choices = [SelectChoice("", "no queue"), *(SelectChoice(name, name) for name in queues)]
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        """Return whether the form is complete: who is away or leaves needs days, and work that changes needs both parts."""
        complete = super().validate(extra_validators)
        pairs = (
            (codes_in(self.absent.data) and not (self.absent_from.data and self.absent_to.data), self.absent_from, DAY_HINT),
            (codes_in(self.leaving.data) and not self.leaving_last.data, self.leaving_last, DAY_HINT),
            (self.queue.data and self.growth.data is None, self.growth, "Say by how much."),
            (self.growth.data is not None and not self.queue.data, self.queue, "Choose the queue."),
            (_backward(self.absent_from.data, self.absent_to.data), self.absent_to, "It ends before it begins."),
            (_backward(self.first_day.data, self.last_day.data), self.last_day, "It ends before it begins."),
        )
        for is_wrong, field, words in pairs:
            if is_wrong:
                field.errors = [*field.errors, words]
        return bool(complete and not any(is_wrong for is_wrong, _, _ in pairs))

    @property
    def seconds_asked(self) -> float:
        """Seconds that the repair may take."""
        return float(self.seconds.data or DEFAULT_SECONDS)

    def task(self, notice_days: int) -> RepairTask:
        """Return what a valid form asks for.

        Parameters
        ----------
        notice_days
            Notice where the form says none.
        """
        away, leaving, chosen = codes_in(self.absent.data), codes_in(self.leaving.data), codes_in(self.associates.data)
        growth = () if self.growth.data is None else (Growth(queue=self.queue.data, volume=1 + float(self.growth.data) / 100),)
        overrides = Overrides(
            absences=tuple(
                Absence(associate=code, first_day=self.absent_from.data, last_day=self.absent_to.data) for code in away
            ),
            contract_ends=tuple(ContractEnd(associate=code, last_day=self.leaving_last.data) for code in leaving),
            growth=growth,
        )
        cost, notice = self.changed_day_cost.data, self.notice_days.data
        return RepairTask(
            associates=tuple(dict.fromkeys((*chosen, *away, *leaving))) if chosen else (),
            first_day=self.first_day.data,
            last_day=self.last_day.data,
            notice_days=notice_days if notice is None else notice,
            **({} if cost is None else {"changed_day_cost": float(cost)}),
            overrides=overrides,
        )


def _backward(first: date | None, last: date | None) -> bool:
    return first is not None and last is not None and last < first

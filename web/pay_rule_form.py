"""The form of the rule by which nights are paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_wtf import FlaskForm
from wtforms import DateField, DecimalField, IntegerField, SelectField, StringField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from scheduling.errors import BadInputError
from services.hours import Basis, PayRule, PeriodKind

BASES = (
    SelectChoice(Basis.ATTENDED.value, "time signed in during the shift, breaks included"),
    SelectChoice(Basis.ROSTERED.value, "time of the published shift without recorded absences"),
)
PERIODS = tuple(SelectChoice(kind.value, kind.value if " " in kind else f"a {kind}") for kind in PeriodKind)


class PayRuleForm(FlaskForm):
    """What nights earn."""

    night_from = TimeField(
        "Night from", validators=[InputRequired("Write a time such as 22:00.")], description="By the clocks of the site."
    )
    night_until = TimeField(
        "Night until",
        validators=[InputRequired("Write a time such as 06:00.")],
        description="Of the next morning when it is earlier. In the nights of a clock change elapsed time counts.",
    )
    basis = SelectField("What can be night time", choices=BASES)
    least_night_minutes = IntegerField(
        "Least night minutes in a shift",
        validators=[InputRequired("Write a whole number, 0 for none.")],
        description="A shift with fewer counts for nothing; others count whole.",
    )
    per_night_hour = DecimalField(
        "For each hour of night", places=2, validators=[InputRequired("Write an amount, 0 for none.")], description="Amount."
    )
    per_night_shift = DecimalField(
        "For each shift with enough night",
        places=2,
        validators=[InputRequired("Write an amount, 0 for none.")],
        description="Amount, added to that of the hours.",
    )
    currency = StringField("Currency", validators=[InputRequired("Name it.")], description="A short name, such as INR.")
    period = SelectField("Pay period", choices=PERIODS)
    period_start = DateField(
        "A period begins on",
        validators=[InputRequired("Choose a day.")],
        description="Of a month only the day of the month counts, at most the 28th.",
    )
    why = StringField(
        "Why it changes",
        validators=[
            InputRequired("Say why; it stands in the history."),
            Length(max=500, message="Write at most 500 characters."),
        ],
        description="Stands in the history of the floor.",
    )

    @classmethod
    def of(cls, rule: PayRule) -> PayRuleForm:
        """Return the form filled with a rule."""
        return cls(formdata=None, obj=rule, basis=rule.basis.value, period=rule.period.value)

    def validate(self, extra_validators: Mapping[str, Sequence[object]] | None = None) -> bool:
        """Return whether the form makes a rule; what is wrong with the rule is told together with a reason that is missing."""
        is_whole = bool(super().validate(extra_validators))
        if self.errors.keys() - {"why"}:
            return False
        try:
            self.rule()
        except BadInputError as error:
            self.show_faults(error)
            return False
        return is_whole

    def rule(self) -> PayRule:
        """Return the rule of a valid form; BadInputError with what is wrong with it as a whole."""
        return PayRule(
            night_from=self.night_from.data,
            night_until=self.night_until.data,
            basis=Basis(self.basis.data),
            least_night_minutes=self.least_night_minutes.data,
            per_night_hour=float(self.per_night_hour.data),
            per_night_shift=float(self.per_night_shift.data),
            currency=self.currency.data.strip(),
            period=PeriodKind(self.period.data),
            period_start=self.period_start.data,
        )

    def show_faults(self, error: BadInputError) -> None:
        """Put each fault beside its field."""
        for fault in error.faults:
            field = self._fields[fault.column]
            field.errors = [*field.errors, fault.reason]

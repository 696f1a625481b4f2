"""The form with which a coaching that was held is noted."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from scheduling.errors import BadInputError
from web.formatting import words

LONGEST = Length(max=2000, message="Keep it under 2000 characters.")


class CoachingForm(FlaskForm):
    """A coaching that was held."""

    topic = StringField("About", validators=[InputRequired("Say what it was about."), LONGEST])
    queue_id = SelectField("Queue", description="Leave it at all queues when it was about no particular one.")
    held_on = DateField("Held on", validators=[InputRequired("Choose the day.")])
    based_on = TextAreaField("Based on", validators=[LONGEST], description="The figures or examples that led to it.")
    note = TextAreaField("What was agreed", validators=[InputRequired("Write what was agreed."), LONGEST])

    def offering(self, queues: Sequence[tuple[int, str]]) -> CoachingForm:
        """Return the form with queues to choose from."""
        self.queue_id.choices = [
            SelectChoice("", "All queues"),
            *(SelectChoice(str(number), words(name)) for number, name in queues),
        ]
        return self

    @property
    def queue(self) -> int | None:
        """The id of the queue that was chosen."""
        return int(self.queue_id.data) if self.queue_id.data else None

    def show_faults(self, error: BadInputError) -> None:
        """Put each fault beside its field."""
        for fault in error.faults:
            field = self._fields[fault.column]
            field.errors = [*field.errors, fault.reason]

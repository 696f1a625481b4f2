"""Forms of signing in and of accounts; what is typed is judged by the services, which name every fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask_wtf import FlaskForm
from wtforms import IntegerField, PasswordField, SelectField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import EqualTo, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput

from scheduling.errors import BadInputError
from scheduling.words import N_, Words
from services.accounts import Asked, Role, TeamFacts
from services.passwords import LEAST_LENGTH, MOST_LENGTH
from services.service_tokens import MOST_TOKEN_DAYS, Scope

NAME = N_("Sign-in name")
NEW_PASSWORD = Words(
    "At least %(least)s characters. A few words that nobody else would put together are good, and easy to remember.",
    least=LEAST_LENGTH,
)
TOO_LONG = N_("This is too long.")
FIELDS_OF_FAULTS = {"sign-in name": "name", "display name": "display_name", "teams": "team_ids", "mail address": "mail_address"}
"""Where a form has another name for what the services call so."""


class Ticks(SelectMultipleField):
    """Any number of choices, each with a box to tick: a list in which several are chosen with Ctrl is for nobody's fingers."""

    option_widget = CheckboxInput()


class SignInForm(FlaskForm):
    """Who signs in."""

    name = StringField(NAME, validators=[InputRequired(N_("Type your sign-in name.")), Length(max=200, message=TOO_LONG)])
    password = PasswordField(
        N_("Password"), validators=[InputRequired(N_("Type your password.")), Length(max=4 * MOST_LENGTH, message=TOO_LONG)]
    )


class _Judged(FlaskForm):
    """A form whose input is judged by a service."""

    def show_faults(self, error: BadInputError) -> None:
        """Put each fault beside its field, unless something was wrong with the field before."""
        beside = [(self._fields[FIELDS_OF_FAULTS.get(fault.column, fault.column)], fault.reason) for fault in error.faults]
        fresh = {field.id for field, _ in beside if not field.errors}
        for field, reason in beside:
            if field.id in fresh:
                field.errors = [*field.errors, reason]

    def is_sound(self, judge: Callable[[], object]) -> bool:
        """Return whether neither the form nor a service that judges what was typed finds a fault; all are shown at once."""
        self.validate()
        try:
            judge()
        except BadInputError as error:
            self.show_faults(error)
        return not self.errors


class SetupForm(_Judged):
    """The first administrator."""

    code = StringField(
        "Setup code",
        validators=[InputRequired("Type the code.")],
        description="Printed in the terminal where the service starts.",
    )
    name = StringField(NAME, validators=[InputRequired("Choose a sign-in name.")], description="Without spaces.")
    display_name = StringField("Name", validators=[InputRequired("Write your name.")], description="As others see it.")
    password = PasswordField("Password", validators=[InputRequired("Choose a password.")], description=NEW_PASSWORD)
    repeated = PasswordField("Password again", validators=[EqualTo("password", "This is not the same password.")])


class PasswordForm(_Judged):
    """Another password for oneself."""

    present = PasswordField(N_("Present password"), validators=[InputRequired(N_("Type the password that you have now."))])
    password = PasswordField(N_("New password"), validators=[InputRequired(N_("Choose a password."))], description=NEW_PASSWORD)
    repeated = PasswordField(N_("New password again"), validators=[EqualTo("password", N_("This is not the same password."))])


class AccountForm(_Judged):
    """A new account."""

    name = StringField(NAME, validators=[InputRequired("Choose a sign-in name.")], description="Without spaces.")
    display_name = StringField("Name", validators=[InputRequired("Write the name.")], description="As others see it.")
    role = SelectField(
        "Role", choices=[SelectChoice(role.value, role.value.capitalize()) for role in Role], default=Role.ASSOCIATE.value
    )
    associate = StringField(
        "Associate", validators=[Length(max=200)], description="For an associate: the code in the roster, such as A0001."
    )
    team_ids = Ticks("Teams", coerce=int, description="For a supervisor: the teams that they lead.")
    mail_address = StringField(
        "Mail address",
        validators=[Length(max=254)],
        description="For a supervisor: where notices are mailed. Left empty, they stand on the pages alone.",
    )

    def offer(self, teams: Iterable[TeamFacts]) -> None:
        """Offer the teams of the operation."""
        self.team_ids.choices = team_choices(teams)

    @property
    def asked(self) -> Asked:
        """What is asked for; a role that there is not is for the form itself to refuse."""
        return Asked(
            self.name.data or "",
            self.display_name.data or "",
            Role(self.role.data) if self.role.data in list(Role) else Role.PLANNER,
            self.associate.data or "",
            frozenset(self.team_ids.data or ()),
            (self.mail_address.data or "").strip(),
        )


class TeamsForm(FlaskForm):
    """The teams that a supervisor leads."""

    team_ids = Ticks("Teams", coerce=int)

    def offer(self, teams: Iterable[TeamFacts]) -> None:
        """Offer the teams of the operation."""
        self.team_ids.choices = team_choices(teams)


class MailForm(_Judged):
    """Where mail to a supervisor goes."""

    mail_address = StringField(
        "Mail address",
        validators=[Length(max=254, message="At most 254 characters.")],
        description="Left empty, notices stand on the pages alone. The supervisor can change it in their settings.",
    )


def team_choices(teams: Iterable[TeamFacts]) -> list[SelectChoice]:
    """Return the teams as a list offers them."""
    return [SelectChoice(team.id, f"{team.name} ({team.site})") for team in teams]


class TokenForm(_Judged):
    """A new service token."""

    site = SelectField("Site")
    name = StringField("Program", validators=[InputRequired("Name the program.")], description="The name that the history keeps.")
    scopes = Ticks(
        "It may", choices=[SelectChoice(Scope.WRITE_JOBS.value, "hand in jobs (jobs:write)")], default=[Scope.WRITE_JOBS.value]
    )
    days = IntegerField(
        "Days",
        validators=[Optional(), NumberRange(1, MOST_TOKEN_DAYS, f"Choose 1 to {MOST_TOKEN_DAYS} days.")],
        description="How long it is good; left empty, until somebody revokes it.",
    )


class ConfirmForm(FlaskForm):
    """A button that changes something; it has only the token against forged requests."""

"""Who is told something: an associate of the operation, or an account that is nobody's in it, such as a supervisor's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Addressee:
    """Exactly one of the two, as the schema has it."""

    associate_id: int | None = None
    account_id: int | None = None

    def __post_init__(self) -> None:
        if (self.associate_id is None) == (self.account_id is None):
            raise ValueError("Somebody who is told something is an associate or an account, and never both.")

    @property
    def number(self) -> int:
        """The id, whichever it is."""
        return self.associate_id or self.account_id or 0

    @property
    def column(self) -> str:
        """The column that has the id, in every table of what people are told."""
        return "associate_id" if self.account_id is None else "account_id"


def associate(number: int) -> Addressee:
    """Return an associate as somebody who is told something."""
    return Addressee(associate_id=number)


def account(number: int) -> Addressee:
    """Return an account as somebody who is told something."""
    return Addressee(account_id=number)

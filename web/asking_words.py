"""What the states and the history of requests are called on an associate's pages, for the catalogues to translate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Flask

from scheduling.words import N_

STATE_WORDS: Final[Mapping[str, str]] = {
    "asked": N_("waits for a decision"),
    "waitlisted": N_("on the waiting list"),
    "approved": N_("approved"),
    "refused": N_("refused"),
    "withdrawn": N_("taken back"),
    "cancelled": N_("given up"),
    "expired": N_("expired"),
    "offered": N_("waits for your partner"),
    "accepted": N_("waits for a supervisor"),
    "declined": N_("declined"),
}
HISTORY_WORDS: Final[Mapping[str, str]] = {
    "leave asked for": N_("Asked for"),
    "leave moved up": N_("Moved up from the waiting list"),
    "leave approved": N_("Approved"),
    "leave not approved": N_("Left to a supervisor"),
    "leave refused": N_("Refused"),
    "leave withdrawn": N_("Taken back"),
    "leave cancelled": N_("Given up"),
    "leave expired": N_("Expired undecided"),
}


def register(app: Flask) -> None:
    """Give the templates of an application these words."""
    app.jinja_env.globals.update(STATE_WORDS=STATE_WORDS, HISTORY_WORDS=HISTORY_WORDS)

"""How somebody reads and wants to be told: chosen on the page of settings, used by pages and mails alike."""

from __future__ import annotations

from collections.abc import Iterable
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import Final

from sqlalchemy import Engine

from scheduling.errors import BadInputError, Fault
from services.languages import HOUR_CYCLES, LANGUAGES, Speech, best_language
from storage import preferences
from storage.addressees import Addressee, account, associate
from storage.errors import domain_errors
from storage.preferences import Preference, Reader

__all__ = [
    "Addressee", "Preference", "Reader", "account", "associate", "preference_faults", "reader_of", "save", "speech_of",
]  # fmt: skip

LONGEST_ADDRESS: Final = 254


def reader_of(engine: Engine, who: Addressee) -> Reader:
    """Return somebody who reads; NotFoundError when there is nobody with this id."""
    with domain_errors(), engine.connect() as connection:
        return preferences.reader(connection, who)


def speech_of(reader: Reader, wished: Iterable[str] = ()) -> Speech:
    """Return how to speak to somebody.

    Parameters
    ----------
    wished
        Languages that the browser asks for, best first; they count where nothing was chosen.
    """
    chosen = reader.preference
    language = chosen.language if chosen.language in LANGUAGES else None
    return Speech(language or best_language(wished), chosen.hour_cycle or HOUR_CYCLES[0], reader.zone_name)


def preference_faults(chosen: Preference) -> list[Fault]:
    """Return everything that is wrong with a choice."""
    checks = (
        ("language", chosen.language is None or chosen.language in LANGUAGES, f"Choose one of {', '.join(LANGUAGES.values())}."),
        ("hour_cycle", chosen.hour_cycle is None or chosen.hour_cycle in HOUR_CYCLES, "Choose 12 or 24 hours."),
        (
            "mail_address",
            chosen.mail_address is None or is_mail_address(chosen.mail_address),
            "Write one address, such as name@example.org, or nothing.",
        ),
    )
    return [
        Fault("settings", None, name, str(getattr(chosen, name)), reason) for name, is_right, reason in checks if not is_right
    ]


def is_mail_address(text: str) -> bool:
    """Return whether a text is one plain mail address, without a name before it."""
    if len(text) > LONGEST_ADDRESS:
        return False
    try:
        parsed = Address(addr_spec=text)
    except (HeaderParseError, ValueError, IndexError):
        return False
    return "." in parsed.domain and parsed.addr_spec == text and text.isascii()


def save(engine: Engine, who: Addressee, chosen: Preference) -> None:
    """Store what somebody has chosen; BadInputError with every fault."""
    if faults := preference_faults(chosen):
        raise BadInputError(faults)
    with domain_errors(), engine.begin() as connection:
        preferences.put_preference(connection, who, chosen)

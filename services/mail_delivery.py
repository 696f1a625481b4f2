"""Handing mails over: to a mail server, or, where none is set, as files into a folder that somebody can look at."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

WAIT_SECONDS: Final = 20.0


class Security(StrEnum):
    """How the connection to the mail server is made safe."""

    STARTTLS = "starttls"
    """Begins in the clear and turns safe before anything is said."""
    TLS = "tls"
    """Safe from the first byte."""
    NONE = "none"
    """In the clear, for a server on the same machine."""


class DeliveryError(Exception):
    """A mail was not taken.

    Parameters
    ----------
    is_final
        Whether it is no use to try again: the server refuses this address or this mail for good.
    """

    def __init__(self, message: str, *, is_final: bool) -> None:
        super().__init__(message)
        self.is_final = is_final


class Delivery(Protocol):
    """Where mails are handed over."""

    def hand_over(self, mail: EmailMessage) -> None:
        """Hand a mail over; DeliveryError when it is not taken."""
        ...


@dataclass(frozen=True)
class SmtpDelivery:
    """Hands mails to a mail server, each over a connection of its own.

    Parameters
    ----------
    user
        Empty for a server that wants no sign-in.
    """

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = ""

    def hand_over(self, mail: EmailMessage) -> None:
        """Hand a mail over; DeliveryError when it is not taken."""
        try:
            with self._connection() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            raise DeliveryError(
                "The mail server refuses the address.", is_final=all(_is_final(code) for code, _ in error.recipients.values())
            ) from error
        except smtplib.SMTPResponseException as error:
            # A fault of the sign-in is one of this installation and not of the mail.
            is_final = _is_final(error.smtp_code) and not isinstance(error, smtplib.SMTPAuthenticationError)
            raise DeliveryError(f"The mail server answers {error.smtp_code}.", is_final=is_final) from error
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryError(f"The mail server cannot be reached: {error}", is_final=False) from error

    def _connection(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security is Security.TLS:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=WAIT_SECONDS, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=WAIT_SECONDS)
        if self.security is Security.STARTTLS:
            server.starttls(context=context)
        return server


def _is_final(code: int) -> bool:
    """Return whether an answer of a mail server holds for good: those from 500 on do."""
    return code >= 500


@dataclass(frozen=True)
class FolderDelivery:
    """Writes mails into a folder, one file each, for installations without a mail server."""

    folder: Path

    def hand_over(self, mail: EmailMessage) -> None:
        """Write a mail; the same mail twice is one file."""
        name = str(mail["Message-ID"]).strip("<>").partition("@")[0]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{name}.eml").write_bytes(mail.as_bytes())
        except OSError as error:
            raise DeliveryError(f"The folder of mails cannot be written: {error.strerror}", is_final=False) from error

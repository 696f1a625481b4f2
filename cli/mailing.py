"""The chore that mails notices, made of the settings of an installation."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine

from config import Settings
from scheduling.times import Clock
from services.chores import Chore
from services.mail_delivery import Delivery, FolderDelivery, Security, SmtpDelivery
from services.mails import Sender, send_due_mails, write_due_mails

EVERY_SECONDS: Final = 10.0
MAIL_FOLDER: Final = "mail"


def delivery_of(settings: Settings) -> Delivery:
    """Return where mails go: to the mail server, or into a folder of the instance where none is set."""
    if not settings.smtp_host:
        return FolderDelivery(settings.make_instance_dir() / MAIL_FOLDER)
    return SmtpDelivery(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=Security(settings.smtp_security),
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
    )


def mail_chore(settings: Settings) -> Chore:
    """Return the chore that writes the mails that are due and sends them."""
    sender, delivery = Sender(settings.mail_from, settings.site_origin), delivery_of(settings)

    def mail(engine: Engine, clock: Clock) -> None:
        write_due_mails(engine, sender, clock=clock)
        send_due_mails(engine, sender, delivery, clock=clock)

    return Chore("mail notices", EVERY_SECONDS, mail)

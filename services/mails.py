"""Mails of notices: everything that waits for one person becomes one mail, and is sent until it is taken.

Notices wait in the database from the transaction that wrote them. `write_due_mails` turns those of each person into one row of
the outbox, `send_due_mails` hands the rows over. Every attempt carries the same Message-ID, so that a mail whose receipt was lost
arrives once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import Connection, Engine

from scheduling.times import Clock
from scheduling.words import N_
from services.languages import Speech
from services.mail_delivery import Delivery, DeliveryError
from services.notice_kinds import KINDS, NoticeWords, words_of
from services.preferences import Reader, speech_of
from storage import mails, notices, preferences
from storage.errors import domain_errors
from storage.mails import ClaimedMail, NewMail
from storage.notices import StoredNotice

log = structlog.get_logger(__name__)

MOST_PEOPLE: Final = 500
"""Mails of so many people are written in one transaction."""
MOST_SENT: Final = 200
"""So many mails are sent in one turn."""
MOST_ATTEMPTS: Final = 8
FIRST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=4)
SILENCE: Final = timedelta(minutes=5)
"""A sender that said nothing for so long after it took a mail is taken for dead."""
GREETING: Final = N_("Hello %(name)s,")
ENDING: Final = N_("Times are those of %(zone)s. All of this stands on your pages too; there you also set which mail you get.")


@dataclass(frozen=True)
class Sender:
    """From whom mails are, and where the pages are.

    Parameters
    ----------
    address
        The address in From.
    site_origin
        Scheme and host of the pages, for a link; empty without one.
    """

    address: str
    site_origin: str = ""

    @property
    def domain(self) -> str:
        """The domain of the address, in which ids of messages are made."""
        return self.address.rpartition("@")[2]


def write_due_mails(engine: Engine, sender: Sender, *, clock: Clock) -> int:
    """Put the mails that are due into the outbox, one for each person; return their number."""
    now, written = clock.now(), 0
    while True:
        with domain_errors(), engine.begin() as connection:
            waiting = notices.lock_due(connection, now, MOST_PEOPLE)
            readers = preferences.readers(connection, list(waiting))
            written += sum(_write(connection, readers[who], found, sender, now) for who, found in waiting.items())
        if not waiting:
            return written


def _write(connection: Connection, reader: Reader, waiting: Sequence[StoredNotice], sender: Sender, now: datetime) -> bool:
    chosen = reader.preference
    mail_id = None
    if chosen.wants_mail and chosen.mail_address:
        mail_id = mails.put_mail(connection, mail_of(reader, waiting, sender), now)
    notices.settle(connection, [one.id for one in waiting], mail_id)
    return mail_id is not None


def mail_of(reader: Reader, waiting: Sequence[StoredNotice], sender: Sender) -> NewMail:
    """Return everything that waits for one person as one mail in their language."""
    said = speech_of(reader)
    told = [words_of(one.kind, one.parameters, said) for one in waiting if one.kind in KINDS]
    subject = (
        told[0].title
        if len(told) == 1
        else said.count("%(n)s notice about your shifts", "%(n)s notices about your shifts", len(told))
        if reader.who.account_id is None
        else said.count("%(n)s notice about your teams", "%(n)s notices about your teams", len(told))
    )
    address = reader.preference.mail_address or ""
    return NewMail(
        who=reader.who,
        message_id=f"<{uuid4()}@{sender.domain}>",
        address=address,
        # A header is one line.
        subject=" ".join(subject.split()),
        body=_body(reader, told, said, waiting[-1], sender),
    )


def _body(
    reader: Reader, told: Sequence[NoticeWords], said: Speech, newest: StoredNotice, sender: Sender
) -> str:  # fmt: skip
    parts = [said.say(GREETING, name=reader.name), *(f"{one.title}\n{one.body}".rstrip() for one in told)]
    parts.append(said.say(ENDING, zone=said.zone_words(newest.created_at)))
    if sender.site_origin:
        parts.append(f"{sender.site_origin.rstrip('/')}/me/notices")
    return "\n\n".join(parts) + "\n"


def send_due_mails(engine: Engine, sender: Sender, delivery: Delivery, *, clock: Clock) -> int:
    """Hand over the mails of the outbox that are due; return how many were taken."""
    sent = 0
    for _ in range(MOST_SENT):
        now = clock.now()
        with domain_errors(), engine.begin() as connection:
            mail = mails.claim(connection, now, now + SILENCE)
        if mail is None:
            break
        # No transaction is open while the mail server takes its time.
        sent += _send(engine, mail, sender, delivery, clock)
    return sent


def _send(engine: Engine, mail: ClaimedMail, sender: Sender, delivery: Delivery, clock: Clock) -> bool:
    try:
        delivery.hand_over(message_of(mail, sender))
    except DeliveryError as error:
        again = None if error.is_final or mail.attempts >= MOST_ATTEMPTS else clock.now() + wait_after(mail.attempts)
        log.warning("mail not sent", mail=mail.id, attempts=mail.attempts, reason=str(error), given_up=again is None)
        with domain_errors(), engine.begin() as connection:
            mails.mark_failed(connection, mail.id, str(error), again)
        return False
    with domain_errors(), engine.begin() as connection:
        mails.mark_sent(connection, mail.id, clock.now())
    return True


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: each time four times as long, up to a limit."""
    return min(LONGEST_WAIT, FIRST_WAIT * int(4 ** (attempts - 1)))


def message_of(mail: ClaimedMail, sender: Sender) -> EmailMessage:
    """Return a mail as a message; it says that a program sent it, so that no out-of-office answers come back."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender.address, mail.address, mail.subject
    message["Date"], message["Message-ID"] = format_datetime(mail.created_at), mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message

from __future__ import annotations

import smtplib
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from cli.mailing import delivery_of, mail_chore
from config import Settings
from services import notices, preferences
from services.chores import do_chore
from services.mail_delivery import DeliveryError, FolderDelivery, Security, SmtpDelivery
from services.mails import MOST_ATTEMPTS, Sender, send_due_mails, wait_after, write_due_mails
from services.preferences import Preference, associate
from tests.builders import MONDAY
from tests.conftest import SteppedClock
from tests.published import Site, published_site

NOW = datetime.combine(MONDAY, datetime.min.time(), UTC) - timedelta(days=10)
SENDER = Sender("shifts@example.org", "https://shifts.example.org")


class Box:
    """Takes mails, or refuses them in the given order first."""

    def __init__(self, *faults: DeliveryError) -> None:
        self.faults, self.mails = list(faults), []  # type: ignore[var-annotated]

    def hand_over(self, mail: EmailMessage) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.mails.append(mail)


def reachable(site: Site, code: str = "A0001", **chosen: object) -> int:
    """Give an associate a mail address, and forget what waited for others."""
    who = site.associate_id(code)
    preferences.save(site.engine, associate(who), Preference(mail_address=f"{code.lower()}@example.org", **chosen))  # type: ignore[arg-type]
    return who


def wish(site: Site, who: int, day: str, now: datetime) -> None:
    with site.engine.begin() as connection:
        notices.tell(connection, [who], "wish_decided", {"day": day, "decision": "approved", "reason": "as asked"}, now=now)


def test_everything_that_waits_for_one_person_is_one_mail(engine: Engine) -> None:
    clock = SteppedClock(NOW)
    site = published_site(engine, clock)
    who, box = reachable(site), Box()
    assert write_due_mails(engine, SENDER, clock=clock) == 0, "it waits for company"
    clock.advance(300)
    wish(site, who, "2027-01-05", clock.now())
    clock.advance(301)
    assert write_due_mails(engine, SENDER, clock=clock) == 1
    assert write_due_mails(engine, SENDER, clock=clock) == 0
    assert send_due_mails(engine, SENDER, box, clock=clock) == 1
    (mail,) = box.mails
    assert mail["To"] == "a0001@example.org"
    assert mail["Subject"] == "2 notices about your shifts"
    body = mail.get_content()
    assert "Your shifts for Mon 4 Jan to Sun 10 Jan are published" in body
    assert "Your wish for Tue 5 Jan: approved" in body
    assert "Reason: as asked" in body
    assert "https://shifts.example.org/me/notices" in body
    assert "India Time (UTC+05:30)" in body
    assert send_due_mails(engine, SENDER, box, clock=clock) == 0


def test_near_news_take_along_what_waits(engine: Engine) -> None:
    clock = SteppedClock(NOW)
    site = published_site(engine, clock)
    who = reachable(site)
    start = clock.now() + timedelta(hours=5)
    with engine.begin() as connection:
        given = {"day": "2026-12-25", "reason": "", "before": {"kind": "off"}, "after": {"kind": "leave"}}
        notices.tell(connection, [who], "shift_changed", given, now=clock.now(), concerns_at=start)
    assert write_due_mails(engine, SENDER, clock=clock) == 1
    with engine.connect() as connection:
        left = connection.execute(text("SELECT count(*) FROM notice WHERE associate_id = :who AND mail_id IS NULL"), {"who": who})
        assert left.scalar_one() == 0


def test_who_wants_none_gets_none_and_it_does_not_wait_for_ever(engine: Engine) -> None:
    clock = SteppedClock(NOW)
    site = published_site(engine, clock)
    reachable(site, wants_mail=False)
    clock.advance(3600)
    assert write_due_mails(engine, SENDER, clock=clock) == 0
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM notice WHERE mail_due_at IS NOT NULL")).scalar_one() == 0
    assert notices.unread_count(engine, associate(site.associate_id("A0001"))) == 1, "on the pages it stands all the same"


def test_mail_is_in_the_language_of_its_reader(engine: Engine) -> None:
    clock = SteppedClock(NOW)
    site = published_site(engine, clock)
    reachable(site, language="es", hour_cycle=12)
    clock.advance(601)
    write_due_mails(engine, SENDER, clock=clock)
    box = Box()
    send_due_mails(engine, SENDER, box, clock=clock)
    assert box.mails[0]["Subject"] == "Tus turnos del lun, 4 ene al dom, 10 ene están publicados"


def test_a_refusal_that_passes_is_tried_again_later_under_the_same_id(engine: Engine) -> None:
    clock = SteppedClock(NOW)
    site = published_site(engine, clock)
    reachable(site)
    clock.advance(601)
    write_due_mails(engine, SENDER, clock=clock)
    seen: list[str] = []

    class Lost(Box):
        def hand_over(self, mail: EmailMessage) -> None:
            seen.append(mail["Message-ID"])
            super().hand_over(mail)

    box = Lost(DeliveryError("busy", is_final=False), DeliveryError("busy", is_final=False))
    assert send_due_mails(engine, SENDER, box, clock=clock) == 0
    assert send_due_mails(engine, SENDER, box, clock=clock) == 0, "not before its time"
    clock.advance(wait_after(1).total_seconds())
    assert send_due_mails(engine, SENDER, box, clock=clock) == 0
    clock.advance(wait_after(2).total_seconds())
    assert send_due_mails(engine, SENDER, box, clock=clock) == 1
    assert len(seen) == 3
    assert len(set(seen)) == 1
    clock.advance(86400)
    assert send_due_mails(engine, SENDER, box, clock=clock) == 0


def test_what_is_refused_for_good_or_too_often_is_given_up_and_says_why(engine: Engine) -> None:
    clock = SteppedClock(NOW)
    site = published_site(engine, clock)
    reachable(site, "A0001")
    reachable(site, "A0002")
    clock.advance(601)
    write_due_mails(engine, SENDER, clock=clock)
    busy = [DeliveryError("busy", is_final=False)] * MOST_ATTEMPTS
    box = Box(DeliveryError("no such address", is_final=True), *busy)
    for _ in range(MOST_ATTEMPTS + 2):
        send_due_mails(engine, SENDER, box, clock=clock)
        clock.advance(5 * 3600)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT attempts, fault, next_attempt_at, sent_at FROM mail ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [(1, "no such address", None, None), (MOST_ATTEMPTS, "busy", None, None)]
    assert box.mails == []


def test_a_sender_that_died_leaves_a_mail_that_is_sent_again(engine: Engine) -> None:
    clock = SteppedClock(NOW)
    site = published_site(engine, clock)
    reachable(site)
    clock.advance(601)
    write_due_mails(engine, SENDER, clock=clock)

    class Dying(Box):
        def hand_over(self, mail: EmailMessage) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send_due_mails(engine, SENDER, Dying(), clock=clock)
    box = Box()
    assert send_due_mails(engine, SENDER, box, clock=clock) == 0, "it may still be on its way"
    clock.advance(301)
    assert send_due_mails(engine, SENDER, box, clock=clock) == 1


def test_without_a_mail_server_mails_are_files(engine: Engine, tmp_path: Path) -> None:
    clock = SteppedClock(NOW)
    site = published_site(engine, clock)
    reachable(site)
    clock.advance(601)
    settings = Settings(_env_file=None, instance_dir=tmp_path)  # type: ignore[call-arg]
    assert do_chore(mail_chore(settings), engine, clock)
    (path,) = (tmp_path / "mail").glob("*.eml")
    read = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert read["To"] == "a0001@example.org"
    assert read["From"] == "workforce@localhost"
    assert read["Auto-Submitted"] == "auto-generated"
    assert "Hello" in read.get_content()


def test_settings_say_which_mail_server() -> None:
    settings = Settings(
        _env_file=None, smtp_host="mail.example.org", smtp_port=465, smtp_security="tls", smtp_user="u",
        smtp_password=SecretStr("p"),
    )  # type: ignore[call-arg]  # fmt: skip
    assert delivery_of(settings) == SmtpDelivery("mail.example.org", 465, Security.TLS, "u", "p")


@pytest.mark.parametrize(
    ("error", "is_final"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b.c": (550, b"no")}), True),
        (smtplib.SMTPRecipientsRefused({"a@b.c": (451, b"later")}), False),
        (smtplib.SMTPDataError(552, b"too large"), True),
        (smtplib.SMTPAuthenticationError(535, b"wrong"), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
        (ConnectionRefusedError("nobody"), False),
    ],
)
def test_what_the_mail_server_says_decides_whether_to_try_again(
    monkeypatch: pytest.MonkeyPatch, error: Exception, is_final: bool
) -> None:
    class Server:
        def __init__(self, *_: object, **__: object) -> None: ...

        def __enter__(self) -> Server:
            return self

        def __exit__(self, *_: object) -> None: ...

        def send_message(self, _mail: EmailMessage) -> None:
            raise error

    monkeypatch.setattr(smtplib, "SMTP", Server)
    with pytest.raises(DeliveryError) as caught:
        SmtpDelivery("localhost", 25, Security.NONE).hand_over(EmailMessage())
    assert caught.value.is_final is is_final


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    blocked = tmp_path / "mail"
    blocked.write_text("a file stands here")
    mail = EmailMessage()
    mail["Message-ID"] = "<1@example.org>"
    with pytest.raises(DeliveryError) as caught:
        FolderDelivery(blocked).hand_over(mail)
    assert not caught.value.is_final


@pytest.mark.parametrize(
    "address",
    ["nobody", "a@b", "a b@example.org", "Asha <a@example.org>", "a@example.org\nBcc: x@y.z", "ä@example.org"],
)
def test_what_is_no_mail_address_is_refused(address: str) -> None:
    assert [one.column for one in preferences.preference_faults(Preference(mail_address=address))] == ["mail_address"]

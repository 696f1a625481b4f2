from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from services import notices, published_days
from services.languages import Speech
from services.notice_kinds import words_of
from storage import day_changes
from storage.addressees import associate
from tests.builders import MONDAY
from tests.conftest import SteppedClock
from tests.published import Site, published_site

FAR = datetime.combine(MONDAY, datetime.min.time(), UTC) - timedelta(days=10)


def told(site: Site) -> list[tuple[str, str]]:
    """Return kind and code of everything that was told, in its order."""
    query = "SELECT n.kind, a.code FROM notice n JOIN associate a ON a.id = n.associate_id ORDER BY n.id"
    with site.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def history(site: Site) -> list[tuple[str, date, str, str]]:
    query = (
        "SELECT a.code, c.day, c.before_kind::text, c.after_kind::text FROM day_change c "
        "JOIN associate a ON a.id = c.associate_id ORDER BY a.code, c.day"
    )
    with site.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_the_first_roster_is_told_to_each_once_and_changes_nothing(engine: Engine) -> None:
    site = published_site(engine, SteppedClock(FAR))
    found = told(site)
    assert len(found) == len(set(found)) == 20
    assert {kind for kind, _ in found} == {"roster_published_late"}
    assert history(site) == []


def test_a_second_roster_leaves_its_difference_in_the_history(engine: Engine) -> None:
    site = published_site(engine, SteppedClock(FAR), pattern_count=1)
    site.publish(shift=1, pattern_count=1)
    found = history(site)
    # Two days off moved by one day: one day of each week becomes work, and one becomes free.
    expected = {(before, after) for _, _, before, after in found}
    assert expected <= {("shift", "off"), ("off", "shift"), ("off", "leave"), ("leave", "off")}
    assert 20 <= len(found) <= 40
    changed = {code for code, *_ in found}
    assert {code for kind, code in told(site) if kind == "roster_changed_late"} == changed
    # The same roster once more changes nothing, and tells nobody of changes.
    before = len(told(site))
    site.publish(shift=1, pattern_count=1)
    assert history(site) == found
    assert len(told(site)) == before


def test_a_hand_made_change_is_recorded_and_told_with_its_reason(engine: Engine) -> None:
    site = published_site(engine, SteppedClock(FAR), pattern_count=1)
    with engine.begin() as connection:
        roster, who, day = connection.execute(
            text("SELECT roster_id, associate_id, day FROM assignment WHERE kind = 'shift' ORDER BY 2, 3 LIMIT 1")
        ).one()
        with published_days.changing(connection, roster, [(who, day)], by="asha", now=FAR, reason="You asked for it"):
            connection.execute(
                text(
                    "UPDATE assignment SET kind = 'off', shift_type_id = NULL, break_pattern_id = NULL, span_minutes = NULL, "
                    "place = NULL WHERE associate_id = :who AND day = :day"
                ),
                {"who": who, "day": day},
            )
    newest = notices.notices_of(engine, associate(who))[0]
    words = words_of(newest.kind, newest.parameters, Speech(zone_name="Asia/Kolkata"))
    assert words.title.endswith("changed: day off")
    assert "Reason: You asked for it" in words.body
    assert "06:00–15:00" in words.body or "–" in words.body
    assert [(before, after) for _, _, before, after in history(site)] == [("shift", "off")]
    with engine.connect() as connection:
        (one,) = day_changes.revisions_since(connection, who, FAR - timedelta(seconds=1))
        assert (one.day, one.recorded_by, one.reason, one.is_breaks_only) == (day, "asha", "You asked for it", False)
        assert day_changes.change_counts(connection, who, day, day) == {day: (1, FAR)}


def test_edits_of_one_roster_are_one_notice_while_it_is_unread(engine: Engine) -> None:
    published_site(engine, SteppedClock(FAR), pattern_count=1)
    with engine.connect() as connection:
        query = "SELECT roster_id, associate_id, day, shift_type_id, break_pattern_id, span_minutes, place FROM assignment "
        rows = connection.execute(text(query + "WHERE kind = 'shift' ORDER BY 2, 3")).all()
    roster, who = rows[0].roster_id, Counter(row.associate_id for row in rows).most_common(1)[0][0]
    rows = [row for row in rows if row.associate_id == who]

    def edit(number: int, minutes: int, *, off: bool = True, reason: str = "") -> list[tuple[str, str, str]]:
        """Give a day off, or the shift back; return title, words and minutes to the mail of the notices of changes."""
        row, now = rows[number], FAR + timedelta(minutes=minutes)
        shift = [None] * 4 if off else [row.shift_type_id, row.break_pattern_id, row.span_minutes, row.place]
        values = dict(zip("tpsl", shift, strict=True)) | {"kind": "off" if off else "shift", "who": who, "day": row.day}
        with engine.begin() as connection:
            with published_days.changing(connection, roster, [(who, row.day)], by="asha", now=now, reason=reason):
                connection.execute(
                    text(
                        "UPDATE assignment SET kind = CAST(:kind AS day_kind), shift_type_id = :t, break_pattern_id = :p, "
                        "span_minutes = :s, place = CAST(:l AS place) WHERE associate_id = :who AND day = :day"
                    ),
                    values,
                )
            due: dict[int, datetime | None] = dict(connection.execute(text("SELECT id, mail_due_at FROM notice")).all())
        said = Speech(zone_name="Asia/Kolkata")
        found = [one for one in notices.notices_of(engine, associate(who)) if one.kind != "roster_published_late"]
        words = [words_of(one.kind, one.parameters, said) for one in found]
        waits = [round((at - FAR) / timedelta(minutes=1)) if (at := due[one.id]) else "none" for one in found]
        return [(one.title, one.body, str(wait)) for one, wait in zip(words, waits, strict=True)]

    ((first, _, due),) = edit(0, 0, reason="one")
    assert first.endswith("changed: day off")
    assert due == "10"
    ((title, body, due),) = edit(1, 4, reason="two")
    assert title == "Published days of yours changed: 2"
    assert body.endswith("Reason: one; two")
    assert due == "10", "the mail waits no longer than it did"
    assert len(edit(2, 5)) == 1
    assert [one[0][-1] for one in edit(2, 6, off=False)] == ["2"], "a day that is again what it was is left out"
    ((again, _, _),) = edit(1, 7, off=False)
    assert again == first
    assert edit(0, 8, off=False) == [], "nothing was mailed, and all is as it was"
    edit(0, 9)
    notices.mark_read(engine, associate(who), 10**9, clock=SteppedClock(FAR))
    assert len(edit(0, 10, off=False)) == 2, "what was read stays"


def test_a_draft_and_a_day_that_stays_leave_nothing_behind(engine: Engine) -> None:
    site = published_site(engine, SteppedClock(FAR))
    before = told(site)
    with engine.begin() as connection:
        roster, who, day = connection.execute(text("SELECT roster_id, associate_id, day FROM assignment LIMIT 1")).one()
        with published_days.changing(connection, roster, [(who, day)], by="asha", now=FAR):
            pass
    assert told(site) == before
    assert history(site) == []


@pytest.mark.parametrize(("hours", "minutes_to_mail"), [(30, 10), (20, 0)])
def test_a_change_near_its_shift_is_mailed_at_once(engine: Engine, hours: int, minutes_to_mail: int) -> None:
    site = published_site(engine, SteppedClock(FAR), pattern_count=1)
    with engine.begin() as connection:
        who, day, wall = connection.execute(
            text(
                "SELECT associate_id, day, s.starts_at FROM assignment JOIN shift_type s ON s.id = shift_type_id "
                "WHERE kind = 'shift' ORDER BY 2, 1 LIMIT 1"
            )
        ).one()
        start = datetime.combine(day, wall, tzinfo=Speech(zone_name="Asia/Kolkata").zone)
        now = start - timedelta(hours=hours)
        notices.tell(connection, [who], "shift_changed", {"day": day.isoformat(), "before": {"kind": "off"},
                     "after": {"kind": "off"}, "reason": ""}, now=now, concerns_at=start)  # fmt: skip
        due = connection.execute(text("SELECT mail_due_at FROM notice ORDER BY id DESC LIMIT 1")).scalar_one()
    assert due == now + timedelta(minutes=minutes_to_mail)
    assert site.site_id


def test_what_could_not_be_put_into_words_is_refused_at_once(engine: Engine) -> None:
    with engine.begin() as connection:
        with pytest.raises(ValueError, match="no kind of notice 'gossip'"):
            notices.tell(connection, [1], "gossip", {}, now=FAR)
        with pytest.raises(ValueError, match="needs after, before, reason"):
            notices.tell(connection, [1], "shift_changed", {"day": "2027-01-04"}, now=FAR)


def test_notices_are_read_up_to_what_was_seen(engine: Engine) -> None:
    clock = SteppedClock(FAR)
    site = published_site(engine, clock)
    who = site.associate_id("A0001")
    with engine.begin() as connection:
        notices.tell(connection, [who], "wish_decided", {"day": "2027-01-04", "decision": "approved", "reason": ""}, now=FAR)
    newest, older = notices.notices_of(engine, associate(who))
    assert notices.unread_count(engine, associate(who)) == 2
    assert notices.mark_read(engine, associate(who), older.id, clock=clock) == 1
    assert [one.read_at is None for one in notices.notices_of(engine, associate(who))] == [True, False]
    assert notices.notices_of(engine, associate(who), before_id=newest.id) == (notices.notices_of(engine, associate(who))[1],)
    assert notices.unread_count(engine, associate(site.associate_id("A0002"))) == 1

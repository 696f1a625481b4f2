"""Jobs from other programs of the same machine, and from files."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from scheduling.errors import BadInputError
from scheduling.jobs import MediaKind, NewJob, TaskState
from services.job_faults import fault_of_address
from services.jobs import cancel_job, count_tasks, import_csv, send_jobs
from services.work import next_work
from tests.conftest import SteppedClock
from tests.floor.floor_site import ANSWER, BACKLOG, LIVE, SLA_SECONDS, FloorSite, make_floor, new_jobs
from tests.floor.test_work_claims import together
from tests.web.served import make_app

HEADER = "reference,queue,media_kind,media_url,media_text,priority,due_at,known_answer,answers_wanted\n"


@pytest.fixture
def floor(engine: Engine, clock: SteppedClock) -> FloorSite:
    return make_floor(engine, clock)


def test_deadline_and_rank_follow_sla_priority_and_an_own_deadline(floor: FloorSite, clock: SteppedClock) -> None:
    now, own = clock.now(), clock.now() + timedelta(hours=3)
    floor.send(LIVE)
    floor.send(LIVE, priority=2)
    floor.send(LIVE, due_at=own)
    sla = timedelta(seconds=SLA_SECONDS[LIVE])
    rows = floor.rows(
        "SELECT t.arrived_at, t.due_at, t.rank_at, j.due_at FROM task t JOIN job j ON j.id = t.job_id ORDER BY t.id"
    )
    assert [tuple(row) for row in rows] == [
        (now, now + sla, now + sla, now + sla),
        (now, now + sla, now - sla, now + sla),
        (now, own, own, own),
    ]


def test_jobs_of_one_batch_are_worked_in_the_order_in_which_they_were_sent(floor: FloorSite, clock: SteppedClock) -> None:
    sent = floor.send(LIVE, 8)
    taken = []
    for person in floor.associate_ids:
        found = next_work(floor.engine, person, clock=clock)
        taken += [task.job_id for task in (found.open, found.ahead) if task]
    assert taken == list(sent.ids)


def test_a_known_job_is_known_also_after_its_deadline(floor: FloorSite, clock: SteppedClock) -> None:
    jobs = new_jobs(LIVE, 2, due_at=clock.now() + timedelta(minutes=5))
    first = send_jobs(floor.engine, floor.site_id, jobs, by="test", clock=clock)
    clock.advance(3600)
    again = send_jobs(floor.engine, floor.site_id, jobs, by="test", clock=clock)
    assert (again.new, again.known, again.ids) == (0, 2, first.ids)


def test_the_same_batch_at_once_is_taken_once_in_whatever_order(floor: FloorSite, clock: SteppedClock) -> None:
    for _ in range(4):
        jobs = [*new_jobs(LIVE, 60), *new_jobs(BACKLOG, 60)]
        send: list[Callable[[], object]] = [
            lambda order=order: send_jobs(floor.engine, floor.site_id, order, by="test", clock=clock)  # type: ignore[misc]
            for order in (jobs, jobs[::-1], jobs)
        ]
        outcomes = together(*send)
        assert sorted(getattr(one, "new", one) for one in outcomes) == [0, 0, 120], outcomes  # type: ignore[type-var]
    assert count_tasks(floor.engine, floor.site_id)[TaskState.WAITING] == 480


def test_of_two_jobs_with_one_reference_sent_at_once_the_other_is_a_fault(floor: FloorSite, clock: SteppedClock) -> None:
    one = new_jobs(LIVE, 1)
    other = [replace(one[0], priority=4)]
    outcomes = together(
        lambda: send_jobs(floor.engine, floor.site_id, one, by="test", clock=clock),
        lambda: send_jobs(floor.engine, floor.site_id, other, by="test", clock=clock),
    )
    assert sorted(isinstance(each, BadInputError) for each in outcomes) == [False, True]
    assert floor.counts() == {TaskState.WAITING: 1}


def test_a_cancelled_lease_is_no_longer_in_hand(floor: FloorSite, clock: SteppedClock) -> None:
    jobs = new_jobs(LIVE, 1)
    send_jobs(floor.engine, floor.site_id, jobs, by="test", clock=clock)
    next_work(floor.engine, floor.associate_ids[0], clock=clock)
    cancel_job(floor.engine, floor.site_id, jobs[0].reference, by="test", clock=clock)
    assert floor.counts() == {TaskState.CANCELLED: 1}
    assert next_work(floor.engine, floor.associate_ids[0], clock=clock).open is None


@pytest.mark.parametrize(
    "address",
    [
        "https://media.example/1.mp4?x=1#t=2",
        "http://10.0.0.1:8080/a",
        "/media/sample/7.svg",
        "/static/a.png",
        "https://ä.example/ü",
    ],
)
def test_addresses_that_a_page_may_load(address: str) -> None:
    assert fault_of_address(address) == ""


@pytest.mark.parametrize(
    "address",
    [
        "", "ftp://media.example/1", "javascript:alert(1)", "data:image/png;base64,AA", "//media.example/1", "/accounts",
        "/media/../accounts", "https://", "https://user:word@media.example/1", "https://media.example/a b", "https://[::1",
        "https:\\\\media.example", "x" * 2001, "https://media.example/\n",
    ],
)  # fmt: skip
def test_addresses_that_a_page_may_not_load(address: str) -> None:
    assert fault_of_address(address)


def test_media_must_be_of_their_kind(floor: FloorSite, clock: SteppedClock) -> None:
    jobs = [
        NewJob("1", LIVE, MediaKind.TEXT, media_url="https://media.example/1"),
        NewJob("2", LIVE, MediaKind.IMAGE, media_text="words"),
        NewJob("3", LIVE, MediaKind.TEXT, media_text="words"),
    ]
    with pytest.raises(BadInputError) as error:
        send_jobs(floor.engine, floor.site_id, jobs, by="test", clock=clock)
    places = [(fault.row, fault.column) for fault in error.value.faults]
    assert places == [(0, "media_url"), (0, "media_text"), (1, "media_text"), (1, "media_url")]


def test_a_thousand_jobs_are_soon_taken(floor: FloorSite) -> None:
    floor.send(LIVE, 1000)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        floor.send(BACKLOG, 1000)
        times.append(time.perf_counter() - began)
    # Measured 42 ms on two cores; a machine that runs tests may be busy.
    assert min(times) < 0.5


def test_a_file_is_taken_whole(floor: FloorSite, clock: SteppedClock, tmp_path: Path) -> None:
    path = tmp_path / "backlog.csv"
    due = (clock.now() + timedelta(hours=2, seconds=7)).isoformat()
    path.write_text(
        HEADER + "A1,backlog,video,https://media.example/1.mp4,,3,,,\n"
        f'A2,live,text,,"Where is it, please?",,{due},"{{""verdict"": ""ok""}}",2\n',
        encoding="utf-8",
    )
    sent = import_csv(floor.engine, floor.site_id, path, by="asha", clock=clock)
    assert (sent.new, sent.known) == (2, 0)
    assert floor.rows("SELECT reference, media_text, priority, known_answer, answers_wanted FROM job ORDER BY id") == [
        ("A1", "", 3, None, 1),
        ("A2", "Where is it, please?", 0, ANSWER, 2),
    ]
    assert floor.rows("SELECT due_at FROM job WHERE reference = 'A2'")[0][0].isoformat() == due
    again = import_csv(floor.engine, floor.site_id, path, by="asha", clock=clock)
    assert (again.new, again.known) == (0, 2)
    assert floor.rows("SELECT file_name, jobs, known_jobs, uploaded_by FROM upload ORDER BY id") == [
        ("backlog.csv", 2, 0, "asha"),
        ("backlog.csv", 0, 2, "asha"),
    ]


def test_a_file_with_faults_is_refused_with_rows_and_columns(floor: FloorSite, clock: SteppedClock, tmp_path: Path) -> None:
    path = tmp_path / "backlog.csv"
    path.write_text(
        HEADER
        + "A1,backlog,video,https://media.example/1.mp4,,,,,\n"
        + "A2,nowhere,video,https://media.example/1.mp4,,,,,\n"
        + "A3,live,sound,x,,12,tomorrow,{,3\n"
        + "A1,live,video,/accounts,,,,,\n",
        encoding="utf-8",
    )
    with pytest.raises(BadInputError) as error:
        import_csv(floor.engine, floor.site_id, path, by="asha", clock=clock)
    places = sorted((fault.row or 0, fault.column) for fault in error.value.faults)
    assert {fault.file for fault in error.value.faults} == {"backlog.csv"}
    assert places == [
        (3, "queue"),
        (4, "answers_wanted"),
        (4, "due_at"),
        (4, "known_answer"),
        (4, "media_kind"),
        (4, "priority"),
        (5, "media_url"),
        (5, "reference"),
    ]
    assert floor.counts() == {}
    assert not floor.rows("SELECT FROM upload")


def test_the_command_takes_a_file_and_tells_what_is_new(floor: FloorSite, clock: SteppedClock, tmp_path: Path) -> None:
    app: Flask = make_app(floor.engine, clock)
    path = tmp_path / "backlog.csv"
    rows = "".join(f"B{number},backlog,image,/media/{number}.png,,,,,\n" for number in range(6000))
    path.write_text(HEADER + rows, encoding="utf-8")
    done = app.test_cli_runner().invoke(args=["floor", "import", str(path)])
    assert done.exit_code == 0, done.output
    assert done.output == "6,000 new jobs, 0 known already: site PNQ1\n"
    assert floor.counts() == {TaskState.WAITING: 6000}
    missing = app.test_cli_runner().invoke(args=["floor", "import", str(tmp_path / "none.csv")])
    assert missing.exit_code != 0

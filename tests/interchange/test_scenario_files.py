"""Scenario folders: what is written is read back, and spoiled files are refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interchange import read_scenario, read_volumes, write_scenario
from sample import build_sample, plain_requirement
from scheduling.errors import BadInputError
from scheduling.people import Associate, Leave, Lock, PastDay, Request, WorkMode
from scheduling.planning_input import PlanningInput
from scheduling.rules import Office, RuleSettings, Timing
from scheduling.scenario import Requirement
from scheduling.shifts import DEFAULT_BREAK_POLICY, ShiftType
from scheduling.times import WEEKDAYS, Horizon
from tests.interchange.small_folder import FILES, SETTINGS, WORK, change, faults_of, lay


def same(one: PlanningInput, other: PlanningInput) -> None:
    """Compare two inputs field by field, arrays and frames by their values."""
    for field in dataclasses.fields(PlanningInput):
        left, right = getattr(one, field.name), getattr(other, field.name)
        if field.name == "requirement" and left is not None:
            assert left.skills == right.skills
            np.testing.assert_array_equal(left.heads, right.heads)
        elif field.name == "volumes" and left is not None:
            pd.testing.assert_frame_equal(left, right)
        else:
            assert left == right, field.name


def test_small_folder_is_read(tmp_path: Path) -> None:
    read = read_scenario(lay(tmp_path / "s"))
    scenario = read.scenario()
    assert [one.name for one in read.associates] == ["Iyer, Asha", "अनन्या शर्मा"]
    assert read.associates[0].skills == {"stow", "text"}
    assert read.associates[1].timing is None
    assert read.break_policy == DEFAULT_BREAK_POLICY
    assert read.rules == RuleSettings()
    assert scenario.requirement.heads.sum() == 2.5
    assert scenario.requirement.heads[24].tolist() == [1.5, 1.0]
    assert scenario.holidays == {date(2027, 1, 26)}


def test_volumes_stand_in_for_the_requirement(tmp_path: Path) -> None:
    read = read_scenario(lay(tmp_path / "s", {"requirement.csv": None, **WORK}))
    assert read.requirement is None
    assert read.volumes is not None
    assert read.volumes["jobs"].tolist() == [40.0, 0.0]
    assert str(read.volumes["starts_at"].dt.tz) == "Asia/Kolkata"
    assert [queue.name for queue in read.queues] == ["in", "tx"]
    with pytest.raises(ValueError, match="needs a requirement"):
        read.scenario()


def test_marks_of_other_editors_do_no_harm(tmp_path: Path) -> None:
    plain = read_scenario(lay(tmp_path / "plain"))
    changed: dict[str, str | bytes | None] = {
        name: b"\xef\xbb\xbf" + (text.replace("\n", "\r\n") + "\r\n   \r\n\r\n").encode() for name, text in FILES.items()
    }
    same(plain, read_scenario(lay(tmp_path / "changed", changed)))


def test_columns_may_stand_in_any_order_with_others_between(tmp_path: Path) -> None:
    text = "heads,note,skill,starts_at\n2,hello,stow,2027-01-04T00:30:00Z\n"
    read = read_scenario(
        lay(tmp_path / "s", {"requirement.csv": text, "associates.csv": FILES["associates.csv"].replace(";text", "")})
    )
    assert read.requirement is not None
    assert read.requirement.heads[24, 0] == 2


def test_requirement_outside_the_horizon_is_left_out(tmp_path: Path) -> None:
    text = FILES["requirement.csv"] + "2027-01-03T23:45:00+05:30,stow,9\n2027-01-11T00:00:00+05:30,stow,9\n"
    read = read_scenario(lay(tmp_path / "s", {"requirement.csv": text}))
    assert read.requirement is not None
    assert read.requirement.heads.sum() == 2.5


@pytest.mark.parametrize(
    ("local", "interval"),
    [
        ("2027-03-28T01:45:00+01:00", 7 + 6 * 96),
        ("2027-03-28T03:00:00+02:00", 8 + 6 * 96),
        ("2027-03-28T01:00:00+00:00", 8 + 6 * 96),
    ],
)
def test_spring_night_has_no_gap(tmp_path: Path, local: str, interval: int) -> None:
    changes: dict[str, str | bytes | None] = {
        "scenario.toml": SETTINGS.replace("Asia/Kolkata", "Europe/Berlin").replace("2027-01-04", "2027-03-22"),
        "requirement.csv": f"starts_at,skill,heads\n{local},stow,3\n{local},text,0\n",
        "locks.csv": None,
    }
    read = read_scenario(lay(tmp_path / "s", changes))
    assert read.requirement is not None
    assert np.argwhere(read.requirement.heads).tolist() == [[interval, 0]]
    assert len(read.requirement.heads) == 7 * 96 - 4


def test_autumn_hour_that_comes_twice_is_told_by_its_offset(tmp_path: Path) -> None:
    times = ("2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00")
    changes: dict[str, str | bytes | None] = {
        "scenario.toml": SETTINGS.replace("Asia/Kolkata", "Europe/Berlin").replace("2027-01-04", "2027-10-25"),
        "associates.csv": FILES["associates.csv"].replace("2026-10-01,2027-03-31", "2027-06-01,2027-12-31"),
        "requirement.csv": "starts_at,skill,heads\n" + "".join(f"{at},stow,3\n" for at in times) + f"{times[0]},text,0\n",
        "locks.csv": None,
    }
    read = read_scenario(lay(tmp_path / "s", changes))
    assert read.requirement is not None
    first = 6 * 96 + 10
    assert np.argwhere(read.requirement.heads).tolist() == [[first, 0], [first + 4, 0]]


def test_formula_like_name_is_plain_text(tmp_path: Path) -> None:
    read = read_scenario(lay(tmp_path / "s", change("associates.csv", '"Iyer, Asha"', "=HYPERLINK(1)")))
    assert read.associates[0].name == "=HYPERLINK(1)"


def test_writer_refuses_a_folder_of_something_else(tmp_path: Path) -> None:
    sample = build_sample(20, 1)
    target = tmp_path / "precious"
    target.mkdir()
    (target / "thesis.txt").write_text("years of work")
    with pytest.raises(BadInputError, match="holds something else"):
        write_scenario(target, sample)
    assert [path.name for path in target.iterdir()] == ["thesis.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_writer_replaces_an_earlier_scenario(tmp_path: Path) -> None:
    write_scenario(tmp_path / "s", build_sample(20, 1, seed=1))
    write_scenario(tmp_path / "s", build_sample(21, 1, seed=2))
    assert len(read_scenario(tmp_path / "s").associates) == 21
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


@pytest.mark.parametrize("with_requirement", [True, False])
def test_sample_round_trips(tmp_path: Path, with_requirement: bool) -> None:
    sample = build_sample(30, 2)
    if with_requirement:
        sample = dataclasses.replace(sample, requirement=plain_requirement(sample), volumes=None, queues=())
    write_scenario(tmp_path / "s", sample)
    same(sample, read_scenario(tmp_path / "s"))


TEXTS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)
CODES = TEXTS.filter(lambda text: ";" not in text and text not in {"off", "leave", "none"})


@st.composite
def inputs(draw: st.DrawFn) -> PlanningInput:
    """Draw a planning input as wild as the format allows."""
    horizon = Horizon(
        draw(st.sampled_from(["Asia/Kolkata", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"])),
        draw(st.dates(date(2020, 1, 1), date(2035, 1, 1))),
        draw(st.integers(1, 2)),
        draw(st.sampled_from([15, 30, 60])),
    )
    shifts = tuple(
        ShiftType(code, time(draw(st.integers(0, 23)), draw(st.sampled_from([0, 5, 30]))), draw(st.sampled_from([530, 540])))
        for code in draw(st.lists(CODES, min_size=1, max_size=3, unique=True))
    )
    skills = draw(st.lists(CODES, min_size=1, max_size=3, unique=True))
    days = st.dates(date(2019, 1, 1), date(2036, 1, 1))
    people, leave, requests, locks, history = [], [], [], [], []
    for code in draw(st.lists(TEXTS, min_size=1, max_size=4, unique=True)):
        first, last = sorted([draw(days), draw(days)])
        own = frozenset(draw(st.lists(st.sampled_from(skills), min_size=1, unique=True)))
        timing = draw(st.sampled_from([None, *(shift.code for shift in shifts)]))
        people.append(
            Associate(
                code, draw(TEXTS), draw(TEXTS), own, draw(st.sampled_from(WorkMode)), first, last, timing, draw(st.booleans())
            )
        )
        value = draw(st.sampled_from(["off", *(shift.code for shift in shifts)]))
        requests.append(Request(code, draw(days), value, draw(st.floats(0, 1e6))))
        history.append(PastDay(code, horizon.first_day - timedelta(days=draw(st.integers(1, 9))), value))
        lock_day = horizon.first_day + timedelta(days=draw(st.integers(0, 6)))
        if first <= lock_day <= last:
            locks.append(Lock(code, lock_day, value))
        else:
            leave.append(Leave(code, lock_day, lock_day + timedelta(days=3)))
    heads = np.zeros((horizon.interval_count, len(skills)))
    heads[draw(st.integers(0, len(heads) - 1)), 0] = draw(st.floats(0, 1e6))
    rules = dataclasses.replace(
        RuleSettings(),
        rest_minutes=draw(st.integers(0, 2000)),
        timing=draw(st.sampled_from(Timing)),
        night_consent_required=draw(st.booleans()),
        week_starts_on=draw(st.sampled_from(WEEKDAYS)),
    )
    return PlanningInput(
        horizon,
        tuple(people),
        shifts,
        dataclasses.replace(DEFAULT_BREAK_POLICY, productive_minutes=(410, 420), not_after_minutes=0),
        rules,
        draw(st.sampled_from([None, Office(12, 2), Office(0, 0)])),
        tuple(leave),
        tuple(requests),
        tuple(locks),
        tuple(history),
        {draw(days): draw(TEXTS)},
        Requirement(tuple(skills), heads),
    )


@settings(max_examples=40, deadline=None)
@given(inputs())
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, given_input: PlanningInput) -> None:
    folder = tmp_path_factory.mktemp("round") / "s"
    write_scenario(folder, given_input)
    same(given_input, read_scenario(folder))


def _flip(data: bytes, where: int, sign: int) -> bytes:
    place = where % len(data)
    return data[:place] + bytes([sign]) + data[place + 1 :]


def _cut(data: bytes, where: int, sign: int) -> bytes:
    place = where % len(data)
    return data[:place] + data[place + sign :]


def _insert(data: bytes, where: int, sign: int) -> bytes:
    place = where % len(data)
    return data[:place] + bytes([sign]) * (1 + where % 40) + data[place:]


def _swap(data: bytes, where: int, sign: int) -> bytes:
    lines = data.split(b"\n")
    lines[where % len(lines)] = lines[sign % len(lines)]
    return b"\n".join(lines)


@settings(max_examples=50, deadline=None)
@given(
    name=st.sampled_from([*FILES, *WORK]),
    spoil=st.lists(
        st.tuples(st.sampled_from([_flip, _cut, _insert, _swap]), st.integers(0, 10**6), st.integers(0, 255)), max_size=6
    ),
)
def test_spoiled_file_is_read_or_refused_and_never_more(
    tmp_path_factory: pytest.TempPathFactory, name: str, spoil: list[tuple[Callable[[bytes, int, int], bytes], int, int]]
) -> None:
    folder = lay(tmp_path_factory.mktemp("fuzz") / "s", dict(WORK))
    data = (folder / name).read_bytes()
    for how, where, sign in spoil:
        data = how(data or b"x", where, sign)
    (folder / name).write_bytes(data)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    message = ""
    try:
        read_scenario(folder).scenario()
    except BadInputError as error:
        message = str(error)
    assert len(message) < 100_000
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from([*FILES, *WORK]), st.binary(max_size=200), max_size=3))
def test_noise_is_refused(tmp_path_factory: pytest.TempPathFactory, noise: dict[str, bytes]) -> None:
    folder = lay(tmp_path_factory.mktemp("noise") / "s", dict(WORK))
    for name, data in noise.items():
        (folder / name).write_bytes(data)
    if any(name in {"scenario.toml", "associates.csv", "shift_types.csv"} for name in noise):
        assert faults_of(folder)


def test_volumes_alone_are_read_in_utc(tmp_path: Path) -> None:
    path = tmp_path / "volumes.csv"
    path.write_text(WORK["volumes.csv"])
    assert str(read_volumes(path)["starts_at"].dt.tz) == "UTC"

"""A small scenario folder that tests change."""

from __future__ import annotations

from pathlib import Path

import pytest

from interchange import read_scenario
from scheduling.errors import BadInputError, Fault

SETTINGS = """\
timezone = "Asia/Kolkata"
start = 2027-01-04
weeks = 1
interval_minutes = 15
"""
FILES = {
    "scenario.toml": SETTINGS,
    "associates.csv": "code,name,team,skills,work_mode,contract_start,contract_end,timing\n"
    'A1,"Iyer, Asha",T1,stow;text,office,2026-10-01,2027-03-31,M\n'
    "A2,अनन्या शर्मा,T1,stow,home,2026-10-01,2027-03-31,\n",
    "shift_types.csv": "code,start,span_minutes\nM,06:00,540\nN,22:00,540\n",
    "requirement.csv": "starts_at,skill,heads\n2027-01-04T06:00:00+05:30,stow,1.5\n2027-01-04T06:00:00+05:30,text,1\n",
    "leave.csv": "associate,first_day,last_day\nA1,2027-01-06,2027-01-07\n",
    "requests.csv": "associate,date,want,weight\nA2,2027-01-08,off,2\n",
    "locks.csv": "associate,date,value\nA1,2027-01-05,M\n",
    "history.csv": "associate,date,value\nA1,2027-01-03,off\n",
    "holidays.csv": "date,name\n2027-01-26,Republic Day\n",
}
WORK = {
    "queues.csv": "queue,skill,kind,sla_seconds,max_occupancy\nin,stow,realtime,300,0.85\ntx,text,backlog,86400,0.9\n",
    "volumes.csv": "starts_at,queue,jobs,aht_seconds\n2026-12-28T06:00:00+05:30,in,40,28.5\n2026-12-28T06:00:00+05:30,tx,0,\n",
}


def lay(folder: Path, changes: dict[str, str | bytes | None] | None = None) -> Path:
    """Write the small folder above with some files changed or, with ``None``, left out."""
    folder.mkdir(exist_ok=True)
    for name, content in {**FILES, **(changes or {})}.items():
        if content is not None:
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def faults_of(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(BadInputError) as caught:
        read_scenario(folder)
    return caught.value.faults


def change(name: str, old: str, new: str) -> dict[str, str | bytes | None]:
    source = {**FILES, **WORK}[name]
    assert old in source
    return {name: source.replace(old, new, 1)}


def added(name: str, line: str) -> dict[str, str | bytes | None]:
    return {name: {**FILES, **WORK}[name] + line + "\n"}

"""Reads a scenario folder, every fault at once."""

from __future__ import annotations

import os
from collections.abc import Collection, Set
from dataclasses import replace
from pathlib import Path

import pandas as pd

from interchange.facts import (
    Register,
    check_policy,
    read_associates,
    read_history,
    read_holidays,
    read_leave,
    read_locks,
    read_requests,
    read_shift_types,
)
from interchange.faults import FaultList
from interchange.settings import FILE as SETTINGS_FILE
from interchange.settings import Settings, read_settings
from interchange.terms import read_terms
from interchange.work import read_queues, read_requirement, volumes_from
from scheduling.planning_input import PlanningInput
from scheduling.queues import Queue
from scheduling.rules import RuleSettings
from scheduling.scenario import Requirement
from scheduling.shifts import DEFAULT_BREAK_POLICY
from scheduling.times import Horizon


class _Work:
    """What a folder says about work: a requirement, or volumes with their queues, or all three."""

    def __init__(self, folder: Path, horizon: Horizon | None, faults: FaultList) -> None:
        self.requirement: Requirement | None = None
        self.volumes: pd.DataFrame | None = None
        self.queues: tuple[Queue, ...] = ()
        self.skills: Set[str] | None = None
        has = {name for name in ("requirement.csv", "volumes.csv", "queues.csv") if (folder / name).exists()}
        if not has:
            reason = "The file is missing; add it, or volumes.csv with queues.csv."
            faults.add("requirement.csv", None, "", "", reason)
            return
        skills: set[str] = set()
        if "requirement.csv" in has:
            self.requirement, named = read_requirement(folder / "requirement.csv", horizon, faults)
            skills.update(named)
        if "requirement.csv" not in has or "queues.csv" in has:
            self.queues, names = read_queues(folder / "queues.csv", faults)
            skills.update(queue.skill for queue in self.queues)
            if "requirement.csv" not in has or "volumes.csv" in has:
                self.volumes = volumes_from(folder / "volumes.csv", names, horizon, faults)
        damaged = any(faults.count(name) for name in ("requirement.csv", "queues.csv"))
        # A skill may be missing only because the row that names it has a fault; that row is to be mended first.
        self.skills = None if damaged else skills


class _Days:
    """What the optional files say of single days; a file that is absent says nothing."""

    def __init__(self, folder: Path, register: Register, horizon: Horizon | None, faults: FaultList) -> None:
        def has(name: str) -> bool:
            return (folder / name).exists()

        self.leave = read_leave(folder / "leave.csv", register, faults) if has("leave.csv") else ()
        self.requests = read_requests(folder / "requests.csv", register, faults) if has("requests.csv") else ()
        self.locks = read_locks(folder / "locks.csv", register, self.leave, horizon, faults) if has("locks.csv") else ()
        self.history = read_history(folder / "history.csv", register, horizon, faults) if has("history.csv") else ()
        self.holidays = read_holidays(folder / "holidays.csv", faults) if has("holidays.csv") else {}


def read_scenario(folder: Path) -> PlanningInput:
    """Read a scenario folder.

    Returns
    -------
    The parts of a scenario. Where requirement.csv is absent, `requirement` is ``None`` and `volumes` and `queues` are there.

    Raises
    ------
    BadInputError
        With every fault of every file as file, row, column, value, reason.
    """
    faults = FaultList()
    if not folder.is_dir():
        faults.add(folder.name or str(folder), None, "", "", "The scenario folder does not exist; give the path of a folder.")
    elif not os.access(folder, os.R_OK | os.X_OK):
        faults.add(folder.name or str(folder), None, "", "", "The scenario folder may not be read; ask for the right to do so.")
    faults.raise_if_any()
    settings = read_settings(folder / SETTINGS_FILE, faults) or Settings(None, DEFAULT_BREAK_POLICY, RuleSettings(), None)
    horizon, policy = settings.horizon, settings.break_policy
    register = Register()
    read_shift_types(folder / "shift_types.csv", policy, register, faults)
    check_policy(policy, register.shifts.values(), SETTINGS_FILE, faults)
    work = _Work(folder, horizon, faults)
    read_associates(folder / "associates.csv", work.skills, register, faults)

    has_terms = (folder / "terms.csv").exists()
    terms = read_terms(folder / "terms.csv", register, faults) if has_terms else {}
    days = _Days(folder, register, horizon, faults)
    faults.raise_if_any()
    if horizon is None:
        raise AssertionError("A horizon is absent only with a fault.")
    return PlanningInput(
        horizon=horizon,
        associates=tuple(replace(one, terms=terms.get(one.code)) for one in register.associates.values()),
        shift_types=tuple(register.shifts.values()),
        break_policy=policy,
        rules=settings.rules,
        office=settings.office,
        leave=days.leave,
        requests=days.requests,
        locks=days.locks,
        history=days.history,
        holidays=days.holidays,
        requirement=work.requirement,
        volumes=work.volumes,
        queues=work.queues,
    )


def read_volumes(path: Path, horizon: Horizon | None = None, queues: Collection[str] | None = None) -> pd.DataFrame:
    """Read volumes from a CSV or XLSX file.

    Parameters
    ----------
    horizon
        Gives the zone in which the times are returned and the grid on which they must lie; without it they are in UTC.
    queues
        Names of queues that are allowed, all without it.

    Returns
    -------
    Columns ``starts_at`` (aware), ``queue``, ``jobs``, ``aht_seconds``, in the order of the file.

    Raises
    ------
    BadInputError
        With every fault.
    """
    faults = FaultList()
    volumes = volumes_from(path, queues, horizon, faults)
    faults.raise_if_any()
    return volumes

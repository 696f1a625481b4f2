"""Associates: names, teams, skills, timings, contracts."""

from __future__ import annotations

import calendar
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

import numpy as np

from sample.facts import QUEUES, SHIFT_TYPES, SKILL_SETS, TEAM_NAMES, TEAM_SIZE, WORK_MODES
from sample.names import draw_names
from sample.timings import fit_timings, share_groups, supply_profiles
from sample.volumes import slot_profile
from scheduling.people import Associate, WorkMode
from scheduling.shifts import DEFAULT_BREAK_POLICY

T = TypeVar("T")

START_INSIDE_SHARE = 0.06
END_INSIDE_SHARE = 0.07
NO_NIGHTS_SHARE = 0.05
CONTRACT_MONTHS = 6


def quotas(shares: tuple[tuple[T, float], ...], count: int) -> list[T]:
    """Return `count` values in the given shares, by largest remainder, in the order of the shares."""
    exact = np.array([share for _, share in shares]) * count
    whole = np.floor(exact).astype(int)
    for index in np.argsort(whole - exact, kind="stable")[: count - int(whole.sum())]:
        whole[index] += 1
    return [value for (value, _), times in zip(shares, whole.tolist(), strict=True) for _ in range(times)]


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _contract(kind: str, start: date, days: int, rng: np.random.Generator) -> tuple[date, date]:
    """Return first and last day of a six-month contract that starts inside the horizon, ends inside it, or spans it."""
    if kind == "starts":
        first = start + timedelta(days=int(rng.integers(1, max(2, days - 6))))
    elif kind == "ends":
        last = start + timedelta(days=int(rng.integers(min(6, days - 2), days - 1)))
        first = _months_later(last + timedelta(days=1), -CONTRACT_MONTHS)
        while _months_later(first, CONTRACT_MONTHS) - timedelta(days=1) >= start + timedelta(days=days - 1):
            first -= timedelta(days=1)
    else:
        # Six months have at least 181 days, so such a contract still runs on the last day of a horizon of up to 17 weeks.
        first = start - timedelta(days=int(rng.integers(8, 180 - days)))
    return first, _months_later(first, CONTRACT_MONTHS) - timedelta(days=1)


def _with_timings(associates: list[Associate], rng: np.random.Generator) -> list[Associate]:
    """Return the associates with timings fitted, group of equal skills by group, to the demand that the group serves."""
    allowed = np.array([[facts.queue.skill in skills for facts in QUEUES] for skills, _ in SKILL_SETS])
    groups: list[list[int]] = [[i for i, one in enumerate(associates) if one.skills == skills] for skills, _ in SKILL_SETS]
    capacity = np.maximum(1e-6, np.array([len(group) for group in groups], dtype=np.float64))
    demand = np.array([facts.share for facts in QUEUES])
    served = share_groups(capacity, demand, allowed) * demand
    profiles = supply_profiles(SHIFT_TYPES, DEFAULT_BREAK_POLICY)
    curves = np.stack([slot_profile(facts) for facts in QUEUES])
    result = list(associates)
    for group, weights in zip(groups, served, strict=True):
        if not group:
            continue
        counts = fit_timings(weights @ curves, profiles, len(group))
        codes = [shift.code for shift, times in zip(SHIFT_TYPES, counts.tolist(), strict=True) for _ in range(times)]
        for index, code in zip(rng.permutation(group).tolist(), codes, strict=True):
            result[index] = replace(result[index], timing=code)
    return result


def _with_teams(associates: list[Associate]) -> list[Associate]:
    """Return the associates in teams of equal size; a team shares a timing as far as the numbers allow."""
    order = sorted(range(len(associates)), key=lambda index: (associates[index].timing or "", index))
    teams = max(2, round(len(associates) / TEAM_SIZE))
    result = list(associates)
    for position, index in enumerate(order):
        lap, place = divmod(position * teams // len(order), len(TEAM_NAMES))
        result[index] = replace(associates[index], team=TEAM_NAMES[place] + (f" {lap + 1}" if lap else ""))
    return result


def draw_associates(count: int, start: date, days: int, rng: np.random.Generator) -> tuple[Associate, ...]:
    """Return `count` associates whose contract touches the horizon; those who join inside it have no timing yet."""
    names = draw_names(count, rng)
    inside = (START_INSIDE_SHARE, END_INSIDE_SHARE)
    kinds = quotas((("starts", inside[0]), ("ends", inside[1]), ("spans", 1 - sum(inside))), count)
    modes = quotas(WORK_MODES, count)
    skills = quotas(SKILL_SETS, count)
    columns = [[values[index] for index in rng.permutation(count)] for values in (kinds, modes, skills)]
    width = max(4, len(str(count)))
    associates = []
    for index, (kind, mode, skill_set) in enumerate(zip(*columns, strict=True)):
        first, last = _contract(str(kind), start, days, rng)
        code = f"A{index + 1:0{width}d}"
        associates.append(Associate(code, names[index], "", frozenset(skill_set), WorkMode(mode), first, last))
    fitted = _with_teams(_with_timings(associates, rng))
    night = {shift.code for shift in SHIFT_TYPES if shift.is_night}
    refuses = rng.random(count) < NO_NIGHTS_SHARE
    return tuple(
        replace(
            one,
            timing=None if one.contract_start > start else one.timing,
            night_consent=one.timing in night or not refuses[index],
        )
        for index, one in enumerate(fitted)
    )

"""What-if: facts that differ from those of the operation, as a document that is laid over them and touches nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Annotated, Any, Final

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from scheduling.people import Leave
from scheduling.queues import Queue
from scheduling.rules import RuleSettings
from scheduling.scenario import Requirement, Scenario

Name = Annotated[str, Field(min_length=1, max_length=200)]
Factor = Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]
MOST_ENTRIES = 2000
FAR: Final = timedelta(days=180)
"""A contract lasts six months."""
RULE_NUMBERS: Final = tuple(field.name for field in fields(RuleSettings) if isinstance(field.default, int))
"""Rule settings that are numbers, or yes and no."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Absence(_Part):
    """An associate is not there from one day to another, both included."""

    associate: Name
    first_day: date
    last_day: date

    @model_validator(mode="after")
    def _in_order(self) -> Absence:
        if self.last_day < self.first_day:
            raise ValueError(f"The absence of {self.associate} ends on {self.last_day}, before it begins on {self.first_day}.")
        return self


class ContractEnd(_Part):
    """An associate leaves; the last day belongs to the contract."""

    associate: Name
    last_day: date


class Growth(_Part):
    """A queue has another volume or another average handling time, each as a factor on what is expected."""

    queue: Name
    volume: Factor = 1.0
    handling: Factor = 1.0


class Hiring(_Part):
    """So many associates more who are like one that there is: skills, team, timing and work mode."""

    like: Name
    count: Annotated[int, Field(ge=1, le=1000)]


class Overrides(_Part):
    """Everything that differs from the operation; an empty document is the operation as it is."""

    absences: tuple[Absence, ...] = Field(default=(), max_length=MOST_ENTRIES)
    contract_ends: tuple[ContractEnd, ...] = Field(default=(), max_length=MOST_ENTRIES)
    growth: tuple[Growth, ...] = Field(default=(), max_length=MOST_ENTRIES)
    removed: tuple[Name, ...] = Field(default=(), max_length=MOST_ENTRIES)
    hired: tuple[Hiring, ...] = Field(default=(), max_length=100)
    rules: dict[str, int | bool] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_rules(self) -> Overrides:
        unknown = sorted(set(self.rules) - set(RULE_NUMBERS))
        if unknown:
            raise ValueError(f"There is no rule setting {', '.join(unknown)}; there are {', '.join(RULE_NUMBERS)}.")
        low = [name for name, value in self.rules.items() if value < 0]
        if low:
            raise ValueError(f"A rule setting is not below zero: {', '.join(low)}.")
        return self

    @property
    def document(self) -> dict[str, Any]:
        """The document as JSON has it, without what is not set."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def named(self) -> frozenset[str]:
        """Codes of the associates that the document names."""
        people = {one.associate for one in self.absences} | {one.associate for one in self.contract_ends}
        return frozenset(people | set(self.removed) | {one.like for one in self.hired})


def over(scenario: Scenario, overrides: Overrides) -> Scenario:
    """Return a scenario with the people's facts of the document laid over its own; a lock on a day of absence is void."""
    ends = {one.associate: one.last_day for one in overrides.contract_ends}
    people = tuple(
        replace(one, contract_end=min(one.contract_end, max(ends[one.code], one.contract_start))) if one.code in ends else one
        for one in scenario.associates
    )
    away = tuple(Leave(one.associate, one.first_day, one.last_day) for one in overrides.absences)
    void = {(one.associate, day) for one in away for day in scenario.horizon.dates if one.first_day <= day <= one.last_day}
    locks = tuple(lock for lock in scenario.locks if (lock.associate, lock.date) not in void)
    return replace(scenario, associates=people, leave=(*scenario.leave, *away), locks=locks)


def staffed(scenario: Scenario, overrides: Overrides) -> Scenario:
    """Return a scenario with the people and the rules of the document: some gone, some new, facts of those gone left out."""
    gone = set(overrides.removed)
    known = {one.code: one for one in scenario.associates}
    kept = tuple(one for one in scenario.associates if one.code not in gone)
    new = tuple(
        replace(
            known[hiring.like],
            code=f"NEW{number + 1}-{each + 1:03d}",
            name=f"New, like {hiring.like}, {each + 1}",
            contract_start=scenario.horizon.first_day,
            contract_end=scenario.horizon.dates[-1] + FAR,
        )
        for number, hiring in enumerate(overrides.hired)
        for each in range(hiring.count)
    )
    return replace(
        scenario,
        associates=(*kept, *new),
        rules=replace(scenario.rules, **overrides.rules),  # type: ignore[arg-type]
        leave=tuple(one for one in scenario.leave if one.associate not in gone),
        requests=tuple(one for one in scenario.requests if one.associate not in gone),
        locks=tuple(one for one in scenario.locks if one.associate not in gone),
        history=tuple(one for one in scenario.history if one.associate not in gone),
    )


def grown(requirement: Requirement, growth: Iterable[Growth], queues: Iterable[Queue], work: Mapping[str, float]) -> Requirement:
    """Return the requirement of queues that grew.

    A queue's part in the requirement of its skill is its part in the work of all queues of the skill, so a skill grows by
    ``sum of work * factor / sum of work`` over its queues.

    Parameters
    ----------
    work
        Past work of each queue, jobs times handling time; of queues that have none all count alike.
    """
    factors = {one.queue: one.volume * one.handling for one in growth}
    by_skill: dict[str, list[Queue]] = {}
    for queue in queues:
        by_skill.setdefault(queue.skill, []).append(queue)
    heads = requirement.heads.copy()
    for column, skill in enumerate(requirement.skills):
        of_skill = by_skill.get(skill, [])
        shares = [work.get(queue.name, 0.0) for queue in of_skill]
        weights = shares if sum(shares) > 0 else [1.0] * len(of_skill)
        if of_skill:
            grown_by = sum(weight * factors.get(queue.name, 1.0) for queue, weight in zip(of_skill, weights, strict=True))
            heads[:, column] *= grown_by / sum(weights)
    return replace(requirement, heads=heads)


def work_of_queues(volumes: pd.DataFrame | None) -> dict[str, float]:
    """Return the work of each queue in past volumes, jobs times handling time, in seconds."""
    if volumes is None:
        return {}
    work = (volumes["jobs"] * volumes["aht_seconds"]).groupby(volumes["queue"]).sum()
    return {str(queue): float(seconds) for queue, seconds in work.items()}


def facts_of(overrides: Overrides) -> dict[str, Any]:
    """Return how many entries of each kind the document has, for the audit trail."""
    return {name: len(entries) for name, entries in overrides.model_dump().items() if entries}

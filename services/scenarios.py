"""Scenarios: copy a roster, say what differs, let it be solved, and compare what came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Engine

from scheduling.errors import BadInputError, ConflictError, Fault
from scheduling.plan import DAY_WORDS
from scheduling.times import Clock
from services.overrides import Overrides, facts_of
from storage import rosters, runs, scenarios
from storage.errors import domain_errors
from storage.metadata import RunKind
from storage.operation_reading import associates_with_ids, queues_of
from storage.rosters import RosterSummary, record
from storage.runs import RunView
from storage.scenarios import ScenarioRow
from storage.sites import site_id

__all__ = [
    "Change",
    "Outcome",
    "ScenarioDocument",
    "ScenarioView",
    "compare",
    "create",
    "list_scenarios",
    "outcome_of_roster",
    "remove",
    "request_solution",
    "scenario_view",
]

MOST_COMPARED: Final = 4
MOST_LISTED: Final = 200


class ScenarioDocument(BaseModel):
    """What a scenario is.

    Parameters
    ----------
    method
        ``keep`` changes the roster as little as pays, ``anew`` builds it from nothing.
    changed_day_cost
        Head-hours that a changed day must gain where the roster is kept.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    overrides: Overrides = Overrides()
    method: Literal["keep", "anew"] = "keep"
    changed_day_cost: float = Field(default=2.0, ge=0, le=1000, allow_inf_nan=False)


class Outcome(BaseModel):
    """What came out of a scenario, or what a roster is.

    Parameters
    ----------
    violations
        Number of violations by rule, with the severity of the rule.
    lines
        The days of each associate by code, words as in the files.
    """

    model_config = ConfigDict(frozen=True)

    objective: float
    bound: float
    seconds: float
    kpis: dict[str, float]
    parts: dict[str, float]
    violations: tuple[tuple[str, str, int], ...]
    lines: dict[str, tuple[str, ...]]

    @property
    def blocking(self) -> int:
        """Violations that block publishing."""
        return sum(number for _, severity, number in self.violations if severity == "blocks publishing")

    @property
    def reasons(self) -> int:
        """Violations that need a reason."""
        return sum(number for _, severity, number in self.violations if severity != "blocks publishing")


@dataclass(frozen=True)
class Change:
    """One associate whose days differ between two outcomes, with the number of days; all of them when one has no such person."""

    associate: str
    days: int


@dataclass(frozen=True)
class ScenarioView:
    """A scenario with what differs, what came out, and the run that answers it at the moment."""

    id: int
    site: str
    name: str
    base: RosterSummary
    created_at: datetime
    created_by: str
    document: ScenarioDocument
    outcome: Outcome | None
    solved_at: datetime | None
    active_run: int | None


def create(engine: Engine, roster_id: int, name: str, document: ScenarioDocument, *, by: str, clock: Clock) -> int:
    """Copy a roster as a scenario; return its id.

    Raises
    ------
    BadInputError
        When the roster has no such associate, or the site no such queue; with every fault.
    NotFoundError
        When there is no such roster.
    """
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        head = rosters.summary(connection, roster_id)
        _refuse_unknown(connection, head, document.overrides)
        number = scenarios.insert(
            connection,
            site_id=site_id(connection, head.site),
            base_roster_id=roster_id,
            name=name.strip(),
            created_at=now,
            created_by=by,
            document=document.model_dump(mode="json", exclude_defaults=True),
        )
        record(connection, now, by, "scenario made", ("scenario", number), None, roster=roster_id, **facts_of(document.overrides))
    return number


def _refuse_unknown(connection: Connection, head: RosterSummary, overrides: Overrides) -> None:
    frame = rosters.frame(connection, head.id)
    codes = {one.code for one in associates_with_ids(connection, frame.axes.associates, frame.horizon)}
    queues = {queue.name for queue in queues_of(connection, site_id(connection, head.site))}
    faults = [
        Fault("scenario", None, "associates", code, "The roster has no associate with this code.")
        for code in sorted(overrides.named - codes)
    ]
    faults += [
        Fault("scenario", None, "queue", one.queue, "The site has no queue of this name.")
        for one in overrides.growth
        if one.queue not in queues
    ]
    if faults:
        raise BadInputError(faults)


def request_solution(engine: Engine, scenario_id: int, *, seconds: float, seed: int, by: str, clock: Clock) -> RunView:
    """Queue a planning run that answers a scenario; ConflictError when one does already."""
    now = clock.now()
    with domain_errors(), engine.begin() as connection:
        row = scenarios.with_id(connection, scenario_id, lock=True)
        if scenarios.active_run(connection, scenario_id) is not None:
            raise ConflictError("This scenario is being solved already; wait for that, or stop it and try again.")
        head = rosters.summary(connection, row.base_roster_id)
        run_id = runs.insert(
            connection,
            site_id=site_id(connection, head.site),
            first_day=head.first_day,
            weeks=head.weeks,
            seed=seed,
            seconds=seconds,
            requested_by=by,
            requested_at=now,
            kind=RunKind.SCENARIO.value,
            base_roster_id=head.id,
            base_version=head.version,
            task={"scenario": scenario_id},
        )
        record(connection, now, by, "scenario solving requested", ("scenario", scenario_id), None, planning_run=run_id)
        return runs.view(connection, run_id)


def remove(engine: Engine, scenario_id: int, *, by: str, clock: Clock) -> None:
    """Remove a scenario with what came out of it; ConflictError while it is being solved."""
    with domain_errors(), engine.begin() as connection:
        scenarios.with_id(connection, scenario_id, lock=True)
        if scenarios.active_run(connection, scenario_id) is not None:
            raise ConflictError("This scenario is being solved; stop that first.")
        scenarios.remove(connection, scenario_id)
        record(connection, clock.now(), by, "scenario removed", ("scenario", scenario_id), None)


def scenario_view(engine: Engine, scenario_id: int) -> ScenarioView:
    """Return a scenario; NotFoundError when there is none with this id."""
    with domain_errors(), engine.connect() as connection:
        return _view(connection, scenarios.with_id(connection, scenario_id))


def list_scenarios(engine: Engine, limit: int = MOST_LISTED) -> tuple[ScenarioView, ...]:
    """Return scenarios, the newest first."""
    with domain_errors(), engine.connect() as connection:
        return tuple(_view(connection, row) for row in scenarios.latest(connection, limit))


def compare(engine: Engine, scenario_ids: Sequence[int]) -> tuple[ScenarioView, ...]:
    """Return up to four scenarios to be compared, each once."""
    chosen = list(dict.fromkeys(scenario_ids))[:MOST_COMPARED]
    with domain_errors(), engine.connect() as connection:
        return tuple(_view(connection, scenarios.with_id(connection, number)) for number in chosen)


def _view(connection: Connection, row: ScenarioRow) -> ScenarioView:
    return ScenarioView(
        id=row.id,
        site=row.site,
        name=row.name,
        base=rosters.summary(connection, row.base_roster_id),
        created_at=row.created_at,
        created_by=row.created_by,
        document=ScenarioDocument.model_validate(row.document),
        outcome=None if row.result is None else Outcome.model_validate(row.result),
        solved_at=row.solved_at,
        active_run=scenarios.active_run(connection, row.id),
    )


def outcome_of_roster(engine: Engine, roster_id: int) -> Outcome:
    """Return a roster as it stands in the shape of an outcome, to be compared with."""
    with domain_errors(), engine.connect() as connection:
        head = rosters.summary(connection, roster_id)
        frame = rosters.frame(connection, roster_id)
        values = rosters.load_plan(connection, roster_id, frame.axes, frame.horizon, ())[0].values
        people = associates_with_ids(connection, frame.axes.associates, frame.horizon)
        found = rosters.violations(connection, roster_id)
    words: Mapping[int, str] = {**DAY_WORDS, **{number: shift.code for number, shift in enumerate(frame.shift_types)}}
    counts = Counter((one.rule, str(one.severity)) for one in found)
    return Outcome(
        objective=head.objective,
        bound=head.bound,
        seconds=head.wall_seconds,
        kpis=dict(head.kpis),
        parts=dict(head.objective_parts),
        violations=tuple((rule, severity, number) for (rule, severity), number in sorted(counts.items())),
        lines={one.code: tuple(words[value] for value in line) for one, line in zip(people, values.tolist(), strict=True)},
    )


def changes_between(before: Outcome, after: Outcome) -> tuple[Change, ...]:
    """Return whose days differ, those with most days first."""
    found = []
    for code in dict.fromkeys((*before.lines, *after.lines)):
        old, new = before.lines.get(code), after.lines.get(code)
        days = len(old or new or ()) if old is None or new is None else sum(a != b for a, b in zip(old, new, strict=False))
        if days:
            found.append(Change(code, days))
    return tuple(sorted(found, key=lambda one: -one.days))


def document_of(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as JSON has it."""
    return outcome.model_dump(mode="json")

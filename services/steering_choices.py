"""What a supervisor may choose from when steering: queues with their figures, teams with their mixes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from scheduling.errors import NotFoundError
from services.move_plans import TeamIds
from storage import figures
from storage.errors import domain_errors
from storage.figures import FloorQueue
from storage.sites import PersonFacts
from storage.steering import person_with_code, queues_of


@dataclass(frozen=True)
class Choices:
    """What may be chosen.

    Parameters
    ----------
    teams
        Names of all teams by id.
    steered
        Ids of those whose mix and people the user may change.
    mixes
        Share and reserved share by team and queue.
    routes
        Share of the coming jobs by source and target queue.
    """

    queues: tuple[FloorQueue, ...]
    teams: Mapping[int, str]
    steered: frozenset[int]
    mixes: Mapping[tuple[int, int], tuple[float, float]]
    routes: Mapping[tuple[int, int], float]

    @property
    def queue_options(self) -> list[tuple[int, str]]:
        """Id and name of each queue."""
        return [(queue.id, queue.name) for queue in self.queues]

    @property
    def steered_options(self) -> list[tuple[int, str]]:
        """Id and name of each team that the user may change."""
        return [(team, name) for team, name in self.teams.items() if team in self.steered]

    def queue_name(self, queue_id: int) -> str:
        """Return the name of a queue."""
        return next((queue.name for queue in self.queues if queue.id == queue_id), "")


def choices(engine: Engine, site_id: int, *, team_ids: TeamIds) -> Choices:
    """Return what somebody may choose who leads some teams, or all when nothing is given."""
    with domain_errors(), engine.connect() as connection:
        queues, teams = figures.floor_queues(connection, site_id), figures.team_names(connection, site_id)
        return Choices(
            queues=queues,
            teams=teams,
            steered=frozenset(teams if team_ids is None else set(teams) & set(team_ids)),
            mixes=figures.mixes(connection, site_id),
            routes=figures.routes(connection, [queue.id for queue in queues]),
        )


def find_person(engine: Engine, site_id: int, code: str, *, team_ids: TeamIds) -> PersonFacts:
    """Return the associate of a code; NotFoundError when there is none at the site that belongs to one of the teams."""
    with domain_errors(), engine.connect() as connection:
        found = person_with_code(connection, site_id, code.strip())
    if found is None or (team_ids is not None and found.team_id not in team_ids):
        raise NotFoundError(
            f"There is no associate {code.strip()!r} in the teams that you lead; type the code as the roster has it."
        )
    return found


def home_teams(engine: Engine, site_id: int) -> dict[int, int]:
    """Return the home team of every associate of a floor."""
    with domain_errors(), engine.connect() as connection:
        rows = figures.desks(connection, site_id)
    return dict(zip(rows["associate"].tolist(), rows["home"].tolist(), strict=True))


def skill_names(engine: Engine, site_id: int) -> dict[int, str]:
    """Return the skills that queues of a site need, by id."""
    with domain_errors(), engine.connect() as connection:
        queues = figures.floor_queues(connection, site_id)
        found = queues_of(connection, site_id, [queue.id for queue in queues])
    return {one.skill_id: one.skill for one in found.values()}

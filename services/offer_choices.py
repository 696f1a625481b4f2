"""What the form of an offer lets somebody choose from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Engine, select

from services.wishes import timings_of
from storage.errors import domain_errors
from storage.swaps import teams_of
from storage.tables import skill


@dataclass(frozen=True)
class OfferChoices:
    """Shifts, skills and teams by their ids."""

    shifts: dict[int, str]
    skills: dict[int, str]
    teams: dict[int, str]


def choices(engine: Engine, site_id: int, *, team_ids: Collection[int] | None = None) -> OfferChoices:
    """Return the choices at a site; with `team_ids` only those teams."""
    with domain_errors(), engine.connect() as connection:
        skills = select(skill.c.id, skill.c.name).where(skill.c.site_id == site_id).order_by(skill.c.position)
        teams = teams_of(connection, site_id)
        return OfferChoices(
            timings_of(connection, site_id),
            dict(connection.execute(skills).all()),
            {number: name for number, name in teams.items() if team_ids is None or number in team_ids},
        )

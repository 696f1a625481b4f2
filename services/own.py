"""What the pages of an associate need to know of who looks at them."""

from __future__ import annotations

from sqlalchemy import Engine

from storage import quality, sites
from storage.errors import domain_errors
from storage.quality import Person

__all__ = ["Person", "break_kinds", "person"]


def person(engine: Engine, associate_id: int) -> Person:
    """Return an associate; NotFoundError when there is none with this id."""
    with domain_errors(), engine.connect() as connection:
        return quality.person_with_id(connection, associate_id)


def break_kinds(engine: Engine, site_id: int) -> tuple[str, ...]:
    """Return the kinds of breaks that the policy of a site has now, each once."""
    with domain_errors(), engine.connect() as connection:
        _, policy = sites.current_policy(connection, site_id)
    return tuple(dict.fromkeys(kind.kind for kind in policy.breaks))

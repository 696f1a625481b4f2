"""The swaps of an associate as they see them: whose turn it is, and what each day would become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine

from services.swap_ground import changed_since
from services.swaps import PartnerDay
from storage import swaps as stored
from storage.days_away import PublishedCell, published_cells
from storage.errors import domain_errors
from storage.swap_tables import SwapState
from storage.swaps import Swap, SwapPerson

__all__ = ["OwnSwap", "own_swaps"]

Cells = Mapping[int, Mapping[date, PublishedCell]]


@dataclass(frozen=True)
class OwnSwap:
    """A swap from the side of one of the two.

    Parameters
    ----------
    other
        With whom it is.
    changes
        What the one has on each day and would have; empty once the swap is over or cannot be done, for the days have gone on.
    is_asker
        Whether the one offered it.
    """

    swap: Swap
    other: SwapPerson
    changes: tuple[PartnerDay, ...]
    is_asker: bool

    @property
    def against(self) -> str:
        """What stands against it since it was offered; empty when nothing does."""
        return changed_since(self.swap)

    @property
    def is_to_answer(self) -> bool:
        """Whether it waits for the answer of whoever looks."""
        return self.swap.state is SwapState.OFFERED and not self.is_asker


def own_swaps(engine: Engine, associate_id: int) -> tuple[OwnSwap, ...]:
    """Return the swaps that an associate offered or was offered, the newest first."""
    with domain_errors(), engine.connect() as connection:
        found = stored.swaps_of(connection, associate_id)
        open_days = [day for one in found if one.is_open for day in one.days]
        people = {side.id for one in found if one.is_open for side in (one.asker, one.partner)}
        cells = published_cells(connection, people, min(open_days), max(open_days)) if open_days else {}
    return tuple(_own_side(one, associate_id, cells) for one in found)


def _own_side(one: Swap, associate_id: int, cells: Cells) -> OwnSwap:
    is_asker = one.asker.id == associate_id
    other = one.partner if is_asker else one.asker
    mine, theirs = cells.get(associate_id, {}), cells.get(other.id, {})
    still = one.is_open and not one.changed_days
    known = [day for day in one.days if still and day in mine and day in theirs]
    return OwnSwap(one, other, tuple(PartnerDay(day, mine[day].value, theirs[day].value) for day in known), is_asker)

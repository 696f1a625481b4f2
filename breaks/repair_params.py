"""What a repair of breaks may move, and what a move must be worth."""

from __future__ import annotations

from dataclasses import dataclass, field

from scheduling.cost import CoverageCost


@dataclass(frozen=True)
class RepairParams:
    """What may move, and what a move must be worth.

    Parameters
    ----------
    freeze_minutes
        Breaks that start earlier than this from now stay, and none is moved to an earlier start than this from now.
    largest_move_minutes
        How far a break may move from its start in force.
    price_per_move
        Weighted head-minutes of shortage that a moved break must save; 6 is one head missing for three minutes.
    most_moves
        Most breaks to move for coverage; ``None`` for no limit. Moves that rules ask for are made in any case.
    cost
        How shortage is weighted; only its shortage matters here.
    most_rounds
        Most times that people are priced again; rules are kept first, so that an early end costs coverage only.
    """

    freeze_minutes: int = 60
    largest_move_minutes: int = 30
    price_per_move: float = 6.0
    most_moves: int | None = None
    cost: CoverageCost = field(default_factory=CoverageCost)
    most_rounds: int = 60

    def __post_init__(self) -> None:
        """Refuse numbers below zero, all at once."""
        numbers = {
            name: getattr(self, name) for name in ("freeze_minutes", "largest_move_minutes", "price_per_move", "most_rounds")
        }
        numbers["most_moves"] = 0 if self.most_moves is None else self.most_moves
        wrong = [f"{name} must be a number of 0 or more, not {value}." for name, value in numbers.items() if not value >= 0]
        if wrong:
            raise ValueError(" ".join(wrong))

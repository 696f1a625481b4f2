"""Makes the engine of personal rosters ready: its machine code is compiled, or loaded, once and before the search begins.

Else the first run after an installation compiles the same code in every worker at once, and in the middle of the annealing, which
cools by the clock.
"""

from __future__ import annotations

import numpy as np

from roster.personal.annealing import anneal
from roster.personal.ascent import Ascent
from roster.personal.question import Question, Terms
from roster.personal.search import first_roster

DAYS = 7


def ready() -> None:
    """Let every compiled part decide a question of two associates and a week."""
    question = _smallest_question()
    lines = first_roster(question, 0, lambda: 1.0)
    if lines is not None:
        # So little time is left that it is one move.
        for _ in anneal(question, lines, 0, lambda: 1e-9):
            pass
    Ascent(question).weigh(Ascent(question).start())


def _smallest_question() -> Question:
    terms = Terms((DAYS,), DAYS * 480, 0, DAYS, 1, 1, 1)
    heads, wishes = np.ones((DAYS, 1)), np.zeros((2, DAYS, 1))
    return Question(
        names=("A", "B"),
        shift_names=("D",),
        minutes=np.array([480]),
        forbidden=np.zeros((1, 1), dtype=bool),
        terms=(terms, terms),
        on_weights=wishes,
        off_weights=wishes,
        required=heads.astype(np.int64),
        under_weights=heads,
        over_weights=heads,
    )

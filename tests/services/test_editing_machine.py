"""Edits, undo, redo and conflicts of two planners against a plain model, on the real database."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine

from scheduling.edits import CellEdit, EditConflictError
from scheduling.errors import ConflictError
from services.editing import apply_edits, undo_edit
from services.reading import RosterSummary, roster_grid, roster_summary
from tests.conftest import SteppedClock
from tests.services import test_editing_rosters as plain

Cell = tuple[str, date]
CELLS = 6
"""Few cells, so that planners meet in them."""


def machine_of(engine: Engine, roster_id: int, clock: SteppedClock) -> type[RuleBasedStateMachine]:
    """Return the machine for a draft."""
    grid = roster_grid(engine, roster_id)
    start = plain.words(engine, roster_id)
    cells = [key for key, word in sorted(start.items()) if word not in {"leave", "none"}][3 : 3 + CELLS]
    values = ["off", *(shift.code for shift in grid.shift_types[:3])]

    class Editing(RuleBasedStateMachine):
        """What two planners do; each has a page that may be behind."""

        @initialize()
        def begin(self) -> None:
            self.now = {key: (plain.words(engine, roster_id)[key], False) for key in cells}
            self.seen = {name: dict(self.now) for name in ("ann", "bob")}
            self.done: list[tuple[int, dict[Cell, tuple[str, bool]], dict[Cell, tuple[str, bool]]]] = []
            self.version = roster_summary(engine, roster_id).version
            locked = {key for key in cells if key in plain.locked(engine, roster_id)}
            self.now = {key: (word, key in locked) for key, (word, _) in self.now.items()}
            self.seen = {name: dict(self.now) for name in self.seen}

        @rule(
            name=st.sampled_from(["ann", "bob"]),
            chosen=st.lists(st.sampled_from(cells), min_size=1, max_size=3, unique=True),
            value=st.sampled_from(values),
            lock=st.sampled_from([None, True, False]),
        )
        def edit(self, name: str, chosen: list[Cell], value: str, lock: bool | None) -> None:
            edits = [CellEdit(*key, self.seen[name][key][0], value, lock) for key in chosen]
            before = {key: self.now[key] for key in chosen}
            after = {key: (value, self.now[key][1] if lock is None else lock) for key in chosen}
            moving = [key for key in chosen if before[key] != after[key]]
            clash = any(self.seen[name][key][0] != before[key][0] or (lock is None and before[key][1]) for key in moving)
            if clash:
                with pytest.raises(EditConflictError):
                    apply_edits(engine, roster_id, edits, by=name, clock=clock)
                self.seen[name] = dict(self.now)
                return
            outcome = apply_edits(engine, roster_id, edits, by=name, clock=clock)
            assert outcome.changed == len(moving)
            if moving:
                self.version += 1
                self.done.append((outcome.version, {key: before[key] for key in moving}, {key: after[key] for key in moving}))
            self.now |= after
            self.seen[name] |= after
            assert outcome.version == self.version

        @rule(name=st.sampled_from(["ann", "bob"]))
        def look(self, name: str) -> None:
            self.seen[name] = dict(self.now)

        @precondition(lambda self: self.done)
        @rule(name=st.sampled_from(["ann", "bob"]), which=st.integers(0, 20))
        def undo(self, name: str, which: int) -> None:
            version, before, after = self.done[which % len(self.done)]
            if any(self.now[key] != after[key] for key in after):
                with pytest.raises(ConflictError):
                    undo_edit(engine, roster_id, version, by=name, clock=clock)
                return
            try:
                outcome = undo_edit(engine, roster_id, version, by=name, clock=clock)
            except ConflictError:
                # The cells are as the edit left them, but with other breaks, or it was undone and the same was done again.
                return
            self.version += 1
            self.now |= before
            self.done.append((outcome.version, after, before))

        @invariant()
        def the_database_says_the_same(self) -> None:
            if not hasattr(self, "now"):
                return
            found, locks = plain.words(engine, roster_id), plain.locked(engine, roster_id)
            assert {key: (found[key], key in locks) for key in cells} == self.now
            assert roster_summary(engine, roster_id).version == self.version

        def teardown(self) -> None:
            plain.assert_agrees_with_itself(engine, roster_id)

    return Editing


scenario, draft = plain.scenario, plain.draft


def test_edits_undo_and_conflicts_are_those_of_the_model(engine: Engine, draft: RosterSummary, clock: SteppedClock) -> None:
    quick = settings(max_examples=6, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    run_state_machine_as_test(machine_of(engine, draft.id, clock), settings=quick)

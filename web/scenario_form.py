"""The form of a scenario: what differs from the roster that it copies, read from plain fields with every fault at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from scheduling.errors import BadInputError, Fault
from services.overrides import RULE_NUMBERS
from services.scenarios import ScenarioDocument
from web.repair_form import codes_in

LEAST_SHARE, MOST_SHARE = -90.0, 900.0


@dataclass(frozen=True)
class ScenarioForm:
    """What somebody typed; texts as they came."""

    given: MultiDict[str, str]
    queues: Sequence[str]

    def text(self, name: str) -> str:
        """Return what was typed into a field."""
        return self.given.get(name, "").strip()

    @property
    def name(self) -> str:
        """The name of the scenario, cut to what fits."""
        return self.text("name")[:200]

    def document(self) -> ScenarioDocument:
        """Return what the form says; BadInputError with everything that is wrong."""
        faults: list[Fault] = []
        if not self.name:
            faults.append(_fault("name", "", "Give the scenario a name."))
        factor = {(queue, what): self._factor(f"{what}-{row}", faults) for row, queue in enumerate(self.queues)
                  for what in ("volume", "handling")}  # fmt: skip
        growth = [
            {"queue": queue, "volume": factor[queue, "volume"], "handling": factor[queue, "handling"]}
            for queue in self.queues
            if (factor[queue, "volume"], factor[queue, "handling"]) != (1.0, 1.0)
        ]
        overrides: dict[str, Any] = {
            "growth": growth,
            "removed": codes_in(self.text("removed")),
            "hired": self._hired(faults),
            "contract_ends": self._leaving(faults),
            "rules": self._rules(faults),
        }
        document = {"overrides": overrides, "method": self.text("method") or "keep"}
        return self._validated(document, faults)

    def _validated(self, document: dict[str, Any], faults: list[Fault]) -> ScenarioDocument:
        try:
            found = ScenarioDocument.model_validate(document)
        except ValidationError as error:
            faults += [
                _fault(".".join(map(str, one["loc"])), str(one.get("input", ""))[:60], one["msg"]) for one in error.errors()
            ]
        if faults:
            raise BadInputError(faults)
        return found

    def _factor(self, name: str, faults: list[Fault]) -> float:
        text = self.text(name).replace(",", ".")
        try:
            share = float(text) if text else 0.0
        except ValueError:
            share = LEAST_SHARE - 1
        if not LEAST_SHARE <= share <= MOST_SHARE:
            faults.append(_fault(name, text, f"Write per cent from {LEAST_SHARE:.0f} to {MOST_SHARE:.0f}, such as 20."))
            return 1.0
        return 1 + share / 100

    def _whole(self, name: str, faults: list[Fault]) -> int | None:
        text = self.text(name)
        if text and not (text.isascii() and text.isdigit() and len(text) < 7):
            faults.append(_fault(name, text, "Write a whole number, not below zero."))
            return None
        return int(text) if text else None

    def _hired(self, faults: list[Fault]) -> list[dict[str, Any]]:
        count, like = self._whole("hired", faults), self.text("like")
        if count and not like:
            faults.append(_fault("like", "", "Name an associate whom those who are new are like."))
        return [{"like": like, "count": count}] if count and like else []

    def _leaving(self, faults: list[Fault]) -> list[dict[str, Any]]:
        codes, text = codes_in(self.text("leaving")), self.text("leaving_last")
        try:
            last = date.fromisoformat(text) if text else None
        except ValueError:
            last = None
        if codes and last is None:
            faults.append(_fault("leaving_last", text, "Write their last day, as year-month-day."))
            return []
        return [{"associate": code, "last_day": last} for code in codes]

    def _rules(self, faults: list[Fault]) -> dict[str, int]:
        numbers = {name: self._whole(f"rule-{name}", faults) for name in RULE_NUMBERS}
        return {name: number for name, number in numbers.items() if number is not None}


def _fault(field: str, value: str, words: str) -> Fault:
    return Fault("scenario", None, field, value, words)

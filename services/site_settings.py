"""Settings of a site that planners edit as one form each: rules, office, break policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Final

from sqlalchemy import Connection, Engine

from breaks.patterns import count_patterns
from breaks.policy import PRESETS, arithmetic, policy_refusals, refusals
from roster.rules import RULES
from scheduling.errors import Fault, PolicyError
from scheduling.parameters import RULE_PARAMETERS, Parameter
from scheduling.rules import RuleSettings
from scheduling.shifts import PROMISED_PRODUCTIVE_MINUTES, BreakPolicy, ShiftType
from services.records import Store
from storage import site_settings
from storage.errors import domain_errors
from storage.site_settings import NoticeRecord, OfficeRecord

__all__ = [
    "NOTICE",
    "OFFICE",
    "POLICY",
    "PRESETS",
    "SITE_RULES",
    "BreakPolicy",
    "NoticeRecord",
    "OfficeRecord",
    "ParameterFacts",
    "PolicyVerdict",
    "parameters",
    "source_of_rule",
    "verdict_on",
]

MOST_BREAKS: Final = 40
MOST_COMBINATIONS: Final = 3000
"""Numbers of breaks taken of each kind; with more, patterns are not looked at, for that would take too long."""


@dataclass(frozen=True)
class ParameterFacts:
    """A parameter of the rules with what its first rule says of itself: where it comes from, and how bad a violation is."""

    parameter: Parameter
    source: str
    severity: str


@dataclass(frozen=True)
class SpanVerdict:
    """What a policy does in shifts of one span: the sum, and how many ways there are to keep it (none when refused)."""

    codes: tuple[str, ...]
    sum: str
    productive_minutes: int
    is_kept: bool
    patterns: int


@dataclass(frozen=True)
class PolicyVerdict:
    """What a policy does in the shifts of a site, and why it cannot be kept, if it cannot."""

    spans: tuple[SpanVerdict, ...]
    refusals: tuple[str, ...]


def source_of_rule(name: str) -> str:
    """Return where a rule of the register comes from; empty when there is none of this name."""
    return next((rule.source for rule in RULES if rule.name == name), "")


def parameters() -> tuple[ParameterFacts, ...]:
    """Return the parameters of the rules, those that block publishing first."""
    rules = {rule.name: rule for rule in RULES}
    found = [ParameterFacts(one, rules[one.rules[0]].source, rules[one.rules[0]].severity) for one in RULE_PARAMETERS]
    return tuple(sorted(found, key=lambda one: one.severity))


def _judge_rules(_connection: Connection, _site_id: int, _id: int | None, rules: RuleSettings) -> list[Fault]:
    """Refuse rules that contradict each other: a wish is never looser than the rule it sharpens."""
    fits = (
        ("wished_consecutive_days", rules.wished_consecutive_days <= rules.max_consecutive_days, "max_consecutive_days"),
        ("wished_consecutive_nights", rules.wished_consecutive_nights <= rules.max_consecutive_nights, "max_consecutive_nights"),
        ("wished_weekly_rest_minutes", rules.wished_weekly_rest_minutes >= rules.weekly_rest_minutes, "weekly_rest_minutes"),
    )
    titles = {one.name: one.title for one in RULE_PARAMETERS}
    faults = [
        _fault(name, getattr(rules, name), f"A wish asks for more than the rule, or for the same: see “{titles[other]}”.")
        for name, is_right, other in fits
        if not is_right
    ]
    if rules.working_days_per_week + rules.days_off_consecutive > 7:
        reason = f"With {rules.days_off_consecutive} days off together a week leaves at most {7 - rules.days_off_consecutive}."
        faults.append(_fault("working_days_per_week", rules.working_days_per_week, reason))
    return faults


def _judge_office(_connection: Connection, _site_id: int, _id: int | None, office: OfficeRecord) -> list[Fault]:
    if office.seats is None and office.days_per_week:
        return [_fault("days_per_week", office.days_per_week, "Without an office nobody can come to it; give its seats.")]
    return []


def _judge_policy(connection: Connection, site_id: int, _id: int | None, policy: BreakPolicy) -> list[Fault]:
    return [_fault("breaks", "", reason) for reason in _verdict(connection, site_id, policy).refusals]


def _fault(column: str, value: object, reason: str) -> Fault:
    return Fault("settings", None, column, str(value), reason)


SITE_RULES: Final = Store("rules", site_settings.read_rules, _judge_rules, site_settings.write_rules)
OFFICE: Final = Store("office", site_settings.read_office, _judge_office, site_settings.write_office)
NOTICE: Final = Store("notice", site_settings.read_notice, lambda *_: [], site_settings.write_notice)
POLICY: Final = Store("break policy", site_settings.read_policy, _judge_policy, site_settings.write_policy)


def verdict_on(engine: Engine, site_id: int, policy: BreakPolicy) -> PolicyVerdict:
    """Return what a policy would do in the shifts of a site; nothing is saved."""
    with domain_errors(), engine.connect() as connection:
        return _verdict(connection, site_id, policy)


def _verdict(connection: Connection, site_id: int, policy: BreakPolicy) -> PolicyVerdict:
    reasons = _out_of_bounds(policy)
    shifts = site_settings.current_shifts(connection, site_id)
    if reasons:
        return PolicyVerdict(_sums(policy, shifts, {}), tuple(reasons))
    reasons = list(policy_refusals(policy, shifts, site_settings.interval_minutes(connection, site_id)))
    spans = {one.span_minutes for one in shifts}
    kept = {span: _patterns(policy, span) for span in spans if not refusals(policy, span)}
    return PolicyVerdict(_sums(policy, shifts, kept), tuple(reasons))


def _out_of_bounds(policy: BreakPolicy) -> list[str]:
    """Return what is too much to look at, or outside what every shift of the operation promises."""
    reasons = []
    least, most = policy.productive_minutes
    promised = PROMISED_PRODUCTIVE_MINUTES
    if not promised[0] <= least <= most <= promised[1]:
        reasons.append(f"Every shift leaves {promised[0]} to {promised[1]} productive minutes; {least} to {most} is outside.")
    count = sum(kind.count for kind in policy.breaks)
    if count > MOST_BREAKS:
        reasons.append(f"{count} breaks are more than the {MOST_BREAKS} that a shift can have.")
    elif prod(kind.count + 1 for kind in policy.breaks) > MOST_COMBINATIONS:
        reasons.append("These are too many kinds of breaks in one shift; join kinds of the same length.")
    return reasons


def _patterns(policy: BreakPolicy, span_minutes: int) -> int:
    try:
        return count_patterns(policy, span_minutes)
    except PolicyError:
        return 0


def _sums(policy: BreakPolicy, shifts: tuple[ShiftType, ...], patterns: Mapping[int, int]) -> tuple[SpanVerdict, ...]:
    least, most = policy.productive_minutes
    found = []
    for span in sorted({one.span_minutes for one in shifts}):
        codes = tuple(one.code for one in shifts if one.span_minutes == span)
        left = policy.productive_minutes_of(span)
        found.append(SpanVerdict(codes, arithmetic(policy, span), left, least <= left <= most, patterns.get(span, 0)))
    return tuple(found)

"""The register: every rule is described, parameterised by the site, and tested on its own."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from roster.rules import RULES, Rule
from scheduling.rules import Severity

HERE = Path(__file__).parent
TEST_NAMES = [
    node.name
    for file in sorted(HERE.glob("test_rule_*.py"))
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
]


def below(base: type) -> set[type]:
    """Return all classes below `base`."""
    children: list[type] = base.__subclasses__()
    return set(children).union(*(below(child) for child in children))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_tests_of_its_own(rule: Rule) -> None:
    prefix = f"test_{rule.name.replace('-', '_')}_"
    own = [name.removeprefix(prefix) for name in TEST_NAMES if name.startswith(prefix)]
    assert any(name.startswith("kept") for name in own), f"No test shows a roster that keeps {rule.name}."
    assert any(name.startswith("broken") for name in own), f"No test shows a roster that breaks {rule.name}."


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_is_described(rule: Rule) -> None:
    assert rule.title
    assert not any(sign.isdigit() for sign in rule.name + rule.title), "Numbers are parameters of the site."
    assert rule.source.split(":")[0] in {"Law", "Standard", "Contract"}
    assert rule.severity in Severity
    assert rule.__doc__


def test_every_rule_is_registered_once() -> None:
    assert {type(rule) for rule in RULES} == {rule for rule in below(Rule) if "name" in vars(rule)}
    assert len({rule.name for rule in RULES}) == len({rule.title for rule in RULES}) == len(RULES)


def test_hard_rules_come_first() -> None:
    severities = [rule.severity for rule in RULES]
    assert severities == sorted(severities, key=[Severity.BLOCKS_PUBLISHING, Severity.NEEDS_A_REASON].index)


def test_every_rule_is_explained_in_the_reference() -> None:
    reference = (HERE.parents[1] / "docs/reference/rules.md").read_text(encoding="utf-8")
    missing = [rule.name for rule in RULES if f"`{rule.name}`" not in reference or rule.source not in reference]
    assert missing == []


def test_the_checker_knows_no_solver() -> None:
    program = "import sys, roster.check; print([name for name in sys.modules if name.split('.')[0] == 'ortools'])"
    done = subprocess.run([sys.executable, "-c", program], cwd=HERE.parents[1], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""The modules beside the packages import downward only; import-linter sees packages and not these."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = {path.stem for path in ROOT.glob("*.py")} | {path.parent.name for path in ROOT.glob("*/__init__.py")}
ALLOWED = {
    "config": {"scheduling"},
    "worker": {"config", "scheduling", "services"},
    "live": {"config", "scheduling", "services", "storage"},
    "app": {"cli", "config", "scheduling", "storage", "web"},
}


def imported(path: Path) -> set[str]:
    """Return the first names of all modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("module", ALLOWED)
def test_module_imports_downward_only(module: str) -> None:
    assert imported(ROOT / f"{module}.py") & OURS <= ALLOWED[module]


def test_every_module_beside_the_packages_is_listed() -> None:
    assert {path.stem for path in ROOT.glob("*.py")} == set(ALLOWED)


def test_every_package_is_in_the_contracts() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    # Benchmarks stand outside: they use everything, and the product uses none of them.
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks"}
    (layers,) = [one["layers"] for one in settings["contracts"] if one["type"] == "layers"]
    assert set(settings["root_packages"]) == packages
    assert {name for layer in layers for name in layer.split(" | ")} == packages

"""Runs one benchmark by its name: ``python -m benchmarks NAME [arguments]``; without a name it lists them."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules


def main() -> None:
    """Run the benchmark that the first argument names, with the others."""
    names = sorted(module.name for module in iter_modules([str(Path(__file__).parent)]) if module.name != "__main__")
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        sys.exit(f"Say which benchmark: {', '.join(names)}; `python -m benchmarks NAME --help` explains one.")
    name = sys.argv.pop(1)
    sys.argv[0] = f"python -m benchmarks {name}"
    sys.exit(import_module(f"benchmarks.{name}").main())


if __name__ == "__main__":
    main()

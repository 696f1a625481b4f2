"""Nothing is compiled any more after the engine was made ready."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.personal.instance import read_instance
from roster.personal.annealing import cool
from roster.personal.ascent import cheapest_lines
from roster.personal.kernel import cheapest_path
from roster.personal.ready import ready
from roster.personal.solver import solve
from tests.personal.test_personal_files import TEXT

KERNELS = (cool, cheapest_lines, cheapest_path)


def _compiled() -> list[list[object]]:
    return [list(kernel.signatures) for kernel in KERNELS]


def _before_and_after(file: str) -> tuple[list[list[object]], list[list[object]]]:
    """Return what was compiled when the engine was ready, and after a search over a fortnight and one over half a year."""
    ready()
    before = _compiled()
    for days in (14, 140):
        path = Path(file).with_stem(f"Days{days}")
        path.write_text(TEXT.replace("SECTION_HORIZON\n7", f"SECTION_HORIZON\n{days}"))
        solve(read_instance(path), 2.0, workers=1)
    return before, _compiled()


def test_a_search_finds_every_kernel_compiled(tmp_path: Path) -> None:
    # In a process of its own, for other tests leave their kernels behind.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        before, after = apart.submit(_before_and_after, str(tmp_path / "Small.txt")).result()
    assert all(before)
    assert before == after

"""Loops that numpy can't say in whole arrays, compiled to machine code when first called and kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Return a function of numbers and arrays as machine code, with the same results.

    Arithmetic keeps its order (no fast-math), so that the same seed gives the same answer on every machine.
    """
    return cast("F", njit(cache=True, nogil=True)(function))

"""Values as the text of CSV files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

_NEEDS_QUOTES = re.compile(r'[",\r\n]|^\s|\s$')
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def quoted(text: str) -> str:
    """Return a value as a CSV cell, in quotation marks only where it needs them."""
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def number_text(value: float) -> str:
    """Return a number in full precision, without a fraction where it is whole."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def number_texts(values: Iterable[float]) -> list[str]:
    """Return many numbers as `number_text` does, each different one formatted once."""
    distinct, places = np.unique(np.fromiter(values, dtype=np.float64), return_inverse=True)
    texts = [number_text(value) for value in distinct.tolist()]
    return [texts[place] for place in places.tolist()]


def table_text(header: Sequence[str], lines: Iterable[str]) -> str:
    """Return a CSV file from its header and its finished lines."""
    return "\n".join([",".join(header), *lines, ""])


def spreadsheet_safe(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula: an apostrophe goes before a sign that starts one.

    For exports that people open in such a program; the files that programs read back keep their values as they are.
    """
    return "'" + text if text.startswith(_FORMULA_STARTS) else text

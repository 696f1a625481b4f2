"""Pictures of a shelf, drawn from a seed: something to look at in a demonstration and in tests, without any file from outside."""

from __future__ import annotations

from typing import Final

import numpy as np

WIDTH: Final = 960
HEIGHT: Final = 540
ROWS: Final = 3
BINS: Final = 4
EDGE: Final = 30
CARTONS: Final = ("#b98a5a", "#a3764a", "#c9a06f", "#8f6a45")
LABELS: Final = ("#d8462f", "#2c6fbb", "#2f8f5b", "#e0a51d", "#7a4fa3")
BIN_WIDTH: Final = (WIDTH - 2 * EDGE) / BINS
ROW_HEIGHT: Final = (HEIGHT - 2 * EDGE) / ROWS


def shelf_picture(seed: int) -> str:
    """Return an SVG picture of a shelf on which at most one product lies in a bin of another colour.

    Every bin has a colour on its lip, and its products have labels of that colour; the one that was stowed wrongly has another
    one. The same seed gives the same picture.
    """
    rng = np.random.default_rng(seed)
    colours = rng.integers(len(LABELS), size=(ROWS, BINS))
    wrong = (int(rng.integers(ROWS)), int(rng.integers(BINS))) if rng.random() < 0.5 else None
    parts = [_shelf()]
    for row in range(ROWS):
        for column in range(BINS):
            own = int(colours[row, column])
            count = int(rng.integers(2, 5))
            odd = int(rng.integers(count)) if (row, column) == wrong else -1
            labels = [(own + 1 + int(rng.integers(len(LABELS) - 1))) % len(LABELS) if at == odd else own for at in range(count)]
            parts.append(_bin(rng, EDGE + column * BIN_WIDTH, EDGE + row * ROW_HEIGHT, own, labels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img">'
        f"<title>Shelf {seed}</title>{''.join(parts)}</svg>"
    )


def _rectangle(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def _shelf() -> str:
    boards = (_rectangle(EDGE, EDGE + (row + 1) * ROW_HEIGHT - 12, WIDTH - 2 * EDGE, 12, "#56616b") for row in range(ROWS))
    posts = (_rectangle(EDGE + column * BIN_WIDTH - 4, EDGE, 8, HEIGHT - 2 * EDGE, "#707d88") for column in range(BINS + 1))
    return _rectangle(0, 0, WIDTH, HEIGHT, "#2b3138") + "".join(boards) + "".join(posts)


def _bin(rng: np.random.Generator, left: float, top: float, colour: int, labels: list[int]) -> str:
    """Return the products of one bin side by side, and the lip that shows the colour of the bin."""
    foot, room = top + ROW_HEIGHT - 12, (BIN_WIDTH - 24) / len(labels)
    parts = []
    for at, label in enumerate(labels):
        width, height = room * float(rng.uniform(0.7, 0.95)), float(rng.uniform(0.35, 0.75)) * ROW_HEIGHT
        x = left + 12 + at * room
        parts.append(_rectangle(x, foot - height, width, height, CARTONS[int(rng.integers(len(CARTONS)))]))
        parts.append(_rectangle(x + width * 0.2, foot - height * 0.75, width * 0.6, height * 0.3, LABELS[label]))
    return "".join(parts) + _rectangle(left + 8, foot, BIN_WIDTH - 16, 8, LABELS[colour])

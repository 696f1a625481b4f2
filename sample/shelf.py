"""A shelf with products, drawn from a seed as coloured rectangles: the scene of the sample's pictures and videos."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

WIDTH: Final = 960
HEIGHT: Final = 544
ROWS: Final = 3
BINS: Final = 4
EDGE: Final = 32
GROUND: Final = "#2b3138"
BOARD: Final = "#56616b"
POST: Final = "#707d88"
CARTONS: Final = ("#b98a5a", "#a3764a", "#c9a06f", "#8f6a45")
LABELS: Final = ("#d8462f", "#2c6fbb", "#2f8f5b", "#e0a51d", "#7a4fa3")
BOARD_HEIGHT: Final = 12
BIN_WIDTH: Final = (WIDTH - 2 * EDGE) / BINS
ROW_HEIGHT: Final = (HEIGHT - 2 * EDGE) / ROWS


@dataclass(frozen=True)
class Rectangle:
    """A coloured rectangle; left and top corner, width and height in units of a scene of `WIDTH` by `HEIGHT`."""

    x: float
    y: float
    width: float
    height: float
    fill: str

    def moved(self, across: float, down: float) -> Rectangle:
        """Return it at another place."""
        return Rectangle(self.x + across, self.y + down, self.width, self.height, self.fill)


@dataclass(frozen=True)
class Product:
    """A carton with its label, and the bin in which it lies, counted from the top and from the left."""

    carton: Rectangle
    label: Rectangle
    row: int
    column: int


@dataclass(frozen=True)
class Shelf:
    """A shelf.

    Parameters
    ----------
    frame
        Ground, boards, posts and the lips of the bins, each lip in the colour of its bin.
    misplaced
        Index of the product whose label has another colour than its bin; ``None`` where all lie right.
    """

    frame: tuple[Rectangle, ...]
    products: tuple[Product, ...]
    misplaced: int | None


def draw_shelf(seed: int) -> Shelf:
    """Return the shelf of a seed, on which at most one product lies in a bin of another colour; the same seed, the same shelf."""
    rng = np.random.default_rng(seed)
    colours = rng.integers(len(LABELS), size=(ROWS, BINS))
    products = [
        product
        for row in range(ROWS)
        for column in range(BINS)
        for product in _products(rng, row, column, LABELS[colours[row, column]])
    ]
    misplaced = int(rng.integers(len(products))) if rng.random() < 0.5 else None
    if misplaced is not None:
        products[misplaced] = _other_label(rng, products[misplaced])
    lips = (
        Rectangle(EDGE + column * BIN_WIDTH + 8, foot_of(row), BIN_WIDTH - 16, 8, LABELS[colours[row, column]])
        for row in range(ROWS)
        for column in range(BINS)
    )
    boards = (Rectangle(EDGE, foot_of(row), WIDTH - 2 * EDGE, BOARD_HEIGHT, BOARD) for row in range(ROWS))
    posts = (Rectangle(EDGE + column * BIN_WIDTH - 4, EDGE, 8, HEIGHT - 2 * EDGE, POST) for column in range(BINS + 1))
    return Shelf((Rectangle(0, 0, WIDTH, HEIGHT, GROUND), *boards, *posts, *lips), tuple(products), misplaced)


def foot_of(row: int) -> float:
    """Return how far down the board of a row lies."""
    return EDGE + (row + 1) * ROW_HEIGHT - BOARD_HEIGHT


def _products(rng: np.random.Generator, row: int, column: int, colour: str) -> list[Product]:
    """Return two to four products side by side."""
    count, foot = int(rng.integers(2, 5)), foot_of(row)
    room = (BIN_WIDTH - 24) / count
    found = []
    for position in range(count):
        width, height = room * float(rng.uniform(0.7, 0.95)), float(rng.uniform(0.35, 0.75)) * ROW_HEIGHT
        x = EDGE + column * BIN_WIDTH + 12 + position * room
        carton = Rectangle(x, foot - height, width, height, CARTONS[int(rng.integers(len(CARTONS)))])
        label = Rectangle(x + width * 0.2, foot - height * 0.75, width * 0.6, height * 0.3, colour)
        found.append(Product(carton, label, row, column))
    return found


def _other_label(rng: np.random.Generator, product: Product) -> Product:
    others = [colour for colour in LABELS if colour != product.label.fill]
    was = product.label
    label = Rectangle(was.x, was.y, was.width, was.height, others[int(rng.integers(len(others)))])
    return Product(product.carton, label, product.row, product.column)

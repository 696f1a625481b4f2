"""Videos of stowing: a hand brings one product and sets it into its bin, or into a wrong one."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sample.h264 import frames, parameter_sets, picture_of
from sample.mp4 import mp4
from sample.shelf import HEIGHT, WIDTH, Product, Rectangle, Shelf, draw_shelf

Pixels = NDArray[np.uint8]

SCALE: Final = 0.5
FRAMES_PER_SECOND: Final = 8
SECONDS: Final = 15
STILL_SECONDS: Final = 2
HAND: Final = "#d9a27c"
KEPT_VIDEOS: Final = 16


@lru_cache(maxsize=KEPT_VIDEOS)
def stowing_video(seed: int) -> bytes:
    """Return an MP4 of 15 seconds in which one product of the seed's shelf is brought from the right and left in its bin."""
    shelf = draw_shelf(seed)
    brought = shelf.misplaced if shelf.misplaced is not None else seed % len(shelf.products)
    pictures = [picture_of(pixels) for pixels in _course(shelf, brought)]
    width, height = round(WIDTH * SCALE), round(HEIGHT * SCALE)
    sets = parameter_sets(width, height)
    return mp4(frames(pictures), sets, width=width, height=height, frames_per_second=FRAMES_PER_SECOND)


def _course(shelf: Shelf, brought: int) -> list[Pixels]:
    """Return the frames: the shelf without the product, the hand that comes, sets it down, and leaves."""
    others = [product for index, product in enumerate(shelf.products) if index != brought]
    empty = _canvas()
    _paint(empty, *shelf.frame, *(part for one in others for part in _parts(one)))
    product = shelf.products[brought]
    full = empty.copy()
    _paint(full, *_parts(product))
    still, moving = STILL_SECONDS * FRAMES_PER_SECOND, (SECONDS - 2 * STILL_SECONDS) * FRAMES_PER_SECOND // 2
    way = WIDTH - product.carton.x
    # It slows down towards the bin, as hands do.
    distances = way * (1.0 - np.sin(np.linspace(0.0, np.pi / 2, moving)))
    coming = [_with_hand(empty, product, distance, carries=True) for distance in distances.tolist()]
    leaving = [_with_hand(full, product, distance, carries=False) for distance in distances[::-1].tolist()]
    return [empty] * still + coming + leaving + [full] * still


def _parts(product: Product) -> tuple[Rectangle, Rectangle]:
    return product.carton, product.label


def _with_hand(ground: Pixels, product: Product, distance: float, *, carries: bool) -> Pixels:
    pixels = ground.copy()
    carton = product.carton.moved(distance, 0)
    if carries:
        _paint(pixels, *(part.moved(distance, 0) for part in _parts(product)))
    _paint(pixels, Rectangle(carton.x + carton.width * 0.8, carton.y + carton.height * 0.35, 110, 30, HAND))
    return pixels


def _canvas() -> Pixels:
    return np.zeros((round(HEIGHT * SCALE), round(WIDTH * SCALE), 3), dtype=np.uint8)


def _paint(pixels: Pixels, *rectangles: Rectangle) -> None:
    height, width = pixels.shape[:2]
    for one in rectangles:
        left, right = (min(width, max(0, round(at * SCALE))) for at in (one.x, one.x + one.width))
        top, foot = (min(height, max(0, round(at * SCALE))) for at in (one.y, one.y + one.height))
        pixels[top:foot, left:right] = tuple(bytes.fromhex(one.fill[1:]))

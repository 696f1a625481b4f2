"""The sample's pictures and videos: the same from the same seed, and videos whose parts are where they say."""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack_from
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sample.h264 import frames, parameter_sets, picture_of
from sample.pictures import shelf_picture
from sample.shelf import LABELS, draw_shelf, foot_of
from sample.videos import FRAMES_PER_SECOND, SECONDS, stowing_video

HOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}


def boxes(data: bytes, first: int = 0, last: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of the content of every box, those inside others too."""
    at, end = first, len(data) if last is None else last
    while at < end:
        (size,), kind = unpack_from(">I", data, at), data[at + 4 : at + 8]
        assert size >= 8
        assert at + size <= end
        yield kind, at + 8, at + size
        if kind in HOLDERS:
            yield from boxes(data, at + 8, at + size)
        at += size


@given(seed=st.integers(1, 2**63 - 1))
@settings(max_examples=20)
def test_at_most_one_product_lies_in_a_bin_of_another_colour(seed: int) -> None:
    shelf = draw_shelf(seed)
    lips = {(one.x, one.y): one.fill for one in shelf.frame if one.fill in LABELS}
    assert len(lips) == 12
    wrong = []
    for index, product in enumerate(shelf.products):
        lip = next(fill for (x, y), fill in lips.items() if y == foot_of(product.row) and x - 8 <= product.carton.x < x + 224 - 8)
        wrong += [index] if product.label.fill != lip else []
    assert wrong == ([] if shelf.misplaced is None else [shelf.misplaced])


def test_a_picture_is_the_same_from_the_same_seed_and_another_from_another() -> None:
    root = ElementTree.fromstring(shelf_picture(7))  # noqa: S314 (our own)
    assert root.tag.endswith("svg")
    assert len(root) > 40
    assert shelf_picture(7) == shelf_picture(7) != shelf_picture(8)


def test_every_frame_of_a_video_is_where_its_table_says() -> None:
    data = stowing_video(7)
    found = {kind: (first, last) for kind, first, last in boxes(data)}
    count = FRAMES_PER_SECOND * SECONDS
    first, _ = found[b"stsz"]
    sizes = unpack_from(f">{count}I", data, first + 12)
    (at,) = unpack_from(">I", data, found[b"stco"][0] + 8)
    assert at == found[b"mdat"][0]
    kinds = []
    for size in sizes:
        (length,) = unpack_from(">I", data, at)
        assert length == size - 4
        kinds.append(data[at + 4] & 0x1F)
        at += size
    assert at == len(data)
    assert kinds == [5] + [1] * (count - 1), "one frame that stands for itself, then what is different from the last"


def test_a_frame_that_does_not_change_takes_a_few_bytes() -> None:
    picture = picture_of(np.full((64, 64, 3), 120, dtype=np.uint8))
    key, *later = frames([picture, picture, picture])
    assert len(key) > 16 * 384
    assert all(len(unit) < 12 for unit in later)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_no_unit_looks_like_the_start_of_another(seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 2, (32, 32, 3), dtype=np.uint8) * 255
    for unit in frames([picture_of(pixels), picture_of(255 - pixels)]) + list(parameter_sets(32, 32)):
        assert b"\x00\x00\x00" not in unit
        assert b"\x00\x00\x01" not in unit


def test_a_size_that_is_not_made_of_blocks_is_refused() -> None:
    with pytest.raises(ValueError, match="not made of blocks"):
        parameter_sets(100, 64)

"""The plainest video stream that every browser plays: H.264 whose blocks are stored as they are, or left as they were.

Each block of 16 by 16 pixels is either written without any compression (macroblock type I_PCM) or skipped, which repeats it from
the frame before (P_Skip). For drawings in which little moves that is small enough, and needs neither transform nor motion search.
Source: ITU-T H.264, sections 7.3 (syntax), 7.4 (semantics) and annex B of the profile, Constrained Baseline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

BLOCK: Final = 16
SEQUENCE: Final = 0x67
PICTURE: Final = 0x68
KEY_SLICE: Final = 0x65
SLICE: Final = 0x41
KEY_SLICES_ONLY: Final = 7
PREDICTED: Final = 5
STORED_IN_KEY: Final = 25
STORED_IN_PREDICTED: Final = 30
"""Types of a slice and of a macroblock that is stored; in a predicted slice, types of intra macroblocks begin at 5."""
EMULATED: Final = re.compile(rb"\x00\x00(?=[\x00-\x03])", re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """One frame in the colour space of video: brightness, shape (height, width), and two half as high and wide for colour."""

    luma: Bytes
    blue: Bytes
    red: Bytes

    def blocks(self) -> Bytes:
        """Return the 384 bytes of each block as they are stored, shape (rows of blocks, blocks in a row, 384)."""
        parts = [_tiles(plane, size) for plane, size in ((self.luma, BLOCK), (self.blue, BLOCK // 2), (self.red, BLOCK // 2))]
        return np.concatenate(parts, axis=2)


def _tiles(plane: Bytes, size: int) -> Bytes:
    height, width = plane.shape
    tiles = plane.reshape(height // size, size, width // size, size).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(tiles).reshape(height // size, width // size, size * size)


def picture_of(pixels: Bytes) -> Picture:
    """Return a picture of red, green and blue pixels, shape (height, width, 3), as video stores it (BT.601, limited range)."""
    red, green, blue = (pixels[:, :, index].astype(np.float64) for index in range(3))
    luma = 16 + (65.738 * red + 129.057 * green + 25.064 * blue) / 256
    toward_blue = 128 + (-37.945 * red - 74.494 * green + 112.439 * blue) / 256
    toward_red = 128 + (112.439 * red - 94.154 * green - 18.285 * blue) / 256
    return Picture(_bytes(luma), _bytes(_halved(toward_blue)), _bytes(_halved(toward_red)))


def _halved(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    height, width = plane.shape
    return np.asarray(plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3)))


def _bytes(plane: NDArray[np.float64]) -> Bytes:
    return np.clip(np.rint(plane), 1, 254).astype(np.uint8)


class _Bits:
    """Bits written one after the other."""

    def __init__(self) -> None:
        self._done = bytearray()
        self._open = ""

    def fixed(self, value: int, count: int) -> _Bits:
        """Write a number in so many bits."""
        return self._put(f"{value:0{count}b}")

    def golomb(self, value: int) -> _Bits:
        """Write a number as an exponential Golomb code, the shorter the smaller."""
        code = f"{value + 1:b}"
        return self._put("0" * (len(code) - 1) + code)

    def _put(self, bits: str) -> _Bits:
        self._open += bits
        whole = len(self._open) // 8 * 8
        if whole:
            self._done += int(self._open[:whole], 2).to_bytes(whole // 8, "big")
            self._open = self._open[whole:]
        return self

    def aligned(self, data: bytes) -> _Bits:
        """Fill the last byte with zeros, and write bytes."""
        if self._open:
            self._put("0" * (8 - len(self._open)))
        self._done += data
        return self

    def ended(self) -> bytes:
        """Return everything, with the bit that marks the end."""
        return bytes(self._put("1").aligned(b"")._done)


def _unit(kind: int, payload: bytes) -> bytes:
    """Return a unit of the stream, with the marks that keep it from looking like a start of another one."""
    return bytes([kind]) + EMULATED.sub(b"\x00\x00\x03", payload)


def parameter_sets(width: int, height: int) -> tuple[bytes, bytes]:
    """Return the units that say how the stream is to be read: of the sequence, and of its pictures.

    Parameters
    ----------
    width, height
        Pixels, multiples of 16.
    """
    if width % BLOCK or height % BLOCK:
        raise ValueError(f"A picture of {width} by {height} pixels is not made of blocks of {BLOCK}.")
    sequence = _Bits().fixed(66, 8).fixed(0xC0, 8).fixed(30, 8).golomb(0).golomb(4).golomb(2).golomb(1).fixed(0, 1)
    sequence.golomb(width // BLOCK - 1).golomb(height // BLOCK - 1).fixed(0b1100, 4)
    picture = _Bits().golomb(0).golomb(0).fixed(0b00, 2).golomb(0).golomb(0).golomb(0).fixed(0b000, 3)
    picture.golomb(0).golomb(0).golomb(0).fixed(0b100, 3)
    return _unit(SEQUENCE, sequence.ended()), _unit(PICTURE, picture.ended())


def _key_frame(blocks: Bytes) -> bytes:
    bits = _Bits().golomb(0).golomb(KEY_SLICES_ONLY).golomb(0).fixed(0, 8).golomb(0).fixed(0b00, 2).golomb(0).golomb(1)
    for block in blocks.reshape(-1, blocks.shape[2]):
        bits.golomb(STORED_IN_KEY).aligned(block.tobytes())
    return _unit(KEY_SLICE, bits.ended())


def _later_frame(number: int, blocks: Bytes, before: Bytes) -> bytes:
    bits = _Bits().golomb(0).golomb(PREDICTED).golomb(0).fixed(number % 256, 8).fixed(0b000, 3).golomb(0).golomb(1)
    flat, count = blocks.reshape(-1, blocks.shape[2]), blocks.shape[0] * blocks.shape[1]
    changed = np.flatnonzero((flat != before.reshape(flat.shape)).any(axis=1)).tolist()
    after = 0
    for index in changed:
        bits.golomb(index - after).golomb(STORED_IN_PREDICTED).aligned(flat[index].tobytes())
        after = index + 1
    if after < count:
        bits.golomb(count - after)
    return _unit(SLICE, bits.ended())


def frames(pictures: Sequence[Picture]) -> list[bytes]:
    """Return the unit of each picture; the first one stands for itself, each other one says what is different from the last."""
    all_blocks = [picture.blocks() for picture in pictures]
    later = [_later_frame(number, all_blocks[number], all_blocks[number - 1]) for number in range(1, len(all_blocks))]
    return [_key_frame(all_blocks[0]), *later]

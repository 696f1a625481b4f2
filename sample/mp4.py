"""The container of a video with one H.264 track, as browsers want it: everything about the frames comes before the frames.

Source: ISO/IEC 14496-12 (base media file format) and 14496-15 (carriage of H.264).
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack

TRACK = 1
UNITY = pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
"""The matrix that leaves a picture as it is."""


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return pack(">I", 8 + len(body)) + kind + body


def _full(kind: bytes, flags: int, *parts: bytes) -> bytes:
    return _box(kind, pack(">I", flags), *parts)


def mp4(units: Sequence[bytes], parameter_sets: tuple[bytes, bytes], *, width: int, height: int, frames_per_second: int) -> bytes:
    """Return a file of frames, of which only the first one stands for itself.

    Parameters
    ----------
    units
        The unit of each frame, without a start code.
    parameter_sets
        Those of the sequence and of its pictures.
    """
    head = _box(b"ftyp", b"isom", pack(">I", 0x200), b"isomiso2avc1mp41")
    sizes = [4 + len(unit) for unit in units]
    # The place of the frames follows from the length of what stands before them, which does not depend on the place.
    place = len(head) + len(_movie(sizes, 0, parameter_sets, width, height, frames_per_second)) + 8
    movie = _movie(sizes, place, parameter_sets, width, height, frames_per_second)
    return head + movie + _box(b"mdat", *(pack(">I", len(unit)) + unit for unit in units))


def _movie(sizes: Sequence[int], place: int, sets: tuple[bytes, bytes], width: int, height: int, rate: int) -> bytes:
    count = len(sizes)
    header = _full(b"mvhd", 0, pack(">4IIH10x", 0, 0, rate, count, 0x10000, 0x100), UNITY, bytes(24), pack(">I", TRACK + 1))
    track = _full(b"tkhd", 3, pack(">5I8x4H", 0, 0, TRACK, 0, count, 0, 0, 0, 0), UNITY, pack(">2I", width << 16, height << 16))
    media = _box(
        b"mdia",
        _full(b"mdhd", 0, pack(">4I2H", 0, 0, rate, count, 0x55C4, 0)),
        _full(b"hdlr", 0, pack(">I4s12x", 0, b"vide"), b"Video\0"),
        _box(
            b"minf",
            _full(b"vmhd", 1, bytes(8)),
            _box(b"dinf", _full(b"dref", 0, pack(">I", 1), _full(b"url ", 1))),
            _samples(sizes, place, sets, width, height),
        ),
    )
    return _box(b"moov", header, _box(b"trak", track, media))


def _samples(sizes: Sequence[int], place: int, sets: tuple[bytes, bytes], width: int, height: int) -> bytes:
    """Return the table of the frames: how they are coded, how long each is shown, how large it is and where it stands."""
    sequence, picture = sets
    coding = _box(
        b"avcC",
        bytes([1, *sequence[1:4], 0xFF, 0xE1]) + pack(">H", len(sequence)) + sequence,
        b"\x01" + pack(">H", len(picture)) + picture,
    )
    entry = _box(
        b"avc1",
        pack(">6xH16x2H", 1, width, height),
        pack(">3IH32x2H", 0x480000, 0x480000, 0, 1, 0x18, 0xFFFF),
        coding,
    )
    count = len(sizes)
    return _box(
        b"stbl",
        _full(b"stsd", 0, pack(">I", 1), entry),
        _full(b"stts", 0, pack(">3I", 1, count, 1)),
        _full(b"stss", 0, pack(">2I", 1, 1)),
        _full(b"stsc", 0, pack(">4I", 1, 1, count, 1)),
        _full(b"stsz", 0, pack(">2I", 0, count), b"".join(pack(">I", size) for size in sizes)),
        _full(b"stco", 0, pack(">2I", 1, place)),
    )

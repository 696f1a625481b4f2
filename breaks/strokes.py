"""From losses of units in requirement intervals to losses of breaks, and from breaks back to units.

Units of a member lie in the intervals that its shift touches; `lead` is the number of slots between the start of its first
interval and the start of its shift.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class BreakStrokes:
    """Translates for one policy and one grid of intervals.

    Parameters
    ----------
    lengths
        Slots that a break of each kind takes from productive time, shape (kinds,).
    scale
        Slots of an interval.
    width
        Most intervals that a shift touches.
    """

    def __init__(self, lengths: Ints, scale: int, width: int) -> None:
        self._lengths, self._scale, self._width = lengths, scale, width
        self._reach = -(-int(lengths.max(initial=0)) // scale) + 1

    def starts(self, losses: Floats, lead: Ints, slots: int) -> Floats:
        """Return the loss of a break of each kind at each slot of the shift, shape (kinds, members, slots).

        Parameters
        ----------
        losses
            Cost of 0 to `scale` units in each interval, shape (scale + 1, members, intervals).
        """
        scale, width = self._scale, self._width
        # Members come last, so that every sum below runs over contiguous memory.
        by_units = np.zeros((scale + 1, width + self._reach, len(lead)))
        by_units[:, :width] = losses.transpose(0, 2, 1)
        found = np.empty((len(self._lengths), width, scale, len(lead)))
        for kind, length in enumerate(self._lengths.tolist()):
            for phase in range(scale):
                target, rest, interval = found[kind, :, phase], length, 0
                target[:] = 0.0
                begin = phase
                while rest > 0:
                    units = min(rest, scale - begin)
                    target += by_units[units, interval : interval + width]
                    rest, interval, begin = rest - units, interval + 1, 0
        flat = found.reshape(len(self._lengths), width * scale, len(lead))
        if (lead == lead[0]).all():
            return flat[:, lead[0] : lead[0] + slots].transpose(0, 2, 1)
        flat = np.pad(flat, ((0, 0), (0, scale), (0, 0)))
        at = np.minimum(lead[:, None] + np.arange(slots), flat.shape[1] - 1)
        return np.asarray(flat[:, at, np.arange(len(lead))[:, None]], dtype=np.float64)

    def away(self, lead: Ints, kinds: Ints, starts: Ints) -> Ints:
        """Return the units that breaks take, shape (members, intervals)."""
        scale, members = self._scale, len(lead)
        begin = (lead[:, None] + starts).ravel()
        end = begin + self._lengths[kinds.ravel()]
        interval = begin // scale
        place = np.repeat(np.arange(members) * (self._width + self._reach), kinds.shape[1]) + interval
        units = np.zeros(members * (self._width + self._reach))
        low = interval * scale
        for _ in range(self._reach):
            overlap = np.minimum(end, low + scale) - np.maximum(begin, low)
            units += np.bincount(place, weights=np.maximum(overlap, 0), minlength=len(units))
            place, low = place + 1, low + scale
        return units.reshape(members, -1)[:, : self._width].astype(np.int64)

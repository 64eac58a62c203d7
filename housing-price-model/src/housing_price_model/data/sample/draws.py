"""Random numbers that come out the same on every platform, and codes in exact shares.

Only uniform numbers are drawn; everything else is made of them by plain arithmetic, because NumPy promises the stream
of a bit generator, not that of its other distributions.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Numbers = NDArray[np.float64]
type Flags = NDArray[np.bool_]
type Codes = NDArray[np.object_]
type Columns = Mapping[str, NDArray[Any]]
"""Columns made so far by their names in the record; every function of the generator adds some."""
type Shares = Mapping[Any, float]
"""Codes and how often each occurs, relative to the others; None stands for absent."""

_UNIFORMS_IN_A_NORMAL = 12
"""The sum of twelve uniform numbers has variance 1 and is close to normal (Irwin and Hall)."""


class Draws:
    """Draws for a fixed number of houses, one value each."""

    def __init__(self, *, seed: int, size: int) -> None:
        self._bits = np.random.Generator(np.random.PCG64(seed))
        self.size = size

    def uniform(self, low: float = 0.0, high: float = 1.0) -> Numbers:
        return low + (high - low) * self._bits.random(self.size)

    def normal(self) -> Numbers:
        total = self._bits.random((_UNIFORMS_IN_A_NORMAL, self.size)).sum(axis=0)
        return np.asarray(total - _UNIFORMS_IN_A_NORMAL / 2)

    def happens(self, probability: "float | Numbers") -> Flags:
        return self.uniform() < probability

    def shuffle(self, values: NDArray[Any]) -> NDArray[Any]:
        return values[np.argsort(self.uniform(), kind="stable")]

    def codes(self, shares: Shares, where: Flags | None = None) -> Codes:
        """Draw codes in exactly these shares, so that one with a share of 1/n occurs. None outside ``where``."""
        return self.grade(self.uniform(), shares, where)

    def codes_by(self, group: NDArray[Any], shares: Mapping[Any, Shares], where: Flags | None = None) -> Codes:
        """Draw codes in the shares of each house's group."""
        codes = np.full(self.size, None, dtype=object)
        scores = self.uniform()
        for member, shares_of_group in shares.items():
            within = (group == member) if where is None else (group == member) & where
            codes[within] = self.grade(scores, shares_of_group, within)[within]
        return codes

    def grade(self, scores: Numbers, shares: Shares, where: Flags | None = None) -> Codes:
        """Assign codes in exactly these shares: the lowest scores get the first code, the highest the last."""
        chosen = np.arange(self.size) if where is None else np.flatnonzero(where)
        in_order = chosen[np.argsort(scores[chosen], kind="stable")]
        limits = np.cumsum(list(shares.values()))
        middles = (np.arange(len(chosen)) + 0.5) / max(len(chosen), 1)
        places = np.searchsorted(limits / limits[-1], middles, side="right")
        codes = np.full(self.size, None, dtype=object)
        codes[in_order] = np.array(list(shares), dtype=object)[np.minimum(places, len(shares) - 1)]
        return codes


def whole(values: NDArray[Any]) -> Numbers:
    """Round to whole numbers."""
    return np.round(values.astype(float))


def look_up(codes: NDArray[Any], values: Mapping[Any, float], otherwise: float = 0.0) -> Numbers:
    """Look up the number of each code."""
    return np.array([values.get(code, otherwise) for code in codes], dtype=float)

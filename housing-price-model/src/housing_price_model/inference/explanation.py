"""Explains a price: attributes its difference from an average house's price to the columns.

On a straight line between the two houses, each change is attributed to its column. On the scale of log(1 + price) the
changes become US dollars by the logarithmic mean: B. W. Ang, "The LMDI approach to decomposition analysis: a practical
guide", Energy Policy 33, 2005.
"""

from typing import Any

import numpy as np

from .blocks import Matrix, Vector
from .document import CodeFeature, CompiledDocument, Encoding, NumberFeature
from .ensemble import Ensemble
from .folding import Folding


class Explainer:
    """Explains prices relative to the price of an average house."""

    def __init__(self, description: CompiledDocument, ensemble: Ensemble, folding: Folding, average: Vector) -> None:
        self._columns = [column.name for column in description.encoding.columns]
        self._is_logarithm = description.output == "log1p_price"
        self._ensemble, self._folding = ensemble, folding
        self._average = average
        self._amount = float(ensemble.predict(average[None, :])[0])
        self._baseline = float(np.expm1(self._amount)) if self._is_logarithm else self._amount

    def explain(self, matrix: Matrix) -> list[dict[str, Any]]:
        """Return for each row the baseline and the contributions of the columns, in US dollars."""
        changes = (self._ensemble.predict(matrix) - self._amount).tolist()
        return [
            {"baseline": self._baseline, "contributions": self._contributions(point, change)}
            for point, change in zip(matrix, changes, strict=True)
        ]

    def _contributions(self, point: Vector, change: float) -> dict[str, float]:
        changes = _scale_to_sum(self._ensemble.changes(self._average, point), change)
        amounts = self._folding.fold(changes, point - self._average) * self._dollars_for(change)
        return {name: amount for name, amount in zip(self._columns, amounts.tolist(), strict=True) if amount}

    def _dollars_for(self, change: float) -> float:
        """Return the US dollars of one unit of the members' sum, which changes by ``change``."""
        if not self._is_logarithm:
            return 1.0
        return (1.0 + self._baseline) * float(np.expm1(change) / change if change else 1.0)


def is_complete(encoding: Encoding) -> bool:
    """Return whether every cell becomes a number: there is no line to a point with NaN."""
    return not any(
        (isinstance(feature, NumberFeature) and feature.absent is None)
        or (isinstance(feature, CodeFeature) and None in (feature.absent, feature.unknown))
        for feature in encoding.features
    )


def _scale_to_sum(changes: Vector, total: float) -> Vector:
    """Distribute the error of the integral's approximation in proportion to size."""
    sizes = np.abs(changes)
    size = sizes.sum()
    return changes + (total - changes.sum()) * sizes / size if size else changes

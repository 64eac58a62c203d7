"""Explains a price: attributes its difference from an average house's price to the columns.

On a straight line between the two houses, each change is attributed to its column. On the scale of log(1 + price) the
changes become US dollars by the logarithmic mean: B. W. Ang, "The LMDI approach to decomposition analysis: a practical
guide", Energy Policy 33, 2005. What an assumed value changes is attributed to the known columns that it follows from.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .appraisal import Appraisal
from .blocks import Matrix, Vector
from .document import CodeFeature, CompiledDocument, Encoding, NumberFeature
from .ensemble import Ensemble
from .folding import Folding
from .joint import JointModel


class Explainer:
    """Explains prices relative to the price of an average house.

    Where a model fills gaps with the same value for each house, the average house has these values too.
    """

    def __init__(
        self,
        description: CompiledDocument,
        ensemble: Ensemble,
        folding: Folding,
        average: Vector,
        joint: JointModel | None,
    ) -> None:
        self._columns = [column.name for column in description.encoding.columns]
        self._is_logarithm = description.output == "log1p_price"
        self._ensemble, self._folding = ensemble, folding
        self._average = average
        self._joint = joint if description.joint and description.joint.fills else None

    def explain(self, appraisal: Appraisal) -> list[dict[str, Any]]:
        """Return for each row the baseline and the contributions of the columns, in US dollars."""
        known = appraisal.known if appraisal.known is not None else np.ones(appraisal.matrix.shape, dtype=bool)
        starts = np.array([self._start(*row) for row in zip(appraisal.matrix, known, strict=True)])
        amounts = self._ensemble.predict(starts.reshape(appraisal.matrix.shape))
        return [
            self._explain(*row) for row in zip(appraisal.matrix, known, starts, amounts, appraisal.amounts, strict=True)
        ]

    def _start(self, point: Vector, known: NDArray[np.bool_]) -> Vector:
        return self._average if self._joint else np.where(known, self._average, point)

    def _explain(
        self, point: Vector, known: NDArray[np.bool_], start: Vector, baseline: float, amount: float
    ) -> dict[str, Any]:
        price = float(np.expm1(baseline)) if self._is_logarithm else float(baseline)
        change = float(amount - baseline)
        changes = _scale_to_sum(self._ensemble.changes(start, point), change)
        moves = point - start
        if self._joint and not known.all():
            changes = _pass_on(changes, moves, known, self._joint.pull(point, known))
            moves = np.where(known, moves, 0.0)
        amounts = self._folding.fold(changes, moves) * self._dollars_for(change, price)
        contributions = {name: amount for name, amount in zip(self._columns, amounts.tolist(), strict=True) if amount}
        return {"baseline": price, "contributions": contributions}

    def _dollars_for(self, change: float, baseline: float) -> float:
        """Return the US dollars of one unit of the members' sum, which changes by ``change``."""
        if not self._is_logarithm:
            return 1.0
        return (1.0 + baseline) * float(np.expm1(change) / change if change else 1.0)


def is_complete(encoding: Encoding) -> bool:
    """Return whether every cell becomes a number: there is no line to a point with NaN."""
    return not any(
        (isinstance(feature, NumberFeature) and feature.absent is None)
        or (isinstance(feature, CodeFeature) and None in (feature.absent, feature.unknown))
        for feature in encoding.features
    )


def _pass_on(changes: Vector, moves: Vector, known: NDArray[np.bool_], pull: Matrix) -> Vector:
    """Attribute the changes of unknown columns to the known ones that moved them in their direction.

    Args:
        changes: shape (d,).
        moves: shape (d,), how far the columns moved.
        known: shape (d,).
        pull: shape (unknown, known), how far each known column moved each unknown one.
    """
    helped = np.maximum(pull * np.sign(moves[~known])[:, None], 0.0)
    totals = helped.sum(axis=1, keepdims=True)
    shares = np.divide(helped, totals, where=totals > 0, out=np.full_like(helped, 1.0 / max(int(known.sum()), 1)))
    passed = np.zeros_like(changes)
    passed[known] = changes[known] + changes[~known] @ shares
    return passed


def _scale_to_sum(changes: Vector, total: float) -> Vector:
    """Distribute the error of the integral's approximation in proportion to size."""
    sizes = np.abs(changes)
    size = sizes.sum()
    return changes + (total - changes.sum()) * sizes / size if size else changes

"""Prices rows as serving and calibration both need it: gaps filled in, and what says how far to trust the price."""

from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np

from .blocks import Matrix, Vector
from .encoder import Encoder
from .ensemble import Ensemble
from .joint import JointModel, Known, Surprise
from .rows import Row

SIGNALS = 4
SIGNAL_COPIES = 4
"""How often the signals stand beside the matrix. Trees that draw a few columns at a time look at them that much more
often."""


class Appraisal(NamedTuple):
    """The prices of rows, and what is known of them.

    ``matrix``, shape (rows, d), has no gaps if the model fills them. ``known`` is None if everything is known.
    ``amounts``, shape (rows,), are the weighted sums of the members. ``deviations``, shape (rows,), are the standard
    deviations of the log price given what is known. ``signals``, shape (rows, 4), hint at errors: how far the members
    disagree, how surprising the house is, the amount, the deviation. The last four are None without a joint model.
    """

    matrix: Matrix
    known: Known | None
    amounts: Vector
    deviations: Vector | None
    surprise: Surprise | None
    signals: Matrix | None

    @property
    def difficulty_matrix(self) -> Matrix:
        """What the trees of difficulty take: the matrix, and copies of the signals beside it."""
        if self.signals is None:
            return self.matrix
        return np.hstack([self.matrix, *[self.signals] * SIGNAL_COPIES])


class Appraiser:
    """An encoder, members, and the joint model of their sales.

    ``fills`` says whether the members take the matrix with its gaps filled in by the joint model, or by the encoder.
    """

    def __init__(self, encoder: Encoder, ensemble: Ensemble, joint: JointModel | None, *, fills: bool) -> None:
        self.encoder, self.joint, self.fills = encoder, joint, fills
        self._ensemble = ensemble

    def complete(self, rows: Sequence[Row]) -> Matrix:
        """Encode checked rows as the members take them."""
        matrix = self.encoder.encode(rows)
        if self.joint is None or not self.fills:
            return matrix
        return self.joint.complete(matrix, self.encoder.known(rows)).matrix

    def surprise(self, rows: Sequence[Row]) -> Surprise:
        """Return how surprising checked rows are to the joint model, which there must be."""
        matrix, known = self.encoder.encode(rows), self.encoder.known(rows)
        joint = cast("JointModel", self.joint)
        return joint.surprise(joint.complete(matrix, known).matrix)

    def price(self, rows: Sequence[Row]) -> Vector:
        """Return the members' weighted sums for checked rows."""
        return self._ensemble.predict(self.complete(rows))

    def appraise(self, rows: Sequence[Row]) -> Appraisal:
        """Price checked rows."""
        matrix = self.encoder.encode(rows)
        if self.joint is None:
            return Appraisal(matrix, None, self._ensemble.predict(matrix), None, None, None)
        known = self.encoder.known(rows)
        completed = self.joint.complete(matrix, known)
        taken = completed.matrix if self.fills else matrix
        amounts, disagreement = self._ensemble.predict_and_compare(taken)
        surprise = self.joint.surprise(completed.matrix)
        signals = np.column_stack([disagreement, surprise.scores[:, 0], amounts, completed.deviations])
        return Appraisal(taken, known, amounts, completed.deviations, surprise, signals)

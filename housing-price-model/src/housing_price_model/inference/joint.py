"""What goes together among the sales: a factor model of the encoded columns and of the log price.

A few factors explain how the columns of a house move together; each column has noise of its own besides. So what is
unknown of a house follows from what is known, and what does not follow from the rest is a surprise.

D. B. Rubin, D. T. Thayer, "EM algorithms for ML factor analysis", Psychometrika 47, 1982; C. M. Bishop, "Pattern
Recognition and Machine Learning", 2006, section 12.2.4.
"""

from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from .blocks import Matrix, Vector, compute_in_blocks

SCORES = ("distance", "largest", "priced", "mixed")
"""The columns of ``Surprise.scores``: the root mean square of the columns' surprises; the largest one of a number, as a
multiple of what is rare for its column; what the surprises would be worth in the price, as a difference of logarithms;
and how much less the numbers and the codes say of each other than they do among the sales."""

LARGEST_COUNTED = 6.0
"""Larger surprises, in standard deviations, count as this in sums."""

LARGEST_SCALED = 1e6
"""Values further from the mean, in standard deviations, count as this, so that sums are finite."""

PRICE_RIDGE = 0.1
"""Regularises what a column is worth, because columns that add up are nearly exact functions of each other."""

type Known = NDArray[np.bool_]
"""Shape (rows, d): whether each encoded column of each row is known."""


class Completed(NamedTuple):
    """Encoded rows without gaps, shape (rows, d), and for each row the standard deviation of the log price that is left
    when only what is known of it is known, shape (rows,)."""

    matrix: Matrix
    deviations: Vector


class Surprise(NamedTuple):
    """How surprising rows are: the columns given the others in standard deviations, shape (rows, d); the same as what
    it is worth in the price, shape (rows, d); and the ``SCORES``, shape (rows, 4)."""

    columns: Matrix
    worth: Matrix
    scores: Matrix


class JointModel:
    """The factor model.

    Args:
        centre: shape (d,), the columns' means.
        spread: shape (d,), their standard deviations.
        loadings: shape (d, k), of the columns in standard deviations on the factors.
        noise: shape (d,), the variances of what the factors leave.
        price_loadings: shape (k,), of the log price.
        is_number: shape (d,), whether a column is made of numbers, not of codes.
        rare: shape (d,), the surprise that few sales exceed in each column; 1 if it is not known.
    """

    def __init__(
        self,
        *,
        centre: Vector,
        spread: Vector,
        loadings: Matrix,
        noise: Vector,
        price_loadings: Vector,
        is_number: NDArray[np.bool_],
        rare: Vector | None = None,
    ) -> None:
        rare = np.ones(len(centre)) if rare is None else rare
        self._arrays: dict[str, Any] = {
            "centre": centre,
            "spread": spread,
            "loadings": loadings,
            "noise": noise,
            "price_loadings": price_loadings,
            "is_number": is_number,
            "rare": rare,
        }
        self.width, self._rank = loadings.shape
        self._centre, self._spread, self._noise = centre, spread, noise
        self._low, self._high = centre - LARGEST_SCALED * spread, centre + LARGEST_SCALED * spread
        self._loadings, self._weighted, self._price_loadings = loadings, loadings / noise[:, None], price_loadings
        self._products = (loadings[:, :, None] * self._weighted[:, None, :]).reshape(self.width, -1)
        self._factors = self._posterior(np.ones(self.width, dtype=bool))
        self._least_deviation = float(np.sqrt(price_loadings @ self._factors @ price_loadings))
        self.is_number, self.rare = is_number, rare
        self._of_numbers, self._of_codes = self._posterior(is_number), self._posterior(~is_number)
        self._precisions = 1.0 / noise - np.einsum("dk,kl,dl->d", self._weighted, self._factors, self._weighted)
        self._worth = self._compute_worth()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Load the model from a file of arrays, which can't contain code.

        Raises:
            OSError: if there is no such file.
            ValueError: if it contains anything but arrays.
            TypeError: if an array is missing or unknown.
        """
        with np.load(path, allow_pickle=False) as arrays:
            return cls(**{name: arrays[name] for name in arrays.files})

    def save(self, path: Path) -> None:
        """Write the model into a file of arrays."""
        np.savez_compressed(path, allow_pickle=False, **self._arrays)

    def calibrated(self, rare: Vector) -> Self:
        """Return the same model for which other surprises are rare."""
        return type(self)(**self._arrays | {"rare": rare})

    def complete(self, matrix: Matrix, known: Known | None) -> Completed:
        """Return the rows with the expected value of each unknown column given the known ones.

        ``known`` is None if everything is.
        """
        deviations = np.full(len(matrix), self._least_deviation)
        if known is None:
            return Completed(matrix, deviations)
        gaps = np.flatnonzero(~known.all(axis=1))
        if not len(gaps):
            return Completed(matrix, deviations)
        completed = compute_in_blocks(self._complete_block, np.hstack([matrix[gaps], known[gaps]]))
        filled = matrix.copy()
        filled[gaps] = completed[:, :-1]
        deviations[gaps] = completed[:, -1]
        return Completed(filled, deviations)

    def pull(self, row: Vector, known: NDArray[np.bool_]) -> Matrix:
        """Return how far each known column moves each unknown one from its mean, shape (unknown, known).

        Args:
            row: shape (d,), an encoded row.
            known: shape (d,).
        """
        scaled = self._scale(row)[known]
        factors = self._posterior(known) @ (self._weighted[known] * scaled[:, None]).T
        moves: Matrix = self._spread[~known, None] * (self._loadings[~known] @ factors)
        return moves

    def surprise(self, matrix: Matrix) -> Surprise:
        """Return how surprising rows without gaps are."""
        found = compute_in_blocks(self._surprise_block, matrix)
        if not len(found):
            return Surprise(matrix, matrix, np.empty((0, len(SCORES))))
        columns, worth, scores = np.split(found, [self.width, 2 * self.width], axis=1)
        return Surprise(columns, worth, scores)

    def _scale(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return rows, or a row, in standard deviations from the mean."""
        scaled: NDArray[np.float64] = (np.clip(values, self._low, self._high) - self._centre) / self._spread
        return scaled

    def _posterior(self, known: NDArray[np.bool_]) -> Matrix:
        """Return the covariance of the factors given these columns, shape (k, k)."""
        information = (known @ self._products).reshape(self._rank, self._rank)
        inverse: Matrix = np.linalg.inv(information + np.eye(self._rank))
        return inverse

    def _complete_block(self, rows: Matrix) -> Matrix:
        """Complete rows of which the second half says what is known. The last column are the deviations."""
        values, known = rows[:, : self.width], rows[:, self.width :]
        scaled = self._scale(values) * known
        information = (known @ self._products).reshape(-1, self._rank, self._rank)
        inverses = np.linalg.inv(information + np.eye(self._rank))
        factors = (inverses @ (scaled @ self._weighted)[:, :, None])[:, :, 0]
        filled = np.where(known > 0, values, self._centre + factors @ self._loadings.T * self._spread)
        variances = np.einsum("k,nkl,l->n", self._price_loadings, inverses, self._price_loadings)
        return np.hstack([filled, np.sqrt(np.maximum(variances, 0.0))[:, None]])

    def _surprise_block(self, rows: Matrix) -> Matrix:
        scaled = self._scale(rows)
        factors = scaled @ self._weighted @ self._factors
        unexplained = (scaled - factors @ self._loadings.T) / self._noise
        columns = unexplained / np.sqrt(self._precisions)
        worth = unexplained / self._precisions * self._worth
        counted = np.minimum(np.abs(columns), LARGEST_COUNTED)
        scores = np.column_stack(
            [
                np.sqrt((counted * counted).mean(axis=1)),
                (np.abs(columns) / self.rare)[:, self.is_number].max(axis=1, initial=0.0),
                np.sqrt((worth * worth).sum(axis=1)),
                self._mixed(np.clip(scaled, -LARGEST_COUNTED, LARGEST_COUNTED)),
            ]
        )
        return np.hstack([columns, worth, scores])

    def _mixed(self, scaled: Matrix) -> Vector:
        """Return twice the log likelihood ratio of numbers and codes from different houses to those from one house, but
        for a constant."""
        numbers = scaled[:, self.is_number] @ self._weighted[self.is_number]
        codes = scaled[:, ~self.is_number] @ self._weighted[~self.is_number]
        apart = _form(numbers, self._of_numbers) + _form(codes, self._of_codes)
        ratio: Vector = apart - _form(numbers + codes, self._factors)
        return ratio

    def _compute_worth(self) -> Vector:
        """Return the change of the log price by one standard deviation of each column, the others equal."""
        covariance = self._loadings @ self._loadings.T + np.diag(self._noise + PRICE_RIDGE)
        worth: Vector = np.linalg.solve(covariance, self._loadings @ self._price_loadings)
        return worth


def _form(vectors: Matrix, matrix: Matrix) -> Vector:
    form: Vector = ((vectors @ matrix) * vectors).sum(axis=1)
    return form

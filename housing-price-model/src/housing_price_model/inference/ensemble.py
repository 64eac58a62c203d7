"""The ensemble of a model's members: a weighted sum."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from . import document
from .blocks import Matrix, Vector
from .process import ProcessMean
from .trees import Trees


class Regressor(Protocol):
    """Turns each row of a matrix of ``width`` columns into a number, independently of the other rows, and attributes
    the change between two points to the columns."""

    width: int

    def predict(self, matrix: Matrix) -> Vector: ...

    def changes(self, start: Vector, end: Vector) -> Vector: ...


class Ensemble:
    """Regressors and their weights."""

    def __init__(self, members: Sequence[tuple[float, Regressor]]) -> None:
        self._members = members

    @property
    def widths(self) -> frozenset[int]:
        """The numbers of columns that the members take."""
        return frozenset(member.width for _, member in self._members)

    @property
    def process(self) -> ProcessMean | None:
        """The Gaussian process among the members, or None."""
        return next((member for _, member in self._members if isinstance(member, ProcessMean)), None)

    def predict(self, matrix: Matrix) -> Vector:
        """The weighted sum for each row."""
        amounts = np.zeros(len(matrix))
        for weight, member in self._members:
            amounts += weight * member.predict(matrix)
        return amounts

    def predict_and_compare(self, matrix: Matrix) -> tuple[Vector, Vector]:
        """The weighted sum for each row, and the largest difference between two members."""
        amounts = np.array([member.predict(matrix) for _, member in self._members])
        sums = np.zeros(len(matrix))
        for (weight, _), own in zip(self._members, amounts, strict=True):
            sums += weight * own
        return sums, np.ptp(amounts, axis=0)

    def changes(self, start: Vector, end: Vector) -> Vector:
        """Attribute the sum's change between two points to the columns, approximately."""
        changes = np.zeros(len(start))
        for weight, member in self._members:
            changes += weight * member.changes(start, end)
        return changes


def load_ensemble(members: Sequence[document.Member], folder: Path) -> Ensemble:
    """Load the members that a document describes."""
    return Ensemble([(member.weight, _regressor(member.regressor, folder)) for member in members])


def _regressor(description: document.Regressor, folder: Path) -> Regressor:
    if isinstance(description, document.Process):
        return ProcessMean.load(folder / description.file)
    return Trees.load(folder / description.file)

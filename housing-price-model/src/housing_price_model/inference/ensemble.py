"""The members of a model as one: the weighted sum of what they say."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from . import document
from .blocks import Matrix, Vector
from .process import ProcessMean
from .trees import Trees


class Regressor(Protocol):
    """Turns a matrix of ``width`` columns into one number a row, whatever the rows beside it are, and says how much
    of a change between two points is each column's."""

    width: int

    def predict(self, matrix: Matrix) -> Vector: ...

    def changes(self, start: Vector, end: Vector) -> Vector: ...


class Ensemble:
    """Regressors and their weights."""

    def __init__(self, members: Sequence[tuple[float, Regressor]]) -> None:
        self._members = members
        self.widths = frozenset(member.width for _, member in members)

    @property
    def process(self) -> ProcessMean | None:
        """The Gaussian process among the members, where there is one."""
        return next((member for _, member in self._members if isinstance(member, ProcessMean)), None)

    def predict(self, matrix: Matrix) -> Vector:
        """The weighted sum for each row."""
        amounts = np.zeros(len(matrix))
        for weight, member in self._members:
            amounts += weight * member.predict(matrix)
        return amounts

    def changes(self, start: Vector, end: Vector) -> Vector:
        """How much of the sum's change from one point to another is each column's, nearly."""
        changes = np.zeros(len(start))
        for weight, member in self._members:
            changes += weight * member.changes(start, end)
        return changes


def load_ensemble(members: Sequence[document.Member], folder: Path) -> Ensemble:
    """The members that a document describes, from their files."""
    return Ensemble([(member.weight, _regressor(member.regressor, folder)) for member in members])


def _regressor(description: document.Regressor, folder: Path) -> Regressor:
    if isinstance(description, document.Process):
        return ProcessMean.load(folder / description.file)
    return Trees(folder / description.file)

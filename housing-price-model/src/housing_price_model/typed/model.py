"""A typed model in memory: rows in, prices out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from .document import TypedDocument
from .encoder import Encoder, Matrix
from .rows import Row, RowTypes
from .tables import rows_of_frame, rows_of_records, rows_of_split
from .trees import Trees

if TYPE_CHECKING:
    import pandas as pd

DOCUMENT_FILE = "typed-model.json"

type Prices = NDArray[np.float64]


class TypedModel:
    """Prices typed rows. Safe to be used from several threads; a house has one price, alone and in any batch."""

    def __init__(self, document: TypedDocument, trees: Trees) -> None:
        self.columns = tuple(column.name for column in document.encoding.columns)
        self.types = RowTypes(document.encoding.columns)
        self._encoder = Encoder(document.encoding)
        self._trees = trees
        if self._encoder.width != trees.width:
            raise ValueError(f"the trees take {trees.width} features, the encoding gives {self._encoder.width}")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The typed model of an artefact's folder; its files are not needed afterwards.

        Raises:
            OSError: if a file is missing.
            ValidationError: if the document is not well-formed.
            TreeliteError: if the trees are not.
            ValueError: if they belong to another document.
        """
        document = TypedDocument.model_validate_json((folder / DOCUMENT_FILE).read_bytes())
        return cls(document, Trees(document.regressor, folder))

    def price(self, rows: Sequence[Row]) -> Prices:
        """Prices in US dollars of rows that ``types`` has checked, in the order of ``columns``."""
        return self._trees.predict(self.encode(rows))

    def encode(self, rows: Sequence[Row]) -> Matrix:
        """The matrix that the trees are given for rows that ``types`` has checked."""
        return self._encoder.encode(rows)

    def predict(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[float]:
        """Prices in US dollars of rows whose values are in the order of the columns given.

        Raises:
            RowError: for what the model does not take.
        """
        prices: list[float] = self._checked_prices(rows_of_split(self.columns, columns, rows)).tolist()
        return prices

    def predict_records(self, records: Sequence[Mapping[str, Any]]) -> Prices:
        """Prices in US dollars of rows that are mappings from column to value.

        Raises:
            RowError: for what the model does not take.
        """
        return self._checked_prices(rows_of_records(self.columns, records))

    def predict_frame(self, frame: "pd.DataFrame") -> Prices:
        """Prices in US dollars of a pandas frame.

        Raises:
            RowError: for what the model does not take.
        """
        return self._checked_prices(rows_of_frame(self.columns, frame))

    def _checked_prices(self, rows: Sequence[Sequence[Any]]) -> Prices:
        return self.price(self.types.check(rows))

"""What the sales that a model learned from say about a house beside its price."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from .comparables import Comparables, column_scales
from .document import CompiledDocument, KnownSales
from .encoder import Encoder
from .ensemble import Ensemble
from .explanation import Explainer, is_complete
from .folding import Folding
from .formulas import Matrix
from .out_of_distribution import Support
from .params import Params
from .rows import Row, RowTypes


class SalesContext:
    """Adds to records what is known and asked for; a part that the model can't give is left out."""

    def __init__(self, support: Support, explainer: Explainer | None, comparables: Comparables) -> None:
        self._support, self._explainer, self._comparables = support, explainer, comparables

    @classmethod
    def load(
        cls, path: Path, description: CompiledDocument, types: RowTypes, encoder: Encoder, ensemble: Ensemble
    ) -> Self:
        """The context that the sales in a file make.

        Raises:
            OSError: if there is no such file.
            ValueError: if it holds no sales, or others than the document's rows.
        """
        sales, encoding = KnownSales.model_validate_json(path.read_bytes()), description.encoding
        rows = types.check(sales.rows)
        matrix, folding = encoder.encode(rows), Folding(encoding)
        columns = [column.name for column in encoding.columns]
        scales = column_scales(ensemble.process, matrix, np.array(sales.prices))
        return cls(
            Support(encoding, rows, matrix),
            Explainer(description, ensemble, folding, matrix.mean(axis=0)) if is_complete(encoding) else None,
            Comparables(sales, columns, folding, matrix, scales),
        )

    def add_to(self, records: list[dict[str, Any]], rows: Sequence[Row], matrix: Matrix, params: Params) -> None:
        """Add to the record of each row, which may hold no more than its price."""
        for place, reasons in self._support.reasons(rows, matrix).items():
            records[place]["outside"] = reasons
        if params.explain and self._explainer:
            for record, explanation in zip(records, self._explainer.explain(matrix), strict=True):
                record["explanation"] = explanation
        if params.comparables:
            for record, row, point in zip(records, rows, matrix, strict=True):
                record["comparables"] = self._comparables.nearest(row, point, params.comparables)

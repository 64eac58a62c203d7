"""What the training sales say about a house besides its price: support, explanation, comparables."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from .comparables import Comparables, compute_column_scales
from .document import CompiledDocument, KnownSales
from .encoder import Encoder
from .ensemble import Ensemble
from .explanation import Explainer, is_complete
from .folding import Folding
from .formulas import Matrix
from .living_area import LivingArea
from .out_of_distribution import Support
from .params import Params
from .rows import Row, RowTypes


class SalesContext:
    """Adds out-of-distribution reasons and the nearest year with sales to records, and explanations and comparables on
    request, if the model has them."""

    def __init__(self, support: Support, explainer: Explainer | None, comparables: Comparables) -> None:
        self._support, self._explainer, self._comparables = support, explainer, comparables

    @classmethod
    def load(
        cls, path: Path, description: CompiledDocument, types: RowTypes, encoder: Encoder, ensemble: Ensemble
    ) -> Self:
        """Load the context from a file of sales.

        Raises:
            OSError: if there is no such file.
            ValueError: if it contains no sales, or other rows than the document describes.
        """
        sales, encoding = KnownSales.model_validate_json(path.read_bytes()), description.encoding
        rows = types.check(sales.rows)
        matrix, folding = encoder.encode(rows), Folding(encoding)
        columns = [column.name for column in encoding.columns]
        scales = compute_column_scales(ensemble.process, matrix, np.array(sales.prices))
        return cls(
            Support(encoding, rows, matrix),
            Explainer(description, ensemble, folding, matrix.mean(axis=0)) if is_complete(encoding) else None,
            Comparables(sales, columns, folding, LivingArea(encoding), matrix, scales),
        )

    def add_to(self, records: list[dict[str, Any]], rows: Sequence[Row], matrix: Matrix, params: Params) -> None:
        """Add to the record of each row."""
        for place, reasons in self._support.reasons(rows, matrix).items():
            records[place]["outside"] = reasons
        for place, (name, year) in self._support.period.nearest_years(rows).items():
            records[place][name] = year
        if params.explain and self._explainer:
            for record, explanation in zip(records, self._explainer.explain(matrix), strict=True):
                record["explanation"] = explanation
        if params.comparables:
            for record, row, point in zip(records, rows, matrix, strict=True):
                record["comparables"] = self._comparables.nearest(row, point, params.comparables)
                if self._comparables.reach is not None:
                    record["comparables_reach"] = self._comparables.reach

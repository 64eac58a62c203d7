"""What the training sales say about a house besides its price: support, explanation, comparables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from .appraisal import Appraisal, Appraiser
from .assumptions import Assumptions
from .comparables import Comparables, compute_column_scales
from .document import CompiledDocument, KnownSales
from .ensemble import Ensemble
from .explanation import Explainer, is_complete
from .folding import Folding
from .living_area import LivingArea
from .out_of_distribution import Combinations, Reasons, Support
from .params import Params
from .rows import Row, RowTypes


class SalesContext:
    """Adds out-of-distribution reasons and the nearest year with sales to records, and on request explanations with
    what was assumed, and comparables, if the model has them."""

    def __init__(
        self, support: Support, explainer: Explainer | None, assumptions: Assumptions, comparables: Comparables
    ) -> None:
        self._support, self._explainer, self._comparables = support, explainer, comparables
        self._assumptions = assumptions

    @classmethod
    def load(
        cls, path: Path, description: CompiledDocument, types: RowTypes, appraiser: Appraiser, ensemble: Ensemble
    ) -> Self:
        """Load the context from a file of sales.

        Raises:
            OSError: if there is no such file.
            ValueError: if it contains no sales, or other rows than the document describes.
        """
        sales, encoding = KnownSales.model_validate_json(path.read_bytes()), description.encoding
        rows = types.check(sales.rows)
        matrix, folding, joint = appraiser.complete(rows), Folding(encoding), description.joint
        columns = [column.name for column in encoding.columns]
        scales = compute_column_scales(ensemble.process, matrix, np.array(sales.prices))
        average, combinations = matrix.mean(axis=0), None
        if joint and appraiser.joint:
            combinations = Combinations(encoding, folding, joint.limits, appraiser.joint.rare)
        return cls(
            Support(encoding, rows, combinations),
            Explainer(description, ensemble, folding, average, appraiser.joint) if is_complete(encoding) else None,
            Assumptions(encoding, fills=bool(joint and joint.fills)),
            Comparables(sales, columns, folding, LivingArea(encoding), matrix, scales),
        )

    def reasons(self, rows: Sequence[Row], appraisal: Appraisal) -> Mapping[int, Reasons]:
        """Return why rows are unlike the sales, by place."""
        return self._support.reasons(rows, appraisal.surprise)

    def add_to(self, records: list[dict[str, Any]], rows: Sequence[Row], appraisal: Appraisal, params: Params) -> None:
        """Add to the record of each row, except the reasons."""
        for place, (name, year) in self._support.period.nearest_years(rows).items():
            records[place][name] = year
        if params.explain:
            self._explain(records, rows, appraisal)
        if params.comparables:
            for record, row, point in zip(records, rows, appraisal.matrix, strict=True):
                record["comparables"] = self._comparables.nearest(row, point, params.comparables)
                if self._comparables.reach is not None:
                    record["comparables_reach"] = self._comparables.reach

    def _explain(self, records: list[dict[str, Any]], rows: Sequence[Row], appraisal: Appraisal) -> None:
        if self._explainer:
            for record, explanation in zip(records, self._explainer.explain(appraisal), strict=True):
                record["explanation"] = explanation
        for record, row, point in zip(records, rows, appraisal.matrix, strict=True):
            if None in row:
                record["assumed"] = self._assumptions.of(row, point)

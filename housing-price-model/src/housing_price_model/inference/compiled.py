"""A compiled model in memory: rows in, prices out."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from .appraisal import SIGNAL_COPIES, SIGNALS, Appraisal, Appraiser
from .document import Column, CompiledDocument
from .encoder import Encoder
from .ensemble import Ensemble, load_ensemble
from .formulas import Matrix
from .intervals import Intervals
from .joint import JointModel
from .out_of_distribution import Reasons
from .params import NO_PARAMS, Params, read_params
from .rows import Row, RowTypes
from .sales_context import SalesContext
from .tables import rows_of_frame, rows_of_records, rows_of_split

if TYPE_CHECKING:
    import pandas as pd

DOCUMENT_FILE = "typed-model.json"

type Prices = NDArray[np.float64]
type Output = float | dict[str, Any]
"""A price in US dollars, or a record of it and more."""


def read_price(output: Output) -> float:
    """Return the price in an output, in US dollars."""
    price: float = output["price"] if isinstance(output, dict) else output
    return price


class CompiledModel:
    """Prices typed rows. Safe to use from several threads. A house has the same price alone and in any batch."""

    def __init__(
        self,
        description: CompiledDocument,
        types: RowTypes,
        appraiser: Appraiser,
        intervals: Intervals | None,
        context: SalesContext | None,
    ) -> None:
        self.columns = tuple(column.name for column in description.encoding.columns)
        self.types = types
        self._appraiser = appraiser
        self._intervals, self._context = intervals, context
        self._is_logarithm = description.output == "log1p_price"

    @classmethod
    def load(cls, folder: Path, row_types: Callable[[Sequence[Column]], RowTypes] = RowTypes) -> Self:
        """Load the compiled model from an artefact's folder. Its files are not needed afterwards.

        ``row_types`` checks rows, and may translate them.

        Raises:
            OSError: if a file is missing.
            ValidationError: if the document is malformed.
            TreeliteError: if the trees are not.
            ValueError: if a file is malformed, or belongs to another document.
        """
        description = CompiledDocument.model_validate_json((folder / DOCUMENT_FILE).read_bytes())
        types, encoder = row_types(description.encoding.columns), Encoder(description.encoding)
        ensemble = load_ensemble(description.members, folder)
        joint = JointModel.load(folder / description.joint.file) if description.joint else None
        intervals = Intervals(description.intervals, folder) if description.intervals else None
        _check_widths(encoder.width, ensemble, joint, intervals)
        appraiser = Appraiser(encoder, ensemble, joint, fills=bool(description.joint and description.joint.fills))
        sales = description.sales
        context = SalesContext.load(folder / sales, description, types, appraiser, ensemble) if sales else None
        return cls(description, types, appraiser, intervals, context)

    def price(self, rows: Sequence[Row]) -> Prices:
        """Return prices in US dollars of rows that ``types`` has checked, in the order of ``columns``."""
        return self._to_prices(self._appraiser.price(rows))

    def answer(self, rows: Sequence[Row], params: Params = NO_PARAMS) -> list[Output]:
        """Return a price, or a record of the price and more, for each row that ``types`` has checked."""
        appraisal = self._appraiser.appraise(rows)
        prices = self._to_prices(appraisal.amounts)
        if self._intervals is None and self._context is None:
            numbers: list[Output] = prices.tolist()
            return numbers
        reasons = self._context.reasons(rows, appraisal) if self._context else {}
        records = self._make_records(appraisal, prices, reasons, params)
        for place, own in reasons.items():
            records[place]["outside"] = own
        if self._context:
            self._context.add_to(records, rows, appraisal, params)
        return [*records]

    def _make_records(
        self, appraisal: Appraisal, prices: Prices, reasons: Mapping[int, Reasons], params: Params
    ) -> list[dict[str, Any]]:
        if self._intervals is None:
            return [{"price": price} for price in prices.tolist()]
        is_marked = np.zeros(len(prices), dtype=bool)
        is_marked[list(reasons)] = True
        below, above = self._intervals.half_widths(appraisal, is_marked, params.coverage)
        # On the scale of log(1 + price). A cheap house's interval does not go below 0.
        lower, upper = np.maximum((1.0 + prices) / np.exp(below) - 1.0, 0.0), (1.0 + prices) * np.exp(above) - 1.0
        bounds = zip(prices.tolist(), lower.tolist(), upper.tolist(), strict=True)
        return [
            {"price": price, "lower": low, "upper": high, "coverage": params.coverage} for price, low, high in bounds
        ]

    def _to_prices(self, amounts: Prices) -> Prices:
        return np.expm1(amounts) if self._is_logarithm else amounts

    def encode(self, rows: Sequence[Row]) -> Matrix:
        """Encode rows that ``types`` has checked."""
        return self._appraiser.encoder.encode(rows)

    def predict(
        self, columns: Sequence[str], rows: Sequence[Sequence[Any]], params: Mapping[str, Any] | None = None
    ) -> list[Output]:
        """Price rows whose values are in the order of ``columns``.

        Raises:
            RowError: if the model does not accept a row or a parameter.
        """
        return self._check_and_answer(rows_of_split(self.columns, columns, rows), params)

    def predict_records(
        self, records: Sequence[Mapping[str, Any]], params: Mapping[str, Any] | None = None
    ) -> list[Output]:
        """Price rows that are mappings from column to value.

        Raises:
            RowError: if the model does not accept a row or a parameter.
        """
        return self._check_and_answer(rows_of_records(self.columns, records), params)

    def predict_frame(self, frame: "pd.DataFrame", params: Mapping[str, Any] | None = None) -> list[Output]:
        """Price the rows of a pandas frame.

        Raises:
            RowError: if the model does not accept a row or a parameter.
        """
        return self._check_and_answer(rows_of_frame(self.columns, frame), params)

    def _check_and_answer(self, rows: Sequence[Sequence[Any]], params: Mapping[str, Any] | None) -> list[Output]:
        return self.answer(self.types.check(rows), read_params(params))


def _check_widths(width: int, ensemble: Ensemble, joint: JointModel | None, intervals: Intervals | None) -> None:
    """Check that all parts take the encoding's columns.

    Raises:
        ValueError: if one takes more or fewer.
    """
    widths = {*ensemble.widths, *({joint.width} if joint else set())}
    if intervals:
        widths.add(intervals.width - SIGNALS * SIGNAL_COPIES if joint else intervals.width)
    if widths != {width}:
        raise ValueError(f"the parts take {sorted(widths)} columns, the encoding gives {width}")

"""Answers that take long a row give way to others more often."""

from pathlib import Path
from typing import Any

import pytest
from house_record import COLUMNS, example_house, model_row
from housing_price_model.inference import CompiledModel
from housing_price_model.serving.invocations import LARGE_ANSWERS_SLICE_ROWS, SLICE_ROWS, pricing
from pydantic_core import to_json


@pytest.mark.parametrize(
    ("params", "rows"),
    [({}, SLICE_ROWS), ({"explain": True}, LARGE_ANSWERS_SLICE_ROWS), ({"comparables": 1}, LARGE_ANSWERS_SLICE_ROWS)],
)
def test_so_many_rows_are_computed_in_one_go(good_artefact: Path, params: dict[str, Any], rows: int) -> None:
    def breaks(count: int) -> int:
        table = {"columns": list(COLUMNS), "data": [model_row(example_house())] * count}
        body = to_json({"dataframe_split": table, "params": params})
        return len(list(pricing(CompiledModel.load(good_artefact), body, "application/json")))

    assert (breaks(rows), breaks(rows + 1)) == (0, 2)

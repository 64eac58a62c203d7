"""Answers that take long a row give way to others more often."""

from pathlib import Path
from typing import Any

import pytest
from house_record import AMES, COLUMNS, example_house, model_row
from housing_price_model.inference import CompiledModel
from housing_price_model.serving.invocations import LARGE_ANSWERS_SLICE_ROWS, SLICE_ROWS, pricing
from housing_price_model.serving.refusals import MAX_ROWS_WITH_LARGE_ANSWERS, TooManyLargeAnswers
from pydantic_core import to_json


@pytest.mark.parametrize(
    ("params", "rows"),
    [({}, SLICE_ROWS), ({"explain": True}, LARGE_ANSWERS_SLICE_ROWS), ({"comparables": 1}, LARGE_ANSWERS_SLICE_ROWS)],
)
def test_so_many_rows_are_computed_in_one_go(good_artefact: Path, params: dict[str, Any], rows: int) -> None:
    def breaks(count: int) -> int:
        table = {"columns": list(COLUMNS), "data": [model_row(example_house())] * count}
        body = to_json({"dataframe_split": table, "params": params})
        return len(list(pricing(CompiledModel.load(good_artefact), AMES, body, "application/json")))

    assert (breaks(rows), breaks(rows + 1)) == (0, 2)


@pytest.mark.parametrize("params", [{"explain": True}, {"comparables": 1}])
def test_a_short_body_with_a_huge_answer_is_refused_before_any_is_computed(
    good_artefact: Path, params: dict[str, Any]
) -> None:
    house = dict(zip(COLUMNS, model_row(example_house()), strict=True))
    records = [house] + [{}] * MAX_ROWS_WITH_LARGE_ANSWERS
    body = to_json({"dataframe_records": records, "params": params})

    with pytest.raises(TooManyLargeAnswers, match=r"more than 1,000 rows, the most with explain or comparables"):
        next(pricing(CompiledModel.load(good_artefact), AMES, body, "application/json"))

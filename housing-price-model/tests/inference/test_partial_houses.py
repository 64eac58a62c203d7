"""Houses of which anything may be unknown: the same row in every form of a table, and one price in any batch."""

import json
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from house_record import AMES, COLUMNS, FEATURES, FIELDS, House, Value, model_row
from housing_price_model.data import make_frame, make_rows
from housing_price_model.inference import CompiledModel, rows_of_frame, rows_of_records, rows_of_split
from housing_price_model.serving.comma_separated import read_csv
from housing_price_model.serving.tables import read_table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

# The fixtures hold models that no example changes.
few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

REQUIRED = {field.wire_name: field.example for field in FIELDS if field.required}


def _choices(example: Any, codes: list[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.just(example) | (st.sampled_from(codes) if codes else st.nothing())


OPTIONAL = {
    feature.wire_name: _choices(feature.example, [*feature.codes]) for feature in FEATURES if not feature.required
}
documents = st.fixed_dictionaries({}, optional=OPTIONAL).map(lambda known: REQUIRED | known)
houses = documents.map(lambda document: House.model_validate_json(json.dumps(document)))


@few
@given(st.lists(houses, min_size=1, max_size=5))
def test_frames_and_parquet_keep_unknown_and_none_apart(batch: list[House]) -> None:
    rows = make_rows(AMES, batch)
    frame, file = make_frame(FEATURES, rows), BytesIO()
    frame.to_parquet(file)

    assert [tuple(row) for row in rows_of_frame(COLUMNS, frame)] == rows
    assert [tuple(row) for row in rows_of_frame(COLUMNS, pd.read_parquet(file))] == rows
    assert [None if value == "NA" else value for value in rows[0]] == list(_without_none(batch[0]))


def _without_none(house: House) -> tuple[Value, ...]:
    return tuple(getattr(house, feature.name) for feature in FEATURES)


@few
@given(st.lists(houses, min_size=1, max_size=5))
def test_every_form_of_a_body_tells_the_same_rows(default_model: CompiledModel, batch: list[House]) -> None:
    rows = [list(model_row(house)) for house in batch]
    records = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
    body = json.dumps({"dataframe_split": {"columns": COLUMNS, "data": rows}}).encode()
    csv = make_frame(FEATURES, make_rows(AMES, batch)).to_csv(index=False).encode()
    numbers = default_model.types.number_columns
    expected = [_without_masonrys_none(row) for row in default_model.types.check(rows)]

    assert default_model.types.check(read_table(body, "application/json", COLUMNS, numbers, AMES).rows) == make_rows(
        AMES, batch
    )
    assert rows_of_split(COLUMNS, COLUMNS, rows) == rows_of_records(COLUMNS, records) == rows
    assert default_model.types.check(read_csv(csv, COLUMNS, numbers, AMES.none_columns)) == expected


def _without_masonrys_none(row: tuple[Value, ...]) -> tuple[Value, ...]:
    """In CSV, the text ``None`` is unknown, as it is to MLflow."""
    return tuple(None if value == "None" else value for value in row)


@few
@given(st.lists(houses, min_size=2, max_size=20))
def test_a_house_has_one_price_alone_and_in_any_batch(default_model: CompiledModel, batch: list[House]) -> None:
    rows = make_rows(AMES, batch)

    together = default_model.answer(rows)

    assert [default_model.answer([row])[0] for row in rows] == together
    assert default_model.answer(rows[::-1]) == together[::-1]

"""The houses that the bench prices."""

import json

import pytest
from house_record import COLUMNS, House, example_house
from housing_price_bench.requests.houses import (
    REFUSED_SHARE,
    make_mixed_documents,
    make_rows_document,
    make_varied_documents,
)
from pydantic import ValidationError


def test_houses_are_valid_different_and_the_same_in_each_run() -> None:
    documents = make_varied_documents(200)

    assert all(House.model_validate(document) for document in documents)
    assert len({json.dumps(document | {"id": 0}) for document in documents}) == 200
    assert documents == make_varied_documents(200)


def is_refused(document: dict[str, object]) -> bool:
    try:
        House.model_validate(document)
    except ValidationError:
        return True
    return False


def test_one_house_in_twenty_of_the_mix_is_refused() -> None:
    documents = make_mixed_documents(100)

    assert sum(map(is_refused, documents)) / len(documents) == pytest.approx(REFUSED_SHARE)


def test_rows_for_a_model_server_are_in_file_order() -> None:
    split = make_rows_document([example_house(lot_area=9_999)])["dataframe_split"]

    assert split["columns"] == list(COLUMNS)
    assert split["data"][0][list(COLUMNS).index("LotArea")] == 9_999

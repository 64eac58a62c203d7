"""The houses that are priced while measuring."""

import json
from pathlib import Path

import pytest
from house_record import COLUMNS, House, example_house
from housing_price_bench.requests.bodies import write_bodies
from housing_price_bench.requests.houses import (
    REFUSED_SHARE,
    make_mixed_documents,
    make_rows_document,
    make_varied_documents,
)
from pydantic import ValidationError


def test_they_are_valid_different_and_the_same_in_each_run() -> None:
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


def test_of_the_mix_one_in_twenty_is_refused() -> None:
    documents = make_mixed_documents(100)

    assert sum(map(is_refused, documents)) / len(documents) == pytest.approx(REFUSED_SHARE)


def test_rows_go_to_a_model_server_in_file_order() -> None:
    split = make_rows_document([example_house(lot_area=9_999)])["dataframe_split"]

    assert split["columns"] == list(COLUMNS)
    assert split["data"][0][list(COLUMNS).index("LotArea")] == 9_999


def test_each_body_is_one_line_of_json(tmp_path: Path) -> None:
    bodies = write_bodies(tmp_path)

    lines = {name: file.read_text().splitlines() for name, file in vars(bodies).items()}
    counts = {name: len(of_file) for name, of_file in lines.items()}
    assert counts == {"house": 1, "row": 1, "batch": 1, "rows": 1, "mix": 400}
    assert len(json.loads(lines["batch"][0])["data"]) == 1000
    assert len(json.loads(lines["rows"][0])["dataframe_split"]["data"]) == 1000

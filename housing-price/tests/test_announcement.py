"""What `up` prints once the platform is ready."""

import json
import shlex
from typing import Any

import pytest
from housing_price.announcement import format_example_request, format_ready_lines
from housing_price.plan import Options

TYPED = {
    *("id", "lotArea", "neighborhood", "bldgType", "overallQual", "overallCond", "yearBuilt", "grLivArea"),
    *("yearRemodAdd", "centralAir", "fullBath", "halfBath", "bedroomAbvGr", "garageCars"),
}


def champion(**changes: Any) -> dict[str, Any]:
    data = {"source": "sample", "sha256": "ab" * 32, "rows": 1460, "generated": True}
    return {"name": "housing-price", "version": "1", "alias": "champion", "recipe": "default", "data": data} | changes


def announce(model: dict[str, Any] | None) -> str:
    return "\n".join(format_ready_lines(Options(), model))


def test_the_link_to_mlflow_opens_the_runs_of_the_experiment() -> None:
    lines = "\n".join(format_ready_lines(Options(), champion(), "1"))

    assert "http://127.0.0.1:9999/#/experiments/1/runs\n" in lines
    assert "http://127.0.0.1:9999\n" in announce(champion())


def test_generated_data_are_called_generated() -> None:
    assert "GENERATED" in announce(champion())


def test_real_data_are_not_called_generated() -> None:
    real = {"source": "sales.csv", "sha256": "cd" * 32, "rows": 2930, "generated": False}

    assert "sales.csv, 2,930 sales (sha256 cdcdcdcdcdcd)" in announce(champion(data=real))
    assert "GENERATED" not in announce(champion(data=real))


@pytest.mark.parametrize("model", [None, {}, {"data": {}}, {"data": "unknown", "version": None}])
def test_missing_details_of_the_champion_do_no_harm(model: dict[str, Any] | None) -> None:
    assert "http://127.0.0.1:8000/docs" in announce(model)


def test_the_request_is_one_line_with_what_people_know_of_their_house() -> None:
    request = format_example_request(Options(port=8123))

    assert "\n" not in request
    assert "http://127.0.0.1:8123/api/v1/price/predict" in shlex.split(request)
    assert json.loads(shlex.split(request)[-1]).keys() == TYPED

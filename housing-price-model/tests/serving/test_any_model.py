"""Any model behind MLflow's scoring protocol: folders, files, and what is neither."""

import json
from pathlib import Path
from typing import Any

import pytest
from housing_price_model.errors import ServingError
from housing_price_model.serving.any_model import NotTaken, load_from_path
from small_models import PRICE_SHARE, small_models

__all__ = ["small_models"]


def table(*rows: Any) -> bytes:
    return json.dumps({"dataframe_split": {"columns": ["price", "yearBuilt"], "data": rows}}).encode()


def test_a_folder_of_mlflow_answers_as_its_server_would(small_models: Path) -> None:
    answer = json.loads(load_from_path(small_models / "insurance").answer(table([2e5, 1980], [3e5, 1990])))

    assert answer["predictions"] == pytest.approx([2e5 * PRICE_SHARE, 3e5 * PRICE_SHARE])


@pytest.mark.parametrize("file", ["churn.joblib", "churn.skops"])
def test_an_estimator_in_a_file_uses_the_requested_method(small_models: Path, file: str) -> None:
    path = small_models / file

    [label] = json.loads(load_from_path(path).answer(table([4.0, 0.02])))["predictions"]
    [shares] = json.loads(load_from_path(path, "predict_proba").answer(table([4.0, 0.02])))["predictions"]
    assert label in (0, 1)
    assert sum(shares) == pytest.approx(1)
    assert shares[label] == max(shares)


@pytest.mark.parametrize("body", [b"{}", b"no json", table(["x", 1980])])
def test_what_the_model_does_not_take_is_said(small_models: Path, body: bytes) -> None:
    with pytest.raises(NotTaken):
        load_from_path(small_models / "insurance").answer(body)


def test_what_is_no_model_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "model.txt").write_text("text")
    (tmp_path / "broken.pkl").write_bytes(b"no pickle")
    (tmp_path / "folder").mkdir()

    for name in ("nothing", "model.txt", "broken.pkl", "folder"):
        with pytest.raises(ServingError) as caught:
            load_from_path(tmp_path / name)
        assert name in str(caught.value)
        assert "\n" not in str(caught.value)


def test_does_not_load_types_that_skops_does_not_trust(tmp_path: Path) -> None:
    import skops.io

    skops.io.dump(Path("/"), tmp_path / "odd.skops")
    with pytest.raises(ServingError, match="does not trust"):
        load_from_path(tmp_path / "odd.skops")

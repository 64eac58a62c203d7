"""What `docs/training.md` says of a version that MLflow itself loads or serves."""

import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest
from house_record import AMES, COLUMNS, NONE_COLUMNS, example_house, model_row
from housing_price_model.data import make_frame, make_rows
from housing_price_model.inference import CompiledModel
from mlflow.exceptions import MlflowException
from mlflow.pyfunc.scoring_server import init
from starlette.testclient import TestClient

# MLflow compares column names in a way that pandas 4 will not take.
pytestmark = pytest.mark.filterwarnings("ignore")

RECORD = dict(zip(COLUMNS, model_row(example_house()), strict=True))


@pytest.fixture(scope="module")
def model(good_artefact: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    # Python writes bytecode beside the code that comes with a version, and other tests verify the folder.
    copy = shutil.copytree(good_artefact, tmp_path_factory.mktemp("stock") / "model")
    return mlflow.pyfunc.load_model(str(copy))


def test_a_small_file_without_any_code_in_a_column_is_read_by_the_types_of_the_signature(model: Any) -> None:
    file = make_frame(AMES.features, make_rows(AMES, [example_house()])).to_csv(index=False)
    with pytest.raises(MlflowException, match=r"column Alley\. Can not safely convert float64"):
        model.predict(pd.read_csv(StringIO(file)))

    schema = model.metadata.get_input_schema()
    types = dict(zip(schema.input_names(), schema.pandas_types(), strict=True))

    absent = {name: ["", "NA"] if kind is float else [""] for name, kind in types.items()}

    houses = pd.read_csv(StringIO(file), dtype=types, keep_default_na=False, na_values=absent)
    (from_file,) = model.predict(houses)
    (from_record,) = model.predict(pd.DataFrame([RECORD]).astype(types))
    assert from_file == from_record == model.predict(make_frame(AMES.features, make_rows(AMES, [example_house()])))[0]


def test_a_stock_server_turns_null_among_inputs_into_a_text(model: Any) -> None:
    record = RECORD | {"Alley": None}

    with TestClient(init(model)) as stock:
        (right,) = stock.post("/invocations", json={"dataframe_records": [record]}).json()["predictions"]
        (wrong,) = stock.post("/invocations", json={"inputs": [record]}).json()["predictions"]

    unseen = {"code": "UNSEEN_CODE", "columns": ["Alley"], "value": "None"}
    assert unseen not in right.get("outside", [])
    assert unseen in wrong["outside"]


@pytest.mark.parametrize("form", ["dataframe_split", "dataframe_records"])
def test_a_stock_server_tells_none_from_unknown(model: Any, good_artefact: Path, form: str) -> None:
    records = [RECORD | dict.fromkeys(NONE_COLUMNS, "NA"), RECORD | dict.fromkeys(NONE_COLUMNS), RECORD]
    split = {"columns": COLUMNS, "data": [list(record.values()) for record in records]}
    body = {"dataframe_split": split, "dataframe_records": records}[form]

    with TestClient(init(model)) as stock:
        answers = stock.post("/invocations", json={form: body}).json()["predictions"]

    assert answers == CompiledModel.load(good_artefact).predict_records(records)
    assert answers[0] != answers[1]

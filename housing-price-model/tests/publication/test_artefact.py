"""The model's folder: manifest, signature, format; and that anyone's MLflow can load it."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pytest
from house_record import AMES, COLUMNS, FEATURES, RECORD_VERSION, example_house, model_row
from housing_price_model.data import Sales, make_frame, make_rows
from housing_price_model.inference import CompiledModel, read_price
from housing_price_model.publication.artefact import save_artefact
from housing_price_model.registry.manifest import Manifest, folder_checksums
from housing_price_model.registry.provenance import git_commit, library_versions
from housing_price_model.training.train import TrainedModel
from mlflow.exceptions import MlflowException
from mlflow.models import Model

# MLflow compares column names in a way that pandas 4 will not take.
pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

EXAMPLE_ROW = model_row(example_house())


@pytest.fixture(scope="module")
def trained(few_sales: Sales, quickly_trained: Callable[[str, Sales], TrainedModel]) -> TrainedModel:
    return quickly_trained("default", few_sales)


@pytest.fixture(scope="module")
def artefact(trained: TrainedModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artefact") / "model"
    save_artefact(trained, folder, Model())
    return folder


@pytest.fixture(scope="module")
def forest_trained(few_sales: Sales, quickly_trained: Callable[[str, Sales], TrainedModel]) -> TrainedModel:
    return quickly_trained("random-forest", few_sales)


@pytest.fixture(scope="module")
def forest(forest_trained: TrainedModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forest") / "model"
    save_artefact(forest_trained, folder, Model())
    return folder


def test_the_manifest_says_what_the_model_was_made_of(artefact: Path, few_sales: Sales) -> None:
    manifest = Manifest.model_validate_json((artefact / "manifest.json").read_bytes())

    assert manifest.record_version == RECORD_VERSION
    assert [(feature.name, feature.type) for feature in manifest.features] == [
        (feature.column, feature.kind) for feature in FEATURES
    ]
    assert manifest.recipe == "default"
    assert manifest.data.model_dump() == {
        "source": "sample",
        "sha256": few_sales.sha256,
        "rows": len(few_sales),
        "generated": True,
    }
    assert manifest.libraries == library_versions()
    assert manifest.metrics["cv_rmsle"] == 0.1
    assert manifest.trained_at.isoformat() == "2026-11-21T00:00:00+00:00"


def test_the_manifest_holds_the_checksum_of_every_other_file(artefact: Path) -> None:
    manifest = Manifest.model_validate_json((artefact / "manifest.json").read_bytes())

    assert manifest.files == folder_checksums(artefact)
    assert {
        "MLmodel",
        "typed-model.json",
        "member-1.npz",
        "member-2.treelite",
        "typed_model.py",
    } <= manifest.files.keys()
    assert not {"uv.lock", "pyproject.toml"} & manifest.files.keys()


def test_the_manifest_is_json_in_camel_case(artefact: Path) -> None:
    assert {"recordVersion", "trainedAt", "gitCommit"} <= json.loads((artefact / "manifest.json").read_text()).keys()


def test_the_signature_takes_every_feature_in_file_order(artefact: Path) -> None:
    signature = Model.load(artefact).signature

    assert signature.inputs.input_names() == list(COLUMNS)
    assert [str(kind) for kind in signature.inputs.input_types()] == [
        "DataType.double" if feature.kind == "number" else "DataType.string" for feature in FEATURES
    ]


def test_nothing_is_pickled(artefact: Path, forest: Path) -> None:
    assert not [file for folder in (artefact, forest) for file in folder.rglob("*.pkl")]
    assert Model.load(forest).flavors["sklearn"]["serialization_format"] == "skops"
    assert "sklearn" not in Model.load(artefact).flavors


def test_the_numbers_of_a_process_are_read_without_pickle(artefact: Path) -> None:
    with np.load(artefact / "member-1.npz", allow_pickle=False) as arrays:
        assert {arrays[name].dtype.kind for name in arrays.files} == {"f", "i"}


def test_a_scikit_learn_pipeline_is_stored_beside_its_compiled_form(forest: Path, forest_trained: TrainedModel) -> None:
    rows = make_rows(AMES, [example_house()])

    price = mlflow.sklearn.load_model(str(forest)).predict(make_frame(AMES.features, rows))[0]

    assert price == forest_trained.estimator.predict(rows)[0]


def test_requirements_name_exact_versions_of_what_the_model_needs(artefact: Path) -> None:
    lines = (artefact / "requirements.txt").read_text().split()

    assert [line.partition("==")[0] for line in lines] == [
        "scikit-learn",
        "numpy",
        "pandas",
        "skops",
        "treelite",
        "mlflow",
        "pydantic",
    ]
    assert all("==" in line for line in lines)


def test_plain_mlflow_loads_it_and_gives_the_estimators_own_price(artefact: Path, trained: TrainedModel) -> None:
    rows = make_rows(AMES, [example_house()])
    expected = trained.estimator.predict(rows)[0]

    (answer,) = mlflow.pyfunc.load_model(str(artefact)).predict(make_frame(AMES.features, rows))

    assert answer["price"] == pytest.approx(expected, rel=1e-12)


def test_plain_mlflow_takes_a_coverage(artefact: Path) -> None:
    model, house = (
        mlflow.pyfunc.load_model(str(artefact)),
        make_frame(AMES.features, make_rows(AMES, [example_house()])),
    )

    (narrow,), (wide,) = (model.predict(house, params={"coverage": coverage}) for coverage in (0.5, 0.95))

    assert wide["lower"] < narrow["lower"] < narrow["upper"] < wide["upper"]


def test_plain_mlflow_takes_typed_rows(artefact: Path, trained: TrainedModel) -> None:
    rows: list[dict[str, Any]] = [
        dict(zip(COLUMNS, model_row(example_house(overall_qual=quality)), strict=True)) for quality in (3, 9)
    ]
    expected = trained.estimator.predict([tuple(row.values()) for row in rows])
    # MLflow's own check, which comes first, refuses a whole number where the signature says double.
    in_doubles = [
        {key: float(value) if isinstance(value, int) else value for key, value in row.items()} for row in rows
    ]
    loaded = mlflow.pyfunc.load_model(str(artefact))

    for answers in (loaded.predict(in_doubles), loaded.unwrap_python_model().predict(None, rows)):
        assert [answer["price"] for answer in answers] == pytest.approx(expected)


@pytest.mark.integration
def test_mlflow_serves_it_without_this_package(artefact: Path) -> None:
    code = (
        "import sys; sys.modules['housing_price_model'] = sys.modules['house_record'] = None\n"
        "import mlflow.pyfunc\n"
        "model = mlflow.pyfunc.load_model(sys.argv[1])\n"
        "print(model.predict(mlflow.models.Model.load(sys.argv[1]).load_input_example(sys.argv[1]))[0]['price'])\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, str(artefact)], capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stderr
    (answer,) = CompiledModel.load(artefact).predict(COLUMNS, [EXAMPLE_ROW])
    assert float(done.stdout.splitlines()[-1]) == read_price(answer)


def test_does_not_save_types_that_the_recipe_distrusts(forest_trained: TrainedModel, tmp_path: Path) -> None:
    distrustful = replace(forest_trained, recipe=replace(forest_trained.recipe, trusted_types=()))

    with pytest.raises(MlflowException, match=r"(?i)untrusted"):
        save_artefact(distrustful, tmp_path / "model", Model())


def test_code_outside_of_a_checkout_has_no_commit(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("")

    assert git_commit(source) is None

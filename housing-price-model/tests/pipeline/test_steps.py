"""The steps on a few sales, one by one, without a server."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from house_record import AMES
from housing_price_model.data import Sales
from housing_price_model.errors import DataError
from housing_price_model.evaluation.folds import folds
from housing_price_model.pipeline import steps
from housing_price_model.pipeline.configuration import read_configuration
from housing_price_model.pipeline.sales_files import read_folds, read_sales
from housing_price_model.pipeline.steps import Work
from housing_price_model.recipes.blend.parameters import BlendSettings, default_settings


@pytest.fixture
def work(tmp_path: Path, said: Any) -> Work:
    output = tmp_path / "output"
    output.mkdir()
    return Work(
        configuration=read_configuration(None),
        record=AMES,
        inputs={"data": tmp_path, "validate": tmp_path, "split": tmp_path, "tune": tmp_path},
        output=output,
        progress=said,
        client=None,  # type: ignore[arg-type] # no step here has to do with the registry
        run_id="",
        study="tries",
        studies=tmp_path / "studies.db",
    )


def of(work: Work, source: str) -> Work:
    changed = {name: getattr(work, name) for name in work.__slots__}
    return Work(**changed | {"configuration": read_configuration(None, [f"data.source={source}"])})


def test_the_sample_as_a_file_is_the_sample(work: Work, sample: Sales) -> None:
    steps.data(work)

    again = read_sales(work.output, AMES)

    assert again.sha256 == sample.sha256
    assert (again.source, again.is_generated) == ("sample", True)


def test_keeps_a_file_unchanged_and_remembers_its_path(work: Work, few_sales_path: Path) -> None:
    steps.data(of(work, str(few_sales_path)))

    assert (work.output / "raw.csv").read_bytes() == few_sales_path.read_bytes()
    assert read_sales(work.output, AMES).source == str(few_sales_path)


def test_a_file_that_is_not_there_is_one_line(work: Work) -> None:
    with pytest.raises(DataError, match=r"nothing\.csv: No such file"):
        steps.data(of(work, "nothing.csv"))


def test_validated_sales_are_reported_on(work: Work, kept_sales: Path, few_sales: Sales) -> None:
    steps.validate(work)

    report = json.loads((work.output / "report.json").read_text())
    assert (report["sales"], report["prices"]["max"]) == (150, few_sales.prices.max())
    assert report["absent"]["LotFrontage"] == few_sales.frame["LotFrontage"].isna().sum()
    assert read_sales(work.output, AMES).sha256 == few_sales.sha256


def test_repeated_sales_are_warned_of_when_they_are_validated(
    work: Work, said: list[str], write_sales: Any, sales_rows: Any
) -> None:
    steps.data(of(work, write_sales([*sales_rows, sales_rows[0]])))
    steps.validate(Work(**{name: getattr(work, name) for name in work.__slots__} | {"inputs": {"data": work.output}}))

    warning = "1 sale repeats another one in every field and the price, first Id 1"
    assert said == [f"warning: {warning}"]
    assert json.loads((work.output / "report.json").read_text())["warnings"] == [warning]


def test_features_are_named_beside_their_matrix(work: Work, kept_sales: Path) -> None:
    steps.report_encoding(work)

    columns, matrix = pd.read_csv(work.output / "columns.csv"), np.load(work.output / "matrix.npy")
    assert matrix.shape == (150, len(columns))
    assert columns["group"][columns["column"] == "log living area"].item() == "living area"


def test_folds_are_those_of_the_evaluation(work: Work, kept_sales: Path, few_sales: Sales) -> None:
    steps.split(work)

    for kept, own in zip(read_folds(work.output), folds(few_sales), strict=True):
        np.testing.assert_array_equal(kept[0], own[0])
        np.testing.assert_array_equal(kept[1], own[1])


def test_without_trials_the_settings_are_those_of_the_program(work: Work, kept_sales: Path) -> None:
    steps.tune(work)

    kept = (work.output / steps.SETTINGS_FILE).read_bytes()
    assert BlendSettings.model_validate_json(kept) == default_settings()

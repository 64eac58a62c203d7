"""The command `test`, with a version that knows some of the sales."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from housing_price_model.commands.test import find_uri
from housing_price_model.data import Sales
from registered_version import FEW_ROWS

type Run = Callable[..., subprocess.CompletedProcess[str]]

KNOWN, NEW = 30, 50


@pytest.fixture(scope="module")
def partly_known(sample: Sales, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with some sales that version 1 was trained on, and others."""
    path = tmp_path_factory.mktemp("sales") / "partly-known.csv"
    table = pd.concat([sample.ids, sample.frame, sample.prices], axis="columns")
    table.iloc[FEW_ROWS - KNOWN : FEW_ROWS + NEW].to_csv(path, index=False, na_rep="NA")
    return path


def as_sent(sales: Sales, place: int) -> dict[str, object]:
    """The house of a sale as a client sends it, without what is unknown."""
    known = {
        feature.wire_name: int(value) if feature.python_type is int and isinstance(value, float) else value
        for feature, value in zip(sales.record.features, sales.rows[place], strict=True)
        if value is not None
    }
    return {"id": int(sales.ids[place]), **known}


@pytest.mark.parametrize(
    ("version", "uri"),
    [
        ("3", "models:/housing-price/3"),
        ("champion", "models:/housing-price@champion"),
        ("models:/housing-price/7", "models:/housing-price/7"),
        ("./model", "./model"),
    ],
)
def test_a_version_is_a_number_an_alias_or_a_uri(version: str, uri: str) -> None:
    assert find_uri(version) == uri


@pytest.mark.integration
def test_the_version_itself_prices_the_sales(registered: str, run: Run, partly_known: Path, tmp_path: Path) -> None:
    figures, page = tmp_path / "figures.json", tmp_path / "page.html"

    done = run(registered, "test", "1", "--data", str(partly_known), "--json", str(figures), "--out", str(page))

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == f"housing-price version 1 itself, recipe default, on {KNOWN + NEW} sales of {partly_known}"
    assert lines[1] == (f"warning: the version was trained on {KNOWN} of these sales; the others are scored separately")
    assert lines[-2:] == [f"figures written to {figures}", f"page written to {page}"]
    found = json.loads(figures.read_text())
    assert (found["trained_on"], found["all"]["sales"], found["not_trained_on"]["sales"]) == (KNOWN, KNOWN + NEW, NEW)
    assert found["all"]["metrics"]["rmsle"]["value"] < found["not_trained_on"]["metrics"]["rmsle"]["value"]
    assert f"{found['not_trained_on']['metrics']['rmsle']['value']:.4f}" in done.stdout
    text = page.read_text()
    assert f"<h1>housing-price version 1 on {KNOWN + NEW} sales</h1>" in text
    assert f"The version was trained on {KNOWN} of these sales" in text
    assert "src=" not in text


@pytest.mark.integration
def test_its_prices_are_those_that_predict_gives(
    registered: str, run: Run, partly_known: Path, tmp_path: Path, sample: Sales
) -> None:
    figures = tmp_path / "figures.json"

    run(registered, "test", "champion", "--data", str(partly_known), "--json", str(figures))

    worst = json.loads(figures.read_text())["not_trained_on"]["outliers"]["worst"][0]
    place = sample.ids.tolist().index(worst["id"])
    house = tmp_path / "house.json"
    house.write_text(json.dumps(as_sent(sample, place)))
    priced = json.loads(run(registered, "predict", str(house)).stdout)
    assert worst["actual"] == sample.prices[place]
    assert priced["predictedPrice"] == pytest.approx(worst["predicted"], abs=0.01)


@pytest.mark.integration
def test_a_file_of_known_sales_alone_is_scored_with_a_warning(
    registered: str, run: Run, few_sales_path: Path, tmp_path: Path
) -> None:
    figures = tmp_path / "figures.json"

    done = run(registered, "test", "--data", str(few_sales_path), "--json", str(figures))

    assert (
        f"warning: the version was trained on {FEW_ROWS} of these sales; there are too few others to score"
        in done.stdout
    )
    assert json.loads(figures.read_text())["not_trained_on"] is None


@pytest.mark.integration
@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("9999",), "there is no model at models:/housing-price/9999: name the number or the alias of a version"),
        (
            ("9999", "--json", "gone/f.json"),
            "gone/f.json can't be written: name a file in an existing folder with --json",
        ),
        (
            ("9999", "--out", "gone/p.html"),
            "gone/p.html can't be written: name a file in an existing folder with --out",
        ),
    ],
    ids=["no such version", "figures in no folder", "page in no folder"],
)
def test_what_can_not_be_tested_is_one_line(
    registered: str, run: Run, partly_known: Path, arguments: tuple[str, ...], line: str
) -> None:
    done = run(registered, "test", *arguments, "--data", str(partly_known))

    assert (done.returncode, done.stderr) == (1, f"{line}\n")


@pytest.mark.integration
def test_the_first_line_names_the_version_and_warnings_follow(
    registered: str, run: Run, partly_known: Path, tmp_path: Path
) -> None:
    repeated = tmp_path / "repeated.csv"
    header, first, *others = partly_known.read_text().splitlines(keepends=True)
    repeated.write_text("".join([header, first, first, *others]))

    lines = run(registered, "test", "--data", str(repeated)).stdout.splitlines()

    assert lines[0].startswith("housing-price version 1 itself")
    assert lines[1].startswith("warning: 1 sale repeats another one")


@pytest.mark.integration
def test_one_sale_is_too_few(registered: str, run: Run, partly_known: Path, tmp_path: Path) -> None:
    single = tmp_path / "single.csv"
    single.write_text("".join(partly_known.read_text().splitlines(keepends=True)[:2]))

    done = run(registered, "test", "--data", str(single))

    assert (done.returncode, done.stderr) == (1, f"{single}: 1 sale is too few to test on: at least 2 are needed\n")


@pytest.mark.integration
def test_equal_prices_have_no_r_squared(registered: str, run: Run, partly_known: Path, tmp_path: Path) -> None:
    """JSON has no NaN."""
    table = pd.read_csv(partly_known, keep_default_na=False, dtype=str).tail(2).assign(SalePrice="150000")
    equal, figures = tmp_path / "equal.csv", tmp_path / "figures.json"
    table.to_csv(equal, index=False)

    done = run(registered, "test", "--data", str(equal), "--json", str(figures))

    assert done.returncode == 0, done.stderr
    found = json.loads(figures.read_text())["all"]
    assert found["metrics"]["r2"]["value"] is None
    assert np.isfinite(found["metrics"]["rmsle"]["value"])

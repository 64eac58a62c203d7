"""The command `evaluate` against a real MLflow registry."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest
from house_record import AMES
from housing_price_model.commands.evaluate import REPORT_FILE, EvaluationRequest, evaluate_version
from housing_price_model.data import load_sales
from housing_price_model.errors import DataError, ModelError, ReportError
from housing_price_model.evaluation.metrics import measure
from housing_price_model.progress import PlainProgress
from housing_price_model.publication.publish import publish
from housing_price_model.recipes import find_recipe
from housing_price_model.registry.out_of_fold import read_out_of_fold
from housing_price_model.training.train import train
from present import present
from rich.console import Console

pytestmark = [
    pytest.mark.integration,
    # A minute and more: trainings and reports by the real command.
    pytest.mark.slow,
    # MLflow compares column names in a way that pandas 4 will not take.
    pytest.mark.filterwarnings("ignore:Operation with range is deprecated"),
]

PATIENCE_SECONDS = 240.0

type Run = Callable[..., subprocess.CompletedProcess[str]]


@dataclass
class Written:
    """Writes reports as the command does, on a clock of its own: what the machine does is no matter."""

    output: Path
    said: StringIO = field(default_factory=StringIO)

    def report(self, version: str | None = None, **options: Any) -> str:
        ticks = count()
        request = EvaluationRequest(
            version=version, output=self.output, registry_timeout_seconds=PATIENCE_SECONDS, **options
        )
        evaluate_version(request, Console(file=self.said, soft_wrap=True), clock=lambda: next(ticks) * 1e-6)
        return self.output.read_text()


@pytest.fixture
def written(registered: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registered)
    return Written(tmp_path / "report.html")


@pytest.fixture(scope="module")
def client(registered: str) -> mlflow.MlflowClient:
    return mlflow.MlflowClient(registered)


@pytest.fixture(autouse=True)
def _first_version_is_champion(client: mlflow.MlflowClient) -> None:
    client.set_registered_model_alias("housing-price", "champion", "1")


@pytest.fixture(scope="module")
def other(client: mlflow.MlflowClient, few_sales_path: Path) -> str:
    """The number of a version by another recipe, on the same sales."""
    trained = train(
        load_sales(str(few_sales_path), AMES), find_recipe("random-forest"), PlainProgress(Console(quiet=True))
    )
    return publish(trained, client, experiment="evaluate", promote=False).version


def test_writes_the_champions_page_to_a_file_and_its_run(
    client: mlflow.MlflowClient, registered: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    done = run(registered, "evaluate")

    assert done.returncode == 0, done.stderr
    page = (tmp_path / "evaluation-1.html").read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert "<h1>housing-price version 1, the champion</h1>" in page
    run_id = present(client.get_model_version("housing-price", "1").run_id)
    assert Path(client.download_artifacts(run_id, REPORT_FILE, str(tmp_path))).read_text() == page
    lines = done.stdout.splitlines()
    assert lines[0] == "housing-price version 1: scores the out-of-fold prices of its training"
    assert lines[-2:] == ["written to evaluation-1.html", f"kept in MLflow as {REPORT_FILE} of run {run_id}"]


def test_compares_stored_prices_of_challenger_and_champion(
    written: Written, client: mlflow.MlflowClient, other: str
) -> None:
    page = written.report(other)

    for number in (other, "1"):
        kept = read_out_of_fold(client, present(client.get_model_version("housing-price", number).run_id))
        assert kept is not None
        assert kept.intervals, "the intervals of the evaluation are kept"
        assert kept.marked, "the marks of the evaluation are kept"
        assert f"<td>{measure(kept.actual, kept.predicted).rmsle:.4f}</td>" in page
    assert "<h2>Against version 1, the champion</h2>" in page
    assert "With only the required fields" in page
    assert "evaluated on them just now" not in page
    assert "prices otherwise than when this version was trained" not in page
    assert "has no prices" not in written.said.getvalue()


def test_on_other_sales_the_recipes_are_evaluated_again(
    written: Written, other: str, few_sales_path: Path, tmp_path: Path
) -> None:
    fewer = tmp_path / "fewer.csv"
    pd.read_csv(few_sales_path, keep_default_na=False, dtype=str).head(120).to_csv(fewer, index=False)

    page = written.report(other, against="1", data=str(fewer))

    assert "evaluated on them just now" in page
    assert "120 sales" in page
    assert "With only the required fields" not in page, "the figures are those of the training's sales"
    said = written.said.getvalue()
    assert said.startswith(
        f"housing-price version {other} against version 1: scores its recipe, fitted again on these sales\n"
    )
    assert said.count("has no prices of these sales") == 2


@pytest.mark.parametrize(
    ("number", "against", "line"),
    [
        ("1", "1", "version 1 can't be compared with itself: name another with --against"),
        ("1", "champion", "version 1 can't be compared with itself: name another with --against"),
        ("9999", None, "there is no version 9999 of housing-price"),
        ("1", "9999", "there is no version 9999 of housing-price"),
    ],
)
def test_what_can_not_be_reported_on_is_one_line(written: Written, number: str, against: str | None, line: str) -> None:
    with pytest.raises(ModelError) as refused:
        written.report(number, against=against)

    assert str(refused.value) == line


def test_reports_an_unwritable_file_before_the_work(written: Written, tmp_path: Path) -> None:
    written.output = tmp_path / "gone" / "report.html"

    with pytest.raises(ReportError, match=r"report\.html can't be written: name a file in an existing folder"):
        written.report("1")

    assert written.said.getvalue() == ""


def test_sales_that_are_gone_are_to_be_named(written: Written, client: mlflow.MlflowClient) -> None:
    source = client.get_model_version("housing-price", "1").tags["data_source"]
    client.set_model_version_tag("housing-price", "1", "data_source", "gone.csv")
    try:
        with pytest.raises(DataError, match=r"can't be read again: gone\.csv: .*; name sales with --data$"):
            written.report("1")
    finally:
        client.set_model_version_tag("housing-price", "1", "data_source", source)


def test_without_a_server_it_is_one_line(nowhere: str, run: Run) -> None:
    done = run(nowhere, "evaluate", "--registry-timeout-seconds", "0")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"no MLflow server answers at {nowhere}")
    assert done.stderr.count("\n") == 1

"""What `bench` refuses before anything starts."""

import os
from pathlib import Path
from typing import Any

import pytest
from housing_price_bench.errors import UsageError
from housing_price_bench.option_checks import require_no_plot, require_overload_options, require_usable_files
from housing_price_bench.options import BenchOptions
from housing_price_bench.prices.run import run_bench


@pytest.mark.parametrize(
    ("place", "reason"), [("", "this is a folder"), ("nowhere/run.json", "there is no folder"), ("file/x", "no folder")]
)
def test_an_unwritable_file_is_refused_in_one_line(tmp_path: Path, place: str, reason: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match=rf"^--json .*{reason}.*$") as refusal:
        run_bench(BenchOptions(json_file=tmp_path / place))

    assert refusal.value.exit_code == 2


def test_a_folder_without_write_access_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda place, _mode: Path(place) != tmp_path)

    with pytest.raises(UsageError, match="cannot be written"):
        require_usable_files(BenchOptions(json_file=tmp_path / "run.json"))


def test_missing_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file, and neither of sample, openml"):
        run_bench(BenchOptions(data=str(tmp_path / "sales.csv")))


@pytest.mark.parametrize("data", [None, "sample", "openml", __file__])
def test_known_data_and_a_new_results_file_are_accepted(tmp_path: Path, data: str | None) -> None:
    require_usable_files(BenchOptions(data=data, json_file=tmp_path / "run.json"))


@pytest.mark.parametrize("option", [{"data": "sample"}, {"recipe": "default"}, {"workers": 2}, {"generator": "wrk"}])
def test_an_overload_refuses_options_of_a_real_model(option: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="--overload takes --seconds, --json and --plot alone"):
        require_overload_options(BenchOptions(**option))


def test_a_plot_is_svg_and_of_an_overload(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ends with \.svg"):
        require_usable_files(BenchOptions(plot_file=tmp_path / "curve.png"))
    with pytest.raises(UsageError, match=r"^--plot is for --overload$"):
        run_bench(BenchOptions(plot_file=tmp_path / "curve.svg"))


def test_an_unknown_recipe_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="--recipe nope: unknown; choose one of default, random-forest"):
        run_bench(BenchOptions(recipe="nope"))


def test_the_pace_of_the_made_up_model_is_for_an_overload_alone() -> None:
    require_overload_options(BenchOptions(model_seconds=0.5))
    with pytest.raises(UsageError, match="--model-seconds is for --overload"):
        require_no_plot(BenchOptions(model_seconds=0.5))

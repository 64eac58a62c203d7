"""The configuration: defaults, overrides, and what is said of mistakes."""

from pathlib import Path

import pytest
from housing_price_model.errors import PipelineError, SettingsError
from housing_price_model.pipeline.configuration import read_configuration
from housing_price_model.pipeline.runner import choose_steps


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "pipeline.toml"
    path.write_text('version = 1\n[data]\nsource = "train.csv"\n[tune]\ntrials = 20\n')
    return path


def test_without_a_file_everything_has_a_default() -> None:
    assert read_configuration(None).data.source == "sample"


def test_overrides_single_values_of_a_file(file: Path) -> None:
    overrides = [
        "tune.trials=3",
        "data.source=other.csv",
        "register.promote=true",
        'selection-report.imputation=["knn"]',
    ]

    configuration = read_configuration(file, overrides)

    assert (configuration.tune.trials, configuration.tune.seed) == (3, 42)
    assert configuration.data.source == "other.csv"
    assert configuration.register_.promote
    assert configuration.selection_report.imputation == ("knn",)


@pytest.mark.parametrize(
    ("override", "line"),
    [
        (
            "tune.trial=3",
            "tune.trial: there is no such key: 'trials', perhaps (known are trials, seed, objective, pruner, groups)",
        ),
        ("registre.promote=true", "registre: there is no such key: 'register', perhaps"),
        ("tune.trials=many", "tune.trials: Input should be a valid integer"),
        ("version=2", "version: Input should be 1"),
        (
            "selection-report.imputation=['mode']",
            "selection-report.imputation.0: Input should be 'mean', 'median', 'knn' or 'iterative'",
        ),
        ("tune", "--set tune: write section.key=value"),
        ("version.x=1", "--set version.x=1: version is not a section"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_place(override: str, line: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_configuration(None, [override])

    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)


def test_a_file_must_say_its_version(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("[tune]\n")

    with pytest.raises(SettingsError, match=r"p\.toml: version: Field required"):
        read_configuration(tmp_path / "p.toml")


def test_reports_a_missing_or_malformed_file_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("version: 1")

    with pytest.raises(SettingsError, match=r"p\.toml: is not TOML: .*line 1"):
        read_configuration(tmp_path / "p.toml")
    with pytest.raises(SettingsError, match=r"none\.toml: No such file"):
        read_configuration(tmp_path / "none.toml")


def test_steps_are_chosen_by_name_or_from_one_on() -> None:
    assert choose_steps(None, None)[0] == "data"
    assert choose_steps(None, "tune") == ("tune", "register")
    assert choose_steps("split, data", None) == ("data", "split")


def test_an_unknown_step_is_told_with_the_nearest() -> None:
    with pytest.raises(PipelineError, match="there is no step 'tun': 'tune', perhaps"):
        choose_steps("data,tun", None)

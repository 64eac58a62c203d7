"""The file of the best parameters: what it gives back, and what is said of a bad one."""

import json
from pathlib import Path

import pytest
from housing_price_model.errors import SettingsError
from housing_price_model.recipes import BestTrial
from housing_price_model.recipes.blend.parameters import BlendSettings
from housing_price_model.tuning.parameters_file import ParametersFile, read_recipe


def test_a_file_gives_the_settings_and_the_trial_back(
    quick_file: ParametersFile, quick_settings: BlendSettings, tmp_path: Path
) -> None:
    quick_file.write(tmp_path / "best.json")

    recipe = read_recipe(tmp_path / "best.json")

    assert BlendSettings.model_validate(recipe.settings) == quick_settings
    assert recipe.best_trial == BestTrial("tries", 7)
    assert recipe.parameters["boosting.max_iter"] == 50


def test_a_file_behind_a_link_is_written_and_the_link_stays(tmp_path: Path, quick_file: ParametersFile) -> None:
    link = tmp_path / "best.json"
    link.symlink_to(tmp_path / "kept.json")

    quick_file.write(link)

    assert link.is_symlink()
    assert not (tmp_path / "kept.json").is_symlink()
    assert json.loads((tmp_path / "kept.json").read_text())["recipe"] == quick_file.recipe


def test_nothing_but_the_file_is_left_where_it_was_written(quick_file: ParametersFile, tmp_path: Path) -> None:
    for _ in range(2):
        quick_file.write(tmp_path / "best.json")

    assert [path.name for path in tmp_path.iterdir()] == ["best.json"]


def test_a_place_that_cant_be_written_to_is_one_line(quick_file: ParametersFile, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere/best\.json can't be written: No such file"):
        quick_file.write(tmp_path / "nowhere" / "best.json")


@pytest.mark.parametrize(
    ("place", "value", "line"),
    [
        (("settings", "process", "noise"), -1, "settings.process.noise: Input should be greater than 0"),
        (("settings", "trees_share"), "much", "settings.trees_share: Input should be a valid number"),
        (("settings", "process", "groups"), {}, "settings.process: Value error, the groups are living area"),
        (("trial",), None, "trial: Input should be a valid integer"),
        (("recipe",), "forest", "there is no recipe 'forest': choose one of default"),
        (("recipe",), "random-forest", "recipe random-forest has no settings to choose"),
        (("more",), 1, "more: Extra inputs are not permitted"),
    ],
)
def test_a_mistake_is_one_line_with_file_and_place(
    quick_file: ParametersFile, tmp_path: Path, place: tuple[str, ...], value: object, line: str
) -> None:
    document = part = quick_file.model_dump(mode="json")
    for name in place[:-1]:
        part = part[name]
    part[place[-1]] = value
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(document))

    with pytest.raises(SettingsError) as caught:
        read_recipe(path)

    assert str(caught.value).startswith(f"{path}: {line}")
    assert "\n" not in str(caught.value)


def test_what_is_no_json_is_told_with_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"recipe":\n')

    with pytest.raises(SettingsError, match=r"bad\.json: Invalid JSON: .* at line 2 column 0"):
        read_recipe(tmp_path / "bad.json")


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.json: No such file or directory$"):
        read_recipe(tmp_path / "none.json")

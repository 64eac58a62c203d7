"""Refuses options that can be seen to be wrong before anything starts."""

from pathlib import Path

from command_line.choices import describe_unknown, list_names

from housing_price.errors import PlaceTakenError, UsageError
from housing_price.plan import Options
from housing_price.ports import require_different_ports

RECIPES = "housing_price_model.recipes"
"""The entry points that name the recipes: `up` does not import the model."""

_NAMED_DATA = ("sample", "openml")


def require_usable_options(options: Options) -> None:
    """Refuse what no process could work with.

    Raises:
        UsageError: if there are no such data or recipe, or two ports are the same.
        PlaceTakenError: if the state folder is a file.
    """
    _require_data(options.data)
    _require_recipe(options.recipe)
    require_different_ports(options.ports)
    _require_folder(options.state_dir)


def _require_data(data: str | None) -> None:
    if data is None or data in _NAMED_DATA or Path(data).is_file():
        return
    raise UsageError(f"--data {data}: no such file, and neither of {', '.join(_NAMED_DATA)}")


def _require_recipe(recipe: str | None) -> None:
    if recipe is not None and (mistake := describe_unknown("--recipe", recipe, list_names(RECIPES))):
        raise UsageError(mistake)


def _require_folder(state_dir: Path) -> None:
    file = next((place for place in (state_dir, *state_dir.parents) if place.is_file()), None)
    if file is not None:
        raise PlaceTakenError(f"the state folder {state_dir} cannot be used: {file} is a file; name a folder")

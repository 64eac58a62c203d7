"""The file of the best parameters, which ``tune`` writes and ``train --params`` reads."""

import os
from pathlib import Path
from typing import Annotated, Literal

from host_environment.files import describe_unreadable
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from housing_price_model.errors import SettingsError, TrainingError
from housing_price_model.recipes import BestTrial, Recipe, find_recipe

type Objective = Literal["rmsle", "wmape"]
"""The metric that a search minimises."""


class ParametersFile(BaseModel):
    """A recipe's settings and the trial that found them.

    ``seed`` and ``objective`` are those of the search, ``figures`` the metrics of the trial's out-of-fold prices.
    ``run_id`` and ``run_name`` are the trial's run in MLflow, ``wandb_run`` its address or path in Weights & Biases.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: str
    settings: dict[str, JsonValue]
    study: str
    trial: Annotated[int, Field(ge=0)]
    seed: int
    objective: Objective = "rmsle"
    figures: dict[str, float] = {}
    run_id: str | None = None
    run_name: str | None = None
    wandb_run: str | None = None

    def write(self, path: Path) -> None:
        """Write the file atomically.

        Raises:
            SettingsError: if it can't be written.
        """
        try:
            place = path.resolve()  # behind a link, which stays
            unfinished = place.with_name(f"{place.name}.{os.getpid()}.tmp")
            unfinished.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
            unfinished.replace(place)
        except OSError as error:
            raise SettingsError(f"{path} can't be written: {error.strerror or error}") from error


def read_recipe(path: Path) -> Recipe:
    """Return the recipe with the settings from a file.

    Raises:
        SettingsError: with one line that names the file and the place in it.
    """
    try:
        found = ParametersFile.model_validate_json(path.expanduser().read_bytes())
        return find_recipe(found.recipe, found.settings, BestTrial(found.study, found.trial))
    except OSError as error:
        raise SettingsError(describe_unreadable(path, error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise SettingsError(f"{path}: {place + ': ' if place else ''}{first['msg']}") from error
    except TrainingError as error:
        raise SettingsError(f"{path}: {error}") from error

"""Reads the pipeline's configuration: a TOML file without unknown keys, and overrides of single values."""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from host_environment.files import describe_unreadable
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from housing_price_model.errors import SettingsError
from housing_price_model.tuning.parameters_file import Objective

type Imputation = Literal["mean", "median", "knn", "iterative"]
type FeatureChoice = Literal["without engineered columns", "without the sale's columns"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataSection(_Section):
    """``source`` and ``empty`` are what ``train --data`` and ``train --empty`` take."""

    source: str = "sample"
    empty: Literal["unknown", "none"] | None = None


class SelectionReportSection(_Section):
    """The alternatives that are compared with the recipe."""

    imputation: tuple[Imputation, ...] = ("mean", "median", "knn", "iterative")
    features: tuple[FeatureChoice, ...] = ("without engineered columns", "without the sale's columns")


class TuneSection(_Section):
    """As the options of ``tune``. With 0 trials, the default settings are used."""

    trials: Annotated[int, Field(ge=0)] = 0
    seed: Annotated[int, Field(ge=0)] = 42
    objective: Objective = "rmsle"
    pruner: Literal["median", "hyperband"] = "median"
    groups: bool = False


class RegisterSection(_Section):
    """The experiment of the version's run, and whether the version becomes the champion."""

    experiment: str = "housing-price"
    promote: bool = False


class Configuration(_Section):
    """The whole configuration. The folds can't be configured, because versions are compared on the same ones."""

    version: Literal[1]
    data: DataSection = DataSection()
    selection_report: Annotated[SelectionReportSection, Field(alias="selection-report")] = SelectionReportSection()
    tune: TuneSection = TuneSection()
    register_: Annotated[RegisterSection, Field(alias="register")] = RegisterSection()


def read_configuration(path: Path | None, overrides: Sequence[str] = ()) -> Configuration:
    """Read a file, or start from the defaults, and set single values given as ``section.key=value``.

    Raises:
        SettingsError: with one line that names the place, and the nearest key to an unknown one.
    """
    document = {"version": 1} if path is None else _read(path)
    for override in overrides:
        _set(document, override)
    try:
        return Configuration.model_validate(document)
    except ValidationError as error:
        where = f"{path}: " if path else ""
        raise SettingsError(where + _explain(error.errors(include_url=False)[0])) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.expanduser().read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(describe_unreadable(path, error)) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: is not TOML: {error}") from error


def _set(document: dict[str, Any], override: str) -> None:
    name, equals, value = override.partition("=")
    *sections, key = name.strip().split(".")
    if not equals or not key:
        raise SettingsError(f"--set {override}: write section.key=value")
    for section in sections:
        document = document.setdefault(section, {})
        if not isinstance(document, dict):
            raise SettingsError(f"--set {override}: {section} is not a section")
    document[key] = _value(value.strip())


def _value(text: str) -> Any:
    """Parse a value as TOML, or else as text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _explain(mistake: ErrorDetails) -> str:
    place = ".".join(map(str, mistake["loc"]))
    if mistake["type"] != "extra_forbidden":
        return f"{place}: {mistake['msg']}"
    known = _keys(mistake["loc"][:-1])
    nearest = difflib.get_close_matches(str(mistake["loc"][-1]), known, n=1, cutoff=0.0)
    return f"{place}: there is no such key: {nearest[0]!r}, perhaps (known are {', '.join(known)})"


def _keys(place: Sequence[int | str]) -> list[str]:
    model: type[BaseModel] = Configuration
    for name in place:
        model = _fields(model)[str(name)]
    return list(_fields(model))


def _fields(model: type[BaseModel]) -> Mapping[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}

"""Models of older house records get their rows translated."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from house_record import AMES, COLUMNS, NONE_COLUMNS, RECORD_VERSION, example_house, model_row
from housing_price_model.delivery.loading import load_compiled, load_model
from housing_price_model.serving.identity import identify

# MLflow compares column names in a way that pandas 4 will not take.
pytestmark = pytest.mark.filterwarnings("ignore:Operation with range is deprecated")

NONES = dict.fromkeys(NONE_COLUMNS, "NA")
EXAMPLE = dict(zip(COLUMNS, model_row(example_house()), strict=True))


def row(values: Mapping[str, Any]) -> list[Any]:
    return [values.get(column, value) for column, value in EXAMPLE.items()]


def test_a_model_of_the_first_record_takes_none_as_null(
    artefact: Path, change_manifest: Callable[[Mapping[str, Any]], None]
) -> None:
    today = load_model(str(artefact), AMES, timeout_seconds=0)
    change_manifest({"recordVersion": "1"})
    first = load_model(str(artefact), AMES, timeout_seconds=0)
    none, unknown = row(NONES), row(dict.fromkeys(NONE_COLUMNS))

    assert today.predict(COLUMNS, [none]) != today.predict(COLUMNS, [unknown])
    assert first.predict(COLUMNS, [none, unknown]) == today.predict(COLUMNS, [unknown, unknown])
    assert load_compiled(artefact, AMES).predict(COLUMNS, [none]) == today.predict(COLUMNS, [unknown])


def test_only_the_codes_of_none_are_translated(
    artefact: Path, change_manifest: Callable[[Mapping[str, Any]], None]
) -> None:
    change_manifest({"recordVersion": "1"})

    (checked,) = load_compiled(artefact, AMES).types.check([row(NONES | {"Street": "NA", "MasVnrType": "None"})])

    expected = EXAMPLE | dict.fromkeys(NONE_COLUMNS) | {"Street": "NA", "MasVnrType": "None"}
    assert dict(zip(COLUMNS, checked, strict=True)) == expected


def test_a_server_names_the_record_of_the_rows_that_it_takes(
    artefact: Path, change_manifest: Callable[[Mapping[str, Any]], None]
) -> None:
    change_manifest({"recordVersion": "1"})

    assert identify(load_model(str(artefact), AMES, timeout_seconds=0)).record_version == RECORD_VERSION

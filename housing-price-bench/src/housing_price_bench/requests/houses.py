"""The houses that the bench prices: the example, variations of it, and some that must be refused."""

import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from house_record import COLUMNS, EXAMPLE, FEATURES, House, example_document, model_row

_SEED = 42
_CHANGED_SHARE = 0.4
_SCALES = (0.6, 1.6)
_REFUSED_EVERY = 20
REFUSED_SHARE = 1 / _REFUSED_EVERY


def make_varied_documents(count: int) -> list[dict[str, Any]]:
    """Make different valid houses around the example; the same ones in every run."""
    dice = random.Random(_SEED)  # noqa: S311 - not for secrets
    return [_vary_example(number, dice) for number in range(count)]


def make_mixed_documents(count: int) -> list[dict[str, Any]]:
    """Make different houses, every twentieth with an unknown street."""
    documents = make_varied_documents(count)
    for document in documents[_REFUSED_EVERY - 1 :: _REFUSED_EVERY]:
        document["street"] = "Cobblestone"
    return documents


def make_rows_document(houses: Iterable[House]) -> dict[str, Any]:
    """Make the request body of a model server."""
    return {"dataframe_split": {"columns": list(COLUMNS), "data": [model_row(house) for house in houses]}}


def write_lines(file: Path, documents: Sequence[Any]) -> Path:
    """Write one JSON document per line and return the file."""
    file.write_text(
        "".join(f"{json.dumps(document, separators=(',', ':'))}\n" for document in documents), encoding="utf-8"
    )
    return file


def _vary_example(number: int, dice: random.Random) -> dict[str, Any]:
    changes = {
        feature.wire_name: _choose_value(feature, dice) for feature in FEATURES if dice.random() < _CHANGED_SHARE
    }
    document = example_document(**changes, id=number + 1)
    House.model_validate(document)
    return document


def _choose_value(feature: Any, dice: random.Random) -> Any:
    if feature.codes:
        return dice.choice(list(feature.codes))
    value = EXAMPLE[feature.wire_name]
    if feature.python_type is float and value:
        return round(value * dice.uniform(*_SCALES))
    return value

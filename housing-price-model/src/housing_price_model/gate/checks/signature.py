"""Checks that a version accepts this program's house record and returns prices."""

import math
from typing import TYPE_CHECKING

from house_record import Record

from housing_price_model.gate.checks.check import Check
from housing_price_model.registry.signature import make_signature

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

SIGNATURE = "signature"


def describe_limit(record: Record) -> str:
    """Return what is asked of a version, for people."""
    return f"the columns of house record {record.version} in, prices out"


def check_signature(
    record: Record, found: "ModelSignature | None", *, record_version: str, example_price: float
) -> Check:
    """Compare a version's signature and house record with ``record``. The example house must have a price."""
    mistake = _find_mistake(record, found, record_version, example_price)
    columns = 0 if found is None or found.inputs is None else len(found.inputs)
    figure = mistake or f"{columns} columns, the example house at ${example_price:,.2f}"
    return Check(name=SIGNATURE, passed=mistake is None, figure=figure, limit=describe_limit(record))


def _find_mistake(
    record: Record, found: "ModelSignature | None", record_version: str, example_price: float
) -> str | None:
    if record_version != record.version:
        return f"house record {record_version}"
    if found is None or found.inputs != make_signature(record).inputs:
        return "other columns"
    if found.outputs is None:
        return "no outputs"
    if not (math.isfinite(example_price) and example_price > 0):
        return f"the example house at {example_price}"
    return None

"""Predictions in answers: one a row, whether they come as a list or as columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from upstream_resilience.errors import BadUpstreamAnswer


def records_of(columns: Mapping[str, Any], count: int) -> Sequence[Any]:
    """One record a row, from columns by name.

    Raises:
        BadUpstreamAnswer: if a column has another length.
    """
    if count == 1 and not any(isinstance(values, list) for values in columns.values()):
        return [columns]
    checked = {name: one_a_row(values, count) for name, values in columns.items()}
    return [dict(zip(checked, row, strict=True)) for row in zip(*checked.values(), strict=True)]


def one_a_row(values: Any, count: int) -> Sequence[Any]:
    """The list as it is.

    Raises:
        BadUpstreamAnswer: if it is none, or of another length.
    """
    if not isinstance(values, list):
        raise BadUpstreamAnswer("it holds no list of predictions")
    if len(values) != count:
        raise BadUpstreamAnswer(f"it has {len(values)} predictions for {count} rows")
    return values

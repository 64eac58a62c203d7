"""Checks what the fields of the candidate's sales say about the price: none everything, none much less than before.

A column that was shuffled or shifted says nothing, and may cost little accuracy where others say the same.
"""

from collections.abc import Mapping

from housing_price_model.gate.checks.check import Check

LARGEST_ASSOCIATION = 0.95
LEAK = "leaked price"
LEAK_LIMIT = f"no field's association with the price is above {LARGEST_ASSOCIATION:g}"

IMPORTANT = 0.4
LEAST_SHARE = 1 / 3
FIELDS = "fields"
FIELDS_LIMIT = f"associations above {IMPORTANT:g} in the champion's sales are at least a third of that"

type Associations = Mapping[str, float]


def check_leak(associations: Associations) -> Check:
    """Judge the field that says most about the price."""
    column = max(associations, key=lambda name: associations[name])
    passed, figure = associations[column] <= LARGEST_ASSOCIATION, f"{column} {associations[column]:.2f}"
    return Check(name=LEAK, passed=passed, figure=figure, limit=LEAK_LIMIT)


def check_fields(candidate: Associations, champion: Associations) -> Check:
    """Name the fields that say much less about the price than in the champion's sales."""
    important = {column: before for column, before in champion.items() if before > IMPORTANT}
    lost = {column: before for column, before in important.items() if candidate[column] < LEAST_SHARE * before}
    figure = ", ".join(f"{column} {candidate[column]:.2f}, was {before:.2f}" for column, before in lost.items())
    return Check(name=FIELDS, passed=not lost, figure=figure or f"{len(important)} are alike", limit=FIELDS_LIMIT)

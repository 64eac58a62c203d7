"""The input of a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from housing_price_model.evaluation.bootstrap import Numbers
from housing_price_model.evaluation.monotonicity import Answers
from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.evaluation.unknowns import FoldPrices
from housing_price_model.gate.checks.check import Check
from housing_price_model.registry.manifest import Manifest


@dataclass(frozen=True, eq=False, kw_only=True)
class Opponent:
    """Another version: its out-of-fold prices of the same sales in the same folds, and the gate's check of ours."""

    number: str
    is_champion: bool
    recipe: str
    predicted: Numbers
    accuracy: Check


@dataclass(frozen=True, eq=False, kw_only=True)
class Evidence:
    """A version and all measurements.

    ``source`` is where the sales come from. ``is_evaluated_again`` says that the version's run has no prices of them,
    so that its recipe was evaluated again. ``fold_prices`` are by the current recipe. ``few_fields`` are the figures
    ``cv_required_*`` of these sales, if the version's training has found them.
    """

    number: str
    is_champion: bool
    manifest: Manifest
    source: str
    is_generated: bool
    is_evaluated_again: bool
    folds: int
    sales: PricedSales
    fold_prices: FoldPrices
    few_fields: Mapping[str, float]
    opponent: Opponent | None
    answers: Sequence[Answers]
    monotonicity: Check
    latency: Sequence[Check]
    size_bytes: int
    written_at: datetime

"""Nested cross-validation: the score of a whole search on sales that it has not seen.

The best trial's own score is optimistic, because it is the smallest of many on the same folds.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from housing_price_model.data import Places, Sales
from housing_price_model.evaluation.folds import folds
from housing_price_model.evaluation.metrics import Metrics, measure
from housing_price_model.progress import Progress
from housing_price_model.recipes.blend.parameters import BlendSettings
from housing_price_model.tuning.parameters_file import Objective
from housing_price_model.tuning.scoring import (
    Prices,
    ScoringOn,
    build_estimator,
    make_scoring,
    price_unseen,
)
from housing_price_model.tuning.search import (
    Clock,
    Plan,
    Pruner,
    count_down,
    derive_start,
    find_best,
    list_finished,
    open_study,
    search,
)
from housing_price_model.tuning.search_space import make_settings


@dataclass(frozen=True, slots=True)
class OuterFold:
    """An outer fold: the best inner score, and the actual prices of this fold beside those by the settings that were
    found and by those of the program."""

    number: int
    inner: float
    actual: Prices
    found: Prices
    start: Prices


@dataclass(frozen=True, slots=True)
class Nested:
    """The folds of a nested cross-validation, and the objective of its searches."""

    folds: Sequence[OuterFold]
    objective: Objective = "rmsle"

    @property
    def found(self) -> Metrics:
        """The metrics of the whole search, over all sales."""
        return _measure(self.folds, "found")

    @property
    def start(self) -> Metrics:
        """The metrics of the program's settings, over the same sales."""
        return _measure(self.folds, "start")

    @property
    def inner(self) -> float:
        """Mean of the best inner scores."""
        return float(np.mean([fold.inner for fold in self.folds]))

    def score(self, metrics: Metrics) -> float:
        """Return the objective."""
        return float(getattr(metrics, self.objective))

    def table(self) -> str:
        """Return a line for each fold, as comma-separated values."""
        name = self.objective
        rows = [
            f"{fold.number},{len(fold.found)},{fold.inner:.5f}"
            f",{self.score(_measure([fold], 'found')):.5f},{self.score(_measure([fold], 'start')):.5f}"
            for fold in self.folds
        ]
        return "\n".join([f"fold,sales,inner_{name},{name},start_{name}", *rows]) + "\n"


def _measure(folds: Sequence[OuterFold], by: Literal["found", "start"]) -> Metrics:
    return measure(
        np.concatenate([fold.actual for fold in folds]), np.concatenate([getattr(fold, by) for fold in folds])
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where the searches of the folds are stored, so that they can resume; in memory without storage.

    ``facts`` belong to ``study``, the study of all sales.
    """

    study: str = "study"
    storage: Path | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    pruner: Pruner = "median"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nesting:
    """What all outer folds have in common."""

    sales: Sales
    plan: Plan
    outer: int
    kept: Kept
    scoring: ScoringOn
    clock: Clock


def run_nested(
    sales: Sales,
    plan: Plan,
    outer: int,
    progress: Progress,
    *,
    kept: Kept | None = None,
    scoring: ScoringOn = make_scoring,
    clock: Clock = time.monotonic,
) -> Nested | None:
    """Repeat the search in each of ``outer`` folds, and price the rest of the sales with the settings it finds.

    Returns None if time ran out before all searches had all of their trials, because a part of a search says nothing
    about the whole.
    """
    nesting = Nesting(sales=sales, plan=plan, outer=outer, kept=kept or Kept(), scoring=scoring, clock=clock)
    left = count_down(plan, clock)
    found: list[OuterFold] = []
    for number, (seen, unseen) in enumerate(folds(sales, outer), start=1):
        progress.step(f"nested cross-validation, fold {number} of {outer}: {_describe(plan)}")
        fold = _outer_fold(number, nesting, left(), seen, unseen)
        if fold is None:
            return None
        found.append(fold)
    return Nested(found, plan.objective)


def _describe(plan: Plan) -> str:
    trials = f"{plan.trials} trial{'s' * (plan.trials > 1)}"
    return f"groups, {trials}" if plan.derives_groups else trials


def _outer_fold(number: int, nesting: Nesting, plan: Plan, seen: Places, unseen: Places) -> OuterFold | None:
    sales = nesting.sales
    winner = _search(number, nesting, plan, sales.take(seen))
    if winner is None:
        return None
    chosen, inner = winner

    def price(settings: BlendSettings) -> Prices:
        return price_unseen(build_estimator(settings, sales), sales, seen, unseen)

    actual: Prices = np.asarray(sales.prices, dtype=np.float64)[unseen]
    return OuterFold(number, inner, actual, found=price(chosen), start=price(plan.base))


def _search(number: int, nesting: Nesting, plan: Plan, known: Sales) -> tuple[BlendSettings, float] | None:
    """Return the best settings and their score, once all trials are finished."""
    kept, name = nesting.kept, f"fold {number} of {nesting.outer}"
    facts = {**kept.facts, "part": f"without {name}"}
    with open_study(f"{kept.study}/{name}", kept.storage, facts, kept.pruner) as study:
        plan = derive_start(study, plan, known)
        search(study, plan, nesting.scoring(known, folds(known)), lambda _: None, clock=nesting.clock)
        if len(list_finished(study)) < plan.trials:
            return None
        winner = find_best(study)
    if winner is None or winner.value is None:
        return plan.base, float("nan")
    return make_settings(plan.base, winner.params), winner.value

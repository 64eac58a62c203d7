"""Nested cross-validation: what a whole search is worth on sales that it has not seen.

The score of the best trial flatters it, because it is the smallest of many on the same folds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold

from housing_price_model.data import Sales
from housing_price_model.recipes.blend.parameters import BlendSettings
from housing_price_model.training.evaluation import SEED, folds
from housing_price_model.training.progress import Progress
from housing_price_model.tuning.scoring import Places, estimator_with, part_of, scoring_on, squared_log_errors
from housing_price_model.tuning.search import Plan, best, open_study, search
from housing_price_model.tuning.search_space import settings_at

type Errors = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OuterFold:
    """A fold that a search has not seen: the best score on the folds that it has seen, and the errors here (squared
    differences of log prices) of what it found and of the settings that it began with."""

    number: int
    inner_rmsle: float
    found: Errors
    start: Errors


@dataclass(frozen=True, slots=True)
class Nested:
    """The folds of a nested cross-validation."""

    folds: Sequence[OuterFold]

    @property
    def rmsle(self) -> float:
        """Of the whole search, over all sales."""
        return rmsle([fold.found for fold in self.folds])

    @property
    def start_rmsle(self) -> float:
        """Of the settings that the searches began with, over the same sales."""
        return rmsle([fold.start for fold in self.folds])

    @property
    def inner_rmsle(self) -> float:
        """What the searches themselves promised, on average."""
        return float(np.mean([fold.inner_rmsle for fold in self.folds]))

    def table(self) -> str:
        """A line for each fold, as comma-separated values."""
        rows = [
            f"{fold.number},{len(fold.found)},{fold.inner_rmsle:.5f},{rmsle([fold.found]):.5f},{rmsle([fold.start]):.5f}"
            for fold in self.folds
        ]
        return "\n".join(["fold,sales,inner_rmsle,rmsle,start_rmsle", *rows]) + "\n"


def rmsle(errors: Sequence[Errors]) -> float:
    """Of squared log errors."""
    return float(np.sqrt(np.mean(np.concatenate(errors))))


def nest(sales: Sales, plan: Plan, outer: int, progress: Progress) -> Nested:
    """Search anew in each of ``outer`` parts of the sales, and price the rest with what was found there."""
    parts = KFold(outer, shuffle=True, random_state=SEED).split(sales.frame)
    found = []
    for number, (seen, unseen) in enumerate(parts, start=1):
        progress.step(f"nested cross-validation, fold {number} of {outer}: {plan.trials} trials")
        found.append(_outer_fold(number, sales, plan, seen, unseen))
    return Nested(found)


def _outer_fold(number: int, sales: Sales, plan: Plan, seen: Places, unseen: Places) -> OuterFold:
    known = part_of(sales, seen)
    with open_study(f"fold {number}", None, {}) as study:
        search(study, replace(plan, timeout_seconds=None), scoring_on(known, folds(known)), watch=lambda _: None)
        winner = best(study)
    chosen = settings_at(plan.base, winner.params) if winner else plan.base

    def errors(settings: BlendSettings) -> Errors:
        return squared_log_errors(estimator_with(settings, sales), sales, seen, unseen)

    inner = float(winner.value) if winner and winner.value is not None else float("nan")
    return OuterFold(number, inner, found=errors(chosen), start=errors(plan.base))

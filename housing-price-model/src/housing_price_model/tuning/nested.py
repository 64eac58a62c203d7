"""Nested cross-validation: what a whole search is worth on sales that it has not seen.

The score of the best trial flatters it, because it is the smallest of many on the same folds.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold

from housing_price_model.data import Places, Sales
from housing_price_model.evaluation.folds import SEED, folds
from housing_price_model.progress import Progress
from housing_price_model.recipes.blend.parameters import BlendSettings
from housing_price_model.tuning.scoring import (
    ScoringOn,
    estimator_with,
    scoring_on,
    squared_log_errors,
)
from housing_price_model.tuning.search import Clock, Plan, best, counting_down, finished, open_study, search
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where the searches of the folds are kept, so that they go on where they were; without storage in memory.

    ``facts`` are those of ``study``, the study of all sales.
    """

    study: str = "study"
    storage: Path | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nesting:
    """What all folds have in common."""

    sales: Sales
    plan: Plan
    outer: int
    kept: Kept
    scoring: ScoringOn
    clock: Clock


def nest(
    sales: Sales,
    plan: Plan,
    outer: int,
    progress: Progress,
    *,
    kept: Kept | None = None,
    scoring: ScoringOn = scoring_on,
    clock: Clock = time.monotonic,
) -> Nested | None:
    """Search anew in each of ``outer`` parts of the sales, and price the rest with what was found there.

    None if time was up before each of the searches had all of its trials: what a part of a search is worth says
    nothing about the whole.
    """
    nesting = Nesting(sales=sales, plan=plan, outer=outer, kept=kept or Kept(), scoring=scoring, clock=clock)
    left = counting_down(plan, clock)
    found: list[OuterFold] = []
    parts = KFold(outer, shuffle=True, random_state=SEED).split(np.arange(len(sales)))
    for number, (seen, unseen) in enumerate(parts, start=1):
        progress.step(f"nested cross-validation, fold {number} of {outer}: {plan.trials} trials")
        fold = _outer_fold(number, nesting, left(), seen, unseen)
        if fold is None:
            return None
        found.append(fold)
    return Nested(found)


def _outer_fold(number: int, nesting: Nesting, plan: Plan, seen: Places, unseen: Places) -> OuterFold | None:
    sales = nesting.sales
    winner = _searched(number, nesting, plan, sales.take(seen))
    if winner is None:
        return None
    chosen, inner = winner

    def errors(settings: BlendSettings) -> Errors:
        return squared_log_errors(estimator_with(settings, sales), sales, seen, unseen)

    return OuterFold(number, inner, found=errors(chosen), start=errors(plan.base))


def _searched(number: int, nesting: Nesting, plan: Plan, known: Sales) -> tuple[BlendSettings, float] | None:
    """The best settings and their score, once all trials are there."""
    kept, name = nesting.kept, f"fold {number} of {nesting.outer}"
    with open_study(f"{kept.study}/{name}", kept.storage, {**kept.facts, "part": f"without {name}"}) as study:
        search(study, plan, nesting.scoring(known, folds(known)), lambda _: None, clock=nesting.clock)
        if len(finished(study)) < plan.trials:
            return None
        winner = best(study)
    if winner is None or winner.value is None:
        return plan.base, float("nan")
    return settings_at(plan.base, winner.params), winner.value

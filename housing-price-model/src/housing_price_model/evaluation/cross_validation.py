"""Evaluates a recipe by five-fold cross-validation and on a held-out fifth of the sales."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from housing_price_model.data import Places, Sales
from housing_price_model.errors import TrainingError
from housing_price_model.evaluation.few_fields import FewFields, measure_marks
from housing_price_model.evaluation.folds import FOLDS, SEED, count_different, folds, hold_out
from housing_price_model.evaluation.importance import Importance, permutation_importance
from housing_price_model.evaluation.intervals import Interval, measure_intervals
from housing_price_model.evaluation.metrics import Metrics, measure, summarize_folds
from housing_price_model.evaluation.monotonicity import Answers, name_metrics
from housing_price_model.progress import Progress
from housing_price_model.recipes import Estimator

FEWEST_SALES = 50

type Prices = NDArray[np.float64]


@dataclass(frozen=True)
class FoldFit:
    """The estimator of a fold, and the places of the sales that it was fitted on and of those that it prices."""

    estimator: Estimator
    seen: Places
    unseen: Places


@dataclass(frozen=True)
class CrossValidation:
    """Metrics over the folds, and out-of-fold prices.

    ``overall`` are the metrics of all out-of-fold prices together; ``fits`` made them. The calibration adds
    ``intervals`` around them, by coverage, ``marked``, which says which sales are unlike the others, and
    ``few_fields``, the same sales when only the required fields are known.
    """

    mean: Metrics
    spread: Metrics
    overall: Metrics
    predicted: Prices
    fits: Sequence[FoldFit] = ()
    intervals: Mapping[float, Interval] = field(default_factory=dict)
    marked: NDArray[np.bool_] | None = None
    few_fields: FewFields | None = None

    def doubts(self, actual: Prices) -> Mapping[str, float]:
        """Return the figures of few fields and marks, if they are there."""
        few = self.few_fields.figures(actual) if self.few_fields else {}
        return few if self.marked is None else few | measure_marks(actual, self.predicted, self.marked)


@dataclass(frozen=True)
class HeldOut:
    """The estimator fitted on 80 % of the sales, and its metrics and feature importances on the others."""

    estimator: Estimator
    metrics: Metrics
    importances: list[Importance]


@dataclass(frozen=True)
class Evaluation:
    """All measurements of an estimator. ``answers`` are the registered one's, empty until it is fitted."""

    actual: Prices
    cross_validation: CrossValidation
    held_out: HeldOut
    answers: Sequence[Answers] = ()

    def figures(self) -> Mapping[str, float]:
        """Return all metrics by name: ``cv_*`` mean and ``cv_*_std`` spread over the folds, ``cv_overall_*`` over all
        sales, ``holdout_*`` held out, coverage and width of the intervals, the same of few fields as ``cv_required_*``,
        ``cv_marked_*``, and ``wrong_direction_*`` of what-ifs."""
        validation = self.cross_validation
        return {
            **validation.mean.named("cv"),
            **validation.overall.named("cv_overall"),
            **measure_intervals(self.actual, validation.predicted, validation.intervals),
            **self.cross_validation.spread.named("cv", "_std"),
            **self.held_out.metrics.named("holdout"),
            **validation.doubts(self.actual),
            **name_metrics(self.answers),
        }


def evaluate(unfitted: Estimator, sales: Sales, progress: Progress) -> Evaluation:
    """Evaluate clones of an estimator. The given one stays unfitted.

    Raises:
        TrainingError: if there are too few sales.
    """
    different = count_different(sales)
    if different < FEWEST_SALES:
        raise TrainingError(
            f"{different} sales are too few to train on and evaluate: at least {FEWEST_SALES} are needed"
        )
    return Evaluation(
        actual=np.asarray(sales.prices, dtype=np.float64),
        cross_validation=_cross_validate(unfitted, sales, progress),
        held_out=_hold_out(unfitted, sales, progress),
    )


def _cross_validate(unfitted: Estimator, sales: Sales, progress: Progress) -> CrossValidation:
    predicted = np.empty(len(sales))
    metrics, fits = [], []
    for number, (seen, unseen) in enumerate(folds(sales), start=1):
        progress.step(f"cross-validation, fold {number} of {FOLDS}")
        fitted = clone(unfitted).fit(sales.rows_at(seen), sales.prices.iloc[seen])
        predicted[unseen] = fitted.predict(sales.rows_at(unseen))
        metrics.append(measure(sales.prices.iloc[unseen], predicted[unseen]))
        fits.append(FoldFit(fitted, seen, unseen))
    mean, spread = summarize_folds(metrics)
    return CrossValidation(mean, spread, measure(sales.prices, predicted), predicted, fits)


def _hold_out(unfitted: Estimator, sales: Sales, progress: Progress) -> HeldOut:
    progress.step("fit on 80 % of the sales")
    seen, unseen = hold_out(sales)
    fitted = clone(unfitted).fit(sales.rows_at(seen), sales.prices.iloc[seen])
    metrics = measure(sales.prices.iloc[unseen], fitted.predict(sales.rows_at(unseen)))
    progress.step("importance of each feature")
    return HeldOut(fitted, metrics, permutation_importance(fitted, sales.take(unseen), seed=SEED))

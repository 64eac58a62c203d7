"""Calibrates prediction intervals and marks on out-of-fold prices.

A residual is the error of a log price. Trees learn the size of residuals, which is a house's difficulty, from the
house and from signals of doubt; a score is a residual divided by its house's difficulty. Copies of the sales of which
less is known are priced as well, so that intervals keep their promise whatever is omitted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from housing_price_model.data import Row, Sales
from housing_price_model.evaluation.cross_validation import FoldFit
from housing_price_model.evaluation.few_fields import FewFields
from housing_price_model.evaluation.intervals import COVERAGES, Interval
from housing_price_model.inference import Appraiser, Band, Bands, Support, compute_difficulties
from housing_price_model.inference.appraisal import SIGNAL_COPIES
from housing_price_model.inference.intervals import conformal_quantile
from housing_price_model.inference.joint import SCORES
from housing_price_model.recipes import CompiledEstimator, Recipe
from housing_price_model.training.unknowns import keep_required, omit_at_random

LARGEST_RESIDUAL = 0.4
"""Larger residuals are clipped: the few sales at a third of the usual price say nothing about similar houses."""

DIFFICULTY_PARAMETERS = {
    "max_iter": 100,
    "learning_rate": 0.12,
    "max_leaf_nodes": 4,
    "min_samples_leaf": 100,
    "max_features": 0.05,
    "early_stopping": False,
    "random_state": 42,
}
LEAF_SHARE = 0.02
"""Leaves are no larger than this share of the houses that the trees learn from."""

COPIES = 3
"""Copies of the sales without some of their fields."""

BANDS = 4
"""Bands of houses of which not everything is known, besides that of complete ones."""

USUAL_SHARES = (0.995, 0.998, 0.998, 0.996)
"""The shares of sales whose ``inference.joint.SCORES`` are usual. Together with what is beyond the range of the sales,
some 3 % of unseen sales are marked."""

RARE_SHARE, LEAST_RARE = 0.998, 3.0
"""A surprise in a column is rare beyond this share of the sales' own, in standard deviations at least."""

FEWEST_MARKED, LARGEST_FACTOR = 20, 2.5
"""Marked sales from which the factor of their intervals can be estimated, and the largest factor."""

FACTOR_COVERAGE = 0.9

type Vector = NDArray[np.float64]
type Matrix = NDArray[np.float64]
type Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Calibration:
    """Trees that predict a house's residual, the bands of scores, the limits of the joint model's scores, and how much
    wider intervals of marked houses are."""

    difficulty: Any
    bands: tuple[Band, ...]
    limits: tuple[float, ...]
    rare: Vector
    marked_factor: float


@dataclass(frozen=True)
class Calibrated:
    """The calibration of the model; out-of-fold intervals of the sales, by coverage; which of them are marked as unlike
    the others; and what comes of few fields."""

    calibration: Calibration
    intervals: Mapping[float, Interval]
    marked: Flags
    few_fields: FewFields


@dataclass(frozen=True)
class _Copy:
    """Sales as they are or without some fields, priced out of fold: what the trees of difficulty take, log prices,
    residuals and deviations."""

    matrix: Matrix
    log_prices: Vector
    residuals: Vector
    deviations: Vector
    marked: Flags


@dataclass(frozen=True)
class _Fold:
    """The estimator of a fold, compiled, and what prices rows by it."""

    form: CompiledEstimator
    appraiser: Appraiser
    fit: FoldFit

    @classmethod
    def of(cls, form: CompiledEstimator, fit: FoldFit) -> Self:
        return cls(form, form.appraiser(), fit)


def calibrate(recipe: Recipe, fitted: CompiledEstimator, fits: Sequence[FoldFit], sales: Sales) -> Calibrated:
    """Calibrate on all sales. The intervals of a fold's sales are calibrated on the other folds.

    Args:
        recipe: what compiles the estimators of the folds.
        fitted: the compiled estimator that is calibrated.
        fits: the estimators of the folds.
        sales: all of them.
    """
    features = sales.record.features
    folds = [_Fold.of(recipe.compile(fit.estimator), fit) for fit in fits]
    appraiser = fitted.appraiser()
    surprises = _find_surprises(folds, sales)
    complete = _price_copy(appraiser, folds, sales, sales.rows, _mark(folds, sales, surprises))
    partial = [
        _price_copy(appraiser, folds, sales, rows) for rows in omit_at_random(features, sales.rows, copies=COPIES)
    ]
    required = _price_copy(appraiser, folds, sales, keep_required(features, sales.rows))
    copies = [complete, *partial]
    difficulties = [np.empty(len(sales)) for _ in (*copies, required)]
    for fit in fits:
        trees = _fit_difficulty(copies, fit.seen)
        for copy, own in zip((*copies, required), difficulties, strict=True):
            own[fit.unseen] = compute_difficulties(trees.predict(copy.matrix[fit.unseen]))
    scores = [copy.residuals / own for copy, own in zip(copies, difficulties, strict=False)]
    factor = _find_factor(scores[0], complete.marked)
    everything = np.arange(len(sales))
    calibration = Calibration(
        _fit_difficulty(copies, everything),
        _make_bands(copies, scores, everything),
        surprises.limits,
        surprises.rare,
        factor,
    )
    widened = difficulties[0] * np.where(complete.marked, factor, 1.0)
    return Calibrated(
        calibration,
        _make_intervals(complete, widened, copies, scores, fits),
        complete.marked,
        FewFields(np.expm1(required.log_prices), _make_intervals(required, difficulties[-1], copies, scores, fits)),
    )


@dataclass(frozen=True)
class _Surprises:
    """The joint model's scores of each sale out of fold, their limits, and what is rare in each column."""

    scores: Matrix
    limits: tuple[float, ...]
    rare: Vector


def _find_surprises(folds: Sequence[_Fold], sales: Sales) -> _Surprises:
    """Find how surprising sales are to the joint models of the folds that have not seen them."""
    found = [fold.appraiser.surprise(sales.rows_at(fold.fit.unseen)) for fold in folds]
    order = np.argsort(np.concatenate([fold.fit.unseen for fold in folds]))
    scores = np.concatenate([own.scores for own in found])[order]
    widths = {own.columns.shape[1] for own in found}
    rare = np.ones(folds[0].appraiser.encoder.width)
    if widths == {len(rare)}:
        sizes = np.abs(np.concatenate([own.columns for own in found])[order])
        rare = np.maximum(np.quantile(sizes, RARE_SHARE, axis=0), LEAST_RARE)
        is_number = folds[0].form.joint.is_number
        scores[:, SCORES.index("largest")] = (sizes / rare)[:, is_number].max(axis=1, initial=0.0)
    limits = [float(np.quantile(own, share)) for own, share in zip(scores.T, USUAL_SHARES, strict=True)]
    return _Surprises(scores, tuple(limits), rare)


def _mark(folds: Sequence[_Fold], sales: Sales, surprises: _Surprises) -> Flags:
    """Return which sales are unlike the others."""
    marked: Flags = (surprises.scores > surprises.limits).any(axis=1)
    for fold in folds:
        rows = sales.rows_at(fold.fit.unseen)
        reasons = Support(fold.form.encoding, sales.rows_at(fold.fit.seen), None).reasons(rows)
        marked[fold.fit.unseen[list(reasons)]] = True
    return marked


def _price_copy(
    appraiser: Appraiser, folds: Sequence[_Fold], sales: Sales, rows: Sequence[Row], marked: Flags | None = None
) -> _Copy:
    appraisals = [fold.appraiser.appraise([rows[place] for place in fold.fit.unseen]) for fold in folds]
    order = np.argsort(np.concatenate([fold.fit.unseen for fold in folds]))
    log_prices = np.concatenate(
        [fold.form.log_prices(own.amounts) for fold, own in zip(folds, appraisals, strict=True)]
    )[order]
    signals = np.concatenate([own.signals for own in appraisals])[order]
    deviations = np.concatenate([own.deviations for own in appraisals])[order]
    actual = np.log1p(np.asarray(sales.prices, dtype=np.float64))
    return _Copy(
        np.hstack([appraiser.complete(rows), *[signals] * SIGNAL_COPIES]),
        log_prices,
        actual - log_prices,
        deviations,
        np.zeros(len(rows), dtype=bool) if marked is None else marked,
    )


def _fit_difficulty(copies: Sequence[_Copy], places: NDArray[np.int64]) -> HistGradientBoostingRegressor:
    matrix = np.concatenate([copy.matrix[places] for copy in copies])
    sizes = np.minimum(np.concatenate([np.abs(copy.residuals[places]) for copy in copies]), LARGEST_RESIDUAL)
    smallest = min(DIFFICULTY_PARAMETERS["min_samples_leaf"], max(10, int(LEAF_SHARE * len(sizes))))
    return HistGradientBoostingRegressor(**DIFFICULTY_PARAMETERS | {"min_samples_leaf": smallest}).fit(matrix, sizes)


def _make_bands(copies: Sequence[_Copy], scores: Sequence[Vector], places: NDArray[np.int64]) -> tuple[Band, ...]:
    """Return a band of complete houses, and bands of others by what is known, each with as many scores."""
    complete, *partial = copies
    deviations = np.concatenate([copy.deviations[places] for copy in partial])
    own = np.concatenate([found[places] for found in scores[1:]])
    order = np.argsort(deviations, kind="stable")
    least = float(complete.deviations[places].max())
    bands = [Band(least_deviation=0.0, scores=_round(scores[0][places]))]
    for part in np.array_split(order, BANDS):
        least = max(least, float(deviations[part[0]]))
        bands.append(Band(least_deviation=least, scores=_round(own[part])))
    return tuple(bands)


def _round(scores: Vector) -> tuple[float, ...]:
    return tuple(float(f"{score:.6g}") for score in np.sort(scores).tolist())


def _find_factor(scores: Vector, marked: Flags) -> float:
    """Return by how much wider intervals of marked sales must be to hold as many prices as those of the others."""
    if marked.sum() < FEWEST_MARKED:
        return 1.0
    held, others = (conformal_quantile(np.sort(np.abs(scores[rows])), FACTOR_COVERAGE) for rows in (marked, ~marked))
    return float(np.clip(held / others, 1.0, LARGEST_FACTOR))


def _make_intervals(
    copy: _Copy, difficulties: Vector, copies: Sequence[_Copy], scores: Sequence[Vector], fits: Sequence[FoldFit]
) -> Mapping[float, Interval]:
    bands = [Bands(_make_bands(copies, scores, fit.seen)) for fit in fits]
    return {coverage: _make_interval(copy, difficulties, bands, fits, coverage) for coverage in COVERAGES}


def _make_interval(
    copy: _Copy, difficulties: Vector, bands: Sequence[Bands], fits: Sequence[FoldFit], coverage: float
) -> Interval:
    lower, upper = np.empty(len(difficulties)), np.empty(len(difficulties))
    for fit, own in zip(fits, bands, strict=True):
        below, above = own.ends(copy.deviations[fit.unseen], coverage)
        centre, unit = copy.log_prices[fit.unseen], difficulties[fit.unseen]
        lower[fit.unseen] = np.maximum(np.expm1(centre - unit * below), 0.0)
        upper[fit.unseen] = np.expm1(centre + unit * above)
    return Interval(lower, upper)

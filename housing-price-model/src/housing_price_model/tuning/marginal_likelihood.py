"""Derives the settings of the process's groups: the maximum of the sales' marginal likelihood under a prior.

Student-t noise is Gaussian noise whose variance differs by sale. Rounds alternate between these variances and a search
with the variances' proportions fixed, which raises a lower bound of the likelihood each time.

C. E. Rasmussen, C. K. I. Williams, "Gaussian Processes for Machine Learning", 2006, equations 5.8 and 5.9.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, lapack
from scipy.optimize import minimize

from housing_price_model.data import Sales
from housing_price_model.inference import Encoder, Matrix
from housing_price_model.inference.process import Vector
from housing_price_model.recipes.blend.features import Design, make_design
from housing_price_model.recipes.blend.parameters import BlendSettings, GroupSettings, ProcessSettings
from housing_price_model.recipes.blend.student_t_process import (
    CONSTANT_VARIANCE,
    compute_distances,
    compute_matern,
    compute_scales,
    find_noise,
)

START = GroupSettings(slope_variance=0.003, length_scale=6.0)
"""The settings of every group that the prior is centred on."""

KERNEL_VARIANCE, NOISE = 0.03, 0.07
"""Where the search starts for the kernel's variance and the scale of the noise."""

SPREAD = 1.0
"""Standard deviation of the prior of each logarithm: a factor of e."""

ROUNDS = 3
"""Rounds of noise and search. After these no setting changes by more than a tenth."""

TOLERANCE = 1e-6
"""The search ends when a step gains less than this share of the objective."""

LEAST_LENGTH_SCALES: Mapping[str, float] = {"quality": 6.0, "condition": 10.0}
"""With shorter length-scales, some prices fall as these ratings rise."""

MOST_SALES = 2000
"""A step takes the cube of the number of sales, so more of them are sampled."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Sales whose likelihood is maximised: their encoded rows, shape (n, d), and log prices of mean 0, shape (n,)."""

    matrix: Matrix
    targets: Vector
    design: Design


class Point:
    """Logarithms of the settings as a vector: slope variances, length-scales, the kernel's variance, the noise.

    A group without a length-scale stays linear.
    """

    def __init__(self, base: ProcessSettings) -> None:
        self._base = base
        self.groups = tuple(base.groups)
        self.bent = tuple(name for name, group in base.groups.items() if group.length_scale is not None)

    def start(self) -> Vector:
        """Return the centre of the prior."""
        slopes, lengths = [START.slope_variance] * len(self.groups), [START.length_scale] * len(self.bent)
        return np.log(np.array([*slopes, *lengths, KERNEL_VARIANCE, NOISE], dtype=np.float64))

    def bounds(self) -> list[tuple[float | None, float | None]]:
        """Return the least and the largest value of each logarithm."""
        least = [LEAST_LENGTH_SCALES.get(name) for name in self.bent]
        lengths = [(None if value is None else float(np.log(value)), None) for value in least]
        return [*[(None, None)] * len(self.groups), *lengths, *[(None, None)] * 2]

    def settings(self, point: Vector) -> ProcessSettings:
        """Return the settings at a point."""
        values = np.exp(point).tolist()
        slopes = dict(zip(self.groups, values, strict=False))
        lengths = dict(zip(self.bent, values[len(self.groups) :], strict=False))
        groups = {
            name: GroupSettings(slope_variance=slopes[name], length_scale=lengths.get(name)) for name in self.groups
        }
        return self._base.model_copy(update={"groups": groups, "kernel_variance": values[-2], "noise": values[-1]})


def derive_groups(sales: Sales, settings: BlendSettings, *, seed: int = 42) -> BlendSettings:
    """Return the settings with the groups, the kernel's variance and the noise of the largest posterior density.

    ``seed`` draws the sales if there are more than ``MOST_SALES``.
    """
    problem = _pose(sales, settings, seed)
    at = Point(settings.process)
    point = at.start()
    for _ in range(ROUNDS):
        objective = Objective(problem, at, _find_shares(problem, at.settings(point)))
        options = {"ftol": TOLERANCE}
        point = minimize(objective, point, jac=True, method="L-BFGS-B", bounds=at.bounds(), options=options).x
    return settings.model_copy(update={"process": _round(at.settings(point))})


def _pose(sales: Sales, settings: BlendSettings, seed: int) -> Problem:
    rows, targets = sales.rows, np.log1p(sales.prices.to_numpy())
    chosen = np.sort(np.random.default_rng(seed).permutation(len(rows))[:MOST_SALES])
    design = make_design(sales.record.features, rows, settings.limits)
    matrix = Encoder(design.encoding).encode([rows[place] for place in chosen])
    return Problem(matrix, targets[chosen] - targets[chosen].mean(), design)


def _find_shares(problem: Problem, settings: ProcessSettings) -> Vector:
    """Return the variance of each sale's noise as a multiple of the squared scale of the noise."""
    prior = _Covariance(problem, settings)
    return find_noise(prior.total, problem.targets, settings) / settings.noise**2


class _Covariance:
    """The covariance of the log prices without noise, and the parts that its gradient needs."""

    def __init__(self, problem: Problem, settings: ProcessSettings) -> None:
        slopes, self.places, scales = compute_scales(problem.matrix, problem.design, settings)
        self.straight = (problem.matrix - problem.matrix.mean(axis=0)) * slopes
        self.compared = problem.matrix[:, self.places] * scales
        self.distances = compute_distances(self.compared)
        self.bent = settings.kernel_variance * compute_matern(self.distances)
        self.total = self.straight @ self.straight.T + self.bent + CONSTANT_VARIANCE


class Objective:
    """The negative logarithm of the posterior density at a point, but for a constant, and its gradient.

    Args:
        problem: the sales.
        at: the order of the settings in a point.
        shares: shape (n,), the variances of the sales' noise as multiples of the squared scale of the noise.
    """

    def __init__(self, problem: Problem, at: Point, shares: Vector) -> None:
        self._problem, self._at, self._shares, self._start = problem, at, shares, at.start()
        self._columns = {name: problem.design.places(name) for name in at.groups}

    def __call__(self, point: Vector) -> tuple[float, Vector]:
        settings = self._at.settings(point)
        prior, noise = _Covariance(self._problem, settings), self._shares * settings.noise**2
        value, slack = _likelihood(prior.total, noise, self._problem.targets)
        away = (point - self._start) / SPREAD
        gradient = self._gradient(prior, noise, slack, settings)
        return value + 0.5 * float(away @ away), gradient + away / SPREAD

    def _gradient(self, prior: _Covariance, noise: Vector, slack: Matrix, settings: ProcessSettings) -> Vector:
        slopes = 0.5 * (prior.straight * (slack @ prior.straight)).sum(axis=0)
        bends = np.zeros(len(slopes))
        bends[prior.places] = _bend(prior, slack, settings.kernel_variance)
        return np.array(
            [
                *(slopes[self._columns[name]].sum() for name in self._at.groups),
                *(bends[self._columns[name]].sum() for name in self._at.bent),
                0.5 * np.vdot(slack, prior.bent),
                slack.diagonal() @ noise,
            ]
        )


def _likelihood(covariance: Matrix, noise: Vector, targets: Vector) -> tuple[float, Matrix]:
    """Return the negative log marginal likelihood but for a constant, and twice its derivative by the covariance."""
    total = covariance.copy()
    total[np.diag_indices_from(total)] += noise
    factor, failed = lapack.dpotrf(total, lower=1, clean=1, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError("the covariance is not positive definite")
    sums = cho_solve((factor, True), targets, check_finite=False)
    value = 0.5 * float(targets @ sums) + float(np.log(factor.diagonal()).sum())
    lower, _ = lapack.dpotri(factor, lower=1)
    return value, np.tril(lower) + np.tril(lower, -1).T - np.outer(sums, sums)


def _bend(prior: _Covariance, slack: Matrix, variance: float) -> NDArray[np.float64]:
    """Return the derivative by the logarithm of each compared column's length-scale."""
    pull = slack * (1.0 + prior.distances) * np.exp(-prior.distances) * (variance * 5.0 / 3.0)
    squares = prior.compared * prior.compared
    result: NDArray[np.float64] = pull.sum(axis=1) @ squares - (prior.compared * (pull @ prior.compared)).sum(axis=0)
    return result


def _round(settings: ProcessSettings) -> ProcessSettings:
    """Round to three digits, which is more than the sales can tell."""

    def digits(value: float) -> float:
        return float(f"{value:.3g}")

    groups = {
        name: GroupSettings(
            slope_variance=digits(group.slope_variance),
            length_scale=None if group.length_scale is None else digits(group.length_scale),
        )
        for name, group in settings.groups.items()
    }
    changes = {"kernel_variance": digits(settings.kernel_variance), "noise": digits(settings.noise)}
    return settings.model_copy(update={"groups": groups, **changes})

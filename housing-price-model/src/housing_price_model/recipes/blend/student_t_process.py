"""Fits the Gaussian process of the blend. Its noise has heavy tails, so that a few odd sales have little influence.

Student-t noise is Gaussian noise whose variance differs by sale; the sales' weights are found by expectation
maximisation. K. L. Lange, R. J. A. Little, J. M. G. Taylor, "Robust statistical modeling using the t distribution",
JASA 84, 1989.
"""

from typing import cast

import numpy as np
from scipy.linalg import cho_solve, lapack, solve_triangular
from scipy.optimize import lsq_linear

from housing_price_model.inference import Matrix, ProcessMean
from housing_price_model.inference.process import Vector
from housing_price_model.recipes.blend.features import GROUPS, Design
from housing_price_model.recipes.blend.parameters import ProcessSettings

CONSTANT_VARIANCE = 10.0
"""The prior variance of the constant is wide, so that the sales decide."""

ROUNDS = 8
"""Rounds of expectation maximisation, after which the weights change by less than a hundredth."""

RIDGE = 1e-4
SEED = 42


def fit_process(matrix: Matrix, targets: Vector, design: Design, settings: ProcessSettings) -> ProcessMean:
    """Fit the posterior mean of the process.

    Args:
        matrix: shape (n, d), the encoded sales.
        targets: shape (n,), their log prices.
    """
    slopes, places, scales = compute_scales(matrix, design, settings)
    centre, mean = matrix.mean(axis=0), float(targets.mean())
    straight, compared = (matrix - centre) * slopes, matrix[:, places] * scales
    bent = settings.kernel_variance * compute_matern(compute_distances(compared))
    noise = find_noise(straight @ straight.T + bent + CONSTANT_VARIANCE, targets - mean, settings)
    curved = bent + CONSTANT_VARIANCE + np.diag(noise)
    standard, sums = _fit_slopes(straight, curved, targets - mean, np.array(design.signs))
    linear = slopes * standard
    chosen = np.sort(np.random.default_rng(SEED).permutation(len(matrix))[: settings.representatives])
    return ProcessMean(
        offset=np.array(mean + CONSTANT_VARIANCE * sums.sum() - centre @ linear),
        linear=linear,
        places=places,
        scales=scales,
        sales=compared[chosen],
        weights=settings.kernel_variance * _project(bent, sums, chosen),
    )


def compute_scales(
    matrix: Matrix, design: Design, settings: ProcessSettings
) -> tuple[Vector, "np.ndarray[tuple[int], np.dtype[np.int64]]", Vector]:
    """Return the factors of all columns for the linear part, and the columns of the nonlinear part with their
    factors."""
    spread = matrix.std(axis=0)
    spread[(spread == 0) | np.array(design.is_indicator)] = 1.0
    slopes, bends = np.zeros(matrix.shape[1]), np.zeros(matrix.shape[1])
    for group in GROUPS:
        own, places = settings.groups[group], design.places(group)
        slopes[places] = np.sqrt(own.slope_variance) / spread[places]
        if own.length_scale is not None:
            bends[places] = 1.0 / (own.length_scale * spread[places])
    bent = np.flatnonzero(bends)
    return slopes, bent, bends[bent]


def compute_distances(compared: Matrix) -> Matrix:
    """Return the distance between each two rows, times the root of 5."""
    squares = (compared * compared).sum(axis=1)
    distances: Matrix = np.sqrt(5.0 * np.maximum(squares[:, None] + squares - 2.0 * compared @ compared.T, 0.0))
    return distances


def compute_matern(distances: Matrix) -> Matrix:
    """Return the Matérn 5/2 kernel of variance 1 at these distances."""
    kernel: Matrix = (1.0 + distances + distances * distances / 3.0) * np.exp(-distances)
    return kernel


def find_noise(covariance: Matrix, targets: Vector, settings: ProcessSettings) -> Vector:
    """Find the variance of each sale's noise.

    Args:
        covariance: shape (n, n), of the log prices without noise.
        targets: shape (n,), log prices of mean 0.
    """
    variance, freedom = settings.noise**2, settings.degrees_of_freedom
    noise = np.full(len(targets), variance)
    for _ in range(ROUNDS):
        sums, inverse_diagonal = _solve(covariance, noise, targets)
        expected = (noise * sums) ** 2 + noise - noise * noise * inverse_diagonal
        noise = variance * (freedom + expected / variance) / (freedom + 1.0)
    return noise


def _fit_slopes(straight: Matrix, curved: Matrix, targets: Vector, signs: Vector) -> tuple[Vector, Vector]:
    """Find the most probable slopes, none against its sign, and the weights of the sales in the rest of the mean.

    With all signs 0 this is the posterior mean. Solved by bounded least squares: P. B. Stark, R. L. Parker,
    "Bounded-variable least-squares", Computational Statistics 10, 1995.

    Args:
        straight: shape (n, d), the columns scaled so that slopes have variance 1.
        curved: shape (n, n), the covariance of what is not linear, with noise.
        targets: shape (n,).
        signs: shape (d,): 1 for slopes that may not be negative, -1 for those that may not be positive, 0 for others.
    """
    factor = np.linalg.cholesky(curved)
    rows, wanted = (solve_triangular(factor, side, lower=True) for side in (straight, targets))
    root = np.linalg.cholesky(rows.T @ rows + np.eye(straight.shape[1]))
    bounds = np.where(signs > 0, 0.0, -np.inf), np.where(signs < 0, 0.0, np.inf)
    found = lsq_linear(root.T, solve_triangular(root, rows.T @ wanted, lower=True), bounds, method="bvls")
    sums = cho_solve((factor, True), targets - straight @ found.x, check_finite=False)
    return found.x, sums


def _solve(covariance: Matrix, noise: Vector, targets: Vector) -> tuple[Vector, Vector]:
    """Solve ``(covariance + noise)·x = targets``, and return the diagonal of the inverse as well."""
    total = covariance.copy()
    total[np.diag_indices_from(total)] += noise
    factor, _ = lapack.dpotrf(total, lower=1, overwrite_a=1)
    inverse, _ = lapack.dpotri(factor, lower=1)
    return cast("Vector", cho_solve((factor, True), targets, check_finite=False)), inverse.diagonal().copy()


def _project(bent: Matrix, sums: Vector, chosen: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Vector:
    """Find the weights of the chosen sales that best reproduce the nonlinear part at every sale."""
    columns = bent[:, chosen]
    ridge = RIDGE * bent[np.ix_(chosen, chosen)]
    return np.linalg.solve(columns.T @ columns + ridge + 1e-9 * np.eye(len(chosen)), columns.T @ (bent @ sums))

"""Fits the joint model of encoded sales and their log prices."""

import numpy as np
from scipy.linalg import eigh

from housing_price_model.inference import Encoding, JointModel, Matrix, OneHotFeature, locate_columns
from housing_price_model.inference.joint import Known
from housing_price_model.inference.process import Vector

FACTORS = 20
"""More do not fill gaps better: with 16 to 40, prices from few fields differ by less than 0.002 RMSLE."""

SALES_PER_FACTOR = 10
LEAST_NOISE = 0.01
"""The least share of a column's variance that is noise, since columns that add up leave none."""

ROUNDS = 2
"""Rounds of filling the gaps of the sales and fitting again."""

STEPS = 30
"""Steps of finding the factors, after which no variance of noise changes by a hundredth."""


def fit_joint(encoding: Encoding, matrix: Matrix, known: Known | None, log_prices: Vector) -> JointModel:
    """Fit the model.

    Args:
        encoding: what made the matrix.
        matrix: shape (n, d).
        known: shape (n, d), or None if every column of each sale is known.
        log_prices: shape (n,).
    """
    everything = np.column_stack([matrix, log_prices])
    is_known = np.ones(everything.shape, dtype=bool)
    if known is not None:
        is_known[:, :-1] = known
    counts = np.maximum(is_known.sum(axis=0), 1)
    centre = np.where(is_known, everything, 0.0).sum(axis=0) / counts
    spread = np.sqrt((np.where(is_known, everything - centre, 0.0) ** 2).sum(axis=0) / counts)
    varies = spread > 0
    spread[~varies] = 1.0
    scaled = np.where(is_known, (everything - centre) / spread, 0.0)
    rank = max(1, min(FACTORS, len(matrix) // SALES_PER_FACTOR, matrix.shape[1]))
    for _ in range(1 if known is None else ROUNDS):
        loadings, noise = _find_factors(scaled.T @ scaled / len(scaled), rank)
        loadings, noise = np.where(varies[:, None], loadings, 0.0), np.where(varies, noise, 1.0)
        model = JointModel(
            centre=centre[:-1],
            spread=spread[:-1],
            loadings=loadings[:-1],
            noise=noise[:-1],
            price_loadings=loadings[-1] * spread[-1],
            is_number=_find_numbers(encoding),
        )
        if known is not None:
            filled = model.complete(matrix, known).matrix
            scaled[:, :-1] = np.where(known, scaled[:, :-1], (filled - centre[:-1]) / spread[:-1])
    return model


def _find_factors(correlations: Matrix, rank: int) -> tuple[Matrix, Vector]:
    """Return loadings, shape (d, rank), and variances of noise, shape (d,), of the largest likelihood.

    D. N. Lawley, A. E. Maxwell, "Factor Analysis as a Statistical Method", 1971, section 4.3.
    """
    count = len(correlations)
    variances = np.maximum(correlations.diagonal(), LEAST_NOISE)
    noise = variances.copy()
    for _ in range(STEPS):
        roots = np.sqrt(noise)
        values, vectors = eigh(correlations / np.outer(roots, roots), subset_by_index=(count - rank, count - 1))
        loadings = roots[:, None] * vectors * np.sqrt(np.maximum(values - 1.0, 0.0))
        noise = np.maximum(variances - (loadings * loadings).sum(axis=1), LEAST_NOISE)
    return loadings, noise


def _find_numbers(encoding: Encoding) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return for each column of the matrix whether it is made of numbers."""
    starts, width = locate_columns(encoding.features)
    is_number = np.ones(width + len(encoding.formulas), dtype=bool)
    for feature, start in zip(encoding.features, starts, strict=True):
        if feature.kind == "number":
            continue
        is_number[start : start + (feature.width if isinstance(feature, OneHotFeature) else 1)] = False
    return is_number

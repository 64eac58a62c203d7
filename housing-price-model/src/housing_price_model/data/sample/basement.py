"""The basements of the sample: parts that add up to the whole, or no basement and no details."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_price_model.data.sample.draws import Codes, Columns, Draws, Flags, Numbers, whole

_EXPOSURES = {
    "split": {"No": 0.25, "Mn": 0.1, "Av": 0.5, "Gd": 0.15},
    "plain": {"No": 0.7, "Mn": 0.08, "Av": 0.13, "Gd": 0.09},
}
_HEIGHTS = {"Po": 0.002, "Fa": 0.025, "TA": 0.455, "Gd": 0.433, "Ex": 0.085}
_CONDITIONS = {"Po": 0.002, "Fa": 0.032, "TA": 0.92, "Gd": 0.045, "Ex": 0.001}
_FINISHES = {
    "old": {"Unf": 0.42, "LwQ": 0.08, "Rec": 0.16, "BLQ": 0.14, "ALQ": 0.15, "GLQ": 0.05},
    "new": {"Unf": 0.27, "LwQ": 0.02, "Rec": 0.02, "BLQ": 0.03, "ALQ": 0.09, "GLQ": 0.57},
}
_SECOND_FINISHES = {"Unf": 0.81, "LwQ": 0.05, "Rec": 0.055, "BLQ": 0.04, "ALQ": 0.025, "GLQ": 0.02}
_FINISHES_ARE_NEW_FROM = 1985


def draw_basement(house: Columns, draws: Draws) -> dict[str, NDArray[Any]]:
    """Sizes, finish, quality and baths of the basement."""
    has_basement = (house["Foundation"] != "Slab") & ~draws.happens(0.009)
    is_new = house["YearBuilt"] >= _FINISHES_ARE_NEW_FROM
    finish = draws.codes_by(np.where(is_new, "new", "old"), _FINISHES, has_basement)
    is_finished = has_basement & (finish != "Unf")
    second_finish = draws.codes(_SECOND_FINISHES, is_finished)
    second_finish[has_basement & ~is_finished] = "Unf"
    areas = _areas(house, has_basement, finish, second_finish, draws)
    return {
        **_grades(house, has_basement, draws),
        "BsmtFinType1": finish,
        "BsmtFinType2": second_finish,
        **areas,
        "BsmtFullBath": draws.grade(
            areas["BsmtFinSF1"] + 250 * draws.normal(), {0: 0.587, 1: 0.402, 2: 0.01, 3: 0.001}
        ).astype(float),
        "BsmtHalfBath": np.where(is_finished & draws.happens(0.08), 1.0, 0.0),
    }


def _areas(
    house: Columns, has_basement: Flags, finish: Codes, second_finish: Codes, draws: Draws
) -> dict[str, Numbers]:
    total = whole(np.where(has_basement, house["1stFlrSF"] * np.exp(0.05 * draws.normal() - 0.02), 0))
    finished = has_basement & (finish != "Unf")
    first = whole(np.where(finished, total * draws.uniform(0.3, 0.95), 0))
    has_second = finished & (second_finish != "Unf")
    second = whole(np.where(has_second, (total - first) * draws.uniform(0.2, 0.8), 0))
    return {
        "BsmtFinSF1": first,
        "BsmtFinSF2": second,
        "BsmtUnfSF": total - first - second,
        "TotalBsmtSF": total,
    }


def _grades(house: Columns, has_basement: Flags, draws: Draws) -> dict[str, NDArray[Any]]:
    is_split = np.isin(house["HouseStyle"], ("SFoyer", "SLvl"))
    height = (house["YearBuilt"] - 1970) / 15 + house["OverallQual"] + 0.8 * draws.normal()
    condition = house["OverallCond"] + house["YearBuilt"] / 100 + draws.normal()
    return {
        "BsmtQual": draws.grade(height, _HEIGHTS, has_basement),
        "BsmtCond": draws.grade(condition, _CONDITIONS, has_basement),
        "BsmtExposure": draws.codes_by(np.where(is_split, "split", "plain"), _EXPOSURES, has_basement),
    }

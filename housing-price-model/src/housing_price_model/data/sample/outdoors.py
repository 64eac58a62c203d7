"""What surrounds the houses of the sample: deck, porches, pool, fence, and the odd shed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_price_model.data.sample.draws import Codes, Columns, Draws, Flags, Numbers, look_up, whole

_POOL_SHARE = 0.009
_POOL_QUALITIES = {"Po": 0.1, "Fa": 0.2, "TA": 0.2, "Gd": 0.3, "Ex": 0.2}
_FENCES = {
    "old": {None: 0.71, "MnPrv": 0.17, "GdPrv": 0.055, "GdWo": 0.055, "MnWw": 0.01},
    "new": {None: 0.935, "MnPrv": 0.03, "GdPrv": 0.02, "GdWo": 0.013, "MnWw": 0.002},
}
_FEATURES = {None: 0.9626, "Shed": 0.032, "Gar2": 0.0016, "Othr": 0.0015, "TenC": 0.001, "Elev": 0.0013}
_FEATURE_DOLLARS = {"Shed": 500, "Gar2": 8000, "Othr": 2500, "TenC": 2000, "Elev": 9000}
_YARDS_ARE_NEW_FROM = 1985


def draw_outdoors(house: Columns, draws: Draws) -> dict[str, NDArray[Any]]:
    """Areas outside the walls, and what stands there."""
    age = house["YrSold"] - house["YearBuilt"]
    is_new = house["YearBuilt"] >= _YARDS_ARE_NEW_FROM
    has_pool = draws.codes({True: _POOL_SHARE, False: 1 - _POOL_SHARE}).astype(bool)
    feature = draws.codes(_FEATURES)
    feature_dollars = look_up(feature, _FEATURE_DOLLARS) * draws.uniform(0.7, 1.6)
    return {
        "WoodDeckSF": _area(draws.happens(np.where(is_new, 0.6, 0.38)), 160, draws),
        "OpenPorchSF": _area(draws.happens(np.where(is_new, 0.75, 0.38)), 65, draws),
        "EnclosedPorch": _area(draws.happens(np.clip(age / 250, 0, 0.45)), 130, draws),
        "3SsnPorch": _area(draws.happens(0.016), 190, draws),
        "ScreenPorch": _area(draws.happens(0.08), 180, draws),
        "PoolArea": _area(has_pool, 560, draws),
        "PoolQC": draws.grade(house["OverallQual"] + draws.normal(), _POOL_QUALITIES, has_pool),
        "Fence": _fence(is_new, draws),
        "MiscFeature": feature,
        "MiscVal": np.round(feature_dollars / 50) * 50,
    }


def _area(exists: Flags, usual_square_feet: float, draws: Draws) -> Numbers:
    area = np.maximum(usual_square_feet * np.exp(0.45 * draws.normal()), 12)
    return whole(np.where(exists, area, 0))


def _fence(is_new: Flags, draws: Draws) -> Codes:
    return draws.codes_by(np.where(is_new, "new", "old"), _FENCES)

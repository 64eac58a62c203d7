"""A hedonic price: what each feature adds to the log price in the sample, and noise."""

from collections.abc import Mapping

import numpy as np

from housing_price_model.data.sample.draws import Columns, Draws, Numbers, look_up
from housing_price_model.data.sample.location import typical

_LOG_OF_USUAL_PRICE = 12.0
_NOISE = 0.09
_WILD_NOISE = 0.25
_WILD_SHARE = 0.03
_LOWEST_DOLLARS = 35_000
_HIGHEST_DOLLARS = 750_000

_EFFECTS_OF_CODES: Mapping[str, Mapping[str, float]] = {
    "MSZoning": {"C (all)": -0.22, "I (all)": -0.25, "A (agr)": -0.15, "RM": -0.04, "FV": 0.02},
    "Condition1": {
        "Artery": -0.09, "Feedr": -0.04, "RRAe": -0.08, "RRAn": -0.03, "PosN": 0.05, "PosA": 0.06,
    },
    "BldgType": {"Duplex": -0.1, "2fmCon": -0.05, "Twnhs": -0.08, "TwnhsE": -0.02},
    "KitchenQual": {"Po": -0.08, "Fa": -0.06, "Gd": 0.03, "Ex": 0.09},
    "ExterQual": {"Fa": -0.04, "Gd": 0.01, "Ex": 0.04},
    "ExterCond": {"Po": -0.1, "Fa": -0.05},
    "BsmtQual": {"Fa": -0.03, "Gd": 0.01, "Ex": 0.05},
    "BsmtExposure": {"Av": 0.01, "Gd": 0.05},
    "HeatingQC": {"Po": -0.08, "Fa": -0.03, "Ex": 0.02},
    "CentralAir": {"N": -0.07},
    "GarageFinish": {"RFn": 0.01, "Fin": 0.02},
    "Functional": {
        "Min1": -0.04, "Min2": -0.04, "Mod": -0.08, "Maj1": -0.08, "Maj2": -0.2, "Sev": -0.3, "Sal": -0.5,
    },
    "Foundation": {"PConc": 0.02, "Slab": -0.02},
    "Street": {"Grvl": -0.1},
    "Utilities": {"NoSewr": -0.05, "NoSeWa": -0.1, "ELO": -0.15},
    "LotConfig": {"CulDSac": 0.03, "Corner": 0.005},
    "Exterior1st": {"BrkFace": 0.05, "AsbShng": -0.03},
    "SaleCondition": {"Abnorml": -0.09, "Family": -0.04, "AdjLand": -0.15, "Alloca": -0.02, "Partial": 0.05},
}  # fmt: skip
_EFFECTS_OF_NUMBERS: Mapping[str, float] = {
    "OverallCond": 0.042,
    "TotalBsmtSF": 0.00008,
    "BsmtFinSF1": 0.00009,
    "BsmtFinSF2": 0.00005,
    "BsmtFullBath": 0.02,
    "FullBath": 0.02,
    "HalfBath": 0.015,
    "Fireplaces": 0.03,
    "GarageCars": 0.025,
    "GarageArea": 0.00008,
    "WoodDeckSF": 0.00008,
    "OpenPorchSF": 0.00008,
    "ScreenPorch": 0.0003,
    "PoolArea": 0.0001,
}
"""Per unit: per square foot, per room, per step of a rating."""
_USUAL: Mapping[str, float] = {
    "OverallCond": 5.6, "TotalBsmtSF": 1050, "BsmtFinSF1": 430, "BsmtFullBath": 0.4, "FullBath": 1.6,
    "Fireplaces": 0.6, "GarageCars": 1.8, "GarageArea": 475,
}  # fmt: skip
_MARKET = {2006: 0.005, 2007: 0.015, 2008: -0.005, 2009: -0.02, 2010: -0.015}


def draw_price(house: Columns, draws: Draws) -> Numbers:
    """Draw the price of each house in US dollars, rounded to the hundred."""
    log_price = (
        _LOG_OF_USUAL_PRICE
        + typical(house["Neighborhood"], lambda neighborhood: neighborhood.premium)
        + _effect_of_size_and_quality(house)
        + _effect_of_age(house)
        + sum(look_up(house[column], effects) for column, effects in _EFFECTS_OF_CODES.items())
        + sum((house[column] - _USUAL.get(column, 0)) * per for column, per in _EFFECTS_OF_NUMBERS.items())
        + look_up(house["YrSold"], _MARKET)
        + _chance(draws)
    )
    return np.clip(np.round(np.exp(log_price) / 100) * 100, _LOWEST_DOLLARS, _HIGHEST_DOLLARS)


def _effect_of_size_and_quality(house: Columns) -> Numbers:
    size = np.log(house["GrLivArea"] / 1500)
    quality = house["OverallQual"] - 6
    lot = np.log(house["LotArea"] / 9500)
    return np.asarray(0.37 * size + 0.054 * quality + 0.02 * size * quality + 0.08 * lot)


def _effect_of_age(house: Columns) -> Numbers:
    age = np.clip(house["YrSold"] - house["YearBuilt"], 0, 90)
    since_remodelled = np.clip(house["YrSold"] - house["YearRemodAdd"], 0, 60)
    return np.asarray(-0.0016 * (age - 35) - 0.0010 * (since_remodelled - 22))


def _chance(draws: Draws) -> Numbers:
    is_wild = draws.happens(_WILD_SHARE)
    return np.where(is_wild, _WILD_NOISE, _NOISE) * draws.normal()

"""The inside of the sample's houses: heating, wiring, rooms, kitchen, fireplaces."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_price_model.data.sample.building import era_of
from housing_price_model.data.sample.draws import Columns, Draws, Shares, look_up, whole

_OLD_HEATING = {"GasA": 0.91, "GasW": 0.05, "Grav": 0.02, "OthW": 0.01, "Wall": 0.005, "Floor": 0.005}
_HEATING = {
    "before 1920": _OLD_HEATING,
    "1920 to 1945": _OLD_HEATING,
    "1946 to 1959": {"GasA": 0.96, "GasW": 0.02, "Wall": 0.02},
    "1960 to 1979": {"GasA": 0.995, "GasW": 0.005},
    "1980 to 1999": {"GasA": 1.0},
    "from 2000": {"GasA": 1.0},
}
_OLD_WIRING = {"SBrkr": 0.74, "FuseA": 0.18, "FuseF": 0.06, "FuseP": 0.015, "Mix": 0.005}
_WIRING: Mapping[str, Shares] = {
    "before 1920": _OLD_WIRING,
    "1920 to 1945": _OLD_WIRING,
    "1946 to 1959": {"SBrkr": 0.74, "FuseA": 0.2, "FuseF": 0.06},
    "1960 to 1979": {"SBrkr": 0.985, "FuseA": 0.015},
    "1980 to 1999": {"SBrkr": 1.0},
    "from 2000": {"SBrkr": 0.997, None: 0.003},
}
_COOLED = {
    "before 1920": 0.6, "1920 to 1945": 0.83, "1946 to 1959": 0.9, "1960 to 1979": 0.98, "1980 to 1999": 1.0,
    "from 2000": 1.0,
}  # fmt: skip
_FUNCTIONALITY = {
    "Typ": 0.93, "Min1": 0.021, "Min2": 0.023, "Mod": 0.01, "Maj1": 0.009, "Maj2": 0.004, "Sev": 0.002,
    "Sal": 0.001,
}  # fmt: skip
_HALF_BATHS = {"2Story": 0.62, "2.5Fin": 0.6, "2.5Unf": 0.4, "SLvl": 0.4}


def draw_interior(house: Columns, draws: Draws) -> dict[str, NDArray[Any]]:
    """Equipment and rooms."""
    era = era_of(house["YearBuilt"])
    freshness = house["OverallQual"] + (house["YearRemodAdd"] - 1985) / 12
    return {
        "Heating": draws.codes_by(era, _HEATING),
        "HeatingQC": draws.grade(
            freshness + 1.5 * draws.normal(), {"Po": 0.001, "Fa": 0.034, "TA": 0.293, "Gd": 0.165, "Ex": 0.507}
        ),
        "CentralAir": np.where(draws.happens(look_up(era, _COOLED)), "Y", "N").astype(object),
        "Electrical": draws.codes_by(era, _WIRING),
        "Functional": draws.codes(_FUNCTIONALITY),
        "KitchenQual": draws.grade(
            freshness + 0.8 * draws.normal(), {"Po": 0.001, "Fa": 0.026, "TA": 0.503, "Gd": 0.402, "Ex": 0.068}
        ),
        **_rooms(house, draws),
        **_fireplaces(house, draws),
    }


def _rooms(house: Columns, draws: Draws) -> dict[str, NDArray[Any]]:
    living = house["GrLivArea"]
    room = living / 400 + 0.5 * draws.normal()
    bedrooms = draws.grade(
        room + 0.7 * draws.normal(),
        {0: 0.004, 1: 0.034, 2: 0.245, 3: 0.551, 4: 0.146, 5: 0.015, 6: 0.005},
    ).astype(float)
    baths = room + (house["YearBuilt"] - 1970) / 18 + 0.6 * draws.normal()
    has_two_kitchens = (house["BldgType"] == "Duplex") | (house["BldgType"] == "2fmCon") & draws.happens(0.5)
    half_baths = draws.happens(look_up(house["HouseStyle"], _HALF_BATHS, 0.2))
    return {
        "FullBath": draws.grade(baths, {0: 0.006, 1: 0.445, 2: 0.526, 3: 0.023}).astype(float),
        "HalfBath": half_baths.astype(float),
        "BedroomAbvGr": bedrooms,
        "KitchenAbvGr": np.where(has_two_kitchens, 2.0, 1.0),
        "TotRmsAbvGrd": np.clip(bedrooms + whole(living / 550 + 0.9 + 0.3 * draws.normal()), 2, 14),
    }


def _fireplaces(house: Columns, draws: Draws) -> dict[str, NDArray[Any]]:
    wealth = house["GrLivArea"] / 500 + house["OverallQual"] * 0.6
    fireplaces = draws.grade(wealth + 1.3 * draws.normal(), {0: 0.473, 1: 0.445, 2: 0.078, 3: 0.004}).astype(float)
    grades = {"Po": 0.026, "Fa": 0.043, "TA": 0.405, "Gd": 0.495, "Ex": 0.031}
    return {
        "Fireplaces": fireplaces,
        "FireplaceQu": draws.grade(house["OverallQual"] + draws.normal(), grades, fireplaces > 0),
    }

"""The garages of the sample: all of a garage's details, or none of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_price_model.data.sample.building import era_of
from housing_price_model.data.sample.draws import Codes, Columns, Draws, Flags, Numbers, look_up, whole

_TYPES = {
    "before 1920": {None: 0.2, "Detchd": 0.66, "Attchd": 0.11, "2Types": 0.015, "CarPort": 0.015},
    "1920 to 1945": {None: 0.12, "Detchd": 0.74, "Attchd": 0.09, "Basment": 0.03, "BuiltIn": 0.02},
    "1946 to 1959": {None: 0.08, "Detchd": 0.35, "Attchd": 0.51, "Basment": 0.03, "BuiltIn": 0.02,
                     "CarPort": 0.01},
    "1960 to 1979": {None: 0.04, "Detchd": 0.24, "Attchd": 0.67, "BuiltIn": 0.02, "CarPort": 0.015,
                     "Basment": 0.01, "2Types": 0.005},
    "1980 to 1999": {None: 0.025, "Detchd": 0.09, "Attchd": 0.81, "BuiltIn": 0.07, "2Types": 0.005},
    "from 2000": {None: 0.01, "Detchd": 0.06, "Attchd": 0.77, "BuiltIn": 0.15, "Basment": 0.01},
}  # fmt: skip
_QUALITIES = {"Po": 0.002, "Fa": 0.035, "TA": 0.951, "Gd": 0.01, "Ex": 0.002}
_CONDITIONS = {"Po": 0.005, "Fa": 0.025, "TA": 0.961, "Gd": 0.007, "Ex": 0.002}
_SQUARE_FEET_BY_CARS = {1: 290, 2: 510, 3: 780, 4: 980}
_DRIVEWAYS = {
    "before 1920": {"N": 0.35, "P": 0.08, "Y": 0.57},
    "1920 to 1945": {"N": 0.2, "P": 0.07, "Y": 0.73},
    "1946 to 1959": {"N": 0.08, "P": 0.03, "Y": 0.89},
    "1960 to 1979": {"N": 0.01, "P": 0.015, "Y": 0.975},
    "1980 to 1999": {"Y": 1.0},
    "from 2000": {"N": 0.003, "Y": 0.997},
}


def draw_garage(house: Columns, draws: Draws) -> dict[str, NDArray[Any]]:
    """Type, age, finish, size and quality of the garage, and the driveway to it."""
    era = era_of(house["YearBuilt"])
    kind = draws.codes_by(era, _TYPES)
    has_garage = np.array([code is not None for code in kind])
    quality = house["OverallQual"] + (house["YearBuilt"] - 1970) / 20
    finish = quality + draws.normal()
    care = house["OverallCond"] + quality / 2 + 1.5 * draws.normal()
    return {
        "GarageType": kind,
        "GarageYrBlt": np.where(has_garage, _year_built(house, kind, draws), np.nan),
        "GarageFinish": draws.grade(finish, {"Unf": 0.44, "RFn": 0.305, "Fin": 0.255}, has_garage),
        **_size(house, has_garage, quality, draws),
        "GarageQual": draws.grade(care, _QUALITIES, has_garage),
        "GarageCond": draws.grade(care + draws.normal(), _CONDITIONS, has_garage),
        "PavedDrive": draws.codes_by(era, _DRIVEWAYS),
    }


def _year_built(house: Columns, kind: Codes, draws: Draws) -> Numbers:
    built = np.maximum(house["YearBuilt"], 1900)
    is_later = (kind == "Detchd") & draws.happens(0.5)
    later = built + (np.maximum(house["YrSold"], built) - built) * draws.uniform() ** 1.3
    return whole(np.where(is_later, later, built))


def _size(house: Columns, has_garage: Flags, quality: Numbers, draws: Draws) -> dict[str, NDArray[Any]]:
    room = quality + house["GrLivArea"] / 500 + 1.2 * draws.normal()
    cars = draws.grade(room, {1: 0.268, 2: 0.597, 3: 0.131, 4: 0.004}, has_garage)
    area = look_up(cars, _SQUARE_FEET_BY_CARS) * np.exp(0.14 * draws.normal())
    return {
        "GarageCars": np.where(has_garage, cars, 0).astype(float),
        "GarageArea": whole(area),
    }

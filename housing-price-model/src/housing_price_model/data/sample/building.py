"""What the houses of the sample are: type, age, quality, style and size, and the lot that they stand on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_price_model.data.sample.draws import Codes, Columns, Draws, Numbers, look_up, whole
from housing_price_model.data.sample.location import typical
from housing_price_model.data.sample.neighborhoods import NEIGHBORHOODS

_ERA_STARTS = (1920, 1946, 1960, 1980, 2000)
ERAS = ("before 1920", "1920 to 1945", "1946 to 1959", "1960 to 1979", "1980 to 1999", "from 2000")

_STYLES_OF_HOUSES = {
    "before 1920": {"1Story": 0.13, "1.5Fin": 0.33, "1.5Unf": 0.02, "2Story": 0.39, "2.5Fin": 0.06,
                    "2.5Unf": 0.07},
    "1920 to 1945": {"1Story": 0.35, "1.5Fin": 0.38, "1.5Unf": 0.06, "2Story": 0.19, "2.5Fin": 0.01,
                     "2.5Unf": 0.01},
    "1946 to 1959": {"1Story": 0.71, "1.5Fin": 0.18, "1.5Unf": 0.01, "2Story": 0.06, "SLvl": 0.04},
    "1960 to 1979": {"1Story": 0.6, "1.5Fin": 0.01, "2Story": 0.2, "SFoyer": 0.08, "SLvl": 0.11},
    "1980 to 1999": {"1Story": 0.36, "1.5Fin": 0.03, "2Story": 0.52, "SFoyer": 0.04, "SLvl": 0.05},
    "from 2000": {"1Story": 0.53, "1.5Fin": 0.01, "2Story": 0.43, "SFoyer": 0.01, "SLvl": 0.02},
}  # fmt: skip
_STYLES_OF_TOWNHOUSES = {"1Story": 0.54, "1.5Fin": 0.02, "2Story": 0.38, "SFoyer": 0.04, "SLvl": 0.02}
_STYLES_OF_DUPLEXES = {"1Story": 0.56, "1.5Fin": 0.08, "2Story": 0.18, "SFoyer": 0.16, "SLvl": 0.02}

_SIZE_BY_STYLE = {
    "1Story": 0.88, "1.5Fin": 1.06, "1.5Unf": 0.78, "2Story": 1.2, "2.5Fin": 1.6, "2.5Unf": 1.4,
    "SFoyer": 0.8, "SLvl": 1.0,
}  # fmt: skip
_SIZE_BY_TYPE = {"2fmCon": 1.2, "Duplex": 1.25}
_UPPER_SHARE = {"1.5Fin": 0.38, "2Story": 0.49, "2.5Fin": 0.55, "2.5Unf": 0.52}

_CLASS_OF_TOWNHOUSES = {"1Story": 120, "1.5Fin": 150, "2Story": 160, "SFoyer": 180, "SLvl": 180}
_CLASS_OF_HOUSES = {
    "1.5Fin": 50, "1.5Unf": 45, "2.5Fin": 75, "2.5Unf": 75, "SFoyer": 85, "SLvl": 80,
}  # fmt: skip
_CLASS_SINCE_1946 = {"1Story": 20, "2Story": 60}
_CLASS_BEFORE_1946 = {"1Story": 30, "2Story": 70}
_CLASS_BY_TYPE = {"Duplex": 90, "2fmCon": 190}
_TOWNHOUSES = ("Twnhs", "TwnhsE")

_CONDITION = {
    "before 1920": {2: 2, 3: 4, 4: 10, 5: 18, 6: 23, 7: 29, 8: 11, 9: 3},
    "1920 to 1945": {2: 1, 3: 5, 4: 8, 5: 22, 6: 28, 7: 25, 8: 9, 9: 2},
    "1946 to 1959": {1: 1, 3: 4, 4: 8, 5: 30, 6: 28, 7: 24, 8: 4, 9: 1},
    "1960 to 1979": {3: 2, 4: 4, 5: 42, 6: 27, 7: 18, 8: 6, 9: 1},
    "1980 to 1999": {5: 81, 6: 11, 7: 6, 8: 2},
    "from 2000": {5: 98, 6: 2},
}


def era_of(years: Numbers) -> Codes:
    """The era of each year, one of ``ERAS``."""
    return np.array(ERAS, dtype=object)[np.searchsorted(_ERA_STARTS, years, side="right")]


def draw_building(house: Columns, draws: Draws) -> dict[str, NDArray[Any]]:
    """Type, age, quality, style and class."""
    names = house["Neighborhood"]
    dwellings = {name: neighborhood.dwellings for name, neighborhood in NEIGHBORHOODS.items()}
    dwelling = draws.codes_by(names, dwellings)
    built = np.minimum(_year_built(names, draws), house["YrSold"])
    style = _style(dwelling, era_of(built), draws)
    return {
        "BldgType": dwelling,
        "YearBuilt": built,
        "YearRemodAdd": _year_remodelled(built, house["YrSold"], draws),
        "OverallQual": _quality(names, built, draws),
        "OverallCond": draws.codes_by(era_of(built), _CONDITION).astype(float),
        "HouseStyle": style,
        "MSSubClass": _class(dwelling, style, built, draws),
    }


def _year_built(names: Codes, draws: Draws) -> Numbers:
    early, middle, late = np.array([NEIGHBORHOODS[name].built for name in names], dtype=float).T
    place = draws.uniform()
    older = early - (middle - early) * 0.5 + (middle - early) * 1.5 * place / 0.5
    newer = middle + (late - middle) * 1.2 * (place - 0.5) / 0.5
    return whole(np.clip(np.where(place < 0.5, older, newer), 1875, 2010))


def _year_remodelled(built: Numbers, sold: Numbers, draws: Draws) -> Numbers:
    earliest = np.maximum(built, 1950)
    is_remodelled = draws.happens(np.clip((sold - built) / 80, 0.02, 0.75))
    # Most work is done shortly before a sale.
    remodelled = sold - (sold - earliest) * draws.uniform() ** 1.6
    return whole(np.where(is_remodelled, remodelled, earliest))


def _quality(names: Codes, built: Numbers, draws: Draws) -> Numbers:
    usual = typical(names, lambda neighborhood: neighborhood.quality)
    usual_year = typical(names, lambda neighborhood: neighborhood.built[1])
    newer = np.clip((built - usual_year) / 40, -1, 1)
    return np.clip(whole(usual + 0.6 * newer + 0.8 * draws.normal()), 1, 10)


def _style(dwelling: Codes, era: Codes, draws: Draws) -> Codes:
    style = draws.codes_by(era, _STYLES_OF_HOUSES)
    for types, shares in ((_TOWNHOUSES, _STYLES_OF_TOWNHOUSES), (("Duplex",), _STYLES_OF_DUPLEXES)):
        of_type = np.isin(dwelling, types)
        style[of_type] = draws.codes(shares, of_type)[of_type]
    return style


def _class(dwelling: Codes, style: Codes, built: Numbers, draws: Draws) -> Numbers:
    of_houses = np.where(built < 1946, look_up(style, _CLASS_BEFORE_1946), look_up(style, _CLASS_SINCE_1946))
    of_houses = of_houses + look_up(style, _CLASS_OF_HOUSES)
    with_finished_attic = (style == "1Story") & (built < 1955) & draws.happens(0.03)
    classes = np.where(with_finished_attic, 40.0, of_houses)
    classes = np.where(np.isin(dwelling, _TOWNHOUSES), look_up(style, _CLASS_OF_TOWNHOUSES), classes)
    by_type = look_up(dwelling, _CLASS_BY_TYPE)
    return np.where(by_type > 0, by_type, classes)


def draw_areas(house: Columns, draws: Draws) -> dict[str, NDArray[Any]]:
    """Floors that add up to the living area, and a lot that has room for them."""
    living = _living_area(house, draws)
    style = house["HouseStyle"]
    upper_share = look_up(style, _UPPER_SHARE) * (1 + 0.05 * draws.normal())
    is_split_with_upper = (style == "SLvl") & draws.happens(0.3)
    second = whole(living * np.where(is_split_with_upper, 0.45, upper_share))
    is_partly_low = (house["YearBuilt"] < 1960) & (second > 0) & draws.happens(0.12)
    low_quality = whole(np.where(is_partly_low, living * draws.uniform(0.05, 0.25), 0))
    first = living - second
    return {
        "1stFlrSF": first,
        "2ndFlrSF": second,
        "LowQualFinSF": low_quality,
        "GrLivArea": first + second + low_quality,
        **_lot(house, first, draws),
    }


def _living_area(house: Columns, draws: Draws) -> Numbers:
    names = house["Neighborhood"]
    usual = typical(names, lambda neighborhood: neighborhood.living_square_feet)
    usual_quality = typical(names, lambda neighborhood: neighborhood.quality)
    by_build = look_up(house["HouseStyle"], _SIZE_BY_STYLE) * look_up(house["BldgType"], _SIZE_BY_TYPE, 1)
    growth = 0.08 * (house["OverallQual"] - usual_quality) + 0.19 * draws.normal()
    return whole(np.clip(usual * by_build * np.exp(growth), 400, 4600))


def _lot(house: Columns, first_floor: Numbers, draws: Draws) -> dict[str, NDArray[Any]]:
    usual = typical(house["Neighborhood"], lambda neighborhood: neighborhood.lot_square_feet)
    usual = np.where(np.isin(house["BldgType"], _TOWNHOUSES), np.minimum(usual, 3400), usual)
    is_estate = house["LandSlope"] != "Gtl"
    spread = np.where(is_estate, 0.5, 0.24) * draws.normal() + np.where(is_estate, 0.4, 0.0)
    area = whole(np.maximum(usual * np.exp(spread), first_floor * 1.25 + 400))
    frontage = np.sqrt(area) * look_up(house["LotConfig"], {"Corner": 0.82, "CulDSac": 0.5}, 0.71)
    frontage = whole(np.clip(frontage * np.exp(0.14 * draws.normal()), 21, 320))
    is_unknown = draws.happens(np.where(house["LotConfig"] == "CulDSac", 0.5, 0.155))
    is_irregular = np.log(area / usual) + (house["YearBuilt"] - 1970) / 40 + 0.8 * draws.normal()
    return {
        "LotArea": area,
        "LotFrontage": np.where(is_unknown, np.nan, frontage),
        "LotShape": draws.grade(is_irregular, {"Reg": 0.633, "IR1": 0.332, "IR2": 0.028, "IR3": 0.007}),
    }

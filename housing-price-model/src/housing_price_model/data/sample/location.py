"""Where the houses of the sample stand: neighbourhood, zoning, surroundings, and the lot but for its area."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_price_model.data.sample.draws import Codes, Columns, Draws, Flags, Numbers
from housing_price_model.data.sample.neighborhoods import NEIGHBORHOODS, Neighborhood

_ON_OLD_STREETS = {
    "Artery": 0.07, "Feedr": 0.09, "Norm": 0.79, "RRNn": 0.008, "RRAn": 0.012, "PosN": 0.01, "PosA": 0.01,
    "RRNe": 0.004, "RRAe": 0.006,
}  # fmt: skip
_ON_NEW_STREETS = {
    "Artery": 0.01, "Feedr": 0.035, "Norm": 0.9, "RRNn": 0.004, "RRAn": 0.02, "PosN": 0.016, "PosA": 0.004,
    "RRNe": 0.002, "RRAe": 0.009,
}  # fmt: skip
_SECOND_CONDITION = {
    "Artery": 0.012, "Feedr": 0.04, "Norm": 0.89, "RRNn": 0.012, "RRAn": 0.01, "PosN": 0.012, "PosA": 0.008,
    "RRNe": 0.008, "RRAe": 0.008,
}  # fmt: skip
_UTILITIES = {"AllPub": 0.997, "NoSewr": 0.001, "NoSeWa": 0.001, "ELO": 0.001}
_LOT_POSITION = {"Inside": 0.72, "Corner": 0.18, "CulDSac": 0.065, "FR2": 0.032, "FR3": 0.003}
_CONTOUR = {
    True: {"Lvl": 0.66, "Bnk": 0.08, "HLS": 0.15, "Low": 0.11},
    False: {"Lvl": 0.925, "Bnk": 0.04, "HLS": 0.022, "Low": 0.013},
}
_SLOPE = {
    "Lvl": {"Gtl": 0.995, "Mod": 0.005},
    "Bnk": {"Gtl": 0.8, "Mod": 0.2},
    "HLS": {"Gtl": 0.55, "Mod": 0.38, "Sev": 0.07},
    "Low": {"Gtl": 0.5, "Mod": 0.3, "Sev": 0.2},
}
_ALLEY = {
    True: {None: 0.72, "Grvl": 0.17, "Pave": 0.11},
    False: {None: 0.975, "Grvl": 0.01, "Pave": 0.015},
}
_STREETS_ARE_OLD_BEFORE = 1975


def draw_neighborhood(draws: Draws) -> Codes:
    """Draw the neighbourhood of each house, in random order."""
    names = np.array(list(NEIGHBORHOODS), dtype=object)
    sales = [neighborhood.sales for neighborhood in NEIGHBORHOODS.values()]
    return draws.shuffle(np.repeat(names, sales))


def typical(neighborhoods: Codes, figure: Callable[[Neighborhood], float]) -> Numbers:
    """One figure of each house's neighbourhood."""
    return np.array([figure(NEIGHBORHOODS[name]) for name in neighborhoods], dtype=float)


def draw_location(house: Columns, draws: Draws) -> dict[str, NDArray[Any]]:
    """Zoning and surroundings."""
    names = house["Neighborhood"]
    zoning = {name: neighborhood.zoning for name, neighborhood in NEIGHBORHOODS.items()}
    typical_year = typical(names, lambda neighborhood: neighborhood.built[1])
    on_old_street = typical_year < _STREETS_ARE_OLD_BEFORE
    first = draws.codes_by(on_old_street, {True: _ON_OLD_STREETS, False: _ON_NEW_STREETS})
    beside_something = first != "Norm"
    second = draws.codes(_SECOND_CONDITION, beside_something)
    second[~beside_something] = "Norm"
    return {
        "MSZoning": draws.codes_by(names, zoning),
        "Street": draws.codes({"Grvl": 0.004, "Pave": 0.996}),
        "Alley": draws.codes_by(_flag(names, lambda neighborhood: neighborhood.has_alleys), _ALLEY),
        "Utilities": draws.codes(_UTILITIES),
        "Condition1": first,
        "Condition2": second,
        **_ground(names, draws),
    }


def _ground(names: Codes, draws: Draws) -> dict[str, NDArray[Any]]:
    contour = draws.codes_by(_flag(names, lambda neighborhood: neighborhood.is_hilly), _CONTOUR)
    return {
        "LotConfig": draws.codes(_LOT_POSITION),
        "LandContour": contour,
        "LandSlope": draws.codes_by(contour, _SLOPE),
    }


def _flag(names: Codes, question: Callable[[Neighborhood], bool]) -> Flags:
    return typical(names, question).astype(bool)

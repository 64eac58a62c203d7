"""The exteriors of the sample's houses: roof, siding, masonry, foundation."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from housing_price_model.data.sample.building import era_of
from housing_price_model.data.sample.draws import Codes, Columns, Draws, whole

_ROOF_STYLES = {
    "Gable": 0.784, "Hip": 0.19, "Gambrel": 0.01, "Flat": 0.009, "Mansard": 0.005, "Shed": 0.002,
}  # fmt: skip
_FLAT_ROOF = {"Tar&Grv": 0.75, "Membran": 0.15, "Metal": 0.1}
_OTHER_ROOF = {"CompShg": 0.988, "WdShngl": 0.005, "WdShake": 0.004, "Roll": 0.001, "ClyTile": 0.001,
               "Metal": 0.001}  # fmt: skip

_BEFORE_THE_WAR = {
    "Wd Sdng": 0.37, "MetalSd": 0.27, "VinylSd": 0.13, "Stucco": 0.08, "BrkFace": 0.05, "WdShing": 0.03,
    "AsbShng": 0.035, "HdBoard": 0.02, "BrkComm": 0.005, "Stone": 0.005, "CBlock": 0.005,
}  # fmt: skip
_SIDING = {
    "before 1920": _BEFORE_THE_WAR,
    "1920 to 1945": _BEFORE_THE_WAR,
    "1946 to 1959": {
        "MetalSd": 0.3, "Wd Sdng": 0.26, "VinylSd": 0.15, "BrkFace": 0.09, "HdBoard": 0.07, "AsbShng": 0.045,
        "Plywood": 0.035, "WdShing": 0.03, "Stone": 0.007, "BrkComm": 0.007, "AsphShn": 0.006,
    },
    "1960 to 1979": {
        "HdBoard": 0.36, "Plywood": 0.22, "MetalSd": 0.12, "VinylSd": 0.11, "Wd Sdng": 0.08, "CemntBd": 0.05,
        "BrkFace": 0.04, "WdShing": 0.01, "PreCast": 0.005, "Other": 0.005,
    },
    "1980 to 1999": {
        "VinylSd": 0.41, "HdBoard": 0.29, "MetalSd": 0.11, "Plywood": 0.08, "Wd Sdng": 0.07, "BrkFace": 0.02,
        "CemntBd": 0.01, "ImStucc": 0.01,
    },
    "from 2000": {"VinylSd": 0.83, "CemntBd": 0.085, "MetalSd": 0.06, "WdShing": 0.015, "Stucco": 0.01},
}  # fmt: skip
_SECOND_SPELLINGS = {"WdShing": "Wd Shng", "CemntBd": "CmentBd", "BrkComm": "Brk Cmn"}
_OTHER_SECOND_SIDING = {
    "Plywood": 0.26, "Wd Shng": 0.14, "HdBoard": 0.1, "Wd Sdng": 0.1, "VinylSd": 0.1, "MetalSd": 0.08,
    "ImStucc": 0.05, "Brk Cmn": 0.03, "Stucco": 0.03, "CmentBd": 0.03, "Stone": 0.02, "AsphShn": 0.01,
    "BrkFace": 0.01, "Other": 0.01, "CBlock": 0.01, "AsbShng": 0.01, "PreCast": 0.01,
}  # fmt: skip

_MASONRY = {
    "plain": {"None": 0.825, "BrkFace": 0.145, "BrkCmn": 0.012, "Stone": 0.013, "CBlock": 0.005},
    "good": {"None": 0.53, "BrkFace": 0.38, "Stone": 0.08, "BrkCmn": 0.01},
    "fine": {"None": 0.27, "BrkFace": 0.42, "Stone": 0.31},
}
_FOUNDATIONS = {
    "before 1920": {"BrkTil": 0.55, "CBlock": 0.22, "PConc": 0.19, "Stone": 0.04},
    "1920 to 1945": {"BrkTil": 0.55, "CBlock": 0.28, "PConc": 0.15, "Slab": 0.01, "Stone": 0.01},
    "1946 to 1959": {"CBlock": 0.84, "PConc": 0.09, "Slab": 0.05, "BrkTil": 0.02},
    "1960 to 1979": {"CBlock": 0.88, "PConc": 0.095, "Slab": 0.025},
    "1980 to 1999": {"PConc": 0.75, "CBlock": 0.235, "Wood": 0.015},
    "from 2000": {"PConc": 0.993, "CBlock": 0.004, "Slab": 0.003},
}
_MASONRY_UNKNOWN = 0.006


def draw_exterior(house: Columns, draws: Draws) -> dict[str, NDArray[Any]]:
    """Everything that is seen from the street."""
    era = era_of(house["YearBuilt"])
    roof_style = draws.codes(_ROOF_STYLES)
    siding = draws.codes_by(era, _SIDING)
    quality = house["OverallQual"] + (house["YearRemodAdd"] - 1985) / 25
    condition = house["OverallCond"] + draws.normal()
    return {
        "RoofStyle": roof_style,
        "RoofMatl": draws.codes_by(roof_style == "Flat", {True: _FLAT_ROOF, False: _OTHER_ROOF}),
        "Exterior1st": siding,
        "Exterior2nd": _second_siding(siding, draws),
        **_masonry(house, draws),
        "ExterQual": draws.grade(
            quality + 0.7 * draws.normal(), {"Po": 0.001, "Fa": 0.009, "TA": 0.62, "Gd": 0.335, "Ex": 0.035}
        ),
        "ExterCond": draws.grade(condition, {"Po": 0.001, "Fa": 0.019, "TA": 0.878, "Gd": 0.099, "Ex": 0.003}),
        "Foundation": draws.codes_by(era, _FOUNDATIONS),
    }


def _second_siding(first: Codes, draws: Draws) -> Codes:
    same = np.array([_SECOND_SPELLINGS.get(code, code) for code in first], dtype=object)
    differs = draws.happens(0.14)
    return np.where(differs, draws.codes(_OTHER_SECOND_SIDING, differs), same)


def _masonry(house: Columns, draws: Draws) -> dict[str, NDArray[Any]]:
    band = np.array(["plain", "good", "fine"], dtype=object)[np.digitize(house["OverallQual"], (6, 8))]
    kind = draws.codes_by(band, _MASONRY)
    area = whole(house["1stFlrSF"] * draws.uniform(0.04, 0.4))
    is_unknown = draws.codes({True: _MASONRY_UNKNOWN, False: 1 - _MASONRY_UNKNOWN}).astype(bool)
    has_none = kind == "None"
    kind[is_unknown] = None
    return {
        "MasVnrType": kind,
        "MasVnrArea": np.where(is_unknown, np.nan, np.where(has_none, 0, area)),
    }

"""Prices houses before and after changes that the market answers in one direction, and counts the wrong answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from house_record import NOT_APPLICABLE
from numpy.typing import ArrayLike, NDArray

LARGEST_NOISE = 0.001
"""Smaller relative changes are noise from rounding and splits."""

AREA_STEP = 0.1
BEST = 10
GRADES = ("Po", "Fa", "TA", "Gd", "Ex")
GARAGE: Mapping[str, str | float] = {
    "GarageType": "Detchd",
    "GarageFinish": "Unf",
    "GarageCars": 1.0,
    "GarageArea": 250.0,
    "GarageQual": "TA",
    "GarageCond": "TA",
}
"""The first place, built with the house; the area is in square feet."""

type Price = Callable[[pd.DataFrame], ArrayLike]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A change of the houses that it applies to.

    The price may not fall by it, or may not rise if it ``lowers``. A change that is neutral may not lower the price.
    """

    name: str
    applies: Callable[[pd.DataFrame], "pd.Series[bool]"]
    change: Callable[[pd.DataFrame], pd.DataFrame]
    lowers: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """To how many cases of one what-if the price answers in the wrong direction."""

    name: str
    wrong: int
    cases: int

    @property
    def share(self) -> float:
        """The share of wrong answers; 0 without cases."""
        return self.wrong / max(self.cases, 1)


def ask_what_ifs(price: Price, frame: pd.DataFrame) -> list[Answers]:
    """Price the houses before and after each what-if, with one call each. ``frame`` has the record's columns."""
    before = np.asarray(price(frame), dtype=np.float64)
    return [_ask(what_if, price, frame, before) for what_if in WHAT_IFS]


def name_metrics(answers: Sequence[Answers]) -> Mapping[str, float]:
    """Return the share of wrong answers of each what-if, as ``wrong_direction_*``."""
    return {f"wrong_direction_{one.name.replace(' ', '_').lower()}": one.share for one in answers}


def _ask(what_if: WhatIf, price: Price, frame: pd.DataFrame, before: NDArray[np.float64]) -> Answers:
    places = np.flatnonzero(what_if.applies(frame))
    if not len(places):
        return Answers(what_if.name, wrong=0, cases=0)
    after = np.asarray(price(what_if.change(frame.iloc[places])), dtype=np.float64)
    change = after / before[places] - 1
    # Written like this, NaN is wrong.
    right = change <= LARGEST_NOISE if what_if.lowers else change >= -LARGEST_NOISE
    return Answers(what_if.name, wrong=int((~right).sum()), cases=len(places))


def _every_house(frame: pd.DataFrame) -> "pd.Series[bool]":
    return pd.Series(data=True, index=frame.index)


def _add_living_area(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the area to the ground floor too, because the living area is the sum of the floors."""
    added = frame["GrLivArea"] * AREA_STEP
    return frame.assign(**{"GrLivArea": frame["GrLivArea"] + added, "1stFlrSF": frame["1stFlrSF"] + added})


def _add_lot_area(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(LotArea=frame["LotArea"] * (1 + AREA_STEP))


def _turn_half_bath_into_full(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(HalfBath=frame["HalfBath"] - 1, FullBath=frame["FullBath"] + 1)


def _add_garage(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**GARAGE, GarageYrBlt=frame["YearBuilt"])


def _raise_rating(name: str, column: str) -> WhatIf:
    return WhatIf(
        name=name,
        applies=lambda frame: frame[column] < BEST,
        change=lambda frame: frame.assign(**{column: frame[column] + 1}),
    )


def _raise_grade(name: str, column: str) -> WhatIf:
    next_grade = dict(pairwise(GRADES))
    return WhatIf(
        name=name,
        applies=lambda frame: frame[column].isin(list(next_grade)),
        change=lambda frame: frame.assign(**{column: frame[column].map(next_grade)}),
    )


def _change_code(name: str, column: str, old: str, new: str, *, lowers: bool = False) -> WhatIf:
    return WhatIf(
        name=f"{name} {new}",
        applies=lambda frame: frame[column] == old,
        change=lambda frame: frame.assign(**{column: new}),
        lowers=lowers,
    )


def _add_one(name: str, column: str) -> WhatIf:
    return WhatIf(
        name=name,
        applies=lambda frame: frame[column].notna(),
        change=lambda frame: frame.assign(**{column: frame[column] + 1}),
    )


WHAT_IFS: tuple[WhatIf, ...] = (
    WhatIf(name="living area", applies=_every_house, change=_add_living_area),
    WhatIf(name="lot area", applies=_every_house, change=_add_lot_area),
    _raise_rating("overall quality", "OverallQual"),
    _raise_rating("overall condition", "OverallCond"),
    _raise_grade("exterior quality", "ExterQual"),
    _raise_grade("exterior condition", "ExterCond"),
    _raise_grade("kitchen quality", "KitchenQual"),
    _raise_grade("basement height", "BsmtQual"),
    _raise_grade("basement condition", "BsmtCond"),
    _raise_grade("heating quality", "HeatingQC"),
    WhatIf(
        name="full for half bath",
        applies=lambda frame: frame["HalfBath"] >= 1,
        change=_turn_half_bath_into_full,
    ),
    _change_code("fence", "Fence", NOT_APPLICABLE, "MnPrv"),
    _change_code("fence", "Fence", NOT_APPLICABLE, "GdPrv"),
    _change_code("feature", "Condition1", "Norm", "PosN"),
    _change_code("feature", "Condition1", "Norm", "PosA"),
    WhatIf(
        name="first garage place",
        applies=lambda frame: frame["GarageType"] == NOT_APPLICABLE,
        change=_add_garage,
    ),
    _add_one("bedroom", "BedroomAbvGr"),
    _add_one("kitchen", "KitchenAbvGr"),
    _change_code("electrical", "Electrical", "SBrkr", "FuseA", lowers=True),
    _change_code("electrical", "Electrical", "SBrkr", "FuseF", lowers=True),
    _change_code("electrical", "Electrical", "SBrkr", "FuseP", lowers=True),
)
"""Areas grow by 10 %, ratings and grades by one step; a bedroom or a kitchen more, in the same area, is neutral."""

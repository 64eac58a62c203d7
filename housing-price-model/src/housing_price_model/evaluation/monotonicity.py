"""How often a price falls where the market's would not: after a step up in living area, quality or lot."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

LARGEST_FALL = 0.001
"""Relative falls up to this are noise of rounding and splits."""

AREA_STEP = 0.1
BEST_QUALITY = 10

type Price = Callable[[pd.DataFrame], ArrayLike]


@dataclass(frozen=True, slots=True)
class StepFalls:
    """In how many of so many cases the price fell after a step."""

    name: str
    falls: int
    cases: int


def falls_of_price(price: Price, frame: pd.DataFrame) -> list[StepFalls]:
    """Price every row before and after each step, one call a step; ``frame`` has the record's columns."""
    before = np.asarray(price(frame), dtype=np.float64)
    improvable = (frame["OverallQual"] < BEST_QUALITY).to_numpy()
    return [
        _falls("living area", before, price(_with_more_living_area(frame))),
        _falls("quality", before[improvable], price(_with_better_quality(frame[improvable]))),
        _falls("lot area", before, price(frame.assign(LotArea=frame["LotArea"] * (1 + AREA_STEP)))),
    ]


def share_of_falls(steps: list[StepFalls]) -> float:
    """The share of falls in all cases of these steps."""
    return sum(step.falls for step in steps) / max(sum(step.cases for step in steps), 1)


def _falls(name: str, before: ArrayLike, after: ArrayLike) -> StepFalls:
    least = np.asarray(before, dtype=np.float64) * (1 - LARGEST_FALL)
    # So written, a price that is no number counts as a fall.
    keeps = np.asarray(after, dtype=np.float64) >= least
    return StepFalls(name, falls=int((~keeps).sum()), cases=int(keeps.size))


def _with_more_living_area(frame: pd.DataFrame) -> pd.DataFrame:
    """The same area is added to the ground floor, of which the living area is the sum."""
    added = frame["GrLivArea"] * AREA_STEP
    return frame.assign(**{"GrLivArea": frame["GrLivArea"] + added, "1stFlrSF": frame["1stFlrSF"] + added})


def _with_better_quality(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(OverallQual=frame["OverallQual"] + 1)

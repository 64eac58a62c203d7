"""The search space. All other settings keep their defaults.

The groups of features are not tuned one by one: sixty numbers are more than a few hundred trials can tell apart, and
their proportions come from the marginal likelihood. A search scales them together. The number of representative sales
decides about speed and size, not about accuracy, so that it isn't searched either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from housing_price_model.recipes.blend.parameters import BlendSettings, ProcessSettings


class Suggesting(Protocol):
    """The part of Optuna's trial that a search space needs."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = ...) -> float: ...

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = ...) -> int: ...


@dataclass(frozen=True, slots=True)
class Whole:
    """Whole numbers from ``low`` to ``high``; ``log`` where proportions count."""

    low: int
    high: int
    log: bool = False


@dataclass(frozen=True, slots=True)
class Real:
    """Numbers from ``low`` to ``high``; ``log`` where proportions count."""

    low: float
    high: float
    log: bool = False


SPACE: Mapping[str, Whole | Real] = {
    "trees_share": Real(0.0, 0.6),
    "boosting.max_iter": Whole(50, 800, log=True),
    "boosting.learning_rate": Real(0.02, 0.3, log=True),
    "boosting.max_leaf_nodes": Whole(3, 24, log=True),
    "boosting.min_samples_leaf": Whole(3, 50, log=True),
    "boosting.l2_regularization": Real(0.1, 30.0, log=True),
    "boosting.max_features": Real(0.05, 1.0, log=True),
    "process.degrees_of_freedom": Real(2.0, 30.0, log=True),
    "process.noise": Real(0.03, 0.15, log=True),
    "process.kernel_variance": Real(0.005, 0.3, log=True),
    "factor.slope_variances": Real(0.2, 5.0, log=True),
    "factor.length_scales": Real(0.5, 2.0, log=True),
    "factor.limits": Real(0.8, 1.6),
}

type Chosen = Mapping[str, float]


def suggest(trial: Suggesting) -> Chosen:
    """Suggest a point of the search space."""
    return {
        name: (
            trial.suggest_int(name, range_.low, range_.high, log=range_.log)
            if isinstance(range_, Whole)
            else trial.suggest_float(name, range_.low, range_.high, log=range_.log)
        )
        for name, range_ in SPACE.items()
    }


def find_start(base: BlendSettings) -> Chosen:
    """Return the point of the unchanged settings, which a search tries first."""
    scaled = dict.fromkeys((name for name in SPACE if name.startswith("factor.")), 1.0)
    boosting = {f"boosting.{name}": value for name, value in base.boosting.model_dump().items()}
    process = {name: getattr(base.process, name.removeprefix("process.")) for name in SPACE if "process." in name}
    return {"trees_share": base.trees_share, **boosting, **process, **scaled}


def make_settings(base: BlendSettings, chosen: Chosen) -> BlendSettings:
    """Return the settings at a point."""
    factor = chosen["factor.limits"]
    boosting = {name: chosen[f"boosting.{name}"] for name in type(base.boosting).model_fields}
    return BlendSettings.model_validate(
        {
            "limits": {column: limit * factor for column, limit in base.limits.items()},
            "process": _process(base.process, chosen),
            "boosting": boosting,
            "trees_share": chosen["trees_share"],
        }
    )


def _process(base: ProcessSettings, chosen: Chosen) -> dict[str, object]:
    own = {name.removeprefix("process."): value for name, value in chosen.items() if name.startswith("process.")}
    slope, length = chosen["factor.slope_variances"], chosen["factor.length_scales"]
    groups = {
        name: {
            "slope_variance": group.slope_variance * slope,
            "length_scale": None if group.length_scale is None else group.length_scale * length,
        }
        for name, group in base.groups.items()
    }
    return base.model_dump() | own | {"groups": groups}

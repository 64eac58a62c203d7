"""What a recipe is. Each recipe is a module beside this one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from housing_price_model.data import Row, Sales

    # Not at run time: commands set the environment of treelite's threads before they import it.
    from housing_price_model.inference import Appraiser, Encoding, JointModel
    from housing_price_model.inference.process import Vector


class Estimator(Protocol):
    """The part of a scikit-learn regressor that training needs."""

    def fit(self, rows: "Sequence[Row]", prices: "pd.Series[float]", /) -> Self: ...

    def predict(self, rows: "Sequence[Row]", /) -> "np.ndarray[tuple[int], np.dtype[np.float64]]": ...


type Encode = Callable[["Sequence[Row]"], "np.ndarray[tuple[int, int], np.dtype[np.float64]]"]
"""Makes the matrix that a fitted estimator's members take."""


@dataclass(frozen=True)
class FittedMember:
    """A fitted regressor and its weight: an ``inference.ProcessMean``, or trees of scikit-learn."""

    weight: float
    regressor: Any


@dataclass(frozen=True, kw_only=True)
class CompiledEstimator:
    """A fitted estimator as plain parts: the encoding of rows, the members that take the matrix, and their output.

    ``encode`` makes the matrix by the fitted steps that ``encoding`` was compiled from. ``joint`` is the joint model of
    the sales; ``fills`` says whether the members take matrices whose gaps it has filled. ``pipeline`` is what is stored
    of the estimator beside its compiled form: one of scikit-learn's own, or None.
    """

    encoding: "Encoding"
    encode: Encode
    members: tuple[FittedMember, ...]
    output: Literal["price", "log1p_price"]
    joint: "JointModel"
    fills: bool
    pipeline: Any = None

    def appraiser(self) -> "Appraiser":
        """Return what prices rows, by the code that serves them."""
        from housing_price_model.inference import Appraiser, Encoder, Ensemble

        members = [(member.weight, _as_served(member.regressor)) for member in self.members]
        return Appraiser(Encoder(self.encoding), Ensemble(members), self.joint, fills=self.fills)

    def log_prices(self, amounts: "Vector") -> "Vector":
        """Return the logarithms of 1 + price of what the members sum up to."""
        import numpy as np

        return amounts if self.output == "log1p_price" else np.log1p(amounts)


def _as_served(regressor: Any) -> Any:
    """Return the regressor as a server runs it."""
    import treelite.sklearn

    from housing_price_model.inference import ProcessMean
    from housing_price_model.inference.trees import Trees

    if isinstance(regressor, ProcessMean):
        return regressor
    return Trees(treelite.sklearn.import_model(regressor))


@dataclass(frozen=True, slots=True)
class BestTrial:
    """The study and the trial that found settings."""

    study: str
    trial: int


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A named way to build an estimator.

    ``build`` takes all sales and returns an unfitted estimator. ``compile`` takes a fitted one apart for
    serving. ``trusted_types`` are the classes beyond skops' own list that a compiled estimator's ``pipeline`` holds;
    None if there is no such pipeline to store. ``fits_every_row`` says whether the registered estimator is fitted on
    all sales, or on those that the evaluation did not hold out.

    ``settings`` are what the estimator is built with, as JSON values, and ``best_trial`` says which trial found them.
    ``configure`` returns the recipe with other settings and raises a pydantic ``ValidationError`` for bad ones; it is
    None where nothing can be set.
    """

    name: str
    description: str
    build: Callable[["Sales"], Estimator]
    compile: Callable[[Any], CompiledEstimator]
    parameters: dict[str, Any]
    trusted_types: tuple[str, ...] | None
    fits_every_row: bool
    settings: Mapping[str, Any] = field(default_factory=dict)
    configure: "Callable[[Mapping[str, Any]], Recipe] | None" = None
    best_trial: BestTrial | None = None

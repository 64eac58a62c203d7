"""The document of a compiled model: how rows become a matrix, and what turns the matrix into prices. Pure data."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FORMAT: Literal[3] = 3
"""Changes whenever an older program would misread a document. Documents of format 2 are read as well: they have no
joint model, and one band of scores in which absolute values stand."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Part):
    """A column of the input."""

    name: str
    type: Literal["number", "text"]


class NumberFeature(_Part):
    """A number, clipped to ``low`` and ``high``. ``absent`` replaces a missing one; None means NaN."""

    kind: Literal["number"] = "number"
    column: str
    absent: float | None = None
    low: float | None = None
    high: float | None = None


class CodeFeature(_Part):
    """A code as a number. ``absent`` and ``unknown`` are the numbers of a missing and an unknown code; None means
    NaN."""

    kind: Literal["code"] = "code"
    column: str
    places: dict[str, float]
    absent: float | None
    unknown: float | None


class OneHotFeature(_Part):
    """A code as ``width`` columns of which one is 1, or none for a code without a place.

    The codes of a number column are the numbers as text. ``reference`` is a code of the sales without a place.
    """

    kind: Literal["one_hot"] = "one_hot"
    column: str
    width: int
    places: dict[str, int]
    absent: int | None
    reference: str | None = None


type Feature = Annotated[NumberFeature | CodeFeature | OneHotFeature, Field(discriminator="kind")]


class Formula(_Part):
    """A column of the matrix computed from others: a function of their weighted sum, which is at least ``low``.

    ``terms`` are the places of the features' columns, and their weights.
    """

    name: str
    terms: tuple[tuple[int, float], ...]
    low: float | None = None
    function: Literal["identity", "log1p", "sqrt"] = "identity"


class Encoding(_Part):
    """The columns of a row in order, the features of the matrix in order, and the formulas whose columns follow them.

    ``precision`` is that of the matrix on which the regressor was fitted.
    """

    columns: tuple[Column, ...]
    features: tuple[Feature, ...]
    formulas: tuple[Formula, ...] = ()
    precision: Literal["float32", "float64"] = "float64"


class TreeEnsemble(_Part):
    """Trees in treelite's own format, in ``file``."""

    kind: Literal["trees"] = "trees"
    file: str


class Process(_Part):
    """The mean of a Gaussian process, as arrays in numpy's format, in ``file``."""

    kind: Literal["process"] = "process"
    file: str


type Regressor = Annotated[TreeEnsemble | Process, Field(discriminator="kind")]


class Member(_Part):
    """One of the regressors whose weighted sum is the answer."""

    weight: float
    regressor: Regressor


type DifficultyOf = Literal["residual", "expected_residual", "log_difficulty"]


class Band(_Part):
    """The scores of houses of whose price about as much is known: their residuals, ascending, in units of difficulty.

    ``least_deviation`` is the least standard deviation of the log price, given what is known, in this band.
    """

    least_deviation: float
    scores: tuple[float, ...]


class Intervals(_Part):
    """What turns a price into an interval: trees that predict the size of an error, and the scores of the calibration,
    in bands by what is known.

    ``difficulty_of`` says what the trees predict: the size of the residual, which is the difficulty; or, in documents
    of format 2, a residual whose root is the difficulty, or the logarithm of the difficulty. Those have ``scores``, the
    ascending sizes, in place of bands. ``marked_factor`` widens the intervals of houses that are unlike the sales.
    """

    difficulty: TreeEnsemble
    difficulty_of: DifficultyOf = "log_difficulty"
    scores: tuple[float, ...] = ()
    bands: tuple[Band, ...] = ()
    marked_factor: float = 1.0


class Joint(_Part):
    """The joint model of the sales, as arrays in numpy's format, in ``file``.

    ``limits`` are the largest usual values of ``joint.SCORES``. ``fills`` says whether the members take matrices whose
    gaps it has filled.
    """

    file: str
    limits: tuple[float, ...]
    fills: bool


class KnownSales(_Part):
    """The sales that a model was trained on, in their own file: prices in US dollars, and rows in the order of the
    encoding's columns.

    ``reach`` is the distance beyond which a comparable sale says no more about a price than the neighbourhood does;
    None in old versions, and where there is no such distance.
    """

    ids: tuple[int, ...]
    prices: tuple[float, ...]
    rows: tuple[tuple[Any, ...], ...]
    reach: float | None = None

    @model_validator(mode="after")
    def _are_as_many(self) -> Self:
        if not len(self.ids) == len(self.prices) == len(self.rows) > 0:
            raise ValueError("there must be sales, and as many ids and prices as rows")
        return self


class CompiledDocument(_Part):
    """A compiled model, except what is in other files. ``output`` says what the members' sum is; ``sales`` names the
    file of the sales."""

    format: Literal[2, 3] = FORMAT
    encoding: Encoding
    members: tuple[Member, ...]
    output: Literal["price", "log1p_price"]
    intervals: Intervals | None = None
    joint: Joint | None = None
    sales: str | None = None

    def files(self) -> frozenset[str]:
        """Return the names of the files that belong to the document."""
        ensembles = [self.intervals.difficulty] if self.intervals else []
        parts = (*(member.regressor for member in self.members), *ensembles, *([self.joint] if self.joint else []))
        return frozenset(part.file for part in parts) | ({self.sales} if self.sales else frozenset())

"""Whether intervals keep their promise in each group of houses, not only over all of them.

Split conformal intervals promise a coverage on average. For each group, a one-sided binomial test asks whether its
coverage can be the promise less five points. The groups are tested together at 5 %, each at 5 % over their number
(Bonferroni's correction): if every group has that coverage or more, none falls short in 19 of 20 evaluations.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from scipy.stats import binom

from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.evaluation.segments import (
    Segment,
    split_by_difficulty,
    split_by_known_fields,
    split_by_mark,
    split_by_price_tercile,
)

FEWEST_TESTED = 30
"""Smaller groups are not tested."""

SLACK = 0.05
"""By how much the coverage of a group may be below the promise."""

LEVEL = 0.05
"""The probability that any group is said to fall short of the promise less the slack though none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCoverage:
    """The coverage of a group's intervals of one nominal coverage.

    ``p_value`` is the probability of this coverage or less if the true one is the nominal one less the slack;
    ``threshold`` is the p-value below which the group falls short.
    """

    kind: str
    name: str
    count: int
    nominal: float
    found: float
    p_value: float
    threshold: float

    @property
    def falls_short(self) -> bool:
        """Whether the coverage is too low to be chance."""
        return self.p_value < self.threshold


def measure_groups(sales: PricedSales, nominal: float) -> list[GroupCoverage]:
    """Test the intervals of one nominal coverage in every group with enough sales.

    Groups are neighbourhoods, thirds by the price paid, fifths by difficulty, marked houses and others, and houses by
    the number of fields known.
    """
    held = sales.covered(nominal)
    groups = [(kind, group) for kind, group in _split(sales, nominal) if group.rows.sum() >= FEWEST_TESTED]
    measured = []
    for kind, group in groups:
        count, hits = int(group.rows.sum()), int(held[group.rows].sum())
        measured.append(
            GroupCoverage(
                kind=kind,
                name=group.name,
                count=count,
                nominal=nominal,
                found=hits / count,
                p_value=float(binom.cdf(hits, count, nominal - SLACK)),
                threshold=LEVEL / len(groups),
            )
        )
    return measured


def _split(sales: PricedSales, nominal: float) -> Iterator[tuple[str, Segment]]:
    names = sales.frame["Neighborhood"]
    yield from (("neighbourhood", Segment(str(name), (names == name).to_numpy())) for name in sorted(names.unique()))
    yield from (("price paid", segment) for segment in split_by_price_tercile(sales))
    yield from (("difficulty", segment) for segment in split_by_difficulty(sales, nominal))
    yield from (("mark", segment) for segment in split_by_mark(sales))
    yield from (("fields known", segment) for segment in split_by_known_fields(sales))

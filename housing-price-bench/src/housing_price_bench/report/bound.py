"""What is demanded of one figure, and the table that shows whether each demand holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rich.table import Table

type Verdict = Literal["holds", "does not hold", "not measured"]


@dataclass(frozen=True, kw_only=True)
class Bound:
    """A figure, and the least or the most that it may be."""

    what: str
    value: float | None
    limit: float
    is_most: bool
    unit: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether the figure is within its bound."""
        if self.value is None:
            return "not measured"
        return "holds" if (self.value <= self.limit if self.is_most else self.value >= self.limit) else "does not hold"


def make_bound_table(bounds: Iterable[Bound]) -> Table:
    """Make a table with one row for each bound."""
    table = Table(title="What is demanded", title_justify="left", box=None, padding=(0, 1))
    table.add_column("figure")
    table.add_column("seen", justify="right")
    table.add_column("bound", justify="right")
    table.add_column("")
    for bound in bounds:
        sign = "at most" if bound.is_most else "at least"
        table.add_row(
            bound.what, format_figure(bound.value, bound.unit), f"{sign} {bound.limit:g}{bound.unit}", bound.verdict
        )
    return table


def format_figure(value: float | None, unit: str = "") -> str:
    """Write a figure with two decimals, or `none`."""
    return "none" if value is None else f"{value:,.2f}{unit}"

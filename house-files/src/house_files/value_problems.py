"""What is wrong with the values of a file, in one line: each cause once, with its first place and its count."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from house_record import Feature, find_nearest_code

_MOST_CODES_LISTED = 8
_MOST_VALUES_OF_A_CAUSE = 3
_MOST_CAUSES_SHOWN = 30
_LONGEST_VALUE_SHOWN = 40
_ABSENT_ELSEWHERE = frozenset(("none", "nan", "nat", "null", "n/a", "#n/a", "<na>", ".", "-", "missing", "unknown"))
"""What other programs write for an absent value."""

_NUMBER_WITH_SIGNS = re.compile(r"\W{0,2}[0-9]{1,3}([\W_][0-9]{3})*([.,][0-9]+)?\W{0,2}")


@dataclass
class _Cells:
    """Cells of one column that hold the same value: the first place, and how many there are."""

    first_place: str
    times: int = 0


@dataclass
class _Cause:
    """Cells of one column for which the same is expected. Only the first few different values are kept."""

    column: str
    expected: str
    cells_by_value: dict[str, _Cells] = field(default_factory=dict)
    times: int = 0

    def add(self, place: str, value: str) -> None:
        self.times += 1
        if value in self.cells_by_value or len(self.cells_by_value) < _MOST_VALUES_OF_A_CAUSE:
            self.cells_by_value.setdefault(value, _Cells(place)).times += 1

    def describe(self) -> Iterator[str]:
        (first, cells), *_ = self.cells_by_value.items()
        if self.times > sum(cells.times for cells in self.cells_by_value.values()):
            yield self._describe_cells(f"{first} and others", _Cells(cells.first_place, self.times))
            return
        for value, cells in self.cells_by_value.items():
            yield self._describe_cells(value, cells)

    def _describe_cells(self, value: str, cells: _Cells) -> str:
        count = "" if cells.times == 1 else f" ({cells.times:,} times)"
        return f"{cells.first_place}, {self.column}: {value} should be {self.expected}{count}"


@dataclass
class ValueProblems:
    """The bad values found so far, by column, value and expectation."""

    count: int = 0
    _causes: dict[tuple[str, str], _Cause] = field(default_factory=dict)

    def add(self, place: str, column: str, value: object, expected: str) -> None:
        """Record that a cell of this column holds something else than expected."""
        self.count += 1
        shown = describe_value(value)
        self._causes.setdefault((column, expected), _Cause(column, expected)).add(place, shown)

    def __str__(self) -> str:
        total = "1 bad value" if self.count == 1 else f"{self.count:,} bad values"
        causes = list(self._causes.values())
        shown = [line for cause in causes[:_MOST_CAUSES_SHOWN] for line in cause.describe()]
        left_out = dict.fromkeys(cause.column for cause in causes[_MOST_CAUSES_SHOWN:])
        more = [f"more in {', '.join(left_out)}"] if left_out else []
        return f"{total}: {'; '.join([*shown, *more])}"


def describe_value(value: object) -> str:
    """Show a value, cut if it is long."""
    return "nothing" if value is None else _shorten(repr(value))


def describe_expected(feature: Feature, value: object) -> str:
    """Say in a few words what a value of this feature should have been."""
    if not feature.required and str(value).strip().casefold() in _ABSENT_ELSEWHERE:
        return "NA or an empty cell, perhaps"
    if not feature.codes:
        kind = "a whole number" if feature.python_type is int else "a number"
        return f"{kind} from {feature.minimum:.0f} to {feature.maximum:.0f}{_describe_form(value)}"
    nearest = None if value is None else _find_code_like(feature, str(value))
    if nearest:
        return f"{nearest!r}, perhaps"
    if len(feature.codes) <= _MOST_CODES_LISTED:
        return f"one of {', '.join(str(code) for code in feature.codes)}"
    return f"one of the {len(feature.codes)} codes of the house record"


def describe_expected_price(value: object) -> str:
    """Say in a few words what a price should have been."""
    return f"a price in dollars, above 0{_describe_form(value)}"


def _describe_form(value: object) -> str:
    """Digits with signs among them are not read: they may be grouped, or decimals of another country."""
    return ", in plain digits" if isinstance(value, str) and _NUMBER_WITH_SIGNS.fullmatch(value) else ""


@lru_cache(maxsize=1024)
def _find_code_like(feature: Feature, value: str) -> str | None:
    return find_nearest_code(feature, value)


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE_SHOWN else f"{text[:_LONGEST_VALUE_SHOWN]}…"

"""What is wrong with the values of a file, in one line: each cause once, with its first place and its count."""

from dataclasses import dataclass, field
from functools import lru_cache

from house_record import FIELDS, Feature, find_nearest_code

_MOST_CODES_LISTED = 8
_MOST_VALUES_PER_COLUMN = 3
_MOST_CAUSES_SHOWN = 30
_LONGEST_VALUE_SHOWN = 40
_FIELD_BY_NAME = {field.name: field for field in FIELDS}


@dataclass
class _Cause:
    """Cells of one column that hold the same value, or the values that resemble none of the others."""

    first_place: str
    value: str
    expected: str
    times: int = 0
    has_other_values: bool = False

    def describe(self, column: str) -> str:
        others = " and others" if self.has_other_values else ""
        count = "" if self.times == 1 else f" ({self.times:,} times)"
        return f"{self.first_place}, {column}: {self.value}{others} should be {self.expected}{count}"


@dataclass
class ValueProblems:
    """The bad values found so far, by column, value and expectation."""

    count: int = 0
    _causes: dict[tuple[str, str, str], _Cause] = field(default_factory=dict)
    _values_by_column: dict[str, int] = field(default_factory=dict)

    def add(self, place: str, column: str, value: object, expected: str) -> None:
        """Record that a cell of this column holds something else than expected."""
        self.count += 1
        shown = "nothing" if value is None else _shorten(repr(value))
        cause = self._causes.get((column, shown, expected)) or self._add_cause(place, column, shown, expected)
        cause.times += 1

    def _add_cause(self, place: str, column: str, shown: str, expected: str) -> _Cause:
        number = self._values_by_column[column] = self._values_by_column.get(column, 0) + 1
        if number <= _MOST_VALUES_PER_COLUMN:
            return self._causes.setdefault((column, shown, expected), _Cause(place, shown, expected))
        merged = self._causes.setdefault((column, "", expected), _Cause(place, shown, expected))
        merged.has_other_values = merged.has_other_values or merged.value != shown
        return merged

    def __str__(self) -> str:
        total = "1 bad value" if self.count == 1 else f"{self.count:,} bad values"
        found = [(column, cause) for (column, _, _), cause in self._causes.items()]
        causes = [cause.describe(column) for column, cause in found[:_MOST_CAUSES_SHOWN]]
        left_out = sorted({column for column, _ in found[_MOST_CAUSES_SHOWN:]})
        more = [f"more in {', '.join(left_out)}"] if left_out else []
        return f"{total}: {'; '.join([*causes, *more])}"


def describe_expected(feature: Feature, value: object) -> str:
    """Say in a few words what a value of this feature should have been."""
    if not feature.codes:
        kind = "a whole number" if feature.python_type is int else "a number"
        return f"{kind} from {feature.minimum:.0f} to {feature.maximum:.0f}"
    nearest = None if value is None else _find_code_like(feature.name, str(value))
    if nearest:
        return f"{nearest!r}, perhaps"
    if len(feature.codes) <= _MOST_CODES_LISTED:
        return f"one of {', '.join(str(code) for code in feature.codes)}"
    return f"one of the {len(feature.codes)} codes of the house record"


@lru_cache(maxsize=1024)
def _find_code_like(name: str, value: str) -> str | None:
    return find_nearest_code(_FIELD_BY_NAME[name], value)


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE_SHOWN else f"{text[:_LONGEST_VALUE_SHOWN]}…"

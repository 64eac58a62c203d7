"""What is wrong with the values of a file, in one line: the first few, and how many there are."""

from dataclasses import dataclass, field

from house_record import Feature, find_nearest_code

_MOST_PROBLEMS_SHOWN = 10
_MOST_CODES_LISTED = 8
_LONGEST_VALUE_SHOWN = 40


@dataclass
class ValueProblems:
    """The bad values found so far; only the first few are kept."""

    count: int = 0
    _first: list[str] = field(default_factory=list)

    def add(self, place: str, column: str, value: object, expected: str) -> None:
        """Record that a cell of this column holds something else than expected."""
        self.count += 1
        if self.count <= _MOST_PROBLEMS_SHOWN:
            shown = "nothing" if value is None else _shorten(repr(value))
            self._first.append(f"{place}, {column}: {shown} should be {expected}")

    def __str__(self) -> str:
        more = self.count - len(self._first)
        total = "1 bad value" if self.count == 1 else f"{self.count} bad values"
        return f"{total}: {'; '.join(self._first)}{f'; and {more} more' if more else ''}"


def describe_expected(feature: Feature, value: object) -> str:
    """Say in a few words what a value of this feature should have been."""
    if not feature.codes:
        kind = "a whole number" if feature.python_type is int else "a number"
        return f"{kind} from {feature.minimum:.0f} to {feature.maximum:.0f}"
    nearest = find_nearest_code(feature, str(value))
    if nearest and value is not None:
        return f"{nearest!r}, perhaps"
    if len(feature.codes) <= _MOST_CODES_LISTED:
        return f"one of {', '.join(str(code) for code in feature.codes)}"
    return f"one of the {len(feature.codes)} codes of the house record"


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE_SHOWN else f"{text[:_LONGEST_VALUE_SHOWN]}…"

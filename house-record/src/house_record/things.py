"""What a house may have, such as a garage, if several fields say whether it does: they may contradict each other.

One rule decides: what is said to be there is believed. A code, or a size above 0, outweighs a null and a 0, which many
programs send for whatever nobody filled in. What is not believed counts as unknown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from house_record.features import Feature, Value
from house_record.implausibility import Implausibility
from house_record.vocabulary import NOT_APPLICABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something that a house may have. All fields are names of columns.

    Args:
        name: for people, such as ``a garage``.
        codes: each value but ``NA`` says that it is there.
        sizes: numbers that are 0 without it.
        parts: sizes that count if all ``sizes`` are unknown.
        contradicted_none: the code of the warning if ``NA`` is contradicted.
        contradicted_size: the code of the warning if the sizes are 0, and a code says that it is there. Without one,
            this is no contradiction.
    """

    name: str
    codes: tuple[str, ...]
    sizes: tuple[str, ...]
    parts: tuple[str, ...] = ()
    contradicted_none: str
    contradicted_size: str | None = None


class Finding(NamedTuple):
    """What is odd about a thing in a row.

    Args:
        contradiction: the warning, if fields contradict each other. Without one, codes say that the thing is not
            there, and no size confirms it.
        places: the cells that are not believed, or these codes.
    """

    contradiction: Implausibility | None
    places: Sequence[int]


class ThingInRow:
    """Finds out what a row says about a thing.

    Args:
        thing: the thing.
        features: the columns of the row.
    """

    def __init__(self, thing: Thing, features: Sequence[Feature]) -> None:
        self.sizes = tuple(feature.wire_name for feature in features if feature.column in thing.sizes)
        places = {feature.column: place for place, feature in enumerate(features)}
        self._code_places = [places[column] for column in thing.codes]
        self._size_places = [places[column] for column in (*thing.sizes, *thing.parts)]
        self._read_codes, self._read_sizes, self._read_parts = (
            _reader([places[column] for column in columns]) for columns in (thing.codes, thing.sizes, thing.parts)
        )
        fields = tuple(feature.wire_name for feature in features if feature.column in (*thing.codes, *thing.sizes))
        self.none_is_contradicted = _warning(thing.contradicted_none, fields, thing.name)
        code = thing.contradicted_size
        self.size_is_contradicted = _warning(code, fields, thing.name) if code else None

    def judge(self, row: Sequence[Value]) -> Finding | None:
        """Return what is odd about the thing; None if nothing is."""
        codes, sizes = self._read_codes(row), self._read_sizes(row)
        says_none = NOT_APPLICABLE in codes
        if any(sizes):
            return self._contradict(row, self.none_is_contradicted) if says_none else None
        if says_none:
            is_confirmed = 0 in sizes and codes.count(NOT_APPLICABLE) == len(codes)
            return None if is_confirmed else self._judge_none(row, codes, sizes)
        if self.size_is_contradicted and 0 in sizes and self._is_told(codes):
            return self._contradict(row, self.size_is_contradicted)
        return None

    def _judge_none(self, row: Sequence[Value], codes: Sequence[Value], sizes: Sequence[Value]) -> Finding | None:
        """Judge a row with a code for none, and no size above 0."""
        if self._is_told(codes):
            contradiction = self.size_is_contradicted if 0 in sizes else None
            return self._contradict(row, contradiction or self.none_is_contradicted)
        if 0 in sizes:
            return None
        parts = self._read_parts(row)
        if any(parts):
            return self._contradict(row, self.none_is_contradicted)
        return None if 0 in parts else Finding(None, self._places_of_none(row))

    def _is_told(self, codes: Sequence[Value]) -> bool:
        """Whether a code says that the thing is there."""
        return codes.count(NOT_APPLICABLE) + codes.count(None) < len(codes)

    def _contradict(self, row: Sequence[Value], warning: Implausibility) -> Finding:
        zeros = [place for place in self._size_places if row[place] == 0]
        has_size = any(row[place] for place in self._size_places)
        return Finding(warning, self._places_of_none(row) + ([] if has_size else zeros))

    def _places_of_none(self, row: Sequence[Value]) -> list[int]:
        return [place for place in self._code_places if row[place] == NOT_APPLICABLE]


def _reader(places: Sequence[int]) -> Callable[[Sequence[Value]], tuple[Value, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    return itemgetter(slice(places[0], places[0] + 1) if places else slice(0))


def _warning(code: str, fields: tuple[str, ...], name: str) -> Implausibility:
    message = (
        f"Some fields say that there is {name}, others that there is none: "
        "the price assumes that there is, and takes the others for unknown."
    )
    return Implausibility(code=code, fields=fields, message=message)

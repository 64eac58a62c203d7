"""Numbers that may have grouped thousands: ``208.500`` is a price of 208500, or of 208.5 dollars. Nobody guesses."""

import re
from dataclasses import dataclass, field

_WITH_SIGN = re.compile(r"[+-]?(?P<whole>[0-9]*)(?P<sign>[.,])(?P<rest>[0-9]*)")
_DIGITS_OF_A_GROUP = 3


@dataclass(frozen=True, slots=True)
class DoubtfulNumber:
    """The first cell of a column that can be read in two ways."""

    place: str
    column: str
    text: str

    def __str__(self) -> str:
        whole, rest = re.split("[.,]", self.text)
        decimal = float(f"{whole}.{rest}")
        return f"{self.place}, {self.column}: '{self.text}' may mean {whole}{rest} or {decimal:g}"


@dataclass
class _NumbersOfSign:
    """What the numbers with one sign show: whether it groups digits or begins the decimals."""

    first: DoubtfulNumber | None = None
    _first_with_zero: DoubtfulNumber | None = None
    _shows_decimals: bool = False
    _decimals_vary: bool = False

    def add(self, cell: DoubtfulNumber, whole: str, rest: str) -> None:
        if len(rest) != _DIGITS_OF_A_GROUP:
            self._decimals_vary = True
        elif len(whole) > _DIGITS_OF_A_GROUP or not whole or whole.startswith("0"):
            self._shows_decimals = True
        else:
            self.first = self.first or cell
            if rest.endswith("0"):
                self._first_with_zero = self._first_with_zero or cell

    @property
    def doubtful(self) -> DoubtfulNumber | None:
        if self._decimals_vary:
            return self._first_with_zero
        return None if self._shows_decimals else self.first


@dataclass
class GroupedNumbers:
    """Watches the cells of one column for numbers that look grouped.

    One to three digits, a sign and three digits look grouped. In prices, and beside another sign, that is enough.
    Elsewhere the sign is a decimal one if other cells show it, such as ``1262.500`` or ``0.125`` where every number has
    three decimals, and ``65.5`` where they vary; a zero at the end, as in ``9.600``, is never written there.
    """

    column: str
    never_below_1000: bool = False
    _by_sign: dict[str, _NumbersOfSign] = field(default_factory=dict, init=False)

    def watch(self, place: str, text: str) -> None:
        """Take one cell into account."""
        if match := _WITH_SIGN.fullmatch(text):
            cell = DoubtfulNumber(place, self.column, text)
            self._by_sign.setdefault(match["sign"], _NumbersOfSign()).add(cell, match["whole"], match["rest"])

    @property
    def doubtful(self) -> DoubtfulNumber | None:
        """The first cell that may be grouped, or None if the column is clear."""
        is_enough = self.never_below_1000 or len(self._by_sign) > 1
        found = (numbers.first if is_enough else numbers.doubtful for numbers in self._by_sign.values())
        return next(filter(None, found), None)

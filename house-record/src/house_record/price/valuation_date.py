"""The date of valuation: the month as of which a house is priced. Days begin and end in UTC."""

import re
from datetime import UTC, datetime
from typing import NamedTuple, Self

from house_record.record import AnyHouse

EXPECTED_MONTH = "a month from 1800 on, such as 2026-12"
MONTH_PATTERN = "^(1[89][0-9]{2}|[2-9][0-9]{3})-(0[1-9]|1[0-2])$"

_MONTH = re.compile(MONTH_PATTERN)


class ValuationDate(NamedTuple):
    """A month, or a year of which the month is unknown."""

    year: int
    month: int | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a month such as ``2026-12``.

        Raises:
            ValueError: if it is anything else, or before 1800.
        """
        found = _MONTH.fullmatch(text)
        if found is None:
            raise ValueError(f"it is not {EXPECTED_MONTH}")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def at(cls, moment: datetime) -> Self:
        """Return the month of a moment, in UTC whatever time zone the moment is in."""
        moment = moment.astimezone(UTC)
        return cls(moment.year, moment.month)

    @classmethod
    def of_house(cls, house: AnyHouse, as_of: Self) -> Self:
        """Return the date that a house states, or else ``as_of``.

        A year without a month leaves the month unknown; a month without a year is one of the year of ``as_of``.
        """
        year, month = getattr(house, "yr_sold", None), getattr(house, "mo_sold", None)
        return cls(as_of.year, month or as_of.month) if year is None else cls(year, month)

    def __str__(self) -> str:
        return str(self.year) if self.month is None else f"{self.year}-{self.month:02}"


def utc_now() -> datetime:
    """Return the time by the machine's clock."""
    return datetime.now(UTC)

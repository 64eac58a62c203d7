"""Settings of the date as of which houses are priced."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from house_record.price import EXPECTED_MONTH, MONTH_PATTERN, ValuationDate, utc_now
from pydantic import AfterValidator

from housing_price_orchestrator.settings.section import Section

TODAY = "today"


def _check_date(text: str) -> str:
    if text != TODAY and not re.match(MONTH_PATTERN, text):
        raise ValueError(f"it is neither `{TODAY}` nor {EXPECTED_MONTH}")
    return text


class ValuationSettings(Section):
    """The date of valuation of houses that do not state when they were sold."""

    as_of: Annotated[str, AfterValidator(_check_date)] = TODAY
    """The month as of which such houses are priced, such as `2026-12`, if the request names none. `today` is the month
    by the machine's clock, in UTC."""

    def date(self, now: Callable[[], datetime] = utc_now) -> ValuationDate:
        """Return the date of valuation at this moment."""
        return ValuationDate.at(now()) if self.as_of == TODAY else ValuationDate.parse(self.as_of)

"""The record of Ames, Iowa: the one town that is declared in code.

Only composition roots import it; everything below takes a ``Record``.
"""

from house_record.ames.house import House
from house_record.ames.rules import RULES
from house_record.ames.things import NULLS_EXPLAINED_BY, THINGS
from house_record.record import Record

RECORD_VERSION = "2"
"""Changes when a feature is added, removed, renamed or read differently. Each model records its version."""

AMES = Record(
    name="ames",
    version=RECORD_VERSION,
    house=House,
    rules=RULES,
    things=THINGS,
    nulls_explained_by=NULLS_EXPLAINED_BY,
    everyday_columns=("YearRemodAdd", "CentralAir", "FullBath", "HalfBath", "BedroomAbvGr", "GarageCars"),
    date_columns=("MoSold", "YrSold"),
)

__all__ = ["AMES", "RECORD_VERSION", "House"]

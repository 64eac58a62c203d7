"""What the store knows of customers: how they buy, and which home they look for."""

from datetime import timedelta
from pathlib import Path

from feast import Entity, FeatureService, FeatureView, Field, FileSource, ValueType
from feast.types import Array, Float64, Int64, String

CUSTOMER = Entity(name="customer", join_keys=["customer_id"], value_type=ValueType.INT64)
MONTH = timedelta(days=30)


def declared(folder: Path) -> list[Entity | FeatureView | FeatureService]:
    """Everything that `feast apply` would find, with its tables in a folder."""
    stats = FeatureView(
        name="customer_stats",
        entities=[CUSTOMER],
        ttl=MONTH,
        schema=[
            Field(name="avg_payment", dtype=Float64),
            Field(name="late_payments", dtype=Int64),
            Field(name="debt_ratio", dtype=Float64),
        ],
        source=FileSource(path=str(folder / "customer_stats.parquet"), timestamp_field="event_timestamp"),
    )
    search = FeatureView(
        name="home_search",
        entities=[CUSTOMER],
        ttl=MONTH,
        schema=[
            Field(name="budget", dtype=Float64),
            Field(name="viewings", dtype=Int64),
            Field(name="favourite", dtype=String),
            Field(name="seen", dtype=Array(String)),
        ],
        source=FileSource(path=str(folder / "home_search.parquet"), timestamp_field="event_timestamp"),
    )
    return [CUSTOMER, stats, search, FeatureService(name="recommendation", features=[search])]

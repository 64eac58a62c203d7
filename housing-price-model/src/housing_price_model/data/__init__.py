"""Sales to train on: where they come from, and the one shape that everything else works with."""

from housing_price_model.data.sales import Places, Row, Sales, make_frame, make_rows
from housing_price_model.data.sources import load_sales, load_sales_with_checksum, require_source

__all__ = [
    "Places",
    "Row",
    "Sales",
    "load_sales",
    "load_sales_with_checksum",
    "make_frame",
    "make_rows",
    "require_source",
]

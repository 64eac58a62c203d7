"""Sales to train on: where they come from, and the one shape that everything else works with."""

from housing_price_model.data.sales import Sales, frame_of
from housing_price_model.data.sources import load_sales

__all__ = ["Sales", "frame_of", "load_sales"]

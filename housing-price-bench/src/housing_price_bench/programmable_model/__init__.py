"""A model server on loopback that fails as you tell it to.

For tests of everything that calls a model server, and for the bench. It speaks MLflow's scoring protocol, names its
model and version, and counts requests. ``python -m housing_price_bench.programmable_model`` runs it as a process; in a
test, ``ProgrammableModel`` is an async context manager.
"""

from housing_price_bench.programmable_model.behaviour import KINDS, OK, Behaviour, Kind
from housing_price_bench.programmable_model.server import ProgrammableModel

__all__ = ["KINDS", "OK", "Behaviour", "Kind", "ProgrammableModel"]

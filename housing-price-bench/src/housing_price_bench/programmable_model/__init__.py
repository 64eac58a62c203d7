"""A model server on loopback that misbehaves as it is told.

For tests of whatever relies on a model server, and for the bench. It speaks MLflow's scoring protocol, says who it
is, and keeps account of what it saw. ``python -m housing_price_bench.programmable_model`` runs it as a process; in a
test, ``ProgrammableModel`` is an async context manager.
"""

from housing_price_bench.programmable_model.behaviour import KINDS, OK, Behaviour, Kind
from housing_price_bench.programmable_model.server import ProgrammableModel

__all__ = ["KINDS", "OK", "Behaviour", "Kind", "ProgrammableModel"]

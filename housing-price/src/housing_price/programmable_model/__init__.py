"""A model server on loopback that misbehaves as it is told.

For tests of whatever relies on a model server, and for the bench. It speaks MLflow's scoring protocol, says who it
is, and keeps account of what it saw. As a process it is ``python -m housing_price.programmable_model``; in a test,
``ProgrammableModel`` is an async context manager.
"""

from housing_price.programmable_model.behaviour import KINDS, OK, Behaviour, Kind
from housing_price.programmable_model.server import ProgrammableModel

__all__ = ["KINDS", "OK", "Behaviour", "Kind", "ProgrammableModel"]

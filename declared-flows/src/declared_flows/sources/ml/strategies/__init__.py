"""Ways to a model: each a class with its declaration, and one port, ``way.Way``."""

"""The classes that skops has to trust in the recipes' pipelines. Needs no scikit-learn."""

FOREST_TYPES = ("numpy.dtype", "sklearn.tree._tree.Tree")

TRUSTED_TYPES = frozenset(FOREST_TYPES)
"""Every class that any recipe's pipeline may contain."""

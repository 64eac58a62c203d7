"""The classes beyond skops' own list that the recipes' estimators hold; known without scikit-learn."""

FOREST_TYPES = ("numpy.dtype", "sklearn.tree._tree.Tree")

TRUSTED_TYPES = frozenset(FOREST_TYPES)
"""Every class that any recipe's estimator may hold."""

"""The classes beyond skops' own list that the recipes' estimators hold; known without scikit-learn."""

BOOSTING_TYPES = ("numpy.dtype", "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor")
FOREST_TYPES = ("numpy.dtype", "sklearn.tree._tree.Tree")

TRUSTED_TYPES = frozenset((*BOOSTING_TYPES, *FOREST_TYPES))
"""Every class that any recipe's estimator may hold."""

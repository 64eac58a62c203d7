"""Attributes the change of trees between two points: a column gets the jumps of the sum where it crosses a split.

It is to steps what integrated gradients are to slopes: R. J. Aumann, L. S. Shapley, "Values of Non-Atomic Games", 1974.
"""

from typing import Any

import numpy as np
import treelite
from numpy.typing import NDArray

LESS_OR_EQUAL = 3
"""treelite's number of the only comparison in scikit-learn's trees."""

EARLIEST, LATEST = np.nextafter(0.0, 1.0), np.nextafter(1.0, 0.0)
"""Splits are crossed strictly between the two points, so that both keep their sums."""

NEVER = 2.0

SEGMENT = np.dtype([("tree", np.intp), ("node", np.intp), ("begin", float), ("end", float), ("cause", np.intp)])
"""A segment of the line from 0 to 1 that passes through a node. ``cause`` is the column whose crossing of a split began
it."""

type Vector = NDArray[np.float64]
type Segments = NDArray[np.void]


class TreePaths:
    """The nodes of all trees of a model, in arrays.

    Raises:
        ValueError: if a tree does not compare as scikit-learn's do.
    """

    def __init__(self, model: treelite.Model) -> None:
        trees = [model.get_tree_accessor(number) for number in range(model.num_tree)]
        sizes = np.array([int(tree.get_field("num_nodes")[0]) for tree in trees], dtype=np.intp)
        self._roots = np.cumsum(sizes) - sizes
        first = np.repeat(self._roots, sizes)
        self._left, self._right = _join(trees, "cleft") + first, _join(trees, "cright") + first
        self._columns, self._thresholds = _join(trees, "split_index"), _join(trees, "threshold")
        self._is_leaf, self._values = _join(trees, "cleft") < 0, _join(trees, "leaf_value")
        if model.get_header_accessor().get_field("average_tree_output")[0]:
            self._values = self._values / len(trees)
        if (_join(trees, "cmp")[~self._is_leaf] != LESS_OR_EQUAL).any():
            raise ValueError("a tree has a split that scikit-learn's trees do not have")

    def changes(self, start: Vector, end: Vector) -> Vector:
        """Attribute the sum's change between two points without NaN to the columns."""
        leaves = self._leaves(start, end)
        leaves = leaves[np.lexsort((leaves["begin"], leaves["tree"]))]
        values, trees = self._values[leaves["node"]], leaves["tree"]
        jumps = np.where(trees[1:] == trees[:-1], values[1:] - values[:-1], 0.0)
        return np.bincount(leaves["cause"][1:], weights=jumps, minlength=len(start))

    def _leaves(self, start: Vector, end: Vector) -> Segments:
        """Return the segments of the straight line between two points, each within one leaf."""
        segments, found = np.zeros(len(self._roots), dtype=SEGMENT), []
        segments["tree"], segments["node"], segments["end"] = np.arange(len(self._roots)), self._roots, 1.0
        while len(segments):
            is_leaf = self._is_leaf[segments["node"]]
            found.append(segments[is_leaf])
            segments = self._below(segments[~is_leaf], start, end)
        return np.concatenate(found)

    def _below(self, segments: Segments, start: Vector, end: Vector) -> Segments:
        """Return the segments in the nodes' children, split in two where the column crosses the node's threshold."""
        nodes = segments["node"]
        columns, thresholds = self._columns[nodes], self._thresholds[nodes]
        origins, targets = start[columns], end[columns]
        is_left, ends_left = origins <= thresholds, targets <= thresholds
        crosses = is_left != ends_left
        moments = np.full(len(nodes), NEVER)
        np.divide(thresholds - origins, targets - origins, out=moments, where=crosses)
        np.clip(moments, EARLIEST, LATEST, out=moments, where=crosses)
        has_early, has_late = moments > segments["begin"], moments < segments["end"]
        early, late, turns = segments[has_early], segments[has_late], has_early[has_late]
        early["node"] = np.where(is_left, self._left[nodes], self._right[nodes])[has_early]
        early["end"] = np.minimum(early["end"], moments[has_early])
        late["node"] = np.where(ends_left, self._left[nodes], self._right[nodes])[has_late]
        late["begin"] = np.maximum(late["begin"], moments[has_late])
        late["cause"] = np.where(turns, columns[has_late], late["cause"])
        return np.concatenate([early, late])


def _join(trees: list[Any], field: str) -> NDArray[Any]:
    parts: NDArray[Any] = np.concatenate([tree.get_field(field) for tree in trees])
    return parts

"""The blend without engineered columns, for comparison: each is replaced by the columns it is computed from."""

from collections.abc import Sequence

from housing_price_model.data import Row
from housing_price_model.recipes.blend.estimator import Blend
from housing_price_model.recipes.blend.features import FORMULAS, GROUPS, Design


class PlainDesign(Design):
    """A design without formulas. A column in several groups gets the settings of the last one."""

    def places(self, group: str) -> list[int]:
        """Where the columns of a group are in the matrix."""
        members = {column for name in GROUPS[group] for column in (FORMULAS[name][0] if name in FORMULAS else (name,))}
        return [place for place, name in enumerate(self.names) if name in members]


class PlainBlend(Blend):
    """The blend of a plain design."""

    def _design(self, rows: Sequence[Row]) -> PlainDesign:
        return _plain(super()._design(rows))


def _plain(engineered: Design) -> PlainDesign:
    width = len(engineered.names) - len(FORMULAS)
    return PlainDesign(
        encoding=engineered.encoding.model_copy(update={"formulas": ()}),
        names=engineered.names[:width],
        is_indicator=engineered.is_indicator[:width],
        signs=engineered.signs[:width],
    )

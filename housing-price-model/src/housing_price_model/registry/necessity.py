"""Decides whether training is needed when there is already a champion."""

from housing_price_model.data import Sales
from housing_price_model.inference import FORMAT
from housing_price_model.registry.manifest import MANIFEST_VERSION
from housing_price_model.registry.versions import Champion


def find_reason_to_train(champion: Champion | None, *, sales: Sales | None, recipe: str | None) -> str | None:
    """Return why a version should be trained, as a clause for people, or None if the champion can stay.

    ``sales`` and ``recipe`` are None if the user did not ask for any.
    """
    if champion is None:
        return "there is no champion yet"
    if champion.typed_format != str(FORMAT):
        return f"the champion (version {champion.version}) has no compiled form that this program can serve"
    if champion.manifest_version != str(MANIFEST_VERSION):
        return f"the champion (version {champion.version}) was registered by an older program"
    if sales is not None and sales.sha256 != champion.data_sha256:
        return f"the champion (version {champion.version}) learnt from other sales: {champion.data_source}"
    if recipe is not None and recipe != champion.recipe:
        return f"the champion (version {champion.version}) has another recipe: {champion.recipe}"
    return None

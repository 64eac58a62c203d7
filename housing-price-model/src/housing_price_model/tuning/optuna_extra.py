"""Checks for the extra ``tune`` before anything is read or computed."""

from importlib.util import find_spec

from housing_price_model.errors import TuningError


def check_optuna() -> None:
    """Raise if Optuna is not installed.

    Raises:
        TuningError: with the command that installs it.
    """
    if find_spec("optuna") is None:
        raise TuningError("tuning needs Optuna, the extra `tune` of housing-price-model, which `uv sync` installs")

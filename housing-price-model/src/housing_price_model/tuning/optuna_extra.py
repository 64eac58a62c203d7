"""Whether the extra ``tune`` is installed: asked before anything is read or computed."""

from importlib.util import find_spec

from housing_price_model.errors import TuningError


def check_optuna() -> None:
    """Return if Optuna is installed.

    Raises:
        TuningError: if it is not, with the way to install it.
    """
    if find_spec("optuna") is None:
        raise TuningError("tuning needs Optuna: pip install 'housing-price-model[tune]'")

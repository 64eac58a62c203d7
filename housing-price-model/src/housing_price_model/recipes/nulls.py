"""One spelling for an absent code, whichever null the frame contains.

A JSON null in a text column reaches the model as None when no row of the batch has a value there, and as NaN
otherwise. scikit-learn takes the two for different codes, so a house's price would depend on the rest of its batch.
Only built-in classes are used here: a registered model must load without this package.
"""

from typing import Any

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline


def spell_nulls(spelling: str, *then: tuple[str, Any]) -> Pipeline:
    """Return steps that replace NaN and None in text columns by ``spelling``, followed by the given steps."""
    return Pipeline(
        [
            ("nan", SimpleImputer(missing_values=np.nan, strategy="constant", fill_value=spelling)),
            ("none", SimpleImputer(missing_values=None, strategy="constant", fill_value=spelling)),
            *then,
        ]
    )

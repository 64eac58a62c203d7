"""One spelling for an absent code, whichever null the frame holds.

A JSON null in a text column reaches the model as None when no row of the batch has a value there, and as NaN
otherwise. scikit-learn takes the two for different codes, so a house would be priced by the company it keeps.
Only built-in classes are used here: a registered model must load without this package.
"""

from typing import Any

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline


def spell_nulls(spelling: str, *then: tuple[str, Any]) -> Pipeline:
    """Steps that write ``spelling`` for NaN and for None in text columns, then the steps given."""
    return Pipeline(
        [
            ("nan", SimpleImputer(missing_values=np.nan, strategy="constant", fill_value=spelling)),
            ("none", SimpleImputer(missing_values=None, strategy="constant", fill_value=spelling)),
            *then,
        ]
    )

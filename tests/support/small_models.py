"""Small real models on disk: a regressor in a folder of MLflow's, a classifier in files. Made once a session."""

import warnings
from pathlib import Path

import pytest
from housing_price_model.process_environment import prepare_environment

PRICE_SHARE = 0.01
"""What the regressor says of a house: this share of its price."""


@pytest.fixture(scope="session")
def small_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `insurance` (MLflow's), `insurance-2` (twice as dear), `churn.joblib` and `churn.skops`; their
    columns are `price` and `yearBuilt`."""
    prepare_environment()
    with warnings.catch_warnings():
        # MLflow warns of its own type hints while it is imported.
        warnings.simplefilter("ignore")
        return _made(tmp_path_factory.mktemp("models"))


def _made(folder: Path) -> Path:
    import joblib
    import mlflow.sklearn
    import pandas as pd
    import skops.io
    from mlflow.models import infer_signature
    from sklearn.linear_model import LinearRegression, LogisticRegression

    rows = pd.DataFrame({"price": [1e5, 2e5, 3e5, 4e5], "yearBuilt": [1960, 2001, 1980, 1950]})
    for name, share in (("insurance", PRICE_SHARE), ("insurance-2", 2 * PRICE_SHARE)):
        costs = rows["price"] * share
        mlflow.sklearn.save_model(
            LinearRegression().fit(rows, costs),
            folder / name,
            signature=infer_signature(rows, costs),
            serialization_format="skops",
            pip_requirements=["scikit-learn"],
        )
    classifier = LogisticRegression().fit(rows / 1e5, [0, 0, 1, 1])
    joblib.dump(classifier, folder / "churn.joblib")
    skops.io.dump(classifier, folder / "churn.skops")
    return folder

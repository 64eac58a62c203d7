"""`python -m housing_price_bench.servers.plain_model MODEL_URI FOLDER`: saves a version as the tutorial does.

A stock server serves the same fitted scikit-learn pipeline in MLflow's plain scikit-learn flavour. This runs in a
process of its own because it needs MLflow, which the bench itself does without.
"""

import sys
from pathlib import Path


def save_plain(model_uri: str, folder: Path) -> None:
    """Load the scikit-learn flavour of a version and save it with nothing but its signature."""
    import mlflow.models
    import mlflow.sklearn

    pipeline = mlflow.sklearn.load_model(model_uri)
    signature = mlflow.models.get_model_info(model_uri).signature
    mlflow.sklearn.save_model(
        pipeline,
        str(folder),
        signature=signature,
        serialization_format=mlflow.sklearn.SERIALIZATION_FORMAT_CLOUDPICKLE,
        # Explicit, because MLflow would load the model again to find out.
        pip_requirements=["scikit-learn"],
    )


if __name__ == "__main__":
    save_plain(sys.argv[1], Path(sys.argv[2]))

"""The models of the examples: trained on made-up tables in seconds, kept as folders of MLflow's, served as MLflow does.

One process serves all of them, each below its name: `POST /churn/invocations` and `GET /churn/ping`.
"""

import argparse
import shutil
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from housing_price_model.process_environment import prepare_environment

if TYPE_CHECKING:
    import pandas as pd
    from starlette.requests import Request
    from starlette.responses import Response

HERE = Path(__file__).parent
ROWS = 400
SEED = 7
REQUIREMENTS = ["scikit-learn", "skops", "pandas", "numpy"]


def columns(rows: int, **ranges: tuple[float, float]) -> "pd.DataFrame":
    """Numbers drawn evenly from ranges, by column."""
    import numpy as np
    import pandas as pd

    draws = np.random.default_rng(SEED)
    return pd.DataFrame({name: draws.uniform(low, high, rows) for name, (low, high) in ranges.items()})


def credit_risk(folder: Path) -> None:
    """The probabilities that a credit is paid back or not."""
    table = columns(ROWS, income=(20_000, 100_000), debt=(0, 30_000), late_payments=(0, 5))
    defaults = table["debt"] / table["income"] + 0.2 * table["late_payments"] > 0.8
    save_classifier(folder, table, defaults)


def churn(folder: Path) -> None:
    """The probabilities that a customer stays or leaves."""
    table = columns(ROWS, logins=(0, 12), tickets=(0, 8), monthly_fee=(15, 40))
    leaves = table["tickets"] + 0.1 * table["monthly_fee"] - table["logins"] > 0.5
    save_classifier(folder, table, leaves)


def insurance(folder: Path) -> None:
    """What insuring a house costs a year."""
    from sklearn.linear_model import LinearRegression

    table = columns(ROWS, price=(50_000, 600_000), year_built=(1900, 2010))
    costs = 0.002 * table["price"] + 6 * (2026 - table["year_built"])
    save_sklearn(folder, LinearRegression().fit(table, costs), table, "predict")


def save_classifier(folder: Path, table: "pd.DataFrame", labels: "pd.Series[bool]") -> None:
    """Train and keep a model that gives probabilities."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(table, labels)
    save_sklearn(folder, model, table, "predict_proba")


def save_sklearn(folder: Path, model: Any, table: "pd.DataFrame", method: str) -> None:
    """Keep an estimator as a folder of MLflow's."""
    import mlflow.sklearn
    from mlflow.models import infer_signature

    mlflow.sklearn.save_model(
        model,
        folder,
        signature=infer_signature(table),
        serialization_format="skops",
        pyfunc_predict_fn=method,
        pip_requirements=REQUIREMENTS,
    )


def from_code(name: str) -> Callable[[Path], None]:
    """Keep a model that is a file of code."""

    def save(folder: Path) -> None:
        import mlflow.pyfunc

        code = str(HERE / "models_as_code" / f"{name}.py")
        mlflow.pyfunc.save_model(folder, python_model=code, pip_requirements=REQUIREMENTS)

    return save


MODELS: Mapping[str, Callable[[Path], None]] = {
    "credit-risk": credit_risk,
    "churn": churn,
    "insurance": insurance,
    "loan": from_code("loan"),
    "recommender": from_code("recommender"),
}


def train_missing(folder: Path) -> None:
    """Train what is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, train in MODELS.items():
        if not (folder / name).exists():
            unfinished = folder / f".{name}"
            shutil.rmtree(unfinished, ignore_errors=True)
            train(unfinished)
            unfinished.replace(folder / name)


def serve(folder: Path, port: int) -> None:
    """Serve each as MLflow does, until told to stop."""
    import uvicorn
    from housing_price_model.serving import any_model
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import Response
    from starlette.routing import Route

    loaded = {name: any_model.load_from_path(folder / name) for name in MODELS}

    async def invocations(request: "Request") -> "Response":
        model = loaded.get(request.path_params["name"])
        if model is None:
            return Response(status_code=404)
        try:
            answer = await run_in_threadpool(model.answer, await request.body())
        except any_model.NotTaken:
            return Response(status_code=400)
        return Response(answer, media_type="application/json")

    async def ping(request: "Request") -> "Response":
        return Response(status_code=200 if request.path_params["name"] in loaded else 404)

    routes = [Route("/{name}/invocations", invocations, methods=["POST"]), Route("/{name}/ping", ping)]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=port, log_level="warning")


def main() -> None:
    """Train, or serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("job", choices=("train", "serve"))
    parser.add_argument("--folder", type=Path, default=HERE / ".state" / "models")
    parser.add_argument("--port", type=int, default=9102)
    asked = parser.parse_args()
    prepare_environment()
    # MLflow warns of its own type hints while it is imported.
    warnings.simplefilter("ignore")
    if asked.job == "train":
        train_missing(asked.folder)
    else:
        serve(asked.folder, asked.port)


if __name__ == "__main__":
    main()

"""A model with several outputs: whether a loan is given, at which rate, and up to which amount."""

import mlflow
import pandas as pd
from mlflow.pyfunc import PythonModel

LEAST_SCORE = 600.0


class Loan(PythonModel):
    """Rules in the place of what somebody would train."""

    def predict(self, context: object, model_input: pd.DataFrame, params: object = None) -> pd.DataFrame:  # noqa: ARG002  MLflow's
        """A row of `decision`, `interestRate` and `limit` for each row of the input."""
        rows = model_input
        limit = (rows["income"] * (1 - rows["debt_ratio"]) * rows["months"] / 36).round(-2)
        is_given = (rows["score"] >= LEAST_SCORE) & (rows["amount"] <= limit)
        rate = 3.5 + (800 - rows["score"]).clip(lower=0) / 50 + rows["late_payments"] * 0.25
        return pd.DataFrame(
            {
                "decision": is_given.map({True: "approved", False: "declined"}),
                "interestRate": rate.round(2),
                "limit": limit.astype("float64"),
            }
        )


mlflow.models.set_model(Loan())

"""Metrics of prices that nobody computed: what a search is told of its trials."""

from housing_price_model.evaluation.metrics import Metrics


def scored(rmsle: float, *, wmape: float = 0.1) -> Metrics:
    return Metrics(rmsle=rmsle, mae=20_000.0, mape=0.09, within_10_percent=0.7, r2=0.9, wmape=wmape)

"""Metrics as people read them."""

from housing_price_model.evaluation.metrics import Metrics


def figures(metrics: Metrics) -> list[tuple[str, str]]:
    """Each metric's name and its value with unit, in the order of their importance."""
    return [
        ("RMSLE", f"{metrics.rmsle:.4f}"),
        ("MAE", f"${metrics.mae:,.0f}"),
        ("MAPE", f"{metrics.mape:.1%}"),
        ("within 10 %", f"{metrics.within_10_percent:.1%}"),
        ("R²", f"{metrics.r2:.3f}"),
    ]

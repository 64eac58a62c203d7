"""Formats metrics for people."""

from housing_price_model.evaluation.metrics import Metrics


def format_metrics(metrics: Metrics) -> list[tuple[str, str]]:
    """Return each metric's name and its value with unit, the most important first."""
    return [
        ("RMSLE", f"{metrics.rmsle:.4f}"),
        ("MAE", f"${metrics.mae:,.0f}"),
        ("MAPE", f"{metrics.mape:.1%}"),
        ("within 10 %", f"{metrics.within_10_percent:.1%}"),
        ("R²", f"{metrics.r2:.3f}"),
    ]

"""Summarizes a training: the version, its accuracy, and where to find details."""

from urllib.parse import urlsplit

from housing_price_model.evaluation.cross_validation import Evaluation
from housing_price_model.evaluation.figures import format_metrics
from housing_price_model.evaluation.folds import FOLDS
from housing_price_model.publication.description import find_caution
from housing_price_model.publication.publish import PublishedVersion
from housing_price_model.registry.versions import CHAMPION, MODEL_NAME


def summarize(evaluation: Evaluation, published: PublishedVersion, uri: str) -> list[str]:
    """The lines to print."""
    role = f"is the {CHAMPION}" if published.is_champion else f"is registered; the {CHAMPION} stays as it was"
    return [
        f"{MODEL_NAME} version {published.version} {role}",
        *([f"caution: {caution}"] if (caution := find_caution(len(evaluation.actual))) else []),
        *_format_table(evaluation),
        *_locate_run(published, uri),
    ]


def _format_table(evaluation: Evaluation) -> list[str]:
    mean, spread = evaluation.cross_validation.mean, evaluation.cross_validation.spread
    columns = [format_metrics(mean), format_metrics(spread), format_metrics(evaluation.held_out.metrics)]
    header = f"{'':<16}{f'{FOLDS}-fold mean':>14}{'spread':>12}{'held out':>12}"
    rows = zip(*columns, strict=True)
    return [header] + [f"{a[0]:<16}{a[1]:>14}{b[1]:>12}{c[1]:>12}" for a, b, c in rows]


def _locate_run(published: PublishedVersion, uri: str) -> list[str]:
    if urlsplit(uri).scheme not in ("http", "https"):
        return [f"run {published.run_id} in {uri}"]
    run = f"{uri.rstrip('/')}/#/experiments/{published.experiment_id}/runs/{published.run_id}"
    return [f"plots and details: {run}"]

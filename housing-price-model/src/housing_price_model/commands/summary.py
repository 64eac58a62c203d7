"""The closing words of a training: which version, how good, where to look."""

from urllib.parse import urlsplit

from housing_price_model.evaluation.cross_validation import Evaluation
from housing_price_model.evaluation.figures import figures
from housing_price_model.evaluation.folds import FOLDS
from housing_price_model.publication.publish import PublishedVersion
from housing_price_model.registry.versions import CHAMPION, MODEL_NAME


def summary(evaluation: Evaluation, published: PublishedVersion, uri: str) -> list[str]:
    """The lines to print."""
    role = f"is the {CHAMPION}" if published.is_champion else f"is registered; the {CHAMPION} stays as it was"
    return [
        f"{MODEL_NAME} version {published.version} {role}",
        *_table(evaluation),
        *_where_to_look(published, uri),
    ]


def _table(evaluation: Evaluation) -> list[str]:
    mean, spread = evaluation.cross_validation.mean, evaluation.cross_validation.spread
    columns = [figures(mean), figures(spread), figures(evaluation.held_out.metrics)]
    header = f"{'':<16}{f'{FOLDS}-fold mean':>14}{'spread':>12}{'held out':>12}"
    rows = zip(*columns, strict=True)
    return [header] + [f"{a[0]:<16}{a[1]:>14}{b[1]:>12}{c[1]:>12}" for a, b, c in rows]


def _where_to_look(published: PublishedVersion, uri: str) -> list[str]:
    if urlsplit(uri).scheme not in ("http", "https"):
        return [f"run {published.run_id} in {uri}"]
    run = f"{uri.rstrip('/')}/#/experiments/{published.experiment_id}/runs/{published.run_id}"
    return [f"plots and details: {run}"]

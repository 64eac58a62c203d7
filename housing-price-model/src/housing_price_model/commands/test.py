"""The command `test`: a version's own errors on a file of sales, without a fit."""

import json
import math
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from house_files import Empty
from house_record import AMES
from rich.console import Console

from housing_price_model.commands.output_file import require_writable, write_text
from housing_price_model.errors import DataError, NoSuchModel, ReportError
from housing_price_model.registry.versions import MODEL_NAME

if TYPE_CHECKING:
    from housing_price_model.data import Sales
    from housing_price_model.evaluation.own_errors import OwnErrors
    from housing_price_model.report.version_on_sales import VersionOnSales


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesTestRequest:
    """Which version, on which sales, and where the figures and the page are written."""

    version: str
    data: str
    empty: Empty | None = None
    json: Path | None = None
    output: Path | None = None
    registry_timeout_seconds: float = 5.0


def measure_version(request: SalesTestRequest, console: Console, progress_console: Console) -> None:
    """Print a version's own errors on sales, and write them as JSON and as a page if that is asked for.

    Args:
        request: what to measure, and what to write.
        console: receives the figures.
        progress_console: receives the progress.

    Raises:
        ModelError: with one line for people.
    """
    for path, option in ((request.json, "--json"), (request.output, "--out")):
        if path is not None:
            require_writable(path, option)
    from housing_price_model.commands.own_errors_summary import summarize_own_errors
    from housing_price_model.commands.sales_warnings import print_warnings
    from housing_price_model.evaluation.own_errors import measure_own_errors

    sales = _load_sales(request.data, request.empty)
    tested = _price(request, sales, progress_console)
    everything = measure_own_errors(tested.sales)
    unseen = measure_own_errors(tested.unseen) if tested.unseen else None
    subject, *figures = summarize_own_errors(tested, everything, unseen)
    console.print(subject)
    print_warnings(sales, console)
    console.print("\n".join(figures))
    if request.json:
        write_text(_render_json(tested, sales, everything, unseen), request.json)
        console.print(f"figures written to {request.json}")
    if request.output:
        from housing_price_model.report.own_errors import render_own_errors

        write_text(render_own_errors(tested, everything, unseen), request.output)
        console.print(f"page written to {request.output}")


def find_uri(version: str) -> str:
    """Return the URI of a version: a number or an alias of the registered model; anything else is a URI itself."""
    if version.isascii() and version.isdigit():
        return f"models:/{MODEL_NAME}/{version}"
    if ":" in version or "/" in version:
        return version
    return f"models:/{MODEL_NAME}@{version}"


def _load_sales(data: str, empty: Empty | None) -> "Sales":
    from housing_price_model.data import load_sales
    from housing_price_model.evaluation.own_errors import FEWEST_SALES

    sales = load_sales(data, AMES, empty)
    if len(sales) < FEWEST_SALES:
        raise DataError(f"{data}: {len(sales)} sale is too few to test on: at least {FEWEST_SALES} are needed")
    return sales


def _price(request: SalesTestRequest, sales: "Sales", progress_console: Console) -> "VersionOnSales":
    from housing_price_model.delivery.loading import load_with_files
    from housing_price_model.progress import progress_on
    from housing_price_model.report.version_on_sales import STEPS, VersionOnSales, find_trained_on, price_sales
    from housing_price_model.serving.identity import identify

    uri, timeout_seconds = find_uri(request.version), request.registry_timeout_seconds
    with TemporaryDirectory(prefix="housing-price-model-") as temporary:
        try:
            model, folder = load_with_files(uri, Path(temporary), AMES, timeout_seconds=timeout_seconds)
        except NoSuchModel as error:
            raise ReportError(f"there is no model at {uri}: name the number or the alias of a version") from error
        trained_on = find_trained_on(folder, sales)
    identity = identify(model)
    with progress_on(progress_console, steps=STEPS) as progress:
        priced = price_sales(model, sales, progress)
    return VersionOnSales(
        name=f"{identity.name} version {identity.version}",
        manifest=model.manifest,
        source=sales.source,
        is_generated=sales.is_generated,
        sales=priced,
        trained_on=trained_on,
        priced_at=datetime.now(UTC),
    )


def _render_json(tested: "VersionOnSales", sales: "Sales", everything: "OwnErrors", unseen: "OwnErrors | None") -> str:
    document = {
        "version": tested.name,
        "recipe": tested.manifest.recipe,
        "data": {"source": sales.source, "sha256": sales.sha256, "generated": sales.is_generated},
        "trained_on": None if tested.trained_on is None else tested.known_count,
        "all": asdict(everything),
        "not_trained_on": asdict(unseen) if unseen else None,
    }
    return json.dumps(_make_finite(document), indent=2, allow_nan=False) + "\n"


def _make_finite(value: Any) -> Any:
    """Return a document without the numbers that JSON does not have, and with keys without blanks."""
    match value:
        case dict():
            return {name.replace(" ", "_"): _make_finite(one) for name, one in value.items()}
        case list() | tuple():
            return [_make_finite(one) for one in value]
        case float() if not math.isfinite(value):
            return None
    return value

"""The command `predict`: prices houses without a server, with the code and the documents of the API."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from command_line.output import format_json
from house_files import Empty, HouseRow, HousesTable
from house_record import AMES, AnyHouse
from house_record.price import (
    OptionNotOffered,
    PreparedHouse,
    PriceDocument,
    PriceOptions,
    ValuationDate,
    make_price_document,
    prepare_house,
    render_single_price,
)
from pydantic_core import from_json
from rich.console import Console

from housing_price_model.commands.house_file import read_content, read_house
from housing_price_model.commands.houses_file import read_lines, read_list, read_table, recognize_form
from housing_price_model.commands.output_file import require_writable
from housing_price_model.commands.price_file import find_form, format_header, format_prices, open_output
from housing_price_model.errors import HouseRefused, ReportError, ServingError

if TYPE_CHECKING:
    from housing_price_model.delivery.loading import LoadedModel
    from housing_price_model.progress import Progress

HOUSES_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionRequest:
    """A file with a house or many, the model that prices them, the options of a price, the date of valuation of a house
    that states none, what empty cells of a table mean (None: its first rows decide), and the file for the prices (None:
    standard output)."""

    houses: str
    empty: Empty | None = None
    output: Path | None = None
    model_uri: str
    options: PriceOptions
    as_of: ValuationDate
    registry_timeout_seconds: float


def price_file(request: PredictionRequest, console: Console, messages: Console) -> None:
    """Write the price of each house in a file.

    A single house is written as an indented document, unless the prices go to a file.

    Args:
        request: the houses, the model and the file for the prices.
        console: receives the document of a single house.
        messages: receives the mistakes and the progress of many.

    Raises:
        HouseRefused: if the file holds no houses, or invalid ones; the others are priced then.
        ReportError: if the prices can't be written.
        ServingError: if there is no such model, or it does not support an option.
        RegistryError: if the registry can't be reached or refuses.
    """
    _check_output(request)
    content = read_content(request.houses)
    form = recognize_form(content, request.houses)
    if form == "house":
        house = read_house(content, request.houses, AMES)
        if request.output is None:
            _print_price(request, house, console)
            return
        table = HousesTable([HouseRow("the house", house)])
    else:
        table = _read_houses(request, content, form)
    _write_prices(request, table, messages)


def _check_output(request: PredictionRequest) -> None:
    """Refuse what can be seen to be wrong before the houses are read."""
    if request.output is None:
        return
    require_writable(request.output, "--out")
    if find_form(request.output) == "csv" and request.options.has_large_answers:
        raise ReportError(
            "a CSV has no place for explanations and comparable sales: write JSON lines, --out FILE.jsonl"
        )
    if request.output.exists() and Path(request.houses).exists() and request.output.samefile(request.houses):
        raise ReportError(f"{request.output} holds the houses: name another file with --out")


def _print_price(request: PredictionRequest, house: AnyHouse, console: Console) -> None:
    prepared = prepare_house(AMES, house, request.as_of)
    model, version = _load_model(request)
    (document,) = _price(model, version, [prepared], request.options)
    console.print(format_json(from_json(render_single_price(document, version))))


def _read_houses(request: PredictionRequest, content: bytes, form: Literal["list", "lines", "table"]) -> HousesTable:
    if form == "table":
        return read_table(content, request.houses, AMES, request.empty)
    return (read_list if form == "list" else read_lines)(content, request.houses, AMES)


def _write_prices(request: PredictionRequest, table: HousesTable, messages: Console) -> None:
    from housing_price_model.progress import progress_on

    rows = table.rows
    if table.empty_cells:
        messages.print(table.empty_cells)
    if not rows:
        raise HouseRefused([f"{request.houses} holds no houses"])
    for row in rows:
        for mistake in row.mistakes:
            messages.print(f"{row.place}: {mistake}")
    houses = [prepare_house(AMES, row.house, request.as_of) for row in rows if row.house]
    form = find_form(request.output) if request.output else "jsonl"
    model, version = _load_model(request)
    with open_output(request.output, sys.stdout) as file:
        file.write(format_header(form))
        with progress_on(messages, steps=-(-len(houses) // HOUSES_AT_ONCE)) as progress:
            for documents in _price_in_blocks(model, version, houses, request.options, progress):
                file.write(format_prices(documents, version, form))
    refused = len(rows) - len(houses)
    if refused:
        raise HouseRefused([f"{refused:,} of {len(rows):,} houses not priced: see above"])


def _price_in_blocks(
    model: "LoadedModel", version: str, houses: Sequence[PreparedHouse], options: PriceOptions, progress: "Progress"
) -> Iterator[list[PriceDocument]]:
    for start in range(0, len(houses), HOUSES_AT_ONCE):
        block = houses[start : start + HOUSES_AT_ONCE]
        if len(houses) > HOUSES_AT_ONCE:
            progress.step(f"price houses {start + 1:,} to {start + len(block):,} of {len(houses):,}")
        yield _price(model, version, block, options)


def _load_model(request: PredictionRequest) -> "tuple[LoadedModel, str]":
    """Load the model, and return it with the name of its version."""
    from housing_price_model.delivery.loading import load_model
    from housing_price_model.serving.identity import identify

    model = load_model(request.model_uri, AMES, timeout_seconds=request.registry_timeout_seconds)
    return model, identify(model).version


def _price(
    model: "LoadedModel", version: str, houses: Sequence[PreparedHouse], options: PriceOptions
) -> list[PriceDocument]:
    try:
        outputs = model.predict(AMES.columns, [house.row for house in houses], options.params)
        return [make_price_document(house, output, options) for house, output in zip(houses, outputs, strict=True)]
    except OptionNotOffered as error:
        raise ServingError(f"version {version} gives no {error.offer}: leave out --{error.option}") from error
    # The houses are valid, so an error is always the model's fault.
    except ValueError as error:
        raise ServingError(f"version {version} gives no usable answer: {error}") from error

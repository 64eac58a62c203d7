"""The command `predict`: prices a house without a server, with the code and the document of the API."""

from dataclasses import dataclass

from command_line.output import format_json
from house_record import COLUMNS
from house_record.price import (
    OptionNotOffered,
    PriceOptions,
    ValuationDate,
    make_price_document,
    prepare_house,
    render_single_price,
)
from pydantic_core import from_json
from rich.console import Console

from housing_price_model.commands.house_file import read_house
from housing_price_model.errors import ServingError


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionRequest:
    """A file with a house, the model that prices it, the options of the price, and the date of valuation of a house
    that states none."""

    house: str
    model_uri: str
    options: PriceOptions
    as_of: ValuationDate
    registry_timeout_seconds: float


def price_house(request: PredictionRequest, console: Console) -> None:
    """Print the price of a house.

    Raises:
        HouseRefused: if the file is not a valid house.
        ServingError: if there is no such model, or it does not support an option.
        RegistryError: if the registry can't be reached or refuses.
    """
    house = prepare_house(read_house(request.house), request.as_of)
    from housing_price_model.delivery.loading import load_model
    from housing_price_model.serving.identity import identify

    model = load_model(request.model_uri, timeout_seconds=request.registry_timeout_seconds)
    version = identify(model).version
    try:
        (output,) = model.predict(COLUMNS, [house.row], request.options.params)
        document = make_price_document(house, output, request.options)
    except OptionNotOffered as error:
        raise ServingError(f"version {version} gives no {error.offer}: leave out --{error.option}") from error
    # The house is valid, so an error is always the model's fault.
    except ValueError as error:
        raise ServingError(f"version {version} gives no usable answer: {error}") from error
    console.print(format_json(from_json(render_single_price(document, version))))

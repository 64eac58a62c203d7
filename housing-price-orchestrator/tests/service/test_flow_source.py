"""Houses that flows send to the pricing model."""

import pytest
from declared_flows.errors import UnusableParams
from house_record import AMES, COLUMNS, House, example_document, minimal_document
from house_record.price import ValuationDate
from housing_price_orchestrator.service.flow_source import prepare_all

AS_OF = ValuationDate(2026, 12)


@pytest.mark.parametrize("value", [None, 3, "house", [], [1]])
async def test_a_value_that_is_no_house_is_refused_without_the_name_of_a_class(value: object) -> None:
    with pytest.raises(UnusableParams, match=r"`houses\.1`: input should be an object"):
        await prepare_all(AMES, [example_document(), value], AS_OF)


async def test_of_a_house_with_a_great_many_mistakes_their_number_is_told() -> None:
    house = {f"field{number}": 1 for number in range(2000)}
    with pytest.raises(UnusableParams, match=r"`houses\.0`: there are [\d,]+ mistakes in it"):
        await prepare_all(AMES, [house], AS_OF)


async def test_a_wrong_field_of_a_house_is_named_with_its_row() -> None:
    with pytest.raises(UnusableParams, match=r"`houses\.0\.lotArea`: input should be a valid number"):
        await prepare_all(AMES, [example_document(lot_area="large")], AS_OF)


async def test_a_null_of_a_flow_is_unknown_and_na_is_none() -> None:
    document = minimal_document() | {"garageType": None, "fence": "NA"}
    written, told = await prepare_all(AMES, [document, House.model_validate(document)], AS_OF)

    assert [written.row[COLUMNS.index(column)] for column in ("GarageType", "Fence")] == [None, "NA"]
    assert [told.row[COLUMNS.index(column)] for column in ("GarageType", "Fence")] == ["NA", "NA"]

"""Sales as files hold them: the example house over and over, in any of the published formats."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import pytest
from house_record import COLUMNS, FIELDS

type Sale = dict[str, str]
type MakeSale = Callable[..., Sale]
type WriteSales = Callable[..., str]

_DE_COCK_NAMES = """\
Order|PID|MS SubClass|MS Zoning|Lot Frontage|Lot Area|Street|Alley|Lot Shape|Land Contour|Utilities|Lot Config
Land Slope|Neighborhood|Condition 1|Condition 2|Bldg Type|House Style|Overall Qual|Overall Cond|Year Built
Year Remod/Add|Roof Style|Roof Matl|Exterior 1st|Exterior 2nd|Mas Vnr Type|Mas Vnr Area|Exter Qual|Exter Cond
Foundation|Bsmt Qual|Bsmt Cond|Bsmt Exposure|BsmtFin Type 1|BsmtFin SF 1|BsmtFin Type 2|BsmtFin SF 2|Bsmt Unf SF
Total Bsmt SF|Heating|Heating QC|Central Air|Electrical|1st Flr SF|2nd Flr SF|Low Qual Fin SF|Gr Liv Area
Bsmt Full Bath|Bsmt Half Bath|Full Bath|Half Bath|Bedroom AbvGr|Kitchen AbvGr|Kitchen Qual|TotRms AbvGrd
Functional|Fireplaces|Fireplace Qu|Garage Type|Garage Yr Blt|Garage Finish|Garage Cars|Garage Area|Garage Qual
Garage Cond|Paved Drive|Wood Deck SF|Open Porch SF|Enclosed Porch|3Ssn Porch|Screen Porch|Pool Area|Pool QC
Fence|Misc Feature|Misc Val|Mo Sold|Yr Sold|Sale Type|Sale Condition|SalePrice"""
_KAGGLE_NAMES = ("Id", *COLUMNS, "SalePrice")


@pytest.fixture
def make_sale() -> MakeSale:
    """A row of Kaggle's file, with some of its cells changed by column."""

    def make(number: int = 1, changes: Mapping[str, str] | None = None) -> Sale:
        example = {field.column: "NA" if field.example is None else str(field.example) for field in FIELDS}
        return {**example, "Id": str(number), "SalePrice": str(150_000 + number), **(changes or {})}

    return make


@pytest.fixture
def sales_rows(make_sale: MakeSale) -> list[Sale]:
    """Three sales with absent values and other spellings."""
    return [
        make_sale(1, {"LotFrontage": "NA", "Alley": "Grvl", "SaleType": "WD "}),
        make_sale(2, {"MasVnrType": "None", "Electrical": "NA", "MSZoning": "C"}),
        make_sale(3, {"LotFrontage": "65.5", "GarageYrBlt": "NA", "BldgType": "Duplx"}),
    ]


@pytest.fixture
def write_sales(tmp_path: Path) -> WriteSales:
    """Writes rows as a text file and returns its path."""

    def write(
        sales: Sequence[Sale],
        *,
        name: str = "sales.csv",
        encoding: str = "utf-8",
        delimiter: str = ",",
        lineterminator: str = "\n",
        quoting: Literal[0, 1, 2, 3] = csv.QUOTE_MINIMAL,
    ) -> str:
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(
                file,
                fieldnames=list(sales[0]),
                delimiter=delimiter,
                lineterminator=lineterminator,
                quoting=quoting,
            )
            writer.writeheader()
            writer.writerows(sales)
        return str(path)

    return write


@pytest.fixture
def in_de_cocks_style() -> Callable[[Sequence[Sale]], list[Sale]]:
    """The same sales with the names, row numbers and parcels of De Cock's AmesHousing file."""

    names = _DE_COCK_NAMES.replace("\n", "|").split("|")

    def rename(sales: Sequence[Sale]) -> list[Sale]:
        return [
            dict(zip(names, (str(order), *(sale[name] for name in _KAGGLE_NAMES)), strict=True))
            for order, sale in enumerate(sales, start=1)
        ]

    return rename

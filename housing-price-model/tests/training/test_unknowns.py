"""Copies of sales of which less is known."""

from house_record import COLUMNS, FEATURES
from housing_price_model.data import Sales
from housing_price_model.training.unknowns import keep_required, omit_at_random

KEPT = {feature.column for feature in FEATURES if feature.required} | {"MoSold", "YrSold"}


def test_keeps_the_required_fields_and_the_date(few_sales: Sales) -> None:
    (row,) = keep_required(FEATURES, few_sales.rows[:1])

    expected = [value if column in KEPT else None for column, value in zip(COLUMNS, few_sales.rows[0], strict=True)]
    assert list(row) == expected


def test_omits_any_number_of_fields_and_required_ones_in_the_first_copy_only(few_sales: Sales) -> None:
    first, *others = omit_at_random(FEATURES, few_sales.rows, copies=3)

    def known(rows: list[tuple[float | str | None, ...]], columns: set[str]) -> list[int]:
        return [
            sum(value is not None for column, value in zip(COLUMNS, row, strict=True) if column in columns)
            for row in rows
        ]

    required = KEPT - {"MoSold", "YrSold"}
    assert min(known(first, required)) < len(required)
    assert all(min(known(copy, required)) == len(required) for copy in others)
    counts = known(others[0], set(COLUMNS))
    assert min(counts) < len(KEPT) + 10
    assert max(counts) > len(COLUMNS) - 20


def test_copies_are_the_same_each_time(few_sales: Sales) -> None:
    assert omit_at_random(FEATURES, few_sales.rows, copies=2) == omit_at_random(FEATURES, few_sales.rows, copies=2)
    one, other = omit_at_random(FEATURES, few_sales.rows, copies=2)
    assert one != other

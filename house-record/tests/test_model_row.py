"""What a model gets: the features in file order, as numbers, codes or nothing."""

from house_record import COLUMNS, EXAMPLE, FEATURES, FIELDS, example_house, model_row
from hypothesis import given
from hypothesis import strategies as st


def test_a_row_has_the_order_of_the_columns() -> None:
    row = dict(zip(COLUMNS, model_row(example_house()), strict=True))

    assert row == {feature.column: EXAMPLE[feature.wire_name] for feature in FEATURES}
    assert len(row) == 79


def test_the_id_is_no_feature() -> None:
    assert model_row(example_house(id=1)) == model_row(example_house(id=2))
    assert FIELDS[1:] == FEATURES


def test_a_row_has_codes_as_spelt_and_none_for_missing() -> None:
    row = dict(zip(COLUMNS, model_row(example_house(neighborhood="Names", fence="NA")), strict=True))

    assert (row["Neighborhood"], row["Fence"]) == ("NAmes", None)


def _values_of(feature_index: int) -> st.SearchStrategy[object]:
    feature = FEATURES[feature_index]
    absent = st.nothing() if feature.required else st.none()
    if feature.codes:
        return st.sampled_from(feature.values()) | absent
    low, high = int(feature.minimum or 0), int(feature.maximum or 0)
    return st.integers(low, high) | absent


@given(st.fixed_dictionaries({f.name: _values_of(i) for i, f in enumerate(FEATURES)}))
def test_every_valid_house_makes_a_row_of_the_declared_kinds(values: dict[str, object]) -> None:
    row = model_row(example_house(**values))

    for feature, value in zip(FEATURES, row, strict=True):
        expected = str if feature.kind == "text" else int | float
        assert value is None or isinstance(value, expected), feature.name

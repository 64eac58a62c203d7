"""A curve for people and for programs."""

import json

from bench_curves import GOOD, make_curve, make_rate
from housing_price_bench.overload.report import format_errors, format_rate, make_curve_document


def test_a_curve_is_printed_and_written_as_json() -> None:
    measured = make_curve(*GOOD, make_rate(5, 1, errors={"no answer": 1_000}))

    assert format_rate(GOOD[2]) == "  3 x, 585 a second: goodput 185.0, refused 400.0, 0 errors"
    assert format_errors(measured) == ["Errors at 5 x: no answer: 1,000"]
    document = json.loads(json.dumps(make_curve_document(measured, machine={}, seconds=1.0), allow_nan=False))
    assert document["errors"] == 1_000
    assert document["rates"][2]["goodput_per_second"] == 185
    assert {bound["verdict"] for bound in document["bounds"]} == {"holds", "does not hold"}

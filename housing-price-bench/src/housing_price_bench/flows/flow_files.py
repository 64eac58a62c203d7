"""The flows that the bench measures."""

from pathlib import Path

ONE_STEP = "/api/v1/bench/price"
FOUR_SOURCES = "/api/v1/bench/four"
SOURCES = 4

_PRICE = f"""\
name: bench-price
route: {{method: POST, path: {ONE_STEP}}}
request: {{body: {{record: house}}}}
steps:
  price: {{source: pricing-model, operation: predict, params: {{house: $request.body}}}}
response:
  id: $request.body.id
  predictedPrice: $price.predictedPrice
  predictionInterval: $price.predictionInterval
  warnings: $price.warnings
  modelVersion: $price.modelVersion
"""
_FOUR = """\
sources:
  slow: {{kind: api, url: "{url}", operations: {{value: {{path: /}}}}}}
name: bench-four
route: {{path: {route}}}
steps: {{{steps}}}
response: {{{response}}}
"""


def write_flows(folder: Path, slow_url: str) -> None:
    """Write a flow with one step over the model, and a flow over four independent sources.

    Args:
        folder: where the files go.
        slow_url: the server of the four sources, which takes its time.
    """
    names = [f"value_{number}" for number in range(SOURCES)]
    steps = ", ".join(f"{name}: {{source: slow, operation: value}}" for name in names)
    response = ", ".join(f"{name}: ${name}" for name in names)
    folder.mkdir()
    (folder / "price.yaml").write_text(_PRICE, encoding="utf-8")
    (folder / "four.yaml").write_text(
        _FOUR.format(url=slow_url, route=FOUR_SOURCES, steps=steps, response=response), encoding="utf-8"
    )

"""Errors in a model's output."""

_OFFERS = {
    "coverage": "prediction intervals",
    "explain": "explanations",
    "comparables": "comparable sales",
}


class UnusableOutput(ValueError):
    """A model's output is no price, or what stands beside the price is malformed; the text says what."""


class OptionNotOffered(Exception):
    """A caller asked for something that the model does not give.

    Args:
        option: name of the option.
    """

    def __init__(self, option: str) -> None:
        super().__init__(f"The model gives no {_OFFERS[option]}")
        self.option = option
        self.offer = _OFFERS[option]

"""Checks that prices move as the market's do, what-if by what-if."""

from collections.abc import Sequence

from housing_price_model.evaluation.monotonicity import LARGEST_NOISE, Answers
from housing_price_model.gate.checks.check import Check

LARGEST_SHARE = 0.02
MOST_NAMED = 3

MONOTONICITY = "monotonicity"
LIMIT = f"wrong by more than {LARGEST_NOISE * 100:g} % in at most {LARGEST_SHARE * 100:g} % of cases of each what-if"


def check_monotonicity(answers: Sequence[Answers]) -> Check:
    """Judge the share of wrong answers to each what-if; the worst are named, whatever the champion's are."""
    judged = sorted(answers, key=lambda one: -one.share)
    beyond = [one for one in judged if not one.share <= LARGEST_SHARE]
    return Check(name=MONOTONICITY, passed=not beyond, figure=_describe(judged, beyond), limit=LIMIT)


def _describe(judged: Sequence[Answers], beyond: Sequence[Answers]) -> str:
    if not beyond:
        return f"{judged[0].share:.2%} at most, {sum(one.cases for one in judged):,} cases of {len(judged)} what-ifs"
    named = ", ".join(f"{one.name} {one.share:.2%}" for one in beyond[:MOST_NAMED])
    return f"{named} and {len(beyond) - MOST_NAMED} more" if len(beyond) > MOST_NAMED else named

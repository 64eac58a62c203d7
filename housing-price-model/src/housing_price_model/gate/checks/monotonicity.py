"""Checks that prices rise where the market's do, after each kind of step."""

from housing_price_model.evaluation.monotonicity import LARGEST_FALL, StepFalls, share_of_falls
from housing_price_model.gate.checks.check import Check

LARGEST_SHARE = 0.005
MONOTONICITY = "monotonicity"
LIMIT = f"falls above {LARGEST_FALL * 100:g} % in at most {LARGEST_SHARE * 100:g} % of cases after each step"


def check_monotonicity(candidate: list[StepFalls], champion: list[StepFalls] | None) -> Check:
    """Judge the share of falls for each step. The champion's share is shown, but is not the limit.

    Over all steps together, a step without falls would compensate for one with many.
    """
    shares = {step.name: share_of_falls([step]) for step in candidate}
    figure = f"{', '.join(f'{name} {share:.2%}' for name, share in shares.items())}, {_together(candidate)}"
    if champion is not None:
        figure += f", champion {share_of_falls(champion):.2%}"
    passed = all(share <= LARGEST_SHARE for share in shares.values())
    return Check(name=MONOTONICITY, passed=passed, figure=figure, limit=LIMIT)


def _together(steps: list[StepFalls]) -> str:
    return f"together {share_of_falls(steps):.2%} of {sum(step.cases for step in steps):,} cases"
